// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// opens adds to a class what opens the path from a target.
func opens(c *core.ResourceClass) {
	c.Spec.Access = []core.AccessTemplate{{Name: "rule", Template: template("Part", map[string]any{
		"region": "${location.region}", "server": "${resources.db.name}", "size": "${target.network.cidrs[0] + ''}", "snapshot": "${target.name}",
	})}}
}

// target makes a target for applications of the scene, in a network.
func (s *scene) target(name string, cidrs ...string) *workload.KubernetesTarget {
	s.Helper()
	t := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}}
	t.Spec.KubeconfigSecretRef = &v1alpha1.SecretKeyReference{Name: "any", Key: "value"}
	t.Spec.AllowedNamespaces = &v1alpha1.BindableBy{Namespaces: []string{s.namespace}}
	s.must(world.Client.Create(s.ctx, t))
	s.network(t, cidrs...)
	return t
}

func (s *scene) network(t *workload.KubernetesTarget, cidrs ...string) {
	s.Helper()
	t.Status.Network = &v1alpha1.Network{CIDRs: cidrs}
	s.must(world.Client.Status().Update(s.ctx, t))
}

// uses makes an application that uses a claim, on a target.
func (s *scene) uses(name string, c *database.MySQLInstance, t *workload.KubernetesTarget) *workload.KubernetesApplication {
	s.Helper()
	a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	a.Spec.TargetRef = &v1alpha1.Reference{Name: t.Name}
	a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: c.Name}}
	s.must(world.Client.Create(s.ctx, a))
	return a
}

// open waits until the path to a claim is open from just these networks, and
// returns what opens it.
func (s *scene) open(c *database.MySQLInstance, networks ...string) []*unstructured.Unstructured {
	s.Helper()
	var rules []*unstructured.Unstructured
	s.eventually(func() error {
		var from []string
		rules = nil
		for _, entry := range get(s, c).Status.Resources {
			if entry.Target == "" {
				continue
			}
			u := named(entry.Kind, entry.Name)
			if err := world.Client.Get(s.ctx, clientKey(u), u); err != nil {
				return fmt.Errorf("%+v: %w", entry, err)
			}
			rules = append(rules, u)
			from = append(from, fmt.Sprint(field(u, "spec", "forProvider", "size")))
		}
		slices.Sort(from)
		if !slices.Equal(from, networks) {
			return fmt.Errorf("open from %v, want %v: %+v", from, networks, c.Status)
		}
		return nil
	})
	return rules
}

// TestThePath to a service is opened from where it is used, follows the network
// there, and is closed when the use ends. Until it is open nothing is less ready.
func TestThePath(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql", opens))
	s.open(c)
	east, west := s.target("east", "10.1.0.0/16"), s.target("west", "10.2.0.0/16")
	blog := s.uses("blog", c, east)
	rule := s.open(c, "10.1.0.0/16")[0]
	if got := field(rule, "spec", "forProvider", "server"); got != server.GetName() {
		t.Errorf("the rule is about %v", got)
	}
	if owners := rule.GetOwnerReferences(); len(owners) != 1 || owners[0].UID != server.GetUID() || field(rule, "spec", "reclaimPolicy") != "Delete" {
		t.Errorf("the rule does not go with the service: %v %v", owners, rule.Object["spec"])
	}
	s.is(c, claimapi.ReasonBound)
	s.stays()

	shop := s.uses("shop", c, west)
	s.uses("again", c, west)
	s.open(c, "10.1.0.0/16", "10.2.0.0/16")
	s.network(east, "10.9.0.0/16")
	s.open(c, "10.2.0.0/16", "10.9.0.0/16")

	s.delete(blog)
	s.open(c, "10.2.0.0/16")
	s.vanishes(rule)
	shop.Spec.Uses = nil
	s.must(world.Client.Update(s.ctx, shop))
	s.stays()
	s.open(c, "10.2.0.0/16") // another one is still there
	s.delete(application(s, "again"))
	s.open(c)
	s.stays()
}

