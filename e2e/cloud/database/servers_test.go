// SPDX-License-Identifier: Apache-2.0

package database_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
)

// requirePostgres is set where a test that PostgreSQL is missing for must fail.
const requirePostgres = "CROSSPLANE_REQUIRE_POSTGRES"

func start(t *testing.T) *database.Servers {
	t.Helper()
	s, err := database.New(database.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// shared are servers that many tests use, for the sake of PostgreSQL, which
// takes its time to begin.
var shared *database.Servers

func TestMain(m *testing.M) {
	s, err := database.New(database.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	shared = s
	code := m.Run()
	if err := s.Close(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// engine is how the tests use one engine; what they ask of it is the same for
// all.
type engine struct {
	spec   database.Spec
	create string // a table with one column of text, "note"
	insert string
	login  func(*testing.T, database.Endpoint, database.Spec, *tls.Config) *sql.DB
}

func engines() map[string]engine {
	return map[string]engine{
		"MySQL 8.4": {
			spec:   database.Spec{Engine: database.MySQL, Version: "8.4.3", Database: "app", Username: "root", Password: "correct-horse"},
			create: "CREATE TABLE notes (note varchar(40), at datetime(6) default current_timestamp(6))",
			insert: "INSERT INTO notes (note) VALUES ('kept')", login: loginMySQL,
		},
		"MySQL 8.0": {
			spec:   database.Spec{Engine: database.MySQL, Version: "8.0.42", Database: "app", Username: "admin", Password: "p'w;d=x&y"},
			create: "CREATE TABLE notes (note varchar(40))",
			insert: "INSERT INTO notes (note) VALUES ('kept')", login: loginMySQL,
		},
		"PostgreSQL": {
			spec:   database.Spec{Engine: database.Postgres, Version: "16.8", Database: "app", Username: "postgres", Password: "p'w;d=x&y"},
			create: "CREATE TABLE notes (note text)",
			insert: "INSERT INTO notes (note) VALUES ('kept')", login: loginPostgres,
		},
	}
}

// eachEngine runs a test with every engine that this machine has.
func eachEngine(t *testing.T, test func(*testing.T, *database.Servers, engine)) {
	t.Helper()
	for name, e := range engines() {
		t.Run(name, func(t *testing.T) {
			if e.spec.Engine == database.Postgres {
				needPostgres(t)
			}
			e.spec.ID = t.Name()
			test(t, shared, e)
		})
	}
}

func needPostgres(t *testing.T) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return
	}
	if os.Getenv(requirePostgres) != "" {
		t.Fatal("PostgreSQL is not installed")
	}
	t.Skip("PostgreSQL is not installed")
}

func loginMySQL(t *testing.T, at database.Endpoint, s database.Spec, trust *tls.Config) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName, c.TLS = s.Username, s.Password, "tcp", at.String(), s.Database, trust
	c.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, sql.OpenDB(connector))
}

func loginPostgres(t *testing.T, at database.Endpoint, s database.Spec, trust *tls.Config) *sql.DB {
	t.Helper()
	c, err := pgx.ParseConfig("host=" + at.Address + " port=" + strconv.Itoa(int(at.Port)))
	if err != nil {
		t.Fatal(err)
	}
	c.User, c.Password, c.Database, c.TLSConfig, c.Fallbacks = s.Username, s.Password, s.Database, trust, nil
	c.ConnectTimeout = 20 * time.Second
	return closed(t, stdlib.OpenDB(*c))
}

func closed(t *testing.T, db *sql.DB) *sql.DB {
	t.Helper()
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// trust returns how a careful client verifies the endpoint with a CA.
func trust(ca []byte, at database.Endpoint) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &tls.Config{RootCAs: pool, ServerName: at.Address, MinVersion: tls.VersionTLS12}
}

// add starts a database and lets clients in.
func add(t *testing.T, s *database.Servers, spec database.Spec) database.Endpoint {
	t.Helper()
	at, err := s.Add(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Remove(spec.ID) })
	s.Open(spec.ID, true)
	return at
}

func notes(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT note FROM notes ORDER BY note")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var note string
		if err := rows.Scan(&note); err != nil {
			t.Fatal(err)
		}
		out = append(out, note)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
