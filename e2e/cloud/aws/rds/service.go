// SPDX-License-Identifier: Apache-2.0

// Package rds is the local AWS's Relational Database Service for MySQL and
// PostgreSQL: its states, its rules and its errors. The databases behind its
// endpoints are real ones, of package database.
package rds

import (
	"log/slog"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Namespace is the XML namespace of the service's answers.
const Namespace = "http://rds.amazonaws.com/doc/2014-10-31/"

// serviceName is the service's name in ARNs, ledgers and quotas.
const serviceName = "rds"

// Network is what the service needs to know of EC2.
type Network interface {
	DefaultVPC(s query.Scope) string
	DefaultGroup(s query.Scope, vpcID string) string
	GroupVPC(s query.Scope, id string) (string, bool)
	Subnet(s query.Scope, id string) (ec2.Subnet, bool)
	Subnets(s query.Scope, vpcID string) []ec2.Subnet
}

// Databases runs the databases behind the endpoints.
type Databases interface {
	Add(spec database.Spec) (database.Endpoint, error)
	Remove(id string)
	Open(id string, open bool)
	Restart(id string)
	Move(id string, port int32) (database.Endpoint, error)
	SetPassword(id, password string) error
	SetVersion(id, version string) error
	Snapshot(id string) (*database.Snapshot, error)
	Clear()
}

// Service answers RDS's operations.
type Service struct {
	cloud     *local.Cloud
	network   Network
	databases Databases
	log       *slog.Logger
	regions   map[query.Scope]*region
}

// region is what an account has in a region.
type region struct {
	scope     query.Scope
	instances local.Table[*instance]
	agenda    local.Agenda[*instance] // when instances have a step to end

	snapshots       local.Table[*snapshot]
	backups         local.Table[*backup] // by resource ID: those that outlive their instance
	subnetGroups    local.Table[*ownSubnetGroup]
	parameterGroups local.Table[*parameterGroup]
}

// New returns a service without a database.
func New(cloud *local.Cloud, network Network, databases Databases, log *slog.Logger) *Service {
	return &Service{cloud: cloud, network: network, databases: databases, log: log, regions: map[query.Scope]*region{}}
}

// Operations returns the handlers by operation.
func (s *Service) Operations() map[string]query.Handler {
	return map[string]query.Handler{
		"CreateDBInstance":    query.Operation(s.createInstance),
		"DescribeDBInstances": query.Operation(s.describeInstances),
		"ModifyDBInstance":    query.Operation(s.modifyInstance),
		"RebootDBInstance":    query.Operation(s.rebootInstance),
		"DeleteDBInstance":    query.Operation(s.deleteInstance),

		"CreateDBSnapshot":                   query.Operation(s.createSnapshot),
		"DescribeDBSnapshots":                query.Operation(s.describeSnapshots),
		"DeleteDBSnapshot":                   query.Operation(s.deleteSnapshot),
		"RestoreDBInstanceFromDBSnapshot":    query.Operation(s.restoreSnapshot),
		"RestoreDBInstanceToPointInTime":     query.Operation(s.restoreTime),
		"DescribeDBInstanceAutomatedBackups": query.Operation(s.describeBackups),
		"DeleteDBInstanceAutomatedBackup":    query.Operation(s.deleteBackup),

		"CreateDBSubnetGroup":    query.Operation(s.createSubnetGroup),
		"DescribeDBSubnetGroups": query.Operation(s.describeSubnetGroups),
		"ModifyDBSubnetGroup":    query.Operation(s.modifySubnetGroup),
		"DeleteDBSubnetGroup":    query.Operation(s.deleteSubnetGroup),

		"CreateDBParameterGroup":    query.Operation(s.createParameterGroup),
		"DescribeDBParameterGroups": query.Operation(s.describeParameterGroups),
		"DescribeDBParameters":      query.Operation(s.describeParameters),
		"ModifyDBParameterGroup":    query.Operation(s.modifyParameterGroup),
		"DeleteDBParameterGroup":    query.Operation(s.deleteParameterGroup),

		"AddTagsToResource":      query.Operation(s.addTags),
		"RemoveTagsFromResource": query.Operation(s.removeTags),
		"ListTagsForResource":    query.Operation(s.listTags),

		"DescribeDBEngineVersions": query.Operation(s.describeVersions),
	}
}

// in returns what the account has in the region, as it is by now.
func (s *Service) in(scope query.Scope) *region {
	r, ok := s.regions[scope]
	if !ok {
		r = &region{scope: scope}
		s.regions[scope] = r
	}
	s.settle(r)
	return r
}

// Settle brings everything up to the clock's time.
func (s *Service) Settle() {
	for _, r := range s.regions {
		s.settle(r)
	}
}

// Reset removes everything.
func (s *Service) Reset() {
	s.databases.Clear()
	for _, r := range s.regions {
		r.agenda.Clear() // timers that are still to come find nothing to do
		for _, sn := range r.snapshots.All() {
			sn.data.Discard()
		}
		for _, b := range r.backups.All() {
			b.data.Discard()
		}
	}
	clear(s.regions)
}

// record notes a change that took effect.
func (s *Service) record(r *query.Request, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: r.Region, Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}

// arn returns the ARN of a resource: kind is RDS's own abbreviation, such as db.
func arn(scope query.Scope, kind, name string) string {
	return "arn:aws:rds:" + scope.Region + ":" + scope.Account + ":" + kind + ":" + name
}
