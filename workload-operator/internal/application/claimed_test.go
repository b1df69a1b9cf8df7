// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// connections is the namespace of the connection secrets of the made-up clusters.
const connections = "crossplane-test-connections"

// prepareClusters brings what the chart of an operator with clusters does.
func prepareClusters(ctx context.Context) error {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "test-operator-workload-access"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"testing.example.org"}, Resources: []string{"clusters"}, Verbs: []string{"get"}},
	}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}},
	}
	details := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: connections, Name: role.Name}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}},
	}}
	reads := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: connections, Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name}, Subjects: binding.Subjects,
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: connections}}
	for _, o := range []client.Object{namespace, role, binding, details, reads} {
		if err := hub.Client.Create(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// cluster is a managed cluster that leads to faraway, and the claim that is bound
// to it, as a provider's operator and core would have them.
type cluster struct {
	*scene

	managed, claim *unstructured.Unstructured
}

func (s *scene) cluster(name string) *cluster {
	s.Helper()
	c := &cluster{scene: s, managed: &unstructured.Unstructured{}, claim: &unstructured.Unstructured{}}
	c.managed.SetAPIVersion("testing.example.org/v1alpha1")
	c.managed.SetKind("Cluster")
	c.managed.SetName(s.namespace + "-" + name)
	c.managed.Object["status"] = map[string]any{
		"connectionSecretRef": map[string]any{"namespace": connections, "name": c.managed.GetName()},
		"network":             map[string]any{"id": "vpc-1", "cidrs": []any{"10.0.0.0/16"}},
	}
	s.must(hub.Client.Create(s.ctx, c.managed))
	return s.claimOf(name, c)
}

// claims has a claim that core has not bound yet to a managed cluster that is there.
func (s *scene) claims(name string, of *compute.ImportedCluster) *cluster {
	s.Helper()
	c := &cluster{scene: s, managed: &unstructured.Unstructured{}, claim: &unstructured.Unstructured{}}
	c.managed.SetGroupVersionKind(compute.GroupVersion.WithKind("ImportedCluster"))
	c.managed.SetName(of.Name)
	return s.claimOf(name, c)
}

func (s *scene) claimOf(name string, c *cluster) *cluster {
	s.Helper()
	c.claim.SetAPIVersion("compute.crossplane.io/v1alpha1")
	c.claim.SetKind("KubernetesCluster")
	c.claim.SetNamespace(s.namespace)
	c.claim.SetName(name)
	s.must(unstructured.SetNestedField(c.claim.Object, "1.37", "spec", "version"))
	s.must(hub.Client.Create(s.ctx, c.claim))
	return c
}

// keeps writes the kubeconfig that the cluster's operator keeps, beside the one
// that whoever claims the cluster gets.
func (c *cluster) keeps(kubeconfig []byte, own bool) {
	c.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: connections, Name: c.managed.GetName()},
		Data:       map[string][]byte{v1alpha1.KeyKubeconfig: []byte("the claim's"), v1alpha1.KeyOperatorKubeconfig: kubeconfig},
	}
	if own {
		secret.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: c.managed.GetAPIVersion(), Kind: c.managed.GetKind(), Name: c.managed.GetName(), UID: c.managed.GetUID(), Controller: new(true),
		}}
	}
	if err := hub.Client.Update(c.ctx, secret); err != nil {
		c.must(hub.Client.Create(c.ctx, secret))
	}
}

func (c *cluster) bound() {
	c.Helper()
	c.must(hub.Client.Get(c.ctx, client.ObjectKeyFromObject(c.claim), c.claim))
	c.claim.Object["status"] = map[string]any{
		"conditions":  []any{map[string]any{"type": "Ready", "status": "True", "reason": "Bound", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}},
		"resourceRef": map[string]any{"apiVersion": c.managed.GetAPIVersion(), "kind": c.managed.GetKind(), "name": c.managed.GetName()},
		"location":    map[string]any{"provider": "test", "region": "north"},
	}
	c.must(hub.Client.Status().Update(c.ctx, c.claim))
}

