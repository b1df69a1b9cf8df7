// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var errNotNamed = errors.New("the field is not named")

// backup takes a claim and its resource out of the API, as if the cluster was
// lost, and returns what a backup would have of them.
func (s *scene) backup(c *database.MySQLInstance, u *unstructured.Unstructured) (*database.MySQLInstance, *unstructured.Unstructured) {
	s.Helper()
	get(s, c)
	get(s, u)
	claim, resource := c.DeepCopy(), u.DeepCopy()
	claim.ObjectMeta.ResourceVersion, claim.UID, claim.Status = "", "", database.MySQLInstanceStatus{}
	unstructured.RemoveNestedField(resource.Object, "status")
	unstructured.RemoveNestedField(resource.Object, "metadata", "resourceVersion")
	unstructured.RemoveNestedField(resource.Object, "metadata", "uid")
	unstructured.RemoveNestedField(resource.Object, "metadata", "managedFields")
	s.patch(u, spec(map[string]any{"reclaimPolicy": "Retain"}))
	s.delete(c)
	s.vanishes(c)
	s.delete(u)
	s.finish(u)
	s.vanishes(u)
	return claim, resource
}

func TestAClaimAndItsResourceAreRestoredFromABackup(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"resource", "claim"} {
		t.Run(first+" first", func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c, server := s.backup(s.bound(s.class("mysql")))
			if first == "resource" {
				s.must(world.Client.Create(s.ctx, server))
				s.must(world.Client.Create(s.ctx, c))
			} else {
				s.must(world.Client.Create(s.ctx, c))
				s.is(c, claimapi.ReasonRestoreNeeded)
				s.must(world.Client.Create(s.ctx, server))
			}
			s.ready(server)
			s.eventually(func() error { return s.restoreCommand(c) })
			s.says(s.is(c, claimapi.ReasonRestoreNeeded), v1alpha1.ActorAdministrator, server.GetName())
			s.stays() // nothing is made

			kubectl(t, regexp.MustCompile(`kubectl patch .*}'`).FindString(c.Status.Conditions[0].Message))
			s.is(c, claimapi.ReasonBound)
			if got := c.Status.ResourceRef.Name; got != server.GetName() {
				t.Errorf("bound to %s, want %s", got, server.GetName())
			}
			s.patch(c, spec(map[string]any{"highAvailability": true}))
			s.patch(c, spec(map[string]any{"storageGiB": 40}))
			s.eventually(func() error { // it goes on as before; the backup's owner has the fields
				if message := s.synced(c, claimapi.ReasonFieldOwnedByOther); !strings.Contains(message, "storageGiB") {
					return fmt.Errorf("%w: %s", errNotNamed, message)
				}
				return nil
			})
			if c.Status.Class == nil || len(c.Finalizers) == 0 {
				t.Errorf("the claim is %+v", c)
			}
		})
	}
}

// restoreCommand returns an error until the claim says how to bind its resource again.
func (s *scene) restoreCommand(c *database.MySQLInstance) error {
	if message := get(s, c).Status.Conditions[0].Message; !regexp.MustCompile(`kubectl patch .*}'`).MatchString(message) {
		return errNoCommand
	}
	return nil
}

// Whoever binds it again may be faster than its operator, which has not said
// yet where it is.
func TestARestoredResourceIsBoundBeforeItWasLookedAt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.backup(s.bound(s.class("mysql")))
	s.must(world.Client.Create(s.ctx, server))
	s.must(world.Client.Create(s.ctx, c))
	s.eventually(func() error { return s.restoreCommand(c) })
	kubectl(t, regexp.MustCompile(`kubectl patch .*}'`).FindString(c.Status.Conditions[0].Message))
	s.is(c, claimapi.ReasonResourceNotReady)
	s.says(c, v1alpha1.ActorCloud, server.GetName())
	s.stays()
	s.ready(server)
	s.is(c, claimapi.ReasonBound)
	if c.Status.Class == nil || c.Status.ResourceRef.Name != server.GetName() {
		t.Errorf("the claim is %+v", c.Status)
	}
}

func TestARestoredClaimStartsAnewOnRequest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, _ := s.backup(s.bound(s.class("mysql")))
	s.must(world.Client.Create(s.ctx, c))
	s.is(c, claimapi.ReasonRestoreNeeded)
	kubectl(t, regexp.MustCompile(`kubectl annotate .*-`).FindString(c.Status.Conditions[0].Message))
	s.resource(c)
}

func TestRestoringFromASnapshot(t *testing.T) {
	t.Parallel()
	restoring := func(c *core.ResourceClass) {
		c.Spec.Resources[0].Template = template("Server", map[string]any{"region": "${location.region}", "snapshot": "${claim.spec.restoreFrom.snapshot}"})
	}
	from := func(snapshot string) func(*database.MySQLInstance) {
		return func(m *database.MySQLInstance) {
			m.Spec.DatabaseName = ""
			m.Spec.RestoreFrom = &database.RestoreFrom{Snapshot: snapshot}
		}
	}
	s := newScene(t)
	rc := s.class("mysql", restoring)
	former, server := s.bound(rc, func(m *database.MySQLInstance) { m.Name = "former" })
	snapshot := get(s, former).Status.Resources[0].ExternalName + "-final"
	if got := field(s.resource(s.claim("restored", of(rc), from(snapshot))), "spec", "forProvider", "snapshot"); got != snapshot {
		t.Errorf("restored from %v", got)
	}

	elsewhere := newScene(t)
	foreign := elsewhere.claim("orders", of(elsewhere.class("mysql", restoring)), from(snapshot))
	elsewhere.is(foreign, claimapi.ReasonRestoreNotAllowed)
	elsewhere.says(foreign, v1alpha1.ActorDeveloper, snapshot)

	unable := s.claim("unable", of(s.class("unable")), from(snapshot))
	s.is(unable, claimapi.ReasonRestoreNotSupported)
	_ = server
}
