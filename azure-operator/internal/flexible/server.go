// SPDX-License-Identifier: Apache-2.0

// Package flexible manages the flexible servers of Azure Database for MySQL and
// for PostgreSQL. The two services have the same API in types of their own: what
// is the same is here once, in terms of Server and Change, and what the types of
// an engine's SDK have to do with them is in a file per engine.
package flexible

import (
	"context"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// Server is a server as its engine's API describes it. Pointers are nil where
// the API says nothing.
type Server struct {
	ID, Name, Location, State string
	Host                      string
	Port                      int32
	Version                   string // as it is asked for
	FullVersion               string // as it runs
	SKU, Tier                 string
	Login                     string
	StorageGiB, IOPS          *int32
	AutoGrow                  *bool
	HAMode, StandbyZone, Zone string
	RetentionDays             *int32
	GeoRedundant              *bool
	Window                    *v1alpha1.MaintenanceWindow
	Subnet, DNSZone           string
	Public                    *bool
	Tags                      map[string]string

	// Databases on the server, and whether they were looked for.
	Databases []string
	Listed    bool
}

// Change is what is asked to be different of a server. Nil: nothing.
type Change struct {
	SKU           *v1alpha1.ServerSKU
	StorageGiB    *int32
	AutoGrow      *bool
	IOPS          *int32
	HA            *v1alpha1.HighAvailability
	RetentionDays *int32
	Public        *bool
	Version       *string
	Tags          map[string]string
	Password      *string
	// Window is only ever asked for alone: "must be updated separately", says the
	// description of the API of MySQL.
	Window *v1alpha1.MaintenanceWindow
}

// API is what an engine's service does. Its methods start work and do not wait
// for it; errors are the SDK's.
type API interface {
	Get(ctx context.Context, group, name string) (*Server, error)
	Create(ctx context.Context, group, name string, of Spec) error
	Change(ctx context.Context, group, name string, c Change) error
	Delete(ctx context.Context, group, name string) error
	Databases(ctx context.Context, group, name string) ([]string, error)
	AddDatabase(ctx context.Context, group, name string, db v1alpha1.Database) error
}

// Resource is a managed resource that is a flexible server.
type Resource interface {
	managed.Resource
	Server() (*v1alpha1.ServerParameters, *v1alpha1.ServerObservation)
}

// Spec is all that is asked for of a server, with what only its engine has.
type Spec struct {
	v1alpha1.ServerParameters

	Version       string
	StorageGiB    *int32
	IOPS          *int32
	RetentionDays *int32

	Login, Password string
	AllTags         map[string]string
	Restore         *Restore
}

// engine is what tells the two engines apart.
type engine[MR Resource] struct {
	claim    string // the claim kind that its servers satisfy
	provider string // Azure's name of the service
	typ      string // what clients call it
	database string // the one that each server has; empty if none
	// spec of a server, without what is decided when it is made.
	spec func(mr MR) Spec
}

// server is managed.External for servers of one engine and account.
type server[MR Resource] struct {
	api          API
	engine       engine[MR]
	subscription string
	trust        string // PEM
}

// Observe implements managed.External. Databases are looked for while there is
// one that was never seen, or if somebody asks: at rest a look is one call.
func (e server[MR]) Observe(ctx context.Context, mr MR, _ managed.Identity) (*Server, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	p, seen := mr.Server()
	group, err := groupOf(mr)
	if err != nil {
		return nil, err
	}
	obs, err := e.api.Get(ctx, group, name)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	if obs.State == stateReady && (len(missing(p.Databases, seen.Databases)) > 0 || asked(mr)) {
		if obs.Databases, err = e.api.Databases(ctx, group, name); err != nil {
			return nil, err
		}
		obs.Listed = true
	}
	return obs, nil
}

// Update implements managed.External. Azure does one thing at a time: the
// databases have their turn when nothing else differs.
func (e server[MR]) Update(ctx context.Context, mr MR, obs *Server) error {
	p, seen := mr.Server()
	change, drift := plan(e.engine.spec(mr), obs)
	if len(drift) > 0 {
		return e.api.Change(ctx, p.ResourceGroupName, obs.Name, change)
	}
	for _, db := range toMake(p.Databases, seen.Databases, obs) {
		if err := e.api.AddDatabase(ctx, p.ResourceGroupName, obs.Name, db); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements managed.External. Azure keeps the backups for five days.
func (e server[MR]) Delete(ctx context.Context, mr MR, obs *Server) error {
	group, err := groupOf(mr)
	if err != nil {
		return err
	}
	return e.api.Delete(ctx, group, obs.Name)
}

// SetPassword implements managed.PasswordSetter.
func (e server[MR]) SetPassword(ctx context.Context, mr MR, obs *Server, password string) error {
	p, _ := mr.Server()
	return e.api.Change(ctx, p.ResourceGroupName, obs.Name, Change{Password: &password})
}

// Adopt implements managed.Adopter.
func (e server[MR]) Adopt(ctx context.Context, mr MR, obs *Server, tags map[string]string) error {
	p, _ := mr.Server()
	return e.api.Change(ctx, p.ResourceGroupName, obs.Name, Change{Tags: with(obs.Tags, tags)})
}

// missing are the wanted databases that are not among those there are.
func missing(want []v1alpha1.Database, have []string) []v1alpha1.Database {
	return slices.DeleteFunc(slices.Clone(want), func(db v1alpha1.Database) bool {
		return slices.ContainsFunc(have, func(name string) bool { return strings.EqualFold(name, db.Name) })
	})
}

// toMake are the databases that are not there and never were. One that was seen
// before held data: an empty one in its place would hide that they are gone.
func toMake(want []v1alpha1.Database, seen []string, obs *Server) []v1alpha1.Database {
	if !obs.Listed {
		return nil
	}
	return missing(missing(want, obs.Databases), seen)
}

// asked reports whether somebody asked for a look that has not been answered.
func asked(mr managed.Resource) bool {
	_, status := mr.Managed()
	request := mr.GetAnnotations()[reconcileRequested]
	return request != "" && request != status.LastHandledReconcileAt
}

// groupOf is the resource group that mr's server is in. Where the object that
// names it is gone the server's own id tells.
func groupOf(mr Resource) (string, error) {
	p, seen := mr.Server()
	if p.ResourceGroupName != "" {
		return p.ResourceGroupName, nil
	}
	id, err := arm.ParseResourceID(seen.ID)
	if err != nil {
		return "", fault.New(fault.Dependency, contract.ReasonReferenceNotReady, "the resource group of the server is not known: its object is gone")
	}
	return id.ResourceGroupName, nil
}
