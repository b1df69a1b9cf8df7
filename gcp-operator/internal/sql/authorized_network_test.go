// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/sqladmin/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

const theInstance = "orders"

// networks is the authorized networks of one instance of the fake as the
// conformance suite sees them. It remembers whom they were made for: they can't
// carry tags.
type networks struct {
	*fakeSQL

	marks *sync.Map
}

// aFakeWithAnInstance lets an office in.
func aFakeWithAnInstance() *fakeSQL {
	f := newFakeSQL()
	if err := f.Insert(context.Background(), &sqladmin.DatabaseInstance{Name: theInstance, DatabaseVersion: "MYSQL_8_4", Settings: &sqladmin.Settings{
		IpConfiguration: &sqladmin.IpConfiguration{Ipv4Enabled: true, AuthorizedNetworks: []*sqladmin.AclEntry{{Value: "198.51.100.0/24"}}},
	}}); err != nil {
		panic(err)
	}
	f.Settle()
	f.mutations = 0
	return f
}

func (c networks) settings() *sqladmin.Settings { return c.instances[theInstance].Settings }

func (c networks) list() []*sqladmin.AclEntry { return c.settings().IpConfiguration.AuthorizedNetworks }

func (c networks) Mutations() int { return c.mutations }

func (c networks) Names() []string {
	var names []string
	for _, a := range c.list() {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	return names
}

func (c networks) Tags(name string) map[string]string {
	tags, _ := c.marks.Load(name)
	of, _ := tags.(map[string]string)
	return of
}

// Plant adds an entry as somebody else would: to an instance of theirs.
func (c networks) Plant(name string, tags map[string]string) string {
	c.settings().UserLabels = account.Labels(tags)
	c.settings().IpConfiguration.AuthorizedNetworks = append(c.list(), &sqladmin.AclEntry{Name: name, Value: "203.0.113.0/24"})
	return name
}

func (c networks) Vanish(name string) {
	c.settings().IpConfiguration.AuthorizedNetworks = without(c.list(), name)
}

func (c networks) entry(name string) *sqladmin.AclEntry {
	return entryOf(&c.instances[theInstance].DatabaseInstance, name)
}

func (c networks) Drift(name string)        { c.entry(name).Value = "203.0.0.0/8" }
func (c networks) Drifted(name string) bool { return c.entry(name).Value == "203.0.0.0/8" }

// marking is an External that marks what it makes.
type marking struct {
	authorizedNetwork

	marks *sync.Map
}

func (m marking) Create(ctx context.Context, mr *v1alpha1.CloudSQLAuthorizedNetwork, in managed.Intent) (*Entry, error) {
	m.marks.Store(in.Name, in.Tags)
	return m.authorizedNetwork.Create(ctx, mr, in)
}

func aNetwork() *v1alpha1.CloudSQLAuthorizedNetwork {
	return &v1alpha1.CloudSQLAuthorizedNetwork{Spec: v1alpha1.CloudSQLAuthorizedNetworkSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.CloudSQLAuthorizedNetworkParameters{InstanceName: theInstance, Value: "203.0.113.0/24"},
	}}
}

func TestAuthorizedNetworkConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(t *testing.T) managedtest.Subject[*v1alpha1.CloudSQLAuthorizedNetwork, Entry] {
		t.Helper()
		c := networks{aFakeWithAnInstance(), &sync.Map{}}
		t.Cleanup(func() {
			if len(c.list()) == 0 || c.list()[0].Value != "198.51.100.0/24" {
				t.Errorf("the office is not let in any more: %+v", c.list())
			}
		})
		kind := AuthorizedNetwork(nil)
		kind.Connect = func(context.Context, *v1alpha1.CloudSQLAuthorizedNetwork) (managed.External[*v1alpha1.CloudSQLAuthorizedNetwork, Entry], error) {
			return marking{authorizedNetwork{c, time.Now}, c.marks}, nil
		}
		return managedtest.Subject[*v1alpha1.CloudSQLAuthorizedNetwork, Entry]{
			Kind: kind, Cloud: c, Object: aNetwork,
			Change:  func(mr *v1alpha1.CloudSQLAuthorizedNetwork) { mr.Spec.ForProvider.Value = "192.0.2.0/24" },
			Changed: func(name string) bool { return c.entry(name).Value == "192.0.2.0/24" },
		}
	})
}

