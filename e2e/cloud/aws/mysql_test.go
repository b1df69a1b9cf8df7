// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-sql-driver/mysql"
)

func openMySQL(t *testing.T, ca []byte, db types.DBInstance, user, password, database string) (*sql.DB, error) {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.DBName = user, password, "tcp", database
	c.Addr = fmt.Sprintf("%s:%d", *db.Endpoint.Address, *db.Endpoint.Port)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	c.TLS = &tls.Config{RootCAs: pool, ServerName: *db.Endpoint.Address}
	con, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	d := sql.OpenDB(con)
	t.Cleanup(func() { d.Close() })
	return d, d.Ping()
}

func TestFirst(t *testing.T) {
	w := start(t)
	id, err := w.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(*id.Arn, *id.Account, *id.UserId)
	made := w.create(t, "db-one", nil)
	t.Log(*made.DBInstanceStatus, made.Endpoint)
	db := w.get(t, "db-one")
	t.Log(*db.DBInstanceStatus, *db.Endpoint.Address, *db.Endpoint.Port, *db.EngineVersion, *db.Iops, db.TagList)
	ca, _ := w.CA(t.Context())
	d, err := openMySQL(t, ca, db, "root", "correct-horse", "app")
	if err != nil {
		t.Log(w.Databases(t.Context()))
		t.Fatal(err)
	}
	var v, v2 string
	if err := d.QueryRow("select version(), @@version").Scan(&v, &v2); err != nil {
		t.Fatal(err)
	}
	t.Log(v, v2)
	for _, q := range []string{"create table t (id int primary key auto_increment, name varchar(20), at datetime(6), n decimal(10,2), j json)", "insert into t (name,at,n,j) values ('a',now(6),1.5,'{\"a\":1}'),('b',null,null,null)", "create user bob identified by 'bobsecret'", "grant select on app.* to bob"} {
		if _, err := d.Exec(q); err != nil {
			t.Fatal(q, err)
		}
	}
	if _, err := openMySQL(t, ca, db, "root", "wrong-horse", "app"); err == nil {
		t.Fatal("wrong password")
	} else {
		t.Log(err)
	}
	if _, err := w.rds.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: sdk.String("db-one"), MasterUserPassword: sdk.String("new-horse-1")}); err != nil {
		t.Fatal(err)
	}
	t.Log(w.get(t, "db-one").PendingModifiedValues)
	if _, err := openMySQL(t, ca, db, "root", "correct-horse", "app"); err == nil {
		t.Fatal("old password")
	}
	d, err = openMySQL(t, ca, db, "root", "new-horse-1", "app")
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := d.QueryRow("select count(*) from t").Scan(&n); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if _, err := w.rds.DeleteDBInstance(t.Context(), &rds.DeleteDBInstanceInput{DBInstanceIdentifier: sdk.String("db-one"), SkipFinalSnapshot: sdk.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	_, err = w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: sdk.String("db-one")})
	wantCode(t, err, "DBInstanceNotFound")
	l, _ := w.Ledger(t.Context(), 0)
	t.Log(l)
}
