// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// engine is what differs between engines for somebody who logs in.
type engine struct {
	create  func(*rds.CreateDBInstanceInput)
	version string // how the server's own version begins
	open    func(t *testing.T, db types.DBInstance, password string, trust *tls.Config) *sql.DB
}

func eachEngine(t *testing.T, test func(*testing.T, *world, engine)) {
	t.Helper()
	engines := map[string]engine{
		"mysql":    {func(*rds.CreateDBInstanceInput) {}, "8.4.3", openMySQL},
		"postgres": {func(in *createInput) { asPostgres(in); in.DBName = new("app") }, "PostgreSQL ", openPostgres},
	}
	for name, e := range engines {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				needPostgres(t)
			}
			test(t, start(t), e)
		})
	}
}

func needPostgres(t *testing.T) {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
		return
	}
	if os.Getenv("CROSSPLANE_REQUIRE_POSTGRES") != "" {
		t.Fatal("PostgreSQL is not installed")
	}
	t.Skip("PostgreSQL is not installed")
}

func openMySQL(t *testing.T, db types.DBInstance, password string, trust *tls.Config) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName, c.Net, c.TLS, c.Logger = *db.MasterUsername, password, "app", "tcp", trust, &mysql.NopLogger{}
	c.Addr = net.JoinHostPort(*db.Endpoint.Address, strconv.Itoa(int(*db.Endpoint.Port)))
	pool := sql.OpenDB(must(mysql.NewConnector(c))(t))
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func openPostgres(t *testing.T, db types.DBInstance, password string, trust *tls.Config) *sql.DB {
	t.Helper()
	c := must(pgx.ParseConfig("host=" + *db.Endpoint.Address + " port=" + strconv.Itoa(int(*db.Endpoint.Port))))(t)
	c.User, c.Password, c.Database, c.TLSConfig, c.Fallbacks = *db.MasterUsername, password, "app", trust, nil
	pool := stdlib.OpenDB(*c)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// trust is how a careful client verifies an instance.
func (w *world) trust(t *testing.T, db types.DBInstance) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(w.CA(t.Context()))(t))
	return &tls.Config{RootCAs: pool, ServerName: *db.Endpoint.Address, MinVersion: tls.VersionTLS12}
}

func TestLogin(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world, e engine) {
		t.Helper()
		w.create(t, "db", e.create)
		db := w.get(t, "db")
		var version string
		check(t, e.open(t, db, "correct-horse", w.trust(t, db)).QueryRowContext(t.Context(), "SELECT version()").Scan(&version))
		if !strings.HasPrefix(version, e.version) {
			t.Errorf("the server says that it is %q", version)
		}
		if e.open(t, db, "correct-horse", start(t).trust(t, db)).PingContext(t.Context()) == nil {
			t.Error("logged in with the CA of another cloud")
		}

		w.slow(t)
		w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), MasterUserPassword: new("battery-staple")})
		check(t, e.open(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()))
		w.advance(t)
		check(t, e.open(t, db, "battery-staple", w.trust(t, db)).PingContext(t.Context()))
		if e.open(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()) == nil {
			t.Error("the old password still works")
		}
		for _, s := range must(w.Databases(t.Context()))(t) {
			if !s.Running {
				t.Errorf("not running: %+v", s)
			}
		}
	})
}

func TestDataComeBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world, e engine) {
		t.Helper()
		w.create(t, "db", e.create)
		db := w.get(t, "db")
		pool := e.open(t, db, "correct-horse", w.trust(t, db))
		must(pool.ExecContext(t.Context(), "CREATE TABLE notes (note varchar(40))"))(t)
		must(pool.ExecContext(t.Context(), "INSERT INTO notes (note) VALUES ('kept')"))(t)
		must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{
			DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("last"), DeleteAutomatedBackups: new(false),
		}))(t)
		w.wantNo(t, "db")
		if pool.PingContext(t.Context()) == nil {
			t.Error("a deleted database answers")
		}
		must(w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &rds.RestoreDBInstanceFromDBSnapshotInput{
			DBInstanceIdentifier: new("a"), DBSnapshotIdentifier: new("last"),
		}))(t)
		must(w.rds.RestoreDBInstanceToPointInTime(t.Context(), &rds.RestoreDBInstanceToPointInTimeInput{
			TargetDBInstanceIdentifier: new("b"), SourceDbiResourceId: db.DbiResourceId, UseLatestRestorableTime: new(true),
		}))(t)
		for _, name := range []string{"a", "b"} {
			back := w.get(t, name)
			var note string
			check(t, e.open(t, back, "correct-horse", w.trust(t, back)).QueryRowContext(t.Context(), "SELECT note FROM notes").Scan(&note))
			if note != "kept" {
				t.Errorf("%s holds %q", name, note)
			}
		}
	})
}

// TestServing shows in which states a client gets in.
func TestServing(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	db := w.get(t, "db")
	for state, want := range map[string]bool{
		"available": true, "backing-up": true, "modifying": true, "storage-full": true, "a-state-of-next-year": true,
		"stopped": false, "failed": false, "rebooting": false, "inaccessible-encryption-credentials": false,
	} {
		check(t, w.Force(t.Context(), instance("db"), state))
		if got := openMySQL(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()) == nil; got != want {
			t.Errorf("%s: a client gets in: %v", state, got)
		}
	}
}

func TestAskedForPort(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *createInput) { in.Port = new(int32(13306)) })
	db := w.get(t, "db")
	if *db.Endpoint.Port != 13306 {
		t.Errorf("got port %d", *db.Endpoint.Port)
	}
	check(t, openMySQL(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()))
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), DBPortNumber: new(int32(13307)), ApplyImmediately: new(true)})
	if openMySQL(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()) == nil {
		t.Error("the old port still answers")
	}
	db = w.get(t, "db")
	check(t, openMySQL(t, db, "correct-horse", w.trust(t, db)).PingContext(t.Context()))
}