func TestPlanOfAnEntry(t *testing.T) {
	noon := metav1.NewTime(time.Date(2027, 1, 2, 12, 0, 0, 0, time.UTC))
	type params = v1alpha1.CloudSQLAuthorizedNetworkParameters
	for name, tc := range map[string]struct {
		want  params
		have  sqladmin.AclEntry
		drift []string
		next  sqladmin.AclEntry
	}{
		"the same":        {want: params{Value: "192.0.2.0/24"}, have: sqladmin.AclEntry{Value: "192.0.2.0/24"}, next: sqladmin.AclEntry{Value: "192.0.2.0/24"}},
		"host bits":       {want: params{Value: "192.0.2.7/24"}, have: sqladmin.AclEntry{Value: "192.0.2.0/24"}, next: sqladmin.AclEntry{Value: "192.0.2.0/24"}},
		"a mere address":  {want: params{Value: "192.0.2.7/32"}, have: sqladmin.AclEntry{Value: "192.0.2.7"}, next: sqladmin.AclEntry{Value: "192.0.2.7"}},
		"another range":   {want: params{Value: "192.0.2.0/25"}, have: sqladmin.AclEntry{Value: "192.0.2.0/24"}, drift: []string{"value"}, next: sqladmin.AclEntry{Value: "192.0.2.0/25"}},
		"the same time":   {want: params{ExpirationTime: &noon}, have: sqladmin.AclEntry{ExpirationTime: "2027-01-02T12:00:00.094Z"}, next: sqladmin.AclEntry{ExpirationTime: "2027-01-02T12:00:00.094Z"}},
		"a time":          {want: params{ExpirationTime: &noon}, drift: []string{"expirationTime"}, next: sqladmin.AclEntry{ExpirationTime: "2027-01-02T12:00:00Z"}},
		"no time is said": {have: sqladmin.AclEntry{ExpirationTime: "2027-01-02T13:00:00Z"}, next: sqladmin.AclEntry{ExpirationTime: "2027-01-02T13:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.want.Value == "" {
				tc.want.Value, tc.have.Value, tc.next.Value = "192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24"
			}
			next, drift := planEntry(tc.want, &tc.have)
			if d := cmp.Diff(tc.drift, []string(drift)); d != "" {
				t.Errorf("drift (-want +got):\n%s", d)
			}
			if d := cmp.Diff(&tc.next, next); d != "" {
				t.Errorf("next (-want +got):\n%s", d)
			}
		})
	}
}

// meddling is a Cloud SQL in which somebody changes the settings between a look
// and the change that was made from it.
type meddling struct{ *fakeSQL }

func (m meddling) Patch(ctx context.Context, name string, patch *sqladmin.DatabaseInstance) error {
	m.instances[name].Settings.SettingsVersion++
	return m.fakeSQL.Patch(ctx, name, patch)
}

func TestWhenAnEntryCanNotBeAddedYet(t *testing.T) {
	owner := managed.Intent{Name: entryName("n", "0a1b2c3d-4"), Token: "0a1b2c3d-4"}
	for name, tc := range map[string]struct {
		api    func(*fakeSQL) NetworkAPI
		edit   func(*v1alpha1.CloudSQLAuthorizedNetwork)
		intent managed.Intent
		class  fault.Class
		reason string
	}{
		"settings changed meanwhile": {api: func(f *fakeSQL) NetworkAPI { return meddling{f} }, class: fault.Conflict},
		"instance at work": {api: func(f *fakeSQL) NetworkAPI {
			f.begin(f.instances[theInstance], opUpdate, func() {})
			return f
		}, class: fault.Conflict},
		"no such instance": {
			edit:  func(mr *v1alpha1.CloudSQLAuthorizedNetwork) { mr.Spec.ForProvider.InstanceName = "none" },
			class: fault.Dependency, reason: contract.ReasonReferenceNotReady,
		},
		"over already": {
			edit: func(mr *v1alpha1.CloudSQLAuthorizedNetwork) {
				mr.Spec.ForProvider.ExpirationTime = &metav1.Time{Time: time.Now().Add(-time.Minute)}
			},
			class: fault.Invalid,
		},
		"another name": {intent: managed.Intent{Name: "office", Token: owner.Token}, class: fault.Invalid, reason: contract.ReasonInvalidExternalName},
	} {
		t.Run(name, func(t *testing.T) {
			f := aFakeWithAnInstance()
			mr := aNetwork()
			mr.Name = "n"
			if tc.edit != nil {
				tc.edit(mr)
			}
			if tc.intent.Name == "" {
				tc.intent = owner
			}
			var api NetworkAPI = f
			if tc.api != nil {
				api = tc.api(f)
			}
			_, err := authorizedNetwork{api, time.Now}.Create(t.Context(), mr, tc.intent)
			judged := fault.Of(account.Classify(err))
			if err == nil || judged.Class != tc.class || tc.reason != "" && judged.Reason != tc.reason {
				t.Errorf("%v: class %s, reason %s", err, judged.Class, judged.Reason)
			}
			f.Settle()
			if n := len(networks{fakeSQL: f}.list()); n != 1 {
				t.Errorf("%d entries", n)
			}
		})
	}
}

