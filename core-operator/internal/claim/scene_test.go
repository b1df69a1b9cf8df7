// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

const (
	patience  = time.Minute // of a machine that is busy
	quietTime = 400 * time.Millisecond
	hotLoop   = 12 // looks within quietTime: one that waits for the cache makes twenty
)

// scene is what one test plays in: a namespace, and classes for that namespace only.
type scene struct {
	testing.TB

	ctx       context.Context
	namespace string
}

// newScene makes a namespace to play in. It is not deleted: the cluster goes as
// a whole, and a hundred namespaces to empty would keep it busy.
func newScene(tb testing.TB) *scene {
	tb.Helper()
	s := &scene{TB: tb, ctx: tb.Context()}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "scene-"}}
	s.must(world.Client.Create(s.ctx, namespace))
	s.namespace = namespace.Name
	s.must(world.Client.Create(s.ctx, s.served()))
	return s
}

// served is what lets core serve the namespace.
func (s *scene) served() *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "core-operator-tenants"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "core-operator-tenants"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}},
	}
}

// on lets a subtest play in the same namespace.
func (s *scene) on(tb testing.TB) *scene {
	tb.Helper()
	return &scene{TB: tb, ctx: tb.Context(), namespace: s.namespace}
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// eventually fails the test unless f comes to return nil.
func (s *scene) eventually(f func() error) {
	s.Helper()
	var err error
	pause := 10 * time.Millisecond
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pause) {
		if err = f(); err == nil {
			return
		}
		pause = min(pause*3/2, 200*time.Millisecond) // all scenes share one API server
	}
	s.Fatal(err)
}

func (s *scene) patch(object client.Object, patch map[string]any) {
	s.Helper()
	body, err := json.Marshal(patch)
	s.must(err)
	s.must(world.Client.Patch(s.ctx, object, client.RawPatch(types.MergePatchType, body), client.FieldOwner("kubectl-edit")))
}

// class makes a class that claims of the scene may use, found good.
func (s *scene) class(name string, change ...func(*core.ResourceClass)) *core.ResourceClass {
	s.Helper()
	c := &core.ResourceClass{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}}
	c.Spec = core.ResourceClassSpec{
		Claim: core.ClaimKind{Group: database.Group, Kind: "MySQLInstance"}, Provider: "test", Regions: []string{"north"},
		ReclaimPolicy:     v1alpha1.ReclaimDelete,
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: s.namespace}},
		Resources: []core.ResourceTemplate{{Name: "db", Primary: true, Template: template("Server", map[string]any{
			"region": "${location.region}", "version": "${claim.spec.engineVersion}", "storageGiB": "${claim.spec.storageGiB}",
			"database": "${claim.spec.databaseName}", "protected": "${claim.spec.deletionProtection}", "size": "small",
		})}},
	}
	for _, f := range change {
		f(c)
	}
	s.must(world.Client.Create(s.ctx, c))
	s.found(c, metav1.ConditionTrue, "Available", "")
	return c
}

func template(kind string, forProvider map[string]any) runtime.RawExtension {
	raw, err := json.Marshal(map[string]any{
		"apiVersion": "testing.example.org/v1alpha1", "kind": kind,
		"spec": map[string]any{"providerRef": map[string]any{"name": "test"}, "forProvider": forProvider},
	})
	if err != nil {
		panic(err)
	}
	return runtime.RawExtension{Raw: raw}
}

// found writes what the controller of classes would find of a class.
func (s *scene) found(c *core.ResourceClass, ready metav1.ConditionStatus, reason, message string) {
	s.Helper()
	c.Status.ObservedGeneration = c.Generation
	for _, typ := range []string{v1alpha1.ConditionReady, core.ConditionAvailable} {
		meta.SetStatusCondition(&c.Status.Conditions, metav1.Condition{Type: typ, Status: ready, Reason: reason, Message: message, ObservedGeneration: c.Generation})
	}
	s.must(world.Client.Status().Update(s.ctx, c))
	s.sees(c) // a claim would say first that it is not ready
}

// sees waits until core has seen a class as it is now.
func (s *scene) sees(c *core.ResourceClass) {
	s.Helper()
	s.eventually(func() error {
		is, known := &core.ResourceClass{}, &core.ResourceClass{}
		gone := world.Client.Get(s.ctx, client.ObjectKeyFromObject(c), is)
		err := seen.Get(s.ctx, client.ObjectKeyFromObject(c), known)
		if isGone(gone) && isGone(err) || gone == nil && err == nil && known.ResourceVersion == is.ResourceVersion {
			return nil
		}
		return errNotSeen
	})
}

// knows waits until core has seen that a resource is ready.
func (s *scene) knows(u *unstructured.Unstructured) {
	s.Helper()
	s.eventually(func() error {
		if m := kinds.Get(u.GroupVersionKind().GroupKind(), u.GetName()); m == nil || !m.Ready() {
			return errNotSeen
		}
		return nil
	})
}

