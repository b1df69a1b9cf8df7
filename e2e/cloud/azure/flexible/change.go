// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"net/http"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// change checks a change of a server.
func (s *Servers) change(c *arm.Call, r *arm.Resource, next arm.Body, e engine) (func(), error) {
	if stateOf(r) != ready {
		return nil, busy(r)
	}
	if err := fixed(r.Body, next); err != nil {
		return nil, err
	}
	if err := check(next, e); err != nil {
		return nil, err
	}
	if err := aloneWindow(c); err != nil {
		return nil, err
	}
	password := arm.Text(c.Body, "properties", "administratorLoginPassword")
	if password != "" {
		if err := checkPassword(password, arm.Text(next, "properties", "administratorLogin")); err != nil {
			return nil, err
		}
	}
	forgetPassword(next)
	return func() { s.apply(r, e, password) }, nil
}

// apply does to the database server what changed.
func (s *Servers) apply(r *arm.Resource, e engine, password string) {
	o := own(r)
	if password != "" {
		if err := s.databases.SetPassword(o.id, password); err != nil {
			s.log.Warn("cannot set a password", "server", r.ID.Name(), "error", err)
		}
	}
	if full := e.versions[arm.Text(r.Body, "properties", "version")]; full != o.full {
		o.full = full
		if err := s.databases.SetVersion(o.id, full); err != nil {
			s.log.Warn("cannot set the version", "server", r.ID.Name(), "error", err)
		}
	}
}

// fixed refuses to change what is decided when a server is made.
func fixed(have, next arm.Body) error {
	for _, path := range [][]string{
		{"administratorLogin"}, {"availabilityZone"}, {"databasePort"}, {"backup", "geoRedundantBackup"}, {"network", "delegatedSubnetResourceId"},
	} {
		keys := append([]string{"properties"}, path...)
		if was, will := arm.Value(have, keys...), arm.Value(next, keys...); was != nil && will != nil && was != will {
			return wrong("The property '%s' cannot be changed once the server is created.", strings.Join(path, "."))
		}
	}
	was, _ := arm.Number(have, "properties", "storage", "storageSizeGB")
	if will, _ := arm.Number(next, "properties", "storage", "storageSizeGB"); will < was {
		return wrong("Storage cannot be scaled down from %d GB to %d GB.", was, will)
	}
	if older(arm.Text(next, "properties", "version"), arm.Text(have, "properties", "version")) {
		return wrong("The server version cannot be downgraded.")
	}
	return nil
}

// older compares versions of which each part has as many digits.
func older(a, b string) bool { return len(a) > 0 && a != b && strings.Compare(a, b) < 0 }

// aloneWindow refuses a maintenance window with other properties: "must be
// updated separately", says the description of the API.
func aloneWindow(c *arm.Call) error {
	p, _ := c.Body["properties"].(map[string]any)
	if _, window := p["maintenanceWindow"]; window && len(p) > 1 && c.Method == http.MethodPatch {
		return wrong("The maintenance window must be updated separately from other properties.")
	}
	return nil
}

func (s *Servers) remove(_ *arm.Call, r *arm.Resource) error {
	if stateOf(r) == updating || stateOf(r) == dropping {
		return busy(r)
	}
	return nil
}
