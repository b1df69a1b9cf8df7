// SPDX-License-Identifier: Apache-2.0

package database

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what mysql_native_password is made of
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/mysql_db"
	"github.com/dolthub/vitess/go/mysql"
)

// sha2Iterations is how often a caching_sha2_password is hashed, in thousands.
const sha2Iterations = 5

// mysqlAdmin is who the server itself is. Nobody can log in as that.
const mysqlAdmin = "rdsadmin"

// mysqlUsers are the users of one MySQL server. It remembers them as the engine
// would write them to disk, for snapshots.
type mysqlUsers struct {
	db     *mysql_db.MySQLDb
	master string
	native bool // passwords as before MySQL 8.4
	saved  atomic.Pointer[[]byte]
}

func newMySQLUsers(engine *sqle.Engine, master, version string) *mysqlUsers {
	u := &mysqlUsers{
		db: engine.Analyzer.Catalog.MySQLDb, master: master,
		native: strings.HasPrefix(version, "5.") || strings.HasPrefix(version, "8.0"),
	}
	u.db.SetEnabled(true)
	u.db.SetPersister(u)
	ed := u.db.Editor()
	defer ed.Close()
	ed.PutUser(&mysql_db.User{
		User: mysqlAdmin, Host: "localhost", PrivilegeSet: mysql_db.NewPrivilegeSetWithAllPrivileges(),
		Plugin: string(mysql.MysqlNativePassword), PasswordLastChanged: time.Now().UTC(), IsSuperUser: true, IsEphemeral: true, Locked: true,
	})
	return u
}

// Persist remembers the users; the engine calls it after each change.
func (u *mysqlUsers) Persist(_ *sql.Context, users []byte) error {
	u.saved.Store(&users)
	return nil
}

// dump returns the users as they are.
func (u *mysqlUsers) dump() []byte {
	if users := u.saved.Load(); users != nil {
		return *users
	}
	return nil
}

// load brings back the users that a snapshot holds.
func (u *mysqlUsers) load(users []byte) error {
	if err := u.db.LoadData(sql.NewEmptyContext(), users); err != nil {
		return fmt.Errorf("restoring the users: %w", err)
	}
	return nil
}

// setMaster makes the master user, or changes its password.
func (u *mysqlUsers) setMaster(password string) error {
	plugin, auth, err := u.hash(password)
	if err != nil {
		return err
	}
	ed := u.db.Editor()
	defer ed.Close()
	ed.RemoveUser(mysql_db.UserPrimaryKey{User: u.master, Host: "%"}) // putting a changed user does not replace it
	ed.PutUser(&mysql_db.User{
		User: u.master, Host: "%", PrivilegeSet: mysql_db.NewPrivilegeSetWithAllPrivileges(),
		Plugin: plugin, AuthString: auth, PasswordLastChanged: time.Now().UTC(), IsSuperUser: true,
	})
	if err := u.db.Persist(sql.NewEmptyContext(), ed); err != nil {
		return fmt.Errorf("remembering the users: %w", err)
	}
	return nil
}

// hash returns a password as the server keeps it: MySQL 8.4 has no
// mysql_native_password any more unless told so.
func (u *mysqlUsers) hash(password string) (plugin, auth string, err error) {
	if u.native {
		inner := sha1.Sum([]byte(password)) //nolint:gosec // what the protocol says
		outer := sha1.Sum(inner[:])         //nolint:gosec // what the protocol says
		return string(mysql.MysqlNativePassword), "*" + strings.ToUpper(hex.EncodeToString(outer[:])), nil
	}
	hashed, err := mysql.SerializeCachingSha2PasswordAuthString(password, []byte(rand.Text()[:20]), sha2Iterations)
	if err != nil {
		return "", "", fmt.Errorf("hashing a password: %w", err)
	}
	return string(mysql.CachingSha2Password), string(hashed), nil
}
