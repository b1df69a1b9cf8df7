// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	gcpiam "github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// site is one cloud, and how its local one is made to give trouble.
type site struct {
	cloud     string
	resource  schema.GroupVersionKind
	identity  string // whom the operator works as, as the cloud's control knows it
	creation  string // what a deny rule calls the creation of a database
	create    string // what the cloud's counts call it
	quota     string
	nowhere   string // a region that there is not
	badRegion string // how the cloud's answer to that is told
	service   string // that databases are made by, as faults call it
	policy    *local.Error
	blind     bool   // nobody can look at a region that there is not
	badValue  string // how an engine version is told that there is not
}

func sites() map[string]site {
	return map[string]site{
		"aws": {
			service: "rds", policy: &local.Error{Code: "AccessDenied", Status: http.StatusForbidden,
				Message: "User is not authorized to perform: rds:CreateDBInstance with an explicit deny in a service control policy: no-databases"},
			cloud: stack.LocalAWS, resource: kind("aws", "RDSInstance"), identity: iam.DefaultKeyID, creation: "rds:CreateDBInstance", create: "CreateDBInstance",
			quota: "rds:instances", nowhere: "eu-south-9", badRegion: "no such region", blind: true, badValue: "False RejectedByCloud",
		},
		"gcp": {
			service: "sqladmin", policy: &local.Error{Code: "invalidRequest", Status: http.StatusBadRequest,
				Message: "Organization Policy check failure: the constraint constraints/sql.no-databases is violated."},
			cloud: stack.LocalGCP, resource: kind("gcp", "CloudSQLInstance"), identity: gcpiam.DefaultEmail, creation: "sqladmin.instances.insert", create: "instances.insert",
			quota: "sqladmin:instances", nowhere: "atlantis-south1", badRegion: "region: atlantis-south1", badValue: "False",
		},
		"azure": {
			service: "Microsoft.DBforMySQL", policy: &local.Error{Code: "RequestDisallowedByPolicy", Status: http.StatusForbidden,
				Message: `Resource 'db' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"no-databases","id":"/p"}}]'.`},
			cloud: stack.LocalAzure, resource: kind("azure", "MySQLServer"), identity: entra.DefaultClient, creation: "Microsoft.DBforMySQL/flexibleServers/write", create: "flexibleServers/write",
			quota: "Microsoft.DBforMySQL:servers", nowhere: "atlantis", badRegion: "atlantis", badValue: "False RejectedByCloud",
		},
	}
}

func kind(cloud, name string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "database." + cloud + ".crossplane.io", Version: "v1alpha1", Kind: name}
}

// TestTrouble plays what goes wrong in every cloud: each says so where people
// look, in the same terms, loses nothing, and goes on when it is over.
func TestTrouble(t *testing.T) {
	for name, at := range sites() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, err := world.Control(at.cloud)
			if err != nil {
				t.Fatal(err)
			}
			trouble{at, name, cloud}.play(t)
		})
	}
}

type trouble struct {
	site

	name    string
	control *control.Client
}

func (w trouble) play(t *testing.T) {
	t.Helper()
	s := w.begin(t, "8.4")
	s.bound()
	t.Run("CredentialsRevoked", func(t *testing.T) { w.credentialsRevoked(s.in(t)) })
	t.Run("NameTaken", func(t *testing.T) { w.nameTaken(s.in(t)) })
	t.Run("Quota", func(t *testing.T) { w.quotaUsedUp(s.in(t)) })
	s.end()
	t.Run("Denied", w.denied)
	t.Run("PolicyDenies", w.policyDenies)
	t.Run("VersionRefused", w.versionRefused)
	t.Run("NoSuchRegion", w.noSuchRegion)
}

// begin claims a database in a namespace for this cloud alone.
func (w trouble) begin(t *testing.T, version string) *story {
	t.Helper()
	return place(t, w.name, version)
}

// tell changes the operator's identity in the cloud.
func (w trouble) tell(s *story, change map[string]any) {
	s.t.Helper()
	change = maps.Clone(change)
	change["id"] = w.identity
	s.must(w.control.Ask(s.t.Context(), "keys", change))
}

func (w trouble) provider() *unstructured.Unstructured {
	return named(schema.GroupVersionKind{Group: w.name + ".crossplane.io", Version: "v1alpha1", Kind: "Provider"}, w.name)
}

// says waits until an object's condition begins with text.
func (s *story) waits(o *unstructured.Unstructured, typ, text string) {
	s.t.Helper()
	s.until(o.GetKind()+" says "+text+", and not "+condition(o, typ), func(ctx context.Context) bool {
		s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(o), o))
		return strings.HasPrefix(condition(o, typ), text)
	})
}

// Credentials that are refused make nothing unready, and are in use again once
// they are good.
func (w trouble) credentialsRevoked(s *story) {
	resource := named(w.resource, s.resourceName())
	revoke := func(revoked bool) {
		s.t.Helper()
		w.tell(s, map[string]any{"revoked": revoked})
		s.annotate(w.provider(), "crossplane.io/reconcile-requested-at", time.Now().String())
	}
	revoke(true)
	s.waits(w.provider(), "Ready", "False CredentialsRefused")
	s.waits(resource, "Synced", "False CredentialsRefused")
	if ready := condition(resource, "Ready"); !strings.HasPrefix(ready, "True") {
		s.t.Errorf("the database was made unready: %s", ready)
	}
	s.bound()
	revoke(false)
	s.waits(w.provider(), "Ready", "True Verified")
	s.waits(resource, "Synced", "True")
}