// TestClaimedClusters become targets for their own namespace, reached with the
// credentials that operators have, and go with their claim.
func TestClaimedClusters(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.cluster("apps")
	name := s.namespace + ".apps"
	a := s.app("blog", []object{configMap("a")}, func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = name })
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetForbidden, name)

	c.bound()
	is := s.target(name, metav1.ConditionFalse, workload.ReasonKubeconfigMissing)
	if is.Spec.Location == nil || is.Spec.Location.Region != "north" || is.Labels[v1alpha1.LabelClaimUID] != string(c.claim.GetUID()) {
		t.Errorf("want the claim's location and uid: %+v", is)
	}
	c.keeps([]byte("stolen"), false)
	s.stays(is, workload.ReasonKubeconfigMissing)
	good := s.kubeconfig()
	c.keeps(good, true)
	is = s.target(name, metav1.ConditionTrue, workload.ReasonReachable)
	if n := is.Status.Network; n == nil || n.ID != "vpc-1" || len(n.CIDRs) != 1 {
		t.Errorf("want the network of the cluster: %+v", n)
	}
	s.ready(a)
	stranger := newScene(t)
	b := stranger.app("blog", []object{configMap("a")}, func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = name })
	stranger.says(b, v1alpha1.ConditionReady, workload.ReasonTargetForbidden, name)

	// What an administrator says of it stays.
	s.must(hub.Client.Patch(s.ctx, is, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"abandonAfter":"1h"}}`))))
	s.remove(c.claim)
	s.gone(hub, c.claim)
	s.eventually(func() error {
		if s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(is), is)); is.DeletionTimestamp == nil {
			return fmt.Errorf("the target stays although its claim is gone")
		}
		return nil
	})
	if is.Spec.AbandonAfter == nil {
		t.Error("what an administrator said is gone")
	}
	s.remove(a)
	s.gone(hub, a)
	s.gone(hub, is)
}

// TestAClaimOfAnotherTime has a target of its own: that of the former one goes.
func TestAClaimOfAnotherTime(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.cluster("apps")
	c.keeps(s.kubeconfig(), true)
	c.bound()
	before := s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	s.remove(c.claim)
	s.gone(hub, c.claim)
	c.claim.SetResourceVersion("")
	c.claim.SetUID("")
	s.must(hub.Client.Create(s.ctx, c.claim))
	c.bound()
	s.eventually(func() error {
		now := &workload.KubernetesTarget{}
		if err := hub.Client.Get(s.ctx, client.ObjectKeyFromObject(before), now); err != nil {
			return err
		}
		if now.UID == before.UID || now.Labels[v1alpha1.LabelClaimUID] != string(c.claim.GetUID()) {
			return fmt.Errorf("still the target of the former claim")
		}
		return nil
	})
}

// TestATargetThatIsThere is not taken over by a claim of its name.
func TestATargetThatIsThere(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(makeTarget(s.ctx, s.namespace+".apps", s.kubeconfig()))
	before := s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	c := s.cluster("apps")
	c.keeps(s.kubeconfig(), true)
	c.bound()
	s.eventually(func() error { return s.told(c.claim, workload.ReasonTargetNameTaken) })
	s.remove(c.claim)
	s.gone(hub, c.claim)
	now := s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	if now.UID != before.UID || now.DeletionTimestamp != nil || now.Spec.ClusterRef != nil {
		t.Errorf("somebody else's target was changed: %+v", now)
	}
}

// TestNamesThatBecomeTheSame: of two claims whose long names are shortened to one,
// the second does not take the first one's target away.
func TestNamesThatBecomeTheSame(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(makeTarget(s.ctx, s.namespace+".apps", s.kubeconfig(), func(t *workload.KubernetesTarget) {
		t.Labels = map[string]string{v1alpha1.LabelClaimUID: "of-another-claim"}
		t.Annotations = map[string]string{workload.AnnotationClaim: "another/claim"}
	}))
	before := s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	c := s.cluster("apps")
	c.keeps(s.kubeconfig(), true)
	c.bound()
	s.eventually(func() error { return s.told(c.claim, workload.ReasonTargetNameTaken) })
	s.remove(c.claim)
	s.gone(hub, c.claim)
	s.stays(before, workload.ReasonReachable)
	if now := s.target(before.Name, metav1.ConditionTrue, workload.ReasonReachable); now.UID != before.UID || now.DeletionTimestamp != nil {
		t.Errorf("another claim's target was removed: %+v", now)
	}
}

// pool makes a ClusterPool of the scene's namespace.
func (s *scene) pool(name string) *unstructured.Unstructured {
	s.Helper()
	p := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"namespace": s.namespace, "min": int64(0), "max": int64(3),
		"templates": []any{map[string]any{
			"name": "small", "classRef": map[string]any{"name": "none"}, "version": "1.37",
			"location": map[string]any{"provider": "elsewhere", "region": "south"}, "hourlyCost": "0.25",
			"capacity": map[string]any{"cpu": "8", "memory": "16Gi", "pods": "100"},
		}},
		"target": map[string]any{
			"labels": map[string]any{"tier": "burst"}, "role": "tenant",
			"taints":            []any{map[string]any{"key": "burst", "effect": "NoSchedule"}},
			"allowedNamespaces": map[string]any{"namespaces": []any{"shop"}},
		},
	}}}
	p.SetAPIVersion("compute.crossplane.io/v1alpha1")
	p.SetKind("ClusterPool")
	p.SetName(name)
	s.must(hub.Client.Create(s.ctx, p))
	s.Cleanup(func() { _ = hub.Client.Delete(context.WithoutCancel(s.ctx), p) })
	return p
}

// records writes that the pool has a claim of that name and uid.
func (s *scene) records(p *unstructured.Unstructured, name string, uid types.UID) {
	s.Helper()
	p.Object["status"] = map[string]any{"clusters": []any{map[string]any{
		"name": name, "uid": string(uid), "template": "small", "state": "Pending", "since": "2026-01-01T00:00:00Z", "target": s.namespace + "." + name,
	}}}
	s.must(hub.Client.Status().Update(s.ctx, p))
}

// TestClustersOfPools become targets as the pool says, and only those that the pool
// says are its own.
func TestClustersOfPools(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.pool(s.namespace)
	c := s.cluster(s.namespace + "-1")
	c.claim.SetLabels(map[string]string{v1alpha1.LabelPool: p.GetName()})
	s.must(hub.Client.Update(s.ctx, c.claim))
	s.records(p, c.claim.GetName(), "another")
	c.bound()
	name := s.namespace + "." + c.claim.GetName()
	time.Sleep(500 * time.Millisecond)
	if err := hub.Client.Get(s.ctx, client.ObjectKey{Name: name}, &workload.KubernetesTarget{}); !apierrors.IsNotFound(err) {
		t.Fatalf("the target is made before it is known what it shall have: %v", err)
	}

	s.records(p, c.claim.GetName(), c.claim.GetUID())
	is := s.target(name, metav1.ConditionFalse, workload.ReasonKubeconfigMissing)
	if is.Labels["tier"] != "burst" || is.Labels[v1alpha1.LabelClaimUID] != string(c.claim.GetUID()) || is.Labels[v1alpha1.LabelPool] != p.GetName() {
		t.Errorf("labels: %v", is.Labels)
	}
	spec := is.Spec
	if len(spec.Taints) != 1 || spec.Taints[0].Key != "burst" || spec.Role != "tenant" || spec.HourlyCost.String() != "250m" || spec.Capacity["cpu"] != resource.MustParse("8") {
		t.Errorf("the target has not what the pool says: %+v", spec)
	}
	if spec.AllowedNamespaces.Admits(s.namespace, nil) || !spec.AllowedNamespaces.Admits("shop", nil) {
		t.Errorf("it is for %+v", spec.AllowedNamespaces)
	}
	if spec.Location.Region != "north" {
		t.Errorf("it is in %+v, and the claim says north", spec.Location)
	}

	// Who only says that a claim is a pool's gains nothing.
	forged := s.cluster("forged")
	forged.claim.SetLabels(map[string]string{v1alpha1.LabelPool: "no-such-pool", v1alpha1.LabelClaimUID: string(c.claim.GetUID())})
	s.must(hub.Client.Update(s.ctx, forged.claim))
	forged.bound()
	plain := s.target(s.namespace+".forged", metav1.ConditionFalse, workload.ReasonKubeconfigMissing)
	if plain.Labels["tier"] != "" || len(plain.Spec.Taints) > 0 || plain.Spec.AllowedNamespaces.Admits("shop", nil) {
		t.Errorf("a tenant's claim has what the pool's have: %+v", plain.Spec)
	}
}

// TestRenewedCredentials are used without anything being begun again: watches go
// on, and nothing is written.
func TestRenewedCredentials(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.cluster("apps")
	c.keeps(s.kubeconfig(), true)
	c.bound()
	a := s.app("blog", []object{configMap("a", "key", "1")}, func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = s.namespace + ".apps" })
	s.ready(a)
	wrote := len(sent.of(s.namespace))
	renewed := s.kubeconfig()
	if bytes.Equal(renewed, s.kubeconfig()) {
		t.Fatal("the token is the same")
	}
	c.keeps(renewed, true)
	is := s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	s.stays(is, workload.ReasonReachable)
	if now := len(sent.of(s.namespace)); now != wrote {
		t.Errorf("%d writes because of a renewed token", now-wrote)
	}
	c.keeps([]byte(strings.Replace(string(renewed), "token: ", "token: no", 1)), true)
	s.target(s.namespace+".apps", metav1.ConditionFalse, workload.ReasonCredentialsRefused)
	c.keeps(s.kubeconfig(), true)
	s.target(s.namespace+".apps", metav1.ConditionTrue, workload.ReasonReachable)
	s.ready(a)
}

// kubeconfig returns a kubeconfig for faraway with a token that nobody has yet.
func (s *scene) kubeconfig() []byte {
	s.Helper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: "crossplane"}}
	token, err := tokenOf(s.ctx, faraway, sa)
	s.must(err)
	text, err := kubeconfigWith(token)
	s.must(err)
	return text
}

// told reports whether an event of a reason is about an object.
func (s *scene) told(about client.Object, reason string) error {
	list := &eventsv1.EventList{}
	if err := hub.Client.List(s.ctx, list, client.InNamespace(about.GetNamespace())); err != nil {
		return err
	}
	for i := range list.Items {
		if e := &list.Items[i]; e.Reason == reason && e.Regarding.UID == about.GetUID() {
			return nil
		}
	}
	return fmt.Errorf("no event %s about %s", reason, about.GetName())
}

// stays checks that a target's Ready keeps its reason for some looks.
func (s *scene) stays(t *workload.KubernetesTarget, reason string) {
	s.Helper()
	for range 6 {
		time.Sleep(300 * time.Millisecond) // a target is looked at every second
		s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(t), t))
		if ready := meta.FindStatusCondition(t.Status.Conditions, v1alpha1.ConditionReady); ready.Reason != reason {
			s.Fatalf("Ready is %+v", ready)
		}
	}
}
