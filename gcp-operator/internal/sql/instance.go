// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"time"

	"google.golang.org/api/sqladmin/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	network "github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// passwordLength is far from any bound of Cloud SQL's.
const passwordLength = 32

// settle is how long Cloud SQL may take to show, in operations.list, an
// operation that it has begun.
const settle = 10 * time.Second

// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlinstances/status,verbs=patch
// +kubebuilder:rbac:groups=database.gcp.crossplane.io,resources=cloudsqlinstances/finalizers,verbs=update

// Observed is what is looked at of an instance: itself, and where that matters
// its latest operations and its database.
type Observed struct {
	*sqladmin.DatabaseInstance

	operations  []*sqladmin.Operation // the last first; nil where they were not looked at
	hasDatabase bool                  // the database that the spec names is there
}

// Instance returns the kind CloudSQLInstance. An instance's name is ours to
// choose, so creating it twice is harmless.
func Instance(accounts Accounts) managed.Kind[*v1alpha1.CloudSQLInstance, Observed] {
	return managed.Kind[*v1alpha1.CloudSQLInstance, Observed]{
		New:      func() *v1alpha1.CloudSQLInstance { return &v1alpha1.CloudSQLInstance{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.CloudSQLInstance) (managed.External[*v1alpha1.CloudSQLInstance, Observed], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return instance{api: newClient(a), project: a.Project, now: time.Now}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.CloudSQLInstance, owner string) string { return instanceName(mr.Name, owner) },
		ValidName: validInstanceName,
		Password: &managed.Password[*v1alpha1.CloudSQLInstance]{
			Length:      passwordLength,
			AfterCreate: func(mr *v1alpha1.CloudSQLInstance) bool { return restores(mr.Spec.ForProvider) },
		},
		HoldsData:  true,
		Settle:     settle,
		References: references(),
	}
}

func references() []managed.ReferenceField[*v1alpha1.CloudSQLInstance] {
	field := func(name, kind string, ref func(*v1alpha1.IPConfiguration) *contract.Reference, resolve func(*v1alpha1.IPConfiguration, string),
	) managed.ReferenceField[*v1alpha1.CloudSQLInstance] {
		return managed.ReferenceField[*v1alpha1.CloudSQLInstance]{
			Field: "ipConfiguration." + name,
			To:    network.GroupVersion.WithKind(kind),
			Names: func(mr *v1alpha1.CloudSQLInstance) []string {
				if ip := mr.Spec.ForProvider.IPConfiguration; ip != nil {
					return managed.NameOf(ref(ip))
				}
				return nil
			},
			Resolve: func(mr *v1alpha1.CloudSQLInstance, names []string) {
				resolve(mr.Spec.ForProvider.IPConfiguration, names[0])
			},
		}
	}
	return []managed.ReferenceField[*v1alpha1.CloudSQLInstance]{
		field("privateNetworkRef", "Network",
			func(ip *v1alpha1.IPConfiguration) *contract.Reference { return ip.PrivateNetworkRef },
			func(ip *v1alpha1.IPConfiguration, name string) { ip.PrivateNetwork = name }),
		field("serviceConnectionRef", "ServiceConnection",
			func(ip *v1alpha1.IPConfiguration) *contract.Reference { return ip.ServiceConnectionRef },
			func(*v1alpha1.IPConfiguration, string) {}), // only its being ready matters
	}
}

// instance is managed.External for instances of one project.
type instance struct {
	api     API
	project string
	now     func() time.Time
}

// Observe implements managed.External. At rest it is one call. While anything
// is under way it looks at the operations, too: an instance itself does not say
// that one is running, or that one failed.
func (e instance) Observe(ctx context.Context, mr *v1alpha1.CloudSQLInstance, _ managed.Identity) (*Observed, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	db, err := e.api.Instance(ctx, name)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	o := &Observed{DatabaseInstance: db}
	if inquire := db.State != stateCreating && db.State != stateDeleting; inquire && (restless(mr) || db.State != stateRunnable) {
		if o.operations, err = e.api.Operations(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := e.lookForDatabase(ctx, mr, o); err != nil {
		return nil, err
	}
	return o, e.failedCreation(mr, o)
}

// lookForDatabase finds out whether the instance has its database. Once it was
// seen that is on record, in the status, and looked at again only where somebody
// asks or something is wrong. While an operation runs none is finished being made.
func (e instance) lookForDatabase(ctx context.Context, mr *v1alpha1.CloudSQLInstance, o *Observed) error {
	name := mr.Spec.ForProvider.DatabaseName
	seen := mr.Status.AtProvider.DatabaseName == name
	switch {
	case name == "" || o.State != stateRunnable:
		return nil
	case seen && !asked(mr) && !meta.IsStatusConditionTrue(mr.Status.Conditions, contract.ConditionStalled):
		o.hasDatabase = true
		return nil
	case !seen && runningOperation(o.operations) != nil:
		return nil
	}
	var err error
	o.hasDatabase, err = e.api.HasDatabase(ctx, o.Name, name)
	return err
}

// restless reports whether anything is under way with mr, as far as is on
// record, or somebody wants to know.
func restless(mr *v1alpha1.CloudSQLInstance) bool {
	status := &mr.Status.ManagedStatus
	return status.FirstReadyTime == nil || status.ObservedGeneration != mr.Generation || !mr.DeletionTimestamp.IsZero() ||
		meta.IsStatusConditionTrue(status.Conditions, contract.ConditionReconciling) ||
		meta.IsStatusConditionTrue(status.Conditions, contract.ConditionStalled) ||
		mr.Annotations[contract.AnnotationRotatePasswordRequestedAt] != status.LastHandledRotationAt || asked(mr)
}

// asked reports whether somebody wants the cloud to be looked at now.
func asked(mr *v1alpha1.CloudSQLInstance) bool {
	return mr.Annotations[contract.AnnotationReconcileRequestedAt] != mr.Status.LastHandledReconcileAt
}

// Assess implements managed.External.
func (e instance) Assess(mr *v1alpha1.CloudSQLInstance, o *Observed) managed.Assessment {
	want := mr.Spec.ForProvider
	running := runningOperation(o.operations)
	mr.Status.AtProvider = observed(want, o)
	_, drift := e.plan(want, o)
	state, message := stateOf(mr, o)
	a := managed.Assessment{
		Name:            o.Name,
		Tags:            o.labels(),
		State:           state,
		Message:         message,
		Busy:            running != nil || o.State != stateRunnable,
		Drift:           drift,
		Fixed:           e.fixed(want, o),
		Protected:       protected(want, o),
		PasswordPending: running != nil && running.OperationType == opUpdateUser,
		PasswordFailed:  passwordFailed(o.operations),
		Location:        &contract.Location{Provider: "gcp", Region: want.Region, Zone: o.GceZone},
		Offers:          offers(want, o),
		Reach:           contract.ReachNetwork,
	}
	if ip := o.ip(); ip.Ipv4Enabled {
		a.Reach = contract.ReachInternet
	}
	if o.State == stateCreating {
		a.Location.Zone = ""
		return a
	}
	if host(o) != "" {
		a.Connection = connection(want, o)
	}
	return a
}

// Update implements managed.External. Cloud SQL does one thing at a time: first
// the settings, then the database.
func (e instance) Update(ctx context.Context, mr *v1alpha1.CloudSQLInstance, o *Observed) error {
	want := mr.Spec.ForProvider
	patch, drift := e.plan(want, o)
	if err := e.failedBefore(mr, o); err != nil {
		return err
	}
	if len(drift) > 0 && patch != nil {
		return e.api.Patch(ctx, o.Name, patch)
	}
	return e.api.InsertDatabase(ctx, o.Name, want.DatabaseName)
}

// SetPassword implements managed.PasswordSetter.
func (e instance) SetPassword(ctx context.Context, _ *v1alpha1.CloudSQLInstance, o *Observed, password string) error {
	return e.api.SetPassword(ctx, o.Name, engineOf(o.DatabaseVersion).user, password)
}

// Adopt implements managed.Adopter.
func (e instance) Adopt(ctx context.Context, _ *v1alpha1.CloudSQLInstance, o *Observed, tags map[string]string) error {
	return e.api.Patch(ctx, o.Name, &sqladmin.DatabaseInstance{Settings: &sqladmin.Settings{
		SettingsVersion: o.Settings.SettingsVersion,
		UserLabels:      diff.Both(o.labels(), account.Labels(tags)),
	}})
}