// claim makes a claim.
func (s *scene) claim(name string, change ...func(*database.MySQLInstance)) *database.MySQLInstance {
	s.Helper()
	c := newClaim(s.namespace, name, change...)
	s.must(world.Client.Create(s.ctx, c))
	return c
}

func newClaim(namespace, name string, change ...func(*database.MySQLInstance)) *database.MySQLInstance {
	c := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	c.Spec.Database = database.Database{EngineVersion: "8.4", StorageGiB: 20}
	c.Spec.DatabaseName = "orders"
	c.Spec.WriteConnectionSecretToRef = &claimapi.LocalSecret{Name: name + "-connection"}
	for _, f := range change {
		f(c)
	}
	return c
}

func of(c *core.ResourceClass) func(*database.MySQLInstance) {
	return func(m *database.MySQLInstance) { m.Spec.ClassRef = &v1alpha1.Reference{Name: c.Name} }
}

// admits checks that a new claim is let in, or where says is not empty, that it
// is refused in words with that in them.
func (s *scene) admits(c client.Object, says string) {
	s.Helper()
	err := world.Client.Create(s.ctx, c, client.DryRunAll)
	if says == "" {
		s.must(err)
		return
	}
	if !apierrors.IsInvalid(err) {
		s.Fatalf("it was not refused as invalid: %v", err)
	}
	contains(s, err.Error(), says)
}

// get reads an object again.
func get[T client.Object](s *scene, object T) T {
	s.Helper()
	s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(object), object))
	return object
}

// is waits until the claim's Ready has a reason, and returns the claim as it is then.
func (s *scene) is(c *database.MySQLInstance, reason string) *database.MySQLInstance {
	s.Helper()
	s.eventually(func() error {
		ready := meta.FindStatusCondition(get(s, c).Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != reason {
			return fmt.Errorf("claim %s is %+v, want %s", c.Name, ready, reason)
		}
		return nil
	})
	return c
}

// says checks who can act on a claim that is not ready, and what it is told.
func (s *scene) says(c *database.MySQLInstance, actor v1alpha1.Actor, words ...string) {
	s.Helper()
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	if ready.Status != metav1.ConditionFalse {
		s.Errorf("Ready is %s", ready.Status)
	}
	contains(s, ready.Message, words...)
	if c.Status.Actor != actor {
		s.Errorf("the actor is %q, want %q", c.Status.Actor, actor)
	}
}

func contains(tb testing.TB, text string, words ...string) {
	tb.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			tb.Errorf("%q does not say %q", text, word)
		}
	}
}

// synced waits until the claim's Synced has a reason, and returns its message.
func (s *scene) synced(c *database.MySQLInstance, reason string) string {
	s.Helper()
	var message string
	s.eventually(func() error {
		synced := meta.FindStatusCondition(get(s, c).Status.Conditions, v1alpha1.ConditionSynced)
		if synced == nil || synced.Reason != reason {
			return fmt.Errorf("claim %s: Synced is %+v, want %s", c.Name, synced, reason)
		}
		message = synced.Message
		return nil
	})
	return message
}

// stays checks that core comes to rest: that for a while it writes nothing that
// has to do with the scene, once it has answered what happened last, and does
// not look at its claims again and again. Other scenes wake claims that wait for
// a class or a resource, so that some looks are no fault.
func (s *scene) stays() {
	s.Helper()
	var written, looked []string
	for range 6 {
		wrote, saw := len(writes.of(s.namespace)), len(passes.of(s.namespace))
		time.Sleep(quietTime)
		written, looked = writes.of(s.namespace)[wrote:], passes.of(s.namespace)[saw:]
		if len(written) == 0 && len(looked) < hotLoop {
			return
		}
	}
	s.Errorf("core goes on to write: %v, and looked at claims %d times within %s", written, len(looked), quietTime)
}

func gvk(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "testing.example.org", Version: "v1alpha1", Kind: kind}
}

func named(kind, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk(kind))
	u.SetName(name)
	return u
}

// resource waits until the claim's resource is there.
func (s *scene) resource(c *database.MySQLInstance) *unstructured.Unstructured {
	s.Helper()
	var u *unstructured.Unstructured
	s.eventually(func() error {
		ref := get(s, c).Status.ResourceRef
		if ref == nil {
			return fmt.Errorf("claim %s has no resource: %+v", c.Name, c.Status)
		}
		u = named(ref.Kind, ref.Name)
		return world.Client.Get(s.ctx, client.ObjectKeyFromObject(u), u)
	})
	return u
}

// field returns a field of an object.
func field(u *unstructured.Unstructured, path ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(u.Object, path...)
	return value
}

func (s *scene) delete(object client.Object) {
	s.Helper()
	s.must(client.IgnoreNotFound(world.Client.Delete(s.ctx, object)))
}

// vanishes waits until an object is gone.
func (s *scene) vanishes(object client.Object) {
	s.Helper()
	s.eventually(func() error {
		err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(object), object)
		if isGone(err) {
			return nil
		}
		return fmt.Errorf("%s %s is there: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	})
}
