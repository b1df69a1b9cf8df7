// SPDX-License-Identifier: Apache-2.0

// Package database runs what a local cloud provisions as a database: real
// servers behind endpoints on loopback addresses, with the user, the password
// and the database that were asked for, over TLS with a certificate for the
// endpoint's address.
//
// A server starts when the first client connects, so that ten thousand
// databases that nobody uses cost next to nothing.
package database

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// Engine is a kind of database server.
type Engine string

// The engines. An engine that is neither has endpoints that answer nothing.
const (
	MySQL    Engine = "mysql"
	Postgres Engine = "postgres"
)

// ErrUnknown says that there is no database of that ID.
var ErrUnknown = errors.New("no such database")

// Spec is what a database is made from.
type Spec struct {
	ID       string // unique among all databases
	Engine   Engine
	Version  string // what the server says it is, where it can be told to
	Database string // created at the start; none where empty
	Username string // may do everything that a cloud's master user may
	Password string
	Port     int32     // 0: any
	From     *Snapshot // the data to start with; nil: none

	waiting []string // more databases, to be made when the server starts
}

// Endpoint is where a database is reached.
type Endpoint struct {
	Address string
	Port    int32
}

// Status says what became of a database's server.
type Status struct {
	ID      string `json:"id"`
	Engine  Engine `json:"engine"`
	Address string `json:"address"`
	Port    int32  `json:"port"`
	// Running says whether there is a server; Why says why there is none.
	Running bool   `json:"running"`
	Why     string `json:"why,omitempty"`
}

// Options are how Servers start.
type Options struct {
	// Dir gets the certificate authority's certificate, as ca.pem, if it is
	// not empty.
	Dir string
	Log *slog.Logger
}

// Servers are all databases of a local cloud.
type Servers struct {
	authority *authority
	front     *front
	postgres  *postgresInstallation
	log       *slog.Logger

	ending sync.WaitGroup

	mu   sync.Mutex
	byID map[string]*instance
}

// New returns Servers without a database. Close ends them all.
func New(o Options) (*Servers, error) {
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	if err := publish(o.Dir, a.pem()); err != nil {
		return nil, err
	}
	quietMySQL()
	s := &Servers{authority: a, log: o.Log, postgres: findPostgres(o.Log), byID: map[string]*instance{}}
	if s.front, err = newFront(s.log); err != nil {
		return nil, err
	}
	return s, nil
}

// CA returns the certificate that clients verify endpoints with, as PEM.
func (s *Servers) CA() []byte { return s.authority.pem() }

// Add gives a database its endpoint. It is closed until Open.
func (s *Servers) Add(spec Spec) (Endpoint, error) {
	i := &instance{spec: spec, log: s.log, conns: map[*tracked]struct{}{}}
	i.start, i.failure = s.starter(spec.Engine)
	endpoint, err := s.front.place(i, spec.Port)
	if err != nil {
		return Endpoint{}, fmt.Errorf("placing database %s: %w", spec.ID, err)
	}
	if spec.Engine == Postgres {
		// The first client of the first one need not wait for it.
		s.ending.Go(func() { _ = s.postgres.prepare() }) // told when a server starts
	}
	spec.From.hold()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[spec.ID] = i
	return endpoint, nil
}

// Remove ends a database and forgets its data, while the caller goes on. One
// that is unknown is gone.
func (s *Servers) Remove(id string) {
	s.mu.Lock()
	i, ok := s.byID[id]
	delete(s.byID, id)
	s.mu.Unlock()
	if !ok {
		return
	}
	s.front.leave(i)
	i.setOpen(false)
	s.ending.Go(i.end)
}

// Open lets clients in or, with false, keeps them out and drops those that are
// in.
func (s *Servers) Open(id string, open bool) {
	if i, err := s.get(id); err == nil {
		i.setOpen(open)
	}
}

// Restart drops all clients, as a reboot does. The data survive.
func (s *Servers) Restart(id string) {
	if i, err := s.get(id); err == nil {
		i.drop()
	}
}

// Move changes the port that the database is reached at, to the one that is
// asked for if it is free, and drops all clients.
func (s *Servers) Move(id string, port int32) (Endpoint, error) {
	i, err := s.get(id)
	if err != nil {
		return Endpoint{}, err
	}
	at := s.front.move(i, port)
	i.drop()
	return at, nil
}

// SetPassword changes the password of the database's user.
func (s *Servers) SetPassword(id, password string) error {
	i, err := s.get(id)
	if err != nil {
		return err
	}
	return i.setPassword(password)
}

// AddDatabase makes another database on the server of database id, if there is
// none of that name.
func (s *Servers) AddDatabase(id, name string) error {
	i, err := s.get(id)
	if err != nil {
		return err
	}
	return i.addDatabase(name)
}

// DropDatabase removes a database from the server of database id, with its data.
func (s *Servers) DropDatabase(id, name string) error {
	i, err := s.get(id)
	if err != nil {
		return err
	}
	return i.dropDatabase(name)
}

// Certificate returns a server certificate for an address, and for others that lead
// to the same server, by the authority that also verifies the databases.
func (s *Servers) Certificate(address string, others ...string) (tls.Certificate, error) {
	return s.authority.issue(address, others...)
}

// SetVersion changes the version that the server says it is, and drops all
// clients.
func (s *Servers) SetVersion(id, version string) error {
	i, err := s.get(id)
	if err != nil {
		return err
	}
	return i.setVersion(version)
}

// Snapshot begins to copy a database's data as they are now, and returns.
func (s *Servers) Snapshot(id string) (*Snapshot, error) {
	i, err := s.get(id)
	if err != nil {
		return nil, err
	}
	return i.snapshot(), nil
}

// Status lists all databases by ID.
func (s *Servers) Status() []Status {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.byID))
	s.mu.Unlock()
	out := make([]Status, 0, len(all))
	for _, i := range all {
		out = append(out, i.status())
	}
	slices.SortFunc(out, func(a, b Status) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Clear ends all databases.
func (s *Servers) Clear() {
	s.mu.Lock()
	ids := slices.Collect(maps.Keys(s.byID))
	s.mu.Unlock()
	for _, id := range ids {
		s.Remove(id)
	}
}

// Close ends all databases and takes no new ones.
func (s *Servers) Close() error {
	s.front.close()
	s.Clear()
	s.ending.Wait()
	return s.postgres.close()
}

func (s *Servers) get(id string) (*instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[id]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return i, nil
}

// starter returns how to start a server for the engine, or why none can be.
func (s *Servers) starter(e Engine) (starter, error) {
	switch e {
	case MySQL:
		return mysqlStarter(s.authority), nil
	case Postgres:
		return s.postgres.starter(s.authority)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoServer, e)
}
