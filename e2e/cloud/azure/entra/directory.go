// SPDX-License-Identifier: Apache-2.0

// Package entra is the local Azure's identity platform: it issues tokens to
// applications and managed identities that prove who they are, and says of a
// token whose it is.
package entra

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The tenant and the application that exist from the start.
const (
	DefaultTenant = "00000000-0000-0000-0000-00000000000a"
	DefaultClient = "00000000-0000-0000-0000-00000000000b"
	DefaultSecret = "secretlocal"
)

// Application is an identity that tokens are issued to.
type Application struct {
	ID     string `json:"id"` // the client id
	Secret string `json:"secret,omitempty"`
	Tenant string `json:"tenant"`
	Object string `json:"object"` // the id of its service principal
	// Revoked: it gets no tokens, and those that it has are worth nothing.
	Revoked bool `json:"revoked"`
	// Deny are globs of actions that it may not do: Microsoft.DBforMySQL/*/write.
	Deny []string `json:"deny"`
	// Roles are names of Azure roles that it has in every Kubernetes cluster.
	Roles []string `json:"roles"`
}

// ClusterAdmin is the role that the application of the start has in clusters.
const ClusterAdmin = "Azure Kubernetes Service RBAC Cluster Admin"

// Change is a change to an application: what is absent stays as it is. One with
// an unknown ID is created.
type Change struct {
	ID      string    `json:"id"`
	Secret  *string   `json:"secret,omitempty"`
	Tenant  *string   `json:"tenant,omitempty"`
	Revoked *bool     `json:"revoked,omitempty"`
	Deny    *[]string `json:"deny,omitempty"`
	Roles   *[]string `json:"roles,omitempty"`
}

// Directory knows all applications of all tenants.
type Directory struct {
	clock *local.Clock
	key   *rsa.PrivateKey

	mu       sync.Mutex
	lifetime time.Duration
	apps     map[string]Application
}

// keyBits is enough for a key that lives as long as a test.
const keyBits = 2048

// defaultLifetime is how long tokens of Azure are valid, at least.
const defaultLifetime = time.Hour

// New returns a directory with the default application.
func New(clock *local.Clock) (*Directory, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making the key that signs tokens: %w", err)
	}
	d := &Directory{clock: clock, key: key}
	d.Reset()
	return d, nil
}

// Reset returns to the applications of the start.
func (d *Directory) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lifetime = defaultLifetime
	first := newApplication(DefaultClient, DefaultSecret)
	first.Roles = []string{ClusterAdmin}
	d.apps = map[string]Application{DefaultClient: first}
}

func newApplication(id, secret string) Application {
	object := "f" + strings.TrimPrefix(id, id[:min(len(id), 1)])
	return Application{ID: id, Secret: secret, Tenant: DefaultTenant, Object: object}
}

// Lifetime changes for how long tokens are valid that are issued from now on.
func (d *Directory) Lifetime(of time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lifetime = of
}

// Change changes or creates an application.
func (d *Directory) Change(c Change) Application {
	d.mu.Lock()
	defer d.mu.Unlock()
	app, ok := d.apps[c.ID]
	if !ok {
		app = newApplication(c.ID, "")
	}
	app.Secret = orElse(c.Secret, app.Secret)
	app.Tenant = orElse(c.Tenant, app.Tenant)
	app.Revoked = orElse(c.Revoked, app.Revoked)
	app.Deny = orElse(c.Deny, app.Deny)
	app.Roles = orElse(c.Roles, app.Roles)
	d.apps[c.ID] = app
	app.Secret = ""
	return app
}

// List returns all applications by their ID, without secrets.
func (d *Directory) List() []Application {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Application, 0, len(d.apps))
	for _, app := range d.apps {
		app.Secret = ""
		out = append(out, app)
	}
	slices.SortFunc(out, func(a, b Application) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (d *Directory) find(id string) (Application, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	app, ok := d.apps[strings.ToLower(id)]
	return app, ok
}

// hasTenant reports whether any application lives in the tenant.
func (d *Directory) hasTenant(tenant string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, app := range d.apps {
		if strings.EqualFold(app.Tenant, tenant) {
			return true
		}
	}
	return false
}

// Authorize says whether the application may do an action on a scope.
func (a Application) Authorize(action, scope string) error {
	if !slices.ContainsFunc(a.Deny, func(glob string) bool { return arm.Matches(glob, action) }) {
		return nil
	}
	return arm.Refuse(http.StatusForbidden, "AuthorizationFailed",
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. "+
			"If access was recently granted, please refresh your credentials.", a.ID, a.Object, action, scope)
}

func orElse[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
