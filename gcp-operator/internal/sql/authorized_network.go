// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/sqladmin/v1"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// NetworkAPI is the part of the Cloud SQL Admin API that authorized networks need.
type NetworkAPI interface {
	Instance(ctx context.Context, name string) (*sqladmin.DatabaseInstance, error)
	Patch(ctx context.Context, name string, patch *sqladmin.DatabaseInstance) error
	Operations(ctx context.Context, instance string) ([]*sqladmin.Operation, error)
}

// Entry is one entry of an instance's list of authorized networks, with what says
// whose it is.
type Entry struct {
	*sqladmin.AclEntry

	instance string
	tags     map[string]string
	busy     bool // the instance is at work
}

// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlauthorizednetworks,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlauthorizednetworks/status,verbs=patch
// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlauthorizednetworks/finalizers,verbs=update

// AuthorizedNetwork returns the kind CloudSQLAuthorizedNetwork. Cloud SQL has no
// such object: an entry is told by its name, which is ours to choose.
func AuthorizedNetwork(accounts Accounts) managed.Kind[*v1alpha1.CloudSQLAuthorizedNetwork, Entry] {
	return managed.Kind[*v1alpha1.CloudSQLAuthorizedNetwork, Entry]{
		New:      func() *v1alpha1.CloudSQLAuthorizedNetwork { return &v1alpha1.CloudSQLAuthorizedNetwork{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.CloudSQLAuthorizedNetwork) (managed.External[*v1alpha1.CloudSQLAuthorizedNetwork, Entry], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return authorizedNetwork{newClient(a), time.Now}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.CloudSQLAuthorizedNetwork, owner string) string { return entryName(mr.Name, owner) },
		ValidName: validEntryName,
		Settle:    settle,
		References: []managed.ReferenceField[*v1alpha1.CloudSQLAuthorizedNetwork]{{
			Field: "instanceRef",
			To:    v1alpha1.GroupVersion.WithKind("CloudSQLInstance"),
			Names: func(mr *v1alpha1.CloudSQLAuthorizedNetwork) []string {
				return managed.NameOf(mr.Spec.ForProvider.InstanceRef)
			},
			Resolve: func(mr *v1alpha1.CloudSQLAuthorizedNetwork, names []string) {
				mr.Spec.ForProvider.InstanceName = names[0]
			},
		}},
	}
}

// authorizedNetwork is managed.External for authorized networks of one project.
type authorizedNetwork struct {
	api NetworkAPI
	now func() time.Time
}

// Observe implements managed.External. An entry can't carry tags. One with the
// name that we choose for this object is this object's. Any other is a part of its
// instance, and whose that is its labels say.
func (e authorizedNetwork) Observe(ctx context.Context, mr *v1alpha1.CloudSQLAuthorizedNetwork, id managed.Identity) (*Entry, error) {
	name := managed.ExternalName(mr)
	instance := cmp.Or(mr.Spec.ForProvider.InstanceName, mr.Status.AtProvider.InstanceName) // what is referred to may be gone
	if name == "" || instance == "" {
		return nil, nil //nolint:nilnil // never named, or of an instance that is gone: there is none
	}
	db, err := e.api.Instance(ctx, instance)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // it went with its instance
	}
	if err != nil {
		return nil, err
	}
	found := entryOf(db, name)
	if found == nil {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	entry := &Entry{AclEntry: found, instance: instance, tags: (&Observed{DatabaseInstance: db}).labels()}
	if name == entryName(id.Name, id.Owner) {
		entry.tags = id.Tags()
	}
	if _, differs := planEntry(mr.Spec.ForProvider, found); len(differs) > 0 || !mr.DeletionTimestamp.IsZero() {
		running, err := e.api.Operations(ctx, instance)
		if err != nil {
			return nil, err
		}
		entry.busy = runningOperation(running) != nil
	}
	return entry, nil
}

// entryOf returns the instance's entry of that name, or nil.
func entryOf(db *sqladmin.DatabaseInstance, name string) *sqladmin.AclEntry {
	list := (&Observed{DatabaseInstance: db}).ip().AuthorizedNetworks
	if i := slices.IndexFunc(list, func(a *sqladmin.AclEntry) bool { return a.Name == name }); i >= 0 {
		return list[i]
	}
	return nil
}

// Assess implements managed.External. An entry has no states: it is there, or not.
// While the instance is at work nobody can take it away.
func (e authorizedNetwork) Assess(mr *v1alpha1.CloudSQLAuthorizedNetwork, have *Entry) managed.Assessment {
	mr.Status.AtProvider = v1alpha1.CloudSQLAuthorizedNetworkObservation{InstanceName: have.instance}
	_, drift := planEntry(mr.Spec.ForProvider, have.AclEntry)
	a := managed.Assessment{
		Name: have.Name, Tags: have.tags, State: managed.Available, Message: "exists", Busy: have.busy, Drift: drift,
		Location: &contract.Location{Provider: "gcp"},
	}
	if have.busy && !mr.DeletionTimestamp.IsZero() {
		a.State, a.Message = managed.Deleting, "the instance is at work"
	}
	return a
}

// planEntry returns have as it shall be, and what differs.
func planEntry(want v1alpha1.CloudSQLAuthorizedNetworkParameters, have *sqladmin.AclEntry) (*sqladmin.AclEntry, diff.Fields) {
	next := *have
	var d diff.Fields
	if !sameRange(want.Value, have.Value) {
		d, next.Value = append(d, "value"), want.Value
	}
	if until := want.ExpirationTime; until != nil && !sameTime(until.Time, have.ExpirationTime) {
		d, next.ExpirationTime = append(d, "expirationTime"), until.UTC().Format(time.RFC3339)
	}
	return &next, d
}

// sameRange holds also where one has the bits of a host, or is a mere address.
func sameRange(want, have string) bool {
	if !strings.Contains(have, "/") {
		have += "/32"
	}
	a, err := netip.ParsePrefix(want)
	b, other := netip.ParsePrefix(have)
	if err != nil || other != nil {
		return want == have
	}
	return a.Masked() == b.Masked()
}

func sameTime(want time.Time, have string) bool {
	t, err := time.Parse(time.RFC3339, have)
	return err == nil && t.Truncate(time.Second).Equal(want)
}

// Create implements managed.External. An entry of another name than we choose could
// not be told from other people's.
func (e authorizedNetwork) Create(ctx context.Context, mr *v1alpha1.CloudSQLAuthorizedNetwork, in managed.Intent) (*Entry, error) {
	want := mr.Spec.ForProvider
	if in.Name != entryName(mr.Name, in.Token) {
		return nil, fault.New(fault.Invalid, contract.ReasonInvalidExternalName,
			"an authorized network can't be given a name: remove the annotation %s", contract.AnnotationExternalName)
	}
	if until := want.ExpirationTime; until != nil && !until.After(e.now()) {
		return nil, fault.New(fault.Invalid, contract.ReasonInvalid, "expirationTime has passed: set another, or delete this object")
	}
	entry, _ := planEntry(want, &sqladmin.AclEntry{Name: in.Name})
	err := e.change(ctx, want.InstanceName, func(list []*sqladmin.AclEntry) []*sqladmin.AclEntry {
		return append(without(list, in.Name), entry)
	})
	if account.IsNotFound(err) {
		err = fault.New(fault.Dependency, contract.ReasonReferenceNotReady, "there is no instance %s", want.InstanceName)
	}
	return nil, err
}

// Update implements managed.External.
func (e authorizedNetwork) Update(ctx context.Context, mr *v1alpha1.CloudSQLAuthorizedNetwork, have *Entry) error {
	next, _ := planEntry(mr.Spec.ForProvider, have.AclEntry)
	return e.change(ctx, have.instance, func(list []*sqladmin.AclEntry) []*sqladmin.AclEntry {
		return append(without(list, have.Name), next)
	})
}

// Delete implements managed.External.
func (e authorizedNetwork) Delete(ctx context.Context, _ *v1alpha1.CloudSQLAuthorizedNetwork, have *Entry) error {
	return e.change(ctx, have.instance, func(list []*sqladmin.AclEntry) []*sqladmin.AclEntry { return without(list, have.Name) })
}

// change replaces the instance's list. A patch replaces lists as a whole, so it
// names the version of the settings that the list was read from: if somebody else
// changed them meanwhile it is refused, and made anew.
func (e authorizedNetwork) change(ctx context.Context, instance string, edit func([]*sqladmin.AclEntry) []*sqladmin.AclEntry) error {
	db, err := e.api.Instance(ctx, instance)
	if err != nil {
		return err
	}
	if db.Settings == nil {
		return fault.New(fault.Conflict, contract.ReasonConflict, "instance %s has no settings yet", instance)
	}
	ip := *(&Observed{DatabaseInstance: db}).ip()
	ip.AuthorizedNetworks = edit(slices.Clone(ip.AuthorizedNetworks))
	ip.ForceSendFields = []string{"Ipv4Enabled", "AuthorizedNetworks"}
	return e.api.Patch(ctx, instance, &sqladmin.DatabaseInstance{
		Settings: &sqladmin.Settings{SettingsVersion: db.Settings.SettingsVersion, IpConfiguration: &ip},
	})
}

func without(list []*sqladmin.AclEntry, name string) []*sqladmin.AclEntry {
	return slices.DeleteFunc(list, func(a *sqladmin.AclEntry) bool { return a.Name == name })
}

// entryPrefix is how the names of entries begin that are objects of their own.
const entryPrefix = "crossplane-"

// longestEntryName is what we allow ourselves; Cloud SQL does not say.
const longestEntryName = 63

func entryName(object, owner string) string {
	return entryPrefix + account.Name(object, owner, longestEntryName-len(entryPrefix))
}

// ofObjects are those entries of a list that are objects of their own.
func ofObjects(list []*sqladmin.AclEntry) []*sqladmin.AclEntry {
	return slices.DeleteFunc(slices.Clone(list), func(a *sqladmin.AclEntry) bool { return !strings.HasPrefix(a.Name, entryPrefix) })
}

// ofInstance are the others.
func ofInstance(list []*sqladmin.AclEntry) []*sqladmin.AclEntry {
	return slices.DeleteFunc(slices.Clone(list), func(a *sqladmin.AclEntry) bool { return strings.HasPrefix(a.Name, entryPrefix) })
}

var entryNames = regexp.MustCompile(`^[ -~]{1,255}$`)

var errInvalidEntryName = errors.New("not the name of an authorized network")

func validEntryName(name string) error {
	if !entryNames.MatchString(name) {
		return fmt.Errorf("%w: %q", errInvalidEntryName, name)
	}
	return nil
}