// again asks for another try now, as a person would who has mended something. By
// itself it comes after half of the time that the trouble has lasted.
func (w trouble) again(s *story) {
	s.t.Helper()
	s.annotate(named(w.resource, s.resourceName()), "crossplane.io/reconcile-requested-at", time.Now().String())
}

// What the identity may not do is the administrator's to allow.
func (w trouble) denied(t *testing.T) {
	s := w.begin(t, "")
	w.tell(s, map[string]any{"deny": []string{w.creation}})
	s.claimVersion("8.4")
	s.saying("False PermissionDenied")
	w.tell(s, map[string]any{"deny": []string{}})
	w.again(s)
	s.bound()
	s.end()
}

// What the cloud's own policy forbids is told in its words, and asks for an
// administrator.
func (w trouble) policyDenies(t *testing.T) {
	s := w.begin(t, "")
	rule := local.Rule{Service: w.service, Operation: w.create, Effect: local.Effect{Error: w.policy}}
	id, err := w.control.AddFault(t.Context(), rule)
	s.must(err)
	s.claimVersion("8.4")
	s.saying("False PermissionDenied")
	resource := named(w.resource, s.resourceName())
	s.waits(resource, "Synced", "False PermissionDenied")
	if said := condition(resource, "Synced"); !strings.Contains(said, "no-databases") {
		t.Errorf("the policy is not named: %s", said)
	}
	s.must(w.control.RemoveFault(t.Context(), id))
	w.again(s)
	s.bound()
	s.end()
}

// What has the name and belongs to somebody else is left alone.
func (w trouble) nameTaken(s *story) {
	theirs := named(w.resource, s.resourceName())
	s.must(world.Client.Get(s.t.Context(), client.ObjectKeyFromObject(theirs), theirs))
	ours := copyOf(theirs)
	ours.SetName(theirs.GetName() + "-too")
	ours.SetFinalizers(nil)
	ours.SetLabels(nil)
	ours.SetAnnotations(map[string]string{"crossplane.io/external-name": theirs.GetAnnotations()["crossplane.io/external-name"]})
	unstructured.RemoveNestedField(ours.Object, "spec", "claimRef")
	before, err := w.control.Ledger(s.t.Context(), 0)
	s.must(err)
	s.must(world.Client.Create(s.t.Context(), ours))
	s.waits(ours, "Synced", "False ForeignResource")
	s.must(world.Client.Delete(s.t.Context(), ours))
	s.gone(ours)
	after, err := w.control.Ledger(s.t.Context(), 0)
	s.must(err)
	if len(after) != len(before) {
		s.t.Errorf("something came of it in the cloud: %v", after[len(before):])
	}
	s.bound()
}

// A quota that is used up is told.
func (w trouble) quotaUsedUp(first *story) {
	t := first.t
	_, err := w.control.Settings(t.Context(), local.Settings{Quotas: map[string]int{w.quota: 1}})
	first.must(err)
	s := w.begin(t, "8.4")
	s.saying("False QuotaExceeded")
	_, err = w.control.Settings(t.Context(), local.Settings{Quotas: map[string]int{w.quota: 100}})
	s.must(err)
	w.again(s)
	s.bound()
	s.end()
}

// What the cloud refuses for good is asked for once, and told.
func (w trouble) versionRefused(t *testing.T) {
	s := w.begin(t, "5.1")
	s.saying(w.badValue)
	before := w.refusals(s)
	time.Sleep(3 * time.Second) // three polls
	if after := w.refusals(s); after-before > 1 {
		t.Errorf("asked for %d times, and %d times more", before, after-before)
	}
	s.end()
}

// refusals returns how often the cloud was asked for a database and gave none.
func (w trouble) refusals(s *story) int {
	s.t.Helper()
	calls, err := w.control.Calls(s.t.Context())
	s.must(err)
	n := 0
	for _, c := range calls {
		if c.Operation == w.create && c.Outcome != local.OutcomeOK {
			n += c.Count
		}
	}
	return n
}

// A region that there is not is told.
func (w trouble) noSuchRegion(t *testing.T) {
	s := w.begin(t, "")
	class := named(schema.GroupVersionKind{Group: "core.crossplane.io", Version: "v1alpha1", Kind: "ResourceClass"}, "mysql-"+w.name)
	s.must(world.Client.Get(t.Context(), client.ObjectKeyFromObject(class), class))
	class = copyOf(class)
	class.SetName("nowhere-" + w.name)
	s.must(unstructured.SetNestedStringSlice(class.Object, []string{w.nowhere}, "spec", "regions"))
	s.must(unstructured.SetNestedField(class.Object, false, "spec", "default"))
	s.must(world.Client.Create(t.Context(), class))
	s.must(unstructured.SetNestedField(s.claim.Object, class.GetName(), "spec", "classRef", "name"))
	s.claimVersion("8.4")
	s.saying("False RejectedByCloud")
	s.waits(named(w.resource, s.resourceName()), "Synced", "False RejectedByCloud")
	told := named(w.resource, s.resourceName())
	s.must(world.Client.Get(t.Context(), client.ObjectKeyFromObject(told), told))
	if said := condition(told, "Synced"); !strings.Contains(said, w.badRegion) {
		t.Errorf("it does not say what is wrong: %s", said)
	}
	if w.blind {
		s.must(world.Client.Delete(t.Context(), s.claim))
		s.until("it says how to give it up", func(ctx context.Context) bool {
			s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(told), told))
			return strings.Contains(condition(told, "Synced"), "set spec.deletionPolicy to Orphan")
		})
		s.must(world.Client.Patch(t.Context(), told, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"deletionPolicy":"Orphan"}}`))))
		s.gone(s.claim)
	} else {
		s.end()
	}
	s.must(world.Client.Delete(t.Context(), class))
}
