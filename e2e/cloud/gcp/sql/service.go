// SPDX-License-Identifier: Apache-2.0

// Package sql is the local Google Cloud's Cloud SQL for MySQL and PostgreSQL:
// its states, its operations, its rules and its errors. The databases behind its
// addresses are real ones, of package database.
package sql

import (
	"log/slog"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// serviceName is the API's name in ledgers, faults and quotas.
const serviceName = "sqladmin"

// Network is what the service needs to know of networks.
type Network interface {
	// Connected says whether a network exists and whether it is connected to
	// the network of Google's services.
	Connected(project, network string) (exists, connected bool)
}

// Databases runs the database servers behind the addresses.
type Databases interface {
	contents
	Add(spec database.Spec) (database.Endpoint, error)
	Remove(id string)
	Open(id string, open bool)
	Restart(id string)
	SetVersion(id, version string) error
	Snapshot(id string) (*database.Snapshot, error)
	CA() []byte
	Clear()
}

// contents is what is in a database server.
type contents interface {
	AddDatabase(id, name string) error
	DropDatabase(id, name string) error
	SetPassword(id, password string) error
}

// Service answers Cloud SQL's operations.
type Service struct {
	cloud     *local.Cloud
	agenda    *rest.Agenda
	databases Databases
	network   Network
	log       *slog.Logger
	projects  map[string]*project
}

// project is what a project has.
type project struct {
	id         string
	instances  local.Table[*instance]
	backups    local.Table[*backup]
	taken      map[string]time.Time // names of deleted instances, until when they are
	operations local.Table[*wire.Operation]
	order      []*wire.Operation // oldest first
}

// New returns a service without an instance.
func New(cloud *local.Cloud, agenda *rest.Agenda, databases Databases, network Network, log *slog.Logger) *Service {
	return &Service{cloud: cloud, agenda: agenda, databases: databases, network: network, log: log, projects: map[string]*project{}}
}

// Service returns what is answered where.
func (s *Service) Service() rest.Service {
	const (
		instances = " /v1/projects/{project}/instances"
		one       = instances + "/{instance}"
		backups   = " /v1/projects/{project}/backups"
	)
	return rest.Service{Name: serviceName, Routes: []rest.Route{
		{Pattern: "POST" + instances, Operation: "instances.insert", Handler: s.insert},
		{Pattern: "GET" + instances, Operation: "instances.list", Handler: s.list},
		{Pattern: "GET" + one, Operation: "instances.get", Handler: s.get},
		{Pattern: "PATCH" + one, Operation: "instances.patch", Handler: s.patch},
		{Pattern: "PUT" + one, Operation: "instances.update", Handler: s.update},
		{Pattern: "DELETE" + one, Operation: "instances.delete", Handler: s.delete},
		{Pattern: "POST" + one + "/restart", Operation: "instances.restart", Handler: s.restart},
		{Pattern: "POST" + one + "/restoreBackup", Operation: "instances.restoreBackup", Handler: s.restore},

		{Pattern: "POST" + one + "/databases", Operation: "databases.insert", Handler: s.insertDatabase},
		{Pattern: "GET" + one + "/databases", Operation: "databases.list", Handler: s.listDatabases},
		{Pattern: "GET" + one + "/databases/{name}", Operation: "databases.get", Handler: s.getDatabase},
		{Pattern: "DELETE" + one + "/databases/{name}", Operation: "databases.delete", Handler: s.deleteDatabase},

		{Pattern: "GET" + one + "/users", Operation: "users.list", Handler: s.listUsers},
		{Pattern: "PUT" + one + "/users", Operation: "users.update", Handler: s.updateUser},

		{Pattern: "GET /v1/projects/{project}/operations", Operation: "operations.list", Handler: s.listOperations},
		{Pattern: "GET /v1/projects/{project}/operations/{name}", Operation: "operations.get", Handler: s.getOperation},

		{Pattern: "POST" + backups, Operation: "backups.createBackup", Handler: s.createBackup},
		{Pattern: "GET" + backups, Operation: "backups.listBackups", Handler: s.listBackups},
		{Pattern: "GET" + backups + "/{backup}", Operation: "backups.getBackup", Handler: s.getBackup},
		{Pattern: "DELETE" + backups + "/{backup}", Operation: "backups.deleteBackup", Handler: s.deleteBackup},
	}}
}

func (s *Service) in(id string) *project {
	p, ok := s.projects[id]
	if !ok {
		p = &project{id: id, taken: map[string]time.Time{}}
		s.projects[id] = p
	}
	return p
}

// Reset removes everything.
func (s *Service) Reset() {
	s.databases.Clear()
	for _, p := range s.projects {
		for _, b := range p.backups.All() {
			b.data.Discard()
		}
	}
	clear(s.projects)
}

// record notes a change that took effect.
func (s *Service) record(r *rest.Request, i *instance, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: i.Region, Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}

// now is the cloud's time as the API writes it.
func (s *Service) now() string { return s.cloud.Clock.Now().Format("2006-01-02T15:04:05.000Z") }
