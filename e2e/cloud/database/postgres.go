// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// readyWithin is how long PostgreSQL may take to start.
const readyWithin = 20 * time.Second

// postgresServer is a PostgreSQL of its own for one database. Its process
// listens on the endpoint's address at a port that nobody knows; clients'
// connections are passed on to it byte by byte, so that TLS is PostgreSQL's.
type postgresServer struct {
	installation *postgresInstallation
	spec         Spec
	address      string
	data         string // its data directory

	port atomic.Int32 // of the process

	mu      sync.Mutex
	process *process
}

// postgresData is a copy of a data directory.
type postgresData struct{ dir string }

func (d *postgresData) discard() { _ = os.RemoveAll(d.dir) } // goes with all the rest, at the latest

// starter returns how to start a server, or that PostgreSQL is not installed.
func (p *postgresInstallation) starter(a *authority) (starter, error) {
	if p.bin == "" {
		return nil, ErrNoPostgres
	}
	return func(s Spec, address string, from data) (server, error) {
		cert, err := a.issue(address)
		if err != nil {
			return nil, err
		}
		srv, err := p.newServer(s, address, cert, from)
		if err != nil {
			return nil, err // a nil *postgresServer would be a server
		}
		return srv, nil
	}, nil
}

func (p *postgresInstallation) newServer(s Spec, address string, cert tls.Certificate, from data) (*postgresServer, error) {
	if err := p.prepare(); err != nil {
		return nil, err
	}
	source := p.template
	if d, ok := from.(*postgresData); ok {
		source = d.dir
	}
	dir, err := p.copy(source, s.ID)
	if err != nil {
		return nil, err
	}
	srv := &postgresServer{installation: p, spec: s, address: address, data: dir}
	if err := srv.configure(cert); err != nil {
		srv.end()
		return nil, err
	}
	if err := srv.run(); err != nil {
		srv.end()
		return nil, err
	}
	if err := srv.furnish(); err != nil {
		srv.end()
		return nil, err
	}
	return srv, nil
}

// configure writes the certificate and says who may log in from where.
func (srv *postgresServer) configure(cert tls.Certificate) error {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	var chain []byte
	for _, der := range cert.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	files := map[string][]byte{
		"server.crt":  chain,
		"server.key":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"pg_hba.conf": []byte(access(srv.spec.Version)),
	}
	for name, content := range files {
		if err := srv.installation.write(filepath.Join(srv.data, name), content); err != nil {
			return err
		}
	}
	return nil
}

// access is RDS's: from version 15 on nobody logs in without TLS.
func access(version string) string {
	kind := "hostssl"
	if major, err := strconv.Atoi(strings.Split(version, ".")[0]); err == nil && major < 15 {
		kind = "host"
	}
	return "local all " + postgresAdmin + " trust\n" +
		"host all " + postgresAdmin + " 0.0.0.0/0 reject\n" +
		strings.Join([]string{kind, "all", "all", "127.0.0.0/8", "scram-sha-256"}, " ") + "\n"
}

// run sees to it that the process runs and answers.
func (srv *postgresServer) run() error {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.process.alive() {
		return nil
	}
	port, err := freePort(srv.address)
	if err != nil {
		return err
	}
	srv.port.Store(port)
	srv.process, err = startProcess(srv.installation.command(filepath.Join(srv.installation.bin, "postgres"), srv.arguments()...))
	if err != nil {
		return err
	}
	return srv.wait()
}

func (srv *postgresServer) arguments() []string {
	args := []string{"-D", srv.data, "-h", srv.address, "-p", srv.portNow(), "-k", srv.installation.dir}
	for _, setting := range []string{
		"ssl=on", "password_encryption=scram-sha-256", "fsync=off", "shared_buffers=16MB", "max_connections=60",
		// Statements can hold passwords, and nobody reads this log.
		"logging_collector=off", "log_min_messages=fatal", "log_min_error_statement=panic",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

func (srv *postgresServer) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	for {
		err := srv.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-srv.process.done:
			return fmt.Errorf("PostgreSQL ended: %s: %w", srv.process.words(), err)
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// serve passes everything on between the client and the process.
func (srv *postgresServer) serve(client net.Conn) {
	defer func() { _ = client.Close() }() // whoever ends first ends both
	if err := srv.run(); err != nil {
		srv.installation.log.Warn("no database server", "database", srv.address, "error", err)
		return
	}
	var d net.Dialer
	backend, err := d.DialContext(context.Background(), "tcp", net.JoinHostPort(srv.address, srv.portNow()))
	if err != nil {
		srv.installation.log.Warn("cannot reach the database server", "database", srv.address, "error", err)
		return
	}
	go func() {
		_, _ = io.Copy(backend, client)
		_ = backend.Close()
	}()
	_, _ = io.Copy(client, backend)
	_ = backend.Close()
}

func (srv *postgresServer) portNow() string { return strconv.Itoa(int(srv.port.Load())) }

// setVersion does nothing: the version is that of the installed programs.
func (*postgresServer) setVersion(string) error { return nil }

// dump copies the files while the process is at rest; the next client wakes it.
func (srv *postgresServer) dump() (data, error) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.process.stop()
	dir, err := srv.installation.copy(srv.data, "snapshot")
	if err != nil {
		return nil, err
	}
	return &postgresData{dir: dir}, nil
}

func (srv *postgresServer) end() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.process.stop()
	_ = os.RemoveAll(srv.data) // goes with all the rest, at the latest
}

func freePort(address string) (int32, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp4", address+":0")
	if err != nil {
		return 0, fmt.Errorf("finding a port for PostgreSQL: %w", err)
	}
	defer func() { _ = l.Close() }() // it was only asked for its port
	return portOf(l), nil
}
