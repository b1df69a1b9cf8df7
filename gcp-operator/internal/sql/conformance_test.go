// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/gcp-operator/generated/crds"))
}

// instances is the fake's instances as the conformance suite sees them.
type instances struct{ *fakeSQL }

func (c instances) Names() []string             { return slices.Sorted(maps.Keys(c.instances)) }
func (c instances) Password(name string) string { return c.instances[name].password }
func (c instances) Vanish(name string)          { delete(c.instances, name) }
func (c instances) Mutations() int              { return c.mutations }

func (c instances) Tags(name string) map[string]string { return c.instances[name].Settings.UserLabels }

func (c instances) Plant(name string, tags map[string]string) string {
	p := anInstance().Spec.ForProvider
	in := instance{project: "p"}.describe(p, managed.Intent{Name: name})
	in.Settings.UserLabels, in.RootPassword = account.Labels(tags), "planted"
	if err := c.Insert(context.Background(), in); err != nil {
		panic(err)
	}
	c.instances[name].databases[p.DatabaseName] = true
	c.Settle()
	return name
}

func (c instances) Drift(name string) { c.instances[name].Settings.Tier = "db-custom-96-368640" }

func (c instances) Drifted(name string) bool {
	return c.instances[name].Settings.Tier == "db-custom-96-368640"
}

// instanceKind is the kind in front of the fake.
func instanceKind(f *fakeSQL) managed.Kind[*v1alpha1.CloudSQLInstance, Observed] {
	kind := Instance(nil)
	kind.Connect = func(context.Context, *v1alpha1.CloudSQLInstance) (managed.External[*v1alpha1.CloudSQLInstance, Observed], error) {
		return instance{api: f, project: "p", now: func() time.Time { return f.now }}, nil
	}
	return kind
}

func anInstance() *v1alpha1.CloudSQLInstance {
	return &v1alpha1.CloudSQLInstance{Spec: v1alpha1.CloudSQLInstanceSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.CloudSQLInstanceParameters{
			Region: "europe-west1", DatabaseVersion: "MYSQL_8_4", Tier: "db-custom-1-3840", Edition: "ENTERPRISE",
			DataDiskSizeGb: new(int64(20)), DatabaseName: "orders",
		},
	}}
}

func TestInstanceConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.CloudSQLInstance, Observed] {
		f := newFakeSQL()
		return managedtest.Subject[*v1alpha1.CloudSQLInstance, Observed]{
			Kind: instanceKind(f), Cloud: instances{f}, Object: anInstance, Steps: 1, // its database
			Change:  func(mr *v1alpha1.CloudSQLInstance) { mr.Spec.ForProvider.DataDiskSizeGb = new(int64(30)) },
			Changed: func(name string) bool { return f.instances[name].Settings.DataDiskSizeGb == 30 },
		}
	})
}