func TestTheLastEntryGoesToo(t *testing.T) {
	f := aFakeWithAnInstance()
	c := networks{fakeSQL: f}
	f.instances[theInstance].Settings.IpConfiguration.AuthorizedNetworks = []*sqladmin.AclEntry{{Name: "crossplane-n", Value: "192.0.2.0/24"}}
	e := authorizedNetwork{f, time.Now}
	if err := e.Delete(t.Context(), aNetwork(), &Entry{AclEntry: c.list()[0], instance: theInstance}); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	if ip := c.settings().IpConfiguration; len(ip.AuthorizedNetworks) != 0 || !ip.Ipv4Enabled {
		t.Errorf("left: %+v", ip)
	}
}

func TestAnInstanceThatIsGoneTakesItsEntriesAlong(t *testing.T) {
	mr := aNetwork()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "crossplane-n"}
	for name, edit := range map[string]func(){
		"gone":                 func() {},
		"unknown, seen before": func() { mr.Spec.ForProvider.InstanceName, mr.Status.AtProvider.InstanceName = "", theInstance },
		"unknown, never seen":  func() { mr.Status.AtProvider.InstanceName = "" },
	} {
		edit()
		if entry, err := (authorizedNetwork{newFakeSQL(), time.Now}).Observe(t.Context(), mr, managed.Identity{}); entry != nil || err != nil {
			t.Errorf("%s: %v, %v", name, entry, err)
		}
	}
	mr.Status.AtProvider.InstanceName = theInstance
	f := aFakeWithAnInstance()
	networks{fakeSQL: f}.Plant("crossplane-n", nil)
	if entry, err := (authorizedNetwork{f, time.Now}).Observe(t.Context(), mr, managed.Identity{}); entry == nil || err != nil {
		t.Errorf("what is referred to is gone, and the instance is there: %v, %v", entry, err)
	}
}

func TestAnUnreachableInstanceMayHaveItsEntries(t *testing.T) {
	mr := aNetwork()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "crossplane-n"}
	if _, err := (authorizedNetwork{failing{}, time.Now}).Observe(t.Context(), mr, managed.Identity{}); err == nil {
		t.Error("nothing is certain")
	}
}

type failing struct{ NetworkAPI }

func (failing) Instance(context.Context, string) (*sqladmin.DatabaseInstance, error) {
	return nil, refuse(http.StatusServiceUnavailable, "backendError")
}

func TestNamesOfEntries(t *testing.T) {
	if got, want := entryName("Shop.db", "0a1b2c3d-1111"), "crossplane-shop-db-0a1b2c3d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := entryName(strings.Repeat("long", 60), "0a1b2c3d-1111"); len(got) > longestEntryName || !strings.HasSuffix(got, "-0a1b2c3d") {
		t.Errorf("%d characters: %s", len(got), got)
	}
	for _, name := range []string{"", "größe", strings.Repeat("x", 256)} {
		if validEntryName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	if err := validEntryName("the office"); err != nil {
		t.Error(err)
	}
}
