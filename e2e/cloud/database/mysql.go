// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	gms "github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	vitesslog "github.com/dolthub/vitess/go/vt/log"
	"github.com/sirupsen/logrus"
)

// mysqlServer speaks MySQL's protocol in this process and keeps its data in
// memory.
type mysqlServer struct {
	spec     Spec
	provider *memory.DbProvider // the data
	tls      *tls.Config

	mu    sync.Mutex // guards what follows
	front *mysqlFront
}

// mysqlFront is what clients meet: an engine and its users. A new version of the
// server is a new one over the same data. It cannot be only a new listener:
// that would count connections from one again, and an engine knows them by
// their number.
type mysqlFront struct {
	engine   *sqle.Engine
	users    *mysqlUsers
	listener *handoff
	server   *gms.Server
}

// oneMySQL is held while an engine is made, which initializes what the library
// shares among all engines of a process.
var oneMySQL sync.Mutex //nolint:gochecknoglobals // guards globals of a library

func mysqlStarter(a *authority) starter {
	return func(s Spec, address string, from data) (server, error) {
		oneMySQL.Lock()
		defer oneMySQL.Unlock()
		cert, err := a.issue(address)
		if err != nil {
			return nil, err
		}
		m, err := newMySQL(s, cert, from)
		if err != nil {
			return nil, err // a nil *mysqlServer would be a server
		}
		return m, nil
	}
}

func newMySQL(s Spec, cert tls.Certificate, from data) (*mysqlServer, error) {
	provider, ok := memory.NewDBProviderWithOpts(memory.NativeIndexProvider(true)).(*memory.DbProvider)
	if !ok {
		return nil, fmt.Errorf("making databases: unexpected provider %T", provider)
	}
	m := &mysqlServer{
		spec: s, provider: provider,
		tls: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	front, err := m.newFront(s.Version)
	if err != nil {
		return nil, err
	}
	m.front = front
	if err := m.fill(from); err != nil {
		return nil, err
	}
	return m, front.users.setMaster(s.Password)
}

// fill restores what from holds, or makes the database that was asked for.
func (m *mysqlServer) fill(from data) error {
	if dump, ok := from.(*mysqlDump); ok {
		return dump.restore(m)
	}
	if m.spec.Database == "" {
		return nil
	}
	return m.exec("CREATE DATABASE " + quoteMySQL(m.spec.Database))
}

func (m *mysqlServer) newFront(version string) (*mysqlFront, error) {
	engine, listener := sqle.NewDefault(m.provider), newHandoff()
	config := gms.Config{Protocol: "tcp", Listener: listener, Version: version, TLSConfig: m.tls}
	srv, err := gms.NewServer(config, engine, sql.NewContext, m.session(version), nil)
	if err != nil {
		return nil, fmt.Errorf("making a MySQL server: %w", err)
	}
	go srv.Listener.Accept()
	return &mysqlFront{engine: engine, users: newMySQLUsers(engine, m.spec.Username, version), listener: listener, server: srv}, nil
}

// session makes sessions that know the version that clients were told.
func (m *mysqlServer) session(version string) gms.SessionBuilder {
	build := memory.NewSessionBuilder(m.provider)
	return func(ctx context.Context, conn *mysql.Conn, addr string) (sql.Session, error) {
		s, err := build(ctx, conn, addr)
		if err != nil {
			return nil, fmt.Errorf("making a session: %w", err)
		}
		if err := s.InitSessionVariable(sql.NewContext(ctx, sql.WithSession(s)), "version", version); err != nil {
			return nil, fmt.Errorf("setting the version: %w", err)
		}
		return s, nil
	}
}

func (m *mysqlServer) serve(c net.Conn) { m.current().listener.hand(c) }

func (m *mysqlServer) current() *mysqlFront {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.front
}

func (m *mysqlServer) setPassword(password string) error {
	return m.current().users.setMaster(password)
}

func (m *mysqlServer) setVersion(version string) error {
	oneMySQL.Lock()
	defer oneMySQL.Unlock()
	old := m.current()
	next, err := m.newFront(version)
	if err != nil {
		return err
	}
	if err := next.users.load(old.users.dump()); err != nil {
		return err
	}
	m.mu.Lock()
	m.front = next
	m.mu.Unlock()
	old.end()
	return nil
}

func (m *mysqlServer) end() { m.current().end() }

func (f *mysqlFront) end() {
	f.server.Listener.Close()
	_ = f.engine.Close() // ends its background threads; it has none
}

// handoff is a listener whose connections are handed to it.
type handoff struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newHandoff() *handoff {
	return &handoff{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (h *handoff) hand(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.done:
		_ = c.Close() // the server is gone
	}
}

// Accept returns the next connection that is handed over.
func (h *handoff) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (h *handoff) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

// Addr returns an address that means nothing.
func (h *handoff) Addr() net.Addr { return &net.TCPAddr{} }

// quietMySQL silences the logs of the MySQL server's libraries, which hold
// statements and thereby data.
var quietMySQL = sync.OnceFunc(func() { //nolint:gochecknoglobals // silences globals of a library
	logrus.SetOutput(io.Discard)
	quiet := func(...any) {}
	quietf := func(string, ...any) {}
	vitesslog.Info, vitesslog.Warning, vitesslog.Error = quiet, quiet, quiet       //nolint:reassign // what they are variables for
	vitesslog.Infof, vitesslog.Warningf, vitesslog.Errorf = quietf, quietf, quietf //nolint:reassign // the same
})
