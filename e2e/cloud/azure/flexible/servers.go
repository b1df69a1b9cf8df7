// SPDX-License-Identifier: Apache-2.0

// Package flexible is the local Azure's Database for MySQL and for PostgreSQL:
// flexible servers with their databases, firewall rules and parameters. The
// servers behind their names are real ones, of package database.
package flexible

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindServers is the kind of servers in types.
const kindServers = "flexibleServers"

// The states of servers, of
// https://learn.microsoft.com/rest/api/mysql/flexibleserver/servers/get
const (
	ready    = "Ready"
	updating = "Updating"
	dropping = "Dropping"
	starting = "Starting"
	stopping = "Stopping"
	stopped  = "Stopped"
)

// keptFor is how long the backups of a deleted server are kept:
// https://learn.microsoft.com/azure/postgresql/backup-restore/how-to-restore-deleted-server
const keptFor = 5 * 24 * time.Hour

// Databases runs the servers.
type Databases interface {
	Add(spec database.Spec) (database.Endpoint, error)
	AddDatabase(id, name string) error
	DropDatabase(id, name string) error
	Remove(id string)
	Open(id string, open bool)
	Restart(id string)
	SetPassword(id, password string) error
	SetVersion(id, version string) error
	Snapshot(id string) (*database.Snapshot, error)
}

// Servers are the flexible servers of both engines.
type Servers struct {
	cloud     *local.Cloud
	manager   *arm.Manager
	databases Databases
	log       *slog.Logger
	dropped   map[string]*backup // by the key of the server's ID
	used      map[string]bool    // names in use, by provider/name
	taken     []string           // names that somebody else has
}

// server is what the API does not show of a server.
type server struct {
	id   string // in package database
	at   database.Endpoint
	off  bool   // stopped
	full string // the version in full
}

// backup is what is left of a deleted server.
type backup struct {
	body      arm.Body
	data      *database.Snapshot
	databases []string
	until     time.Time
}

// New returns the services without a server, known to the manager.
func New(cloud *local.Cloud, manager *arm.Manager, databases Databases, log *slog.Logger) *Servers {
	s := &Servers{cloud: cloud, manager: manager, databases: databases, log: log, dropped: map[string]*backup{}, used: map[string]bool{}}
	for _, e := range []engine{mysql(), postgres()} {
		manager.Add(s.servers(e))
		manager.Add(s.schemas(e))
		manager.Add(rules(e))
		manager.Add(parameters(e))
	}
	return s
}

// Taken says which names belong to servers of somebody else.
func (s *Servers) Taken(names []string) { s.taken = names }

// Reset forgets what is left of deleted servers.
func (s *Servers) Reset() {
	for _, b := range s.dropped {
		b.data.Discard()
	}
	clear(s.dropped)
	s.taken = nil
}

// servers is the type of an engine's servers.
func (s *Servers) servers(e engine) arm.Type {
	return arm.Type{
		Name: e.provider + "/" + kindServers, Regional: true, Creating: e.creating, Updating: updating, Deleting: dropping,
		Create:  func(c *arm.Call, r *arm.Resource) error { return s.create(c, r, e) },
		Change:  func(c *arm.Call, r *arm.Resource, next arm.Body) (func(), error) { return s.change(c, r, next, e) },
		Delete:  s.remove,
		Gone:    s.gone,
		View:    func(r *arm.Resource, b arm.Body) { view(r, b, e) },
		Turned:  s.turned,
		Actions: s.actions(),
	}
}

func own(r *arm.Resource) *server {
	o, _ := r.Own.(*server)
	return o
}

// stateOf is the server's state as the API calls it.
func stateOf(r *arm.Resource) string {
	switch {
	case r.State() != "":
		return r.State()
	case own(r).off:
		return stopped
	default:
		return ready
	}
}

// turned lets clients in, or keeps them out.
func (s *Servers) turned(r *arm.Resource) {
	if o := own(r); o != nil {
		open := slices.Contains([]string{ready, updating}, stateOf(r))
		s.databases.Open(o.id, open || !slices.Contains(knownStates(), stateOf(r)))
	}
}

func knownStates() []string {
	return []string{ready, updating, dropping, starting, stopping, stopped, "Provisioning", "Disabled", "Inaccessible", "Restarting"}
}

// view adds what the service itself knows of a server. Regions are written in
// the long form.
func view(r *arm.Resource, b arm.Body, e engine) {
	b["location"] = arm.Locations()[strings.ToLower(strings.ReplaceAll(arm.Text(b, "location"), " ", ""))]
	p, _ := b["properties"].(map[string]any)
	for _, key := range []string{"createMode", "sourceServerResourceId", e.moment} {
		delete(p, key)
	}
	o := own(r)
	p["state"], p["fullyQualifiedDomainName"] = stateOf(r), o.at.Address
	p["replicationRole"], p["replicaCapacity"] = "None", 10
	if e.engine == database.MySQL {
		p["databasePort"], p["fullVersion"] = o.at.Port, o.full
	} else {
		_, p["minorVersion"], _ = strings.Cut(o.full, ".")
	}
	ha := "NotEnabled"
	if m := arm.Text(b, "properties", "highAvailability", "mode"); m != "" && m != "Disabled" {
		ha = "Healthy"
	}
	arm.Set(b, ha, "properties", "highAvailability", "state")
	arm.Set(b, r.Created().Format(time.RFC3339), "properties", "backup", "earliestRestoreDate")
}

func (s *Servers) actions() map[string]func(*arm.Call, *arm.Resource) error {
	return map[string]func(*arm.Call, *arm.Resource) error{
		"restart": func(_ *arm.Call, r *arm.Resource) error {
			return s.turn(r, ready, "Restarting", func() { s.databases.Restart(own(r).id) })
		},
		"stop": func(_ *arm.Call, r *arm.Resource) error {
			return s.turn(r, ready, stopping, func() { own(r).off = true })
		},
		"start": func(_ *arm.Call, r *arm.Resource) error {
			return s.turn(r, stopped, starting, func() { own(r).off = false })
		},
	}
}

func (s *Servers) turn(r *arm.Resource, from, through string, done func()) error {
	if stateOf(r) != from {
		return busy(r)
	}
	s.manager.Begin(r, local.Reboot, through, done)
	return nil
}
