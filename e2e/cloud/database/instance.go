// SPDX-License-Identifier: Apache-2.0

package database

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
)

// ErrNoServer says that there is no server for a database's engine.
var ErrNoServer = errors.New("no server for this engine")

// errEnded says that a client came too late.
var errEnded = errors.New("the database has been removed")

// server is a running database server.
type server interface {
	// serve takes a client's connection over.
	serve(net.Conn)
	// setPassword changes the password of the spec's user.
	setPassword(password string) error
	// addDatabase makes a database, if there is none of that name.
	addDatabase(name string) error
	// dropDatabase removes a database and its data, if there is one.
	dropDatabase(name string) error
	// setVersion changes what new clients are told.
	setVersion(version string) error
	// dump copies the data. Clients may be dropped for it.
	dump() (data, error)
	// end stops the server and removes its files.
	end()
}

// starter starts a server for a spec, with a certificate for the address.
type starter func(s Spec, address string, from data) (server, error)

// instance is one database.
type instance struct {
	address string
	start   starter // nil: there is none, failure says why
	log     *slog.Logger

	// life is held while the server starts, changes or ends; it guards spec,
	// server and failure.
	life    sync.Mutex
	spec    Spec
	server  server
	failure error
	ended   bool

	mu    sync.Mutex // guards port, open and conns
	port  int32
	open  bool
	conns map[*tracked]struct{}
}

// tracked is a client's connection that its instance can drop.
type tracked struct {
	net.Conn
	instance *instance
}

// Close forgets the connection.
func (t *tracked) Close() error {
	t.instance.mu.Lock()
	delete(t.instance.conns, t)
	t.instance.mu.Unlock()
	return t.Conn.Close() //nolint:wrapcheck // this is a net.Conn
}

// admit takes a client's connection, and starts the server if need be.
func (i *instance) admit(c net.Conn) {
	t := i.track(c)
	if t == nil {
		_ = c.Close() // a database that is not open just hangs up
		return
	}
	srv, err := i.running()
	if err != nil {
		i.log.Warn("no database server", "database", i.address, "error", err)
		_ = t.Close()
		return
	}
	srv.serve(t)
}

func (i *instance) track(c net.Conn) *tracked {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.open {
		return nil
	}
	t := &tracked{Conn: c, instance: i}
	i.conns[t] = struct{}{}
	return t
}

func (i *instance) running() (server, error) {
	i.life.Lock()
	defer i.life.Unlock()
	if i.ended {
		return nil, errEnded
	}
	if i.start == nil {
		return nil, i.failure
	}
	if i.server != nil {
		return i.server, nil
	}
	from, err := i.spec.From.content()
	if err == nil {
		i.server, err = i.start(i.spec, i.address, from)
	}
	if err == nil {
		err = i.addWaiting()
	}
	if i.failure = err; err != nil {
		return nil, fmt.Errorf("starting %s: %w", i.spec.Engine, err)
	}
	i.forgetOrigin()
	return i.server, nil
}

// forgetOrigin lets go of the snapshot that the data came from; i.life is held.
func (i *instance) forgetOrigin() {
	i.spec.From.release()
	i.spec.From = nil
}

func (i *instance) endpoint() Endpoint {
	i.mu.Lock()
	defer i.mu.Unlock()
	return Endpoint{Address: i.address, Port: i.port}
}

func (i *instance) setPort(port int32) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.port = port
}

func (i *instance) setOpen(open bool) {
	i.mu.Lock()
	i.open = open
	i.mu.Unlock()
	if !open {
		i.drop()
	}
}

func (i *instance) drop() {
	i.mu.Lock()
	conns := make([]*tracked, 0, len(i.conns))
	for t := range i.conns {
		conns = append(conns, t)
	}
	i.mu.Unlock()
	for _, t := range conns {
		_ = t.Close() // its server notices
	}
}

func (i *instance) setPassword(password string) error {
	i.life.Lock()
	defer i.life.Unlock()
	i.spec.Password = password
	if i.server == nil {
		return nil
	}
	return i.server.setPassword(password)
}

func (i *instance) setVersion(version string) error {
	i.life.Lock()
	defer i.life.Unlock()
	i.spec.Version = version
	i.drop()
	if i.server == nil {
		return nil
	}
	return i.server.setVersion(version)
}

// snapshot begins to copy the data and returns. Whatever else is asked of the
// instance's server waits until the copy is there.
func (i *instance) snapshot() *Snapshot {
	i.life.Lock()
	s := newSnapshot(i.spec)
	var dump func() (data, error)
	if i.server != nil {
		dump = i.server.dump
	}
	go func() {
		defer i.life.Unlock()
		s.take(i.spec.From, dump)
	}()
	return s
}

func (i *instance) status() Status {
	i.life.Lock()
	defer i.life.Unlock()
	at := i.endpoint()
	s := Status{ID: i.spec.ID, Engine: i.spec.Engine, Address: at.Address, Port: at.Port}
	switch {
	case i.server != nil:
		s.Running = true
	case i.failure != nil:
		s.Why = i.failure.Error()
	default:
		s.Why = "no client has connected yet"
	}
	return s
}

func (i *instance) end() {
	i.setOpen(false)
	i.life.Lock()
	defer i.life.Unlock()
	i.ended = true
	if i.server != nil {
		i.server.end()
		i.server = nil
	}
	i.forgetOrigin()
}
