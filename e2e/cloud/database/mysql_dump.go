// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dolthub/go-mysql-server/memory"
	"github.com/dolthub/go-mysql-server/sql"
)

// mysqlDump is a MySQL server's data: its tables with their rows, and its
// users. Views and routines are not in it.
type mysqlDump struct {
	databases []dumpedDatabase
	users     []byte
}

type dumpedDatabase struct {
	name   string
	tables []dumpedTable
}

type dumpedTable struct {
	name   string
	create string
	rows   []sql.Row
}

func (*mysqlDump) discard() {}

func (m *mysqlServer) dump() (data, error) {
	d := &mysqlDump{users: m.current().users.dump()}
	ctx := m.context()
	for _, db := range m.provider.AllDatabases(ctx) {
		dumped, err := m.dumpDatabase(ctx, db)
		if err != nil {
			return nil, err
		}
		d.databases = append(d.databases, dumped)
	}
	return d, nil
}

func (m *mysqlServer) dumpDatabase(ctx *sql.Context, db sql.Database) (dumpedDatabase, error) {
	d := dumpedDatabase{name: db.Name()}
	names, err := db.GetTableNames(ctx)
	if err != nil {
		return d, fmt.Errorf("listing the tables of %s: %w", db.Name(), err)
	}
	for _, name := range names {
		t, err := m.dumpTable(quoteMySQL(db.Name())+"."+quoteMySQL(name), name)
		if err != nil {
			return d, err
		}
		d.tables = append(d.tables, t)
	}
	return d, nil
}

func (m *mysqlServer) dumpTable(qualified, name string) (dumpedTable, error) {
	created, err := m.query("SHOW CREATE TABLE " + qualified)
	if err != nil {
		return dumpedTable{}, err
	}
	create, ok := created[0][1].(string)
	if !ok {
		return dumpedTable{}, fmt.Errorf("the definition of %s is of type %T", qualified, created[0][1])
	}
	rows, err := m.query("SELECT * FROM " + qualified) //nolint:unqueryvet // every column is wanted
	if err != nil {
		return dumpedTable{}, err
	}
	return dumpedTable{name: name, create: create, rows: rows}, nil
}

// restore fills a new server.
func (d *mysqlDump) restore(m *mysqlServer) error {
	if err := m.current().users.load(d.users); err != nil {
		return err
	}
	for _, db := range d.databases {
		if err := db.restore(m); err != nil {
			return err
		}
	}
	return nil
}

// restore makes the tables first and fills them last, with foreign keys at
// rest: tables come in no particular order.
func (d dumpedDatabase) restore(m *mysqlServer) error {
	statements := []string{"CREATE DATABASE IF NOT EXISTS " + quoteMySQL(d.name), "USE " + quoteMySQL(d.name), "SET foreign_key_checks = 0"}
	for _, t := range d.tables {
		statements = append(statements, t.create)
	}
	if err := m.exec(statements...); err != nil {
		return err
	}
	for _, t := range d.tables {
		if err := m.insert(d.name, t); err != nil {
			return err
		}
	}
	return nil
}

func (m *mysqlServer) insert(database string, t dumpedTable) error {
	ctx := m.context()
	db, err := m.provider.Database(ctx, database)
	if err != nil {
		return fmt.Errorf("finding database %s: %w", database, err)
	}
	table, ok, err := db.GetTableInsensitive(ctx, t.name)
	if err != nil || !ok {
		return fmt.Errorf("finding table %s: %w", t.name, errors.Join(err, ErrUnknown))
	}
	into, ok := table.(*memory.Table)
	if !ok {
		return fmt.Errorf("table %s is of type %T", t.name, table)
	}
	for _, row := range t.rows {
		if err := into.Insert(ctx, row.Copy()); err != nil {
			return fmt.Errorf("restoring a row of %s: %w", t.name, err)
		}
	}
	return m.commit(ctx)
}

func (m *mysqlServer) commit(ctx *sql.Context) error {
	if err := memory.SessionFromContext(ctx).CommitTransaction(ctx, nil); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// context returns the context of a new session of the server's own.
func (m *mysqlServer) context() *sql.Context {
	session := sql.NewBaseSessionWithClientServer("", sql.Client{User: mysqlAdmin, Address: "localhost"}, 0)
	return sql.NewContext(context.Background(), sql.WithSession(memory.NewSession(session, m.provider)))
}

// exec runs statements in one session.
func (m *mysqlServer) exec(statements ...string) error {
	ctx := m.context()
	for _, statement := range statements {
		if _, err := m.run(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (m *mysqlServer) query(statement string) ([]sql.Row, error) {
	return m.run(m.context(), statement)
}

func (m *mysqlServer) run(ctx *sql.Context, statement string) ([]sql.Row, error) {
	_, rows, _, err := m.current().engine.Query(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("running a statement: %w", err)
	}
	defer func() { _ = rows.Close(ctx) }() // read to the end or given up
	var out []sql.Row
	for {
		row, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading an answer: %w", err)
		}
		out = append(out, row)
	}
}

func quoteMySQL(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