func application(s *scene, name string) *workload.KubernetesApplication {
	return &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
}

// TestThePathOfOthers is not opened: not to a target that the application may not
// run on, nor by an application of another namespace.
func TestThePathOfOthers(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, _ := s.bound(s.class("mysql", opens))
	theirs := s.target("theirs", "10.1.0.0/16")
	theirs.Spec.AllowedNamespaces.Namespaces = []string{"somebody-else"}
	s.must(world.Client.Update(s.ctx, theirs))
	reaching := s.uses("reaching", c, theirs)
	other := newScene(t)
	other.uses("elsewhere", c, other.target("own", "10.2.0.0/16"))
	mine := s.target("mine", "10.3.0.0/16")
	s.uses("mine", c, mine)
	s.open(c, "10.3.0.0/16")
	// What workload-operator let run there has the path.
	reaching.Status.Targets = []workload.TargetInUse{{Name: theirs.Name, ClusterUID: "u", Namespace: s.namespace}}
	s.must(world.Client.Status().Update(s.ctx, reaching))
	s.open(c, "10.1.0.0/16", "10.3.0.0/16")
}

// TestAPathThatCantBeSaid keeps what is open, says so, and heals.
func TestAPathThatCantBeSaid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, _ := s.bound(s.class("mysql", opens))
	east, west := s.target("east", "10.1.0.0/16"), s.target("west")
	s.uses("east", c, east)
	s.open(c, "10.1.0.0/16")
	s.uses("west", c, west)
	contains(t, s.synced(c, claimapi.ReasonRenderFailed), "Access from target "+west.Name)
	s.is(c, claimapi.ReasonBound)
	s.stays()
	s.network(east)
	s.eventually(func() error {
		said := s.synced(c, claimapi.ReasonRenderFailed)
		if !strings.Contains(said, "Access from target "+east.Name) || !strings.Contains(said, "It is not opened from "+west.Name+" either") {
			return fmt.Errorf("want both targets told of: %s", said)
		}
		return nil
	})
	s.stays()
	s.open(c, "10.1.0.0/16")
	s.network(west, "10.2.0.0/16")
	s.network(east, "10.8.0.0/16")
	s.open(c, "10.2.0.0/16", "10.8.0.0/16")
	s.synced(c, claimapi.ReasonApplied)
}

// TestTheClosedPathOfWhatIsKept: what a class retains is closed to everybody.
func TestTheClosedPathOfWhatIsKept(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql", opens, func(c *core.ResourceClass) { c.Spec.ReclaimPolicy = v1alpha1.ReclaimRetain }))
	blog := s.uses("blog", c, s.target("east", "10.1.0.0/16"))
	rule := s.open(c, "10.1.0.0/16")[0]
	s.delete(c)
	s.is(c, v1alpha1.ReasonInUse)
	s.delete(blog)
	s.vanishes(c)
	s.vanishes(rule)
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("the class retains the database, and it is deleted")
	}
}

// TestAClusterInUse stays while an application runs on it.
func TestAClusterInUse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	cluster := s.target("cluster", "10.1.0.0/16")
	cluster.Labels = map[string]string{v1alpha1.LabelClaimUID: string(c.UID)}
	s.must(world.Client.Update(s.ctx, cluster))
	other := newScene(t)
	a := other.uses("there", newClaim(other.namespace, "unknown"), cluster)
	a.Status.Targets = []workload.TargetInUse{{Name: cluster.Name, ClusterUID: "u", Namespace: other.namespace}}
	s.must(world.Client.Status().Update(s.ctx, a))
	s.delete(c)
	s.is(c, v1alpha1.ReasonInUse)
	s.says(c, v1alpha1.ActorDeveloper, "KubernetesApplication of another namespace")
	other.delete(a)
	s.is(c, claimapi.ReasonDeleting)
	s.finish(server)
	s.vanishes(c)
}
