// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"bytes"
	"net"
	"net/http"
	"regexp"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

const (
	kindDatabases = "databases"
	kindRules     = "firewallRules"
	kindSettings  = "configurations"
)

// parent returns the server that a child belongs to, if it takes changes now.
func (s *Servers) parent(r *arm.Resource) (*arm.Resource, error) {
	id, _ := r.ID.Parent()
	server, ok := s.manager.Find(id)
	if !ok || own(server) == nil {
		return nil, arm.Refuse(http.StatusNotFound, "ParentResourceNotFound", "The server '%s' was not found.", id.Name())
	}
	if stateOf(server) != ready {
		return nil, busy(server)
	}
	return server, nil
}

var schemaNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,62}$`)

// schemas is the type of an engine's databases.
func (s *Servers) schemas(e engine) arm.Type {
	return arm.Type{
		Name: e.provider + "/" + kindServers + "/" + kindDatabases, Instant: true, Deleting: dropping,
		Create: func(_ *arm.Call, r *arm.Resource) error {
			name := r.ID.Name()
			if !schemaNames.MatchString(name) || slices.Contains(e.own, name) {
				return arm.Refuse(http.StatusBadRequest, "InvalidDatabaseName", "The database name '%s' is not allowed.", name)
			}
			server, err := s.parent(r)
			if err != nil {
				return err
			}
			arm.Default(r.Body, e.charset, "properties", "charset")
			arm.Default(r.Body, e.collation, "properties", "collation")
			return s.databases.AddDatabase(own(server).id, name)
		},
		Change: func(_ *arm.Call, r *arm.Resource, _ arm.Body) (func(), error) {
			_, err := s.parent(r)
			return nil, err
		},
		Gone: func(r *arm.Resource) {
			id, _ := r.ID.Parent()
			if server, ok := s.manager.Find(id); ok && stateOf(server) == ready {
				_ = s.databases.DropDatabase(own(server).id, r.ID.Name()) // it can only be gone already
			}
		},
	}
}

// rules is the type of an engine's firewall rules. They are kept and not
// enforced.
func rules(e engine) arm.Type {
	check := func(b arm.Body) error {
		from, to := net.ParseIP(arm.Text(b, "properties", "startIpAddress")).To4(), net.ParseIP(arm.Text(b, "properties", "endIpAddress")).To4()
		if from == nil || to == nil || bytes.Compare(from, to) > 0 {
			return wrong("The firewall rule's range of IPv4 addresses is invalid.")
		}
		return nil
	}
	return arm.Type{
		Name: e.provider + "/" + kindServers + "/" + kindRules, Instant: true, Deleting: dropping,
		Create: func(_ *arm.Call, r *arm.Resource) error { return check(r.Body) },
		Change: func(_ *arm.Call, _ *arm.Resource, next arm.Body) (func(), error) { return nil, check(next) },
	}
}

// parameters is the type of an engine's server parameters. They are kept and
// have no effect.
func parameters(e engine) arm.Type {
	return arm.Type{Name: e.provider + "/" + kindServers + "/" + kindSettings, Instant: true, Deleting: dropping}
}
