// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestTargets: what is wrong with a target is told on it, without a value of its
// kubeconfig, and heals when the secret does.
func TestTargets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	secret := &corev1.Secret{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	good := secret.Data["value"]
	lines := strings.Split(string(good), "\n")
	for i, line := range lines {
		if key, _, ok := strings.Cut(line, "token: "); ok {
			lines[i] = key + "token: hunter2"
		}
	}
	for name, test := range map[string]struct {
		kubeconfig []byte
		change     func(*workload.KubernetesTarget)
		reason     string
	}{
		"missing":    {good, func(t *workload.KubernetesTarget) { t.Spec.KubeconfigSecretRef.Key = "other" }, workload.ReasonKubeconfigMissing},
		"malformed":  {[]byte("hunter2"), nil, workload.ReasonKubeconfigMalformed},
		"file":       {[]byte(strings.Replace(string(good), "token:", "tokenFile:", 1)), nil, workload.ReasonKubeconfigRefused},
		"bad-token":  {[]byte(strings.Join(lines, "\n")), nil, workload.ReasonCredentialsRefused},
		"the-hub":    {hub.Kubeconfig, nil, workload.ReasonHubRefused},
		"in-the-sky": {[]byte(strings.Replace(string(good), faraway.Config.Host, "https://127.0.0.1:1", 1)), nil, workload.ReasonUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &scene{TB: t, ctx: t.Context(), namespace: s.namespace}
			name := s.namespace + "-" + name
			change := test.change
			if change == nil {
				change = func(*workload.KubernetesTarget) {}
			}
			o.must(makeTarget(o.ctx, name, test.kubeconfig, change))
			is := o.target(name, metav1.ConditionFalse, test.reason)
			if message := is.Status.Conditions[0].Message; message == "" || strings.Contains(message, "hunter2") {
				t.Errorf("want a message without a value: %q", message)
			}
			o.must(hub.Client.Update(o.ctx, &corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "target-" + name}, Data: map[string][]byte{"value": good, "other": good},
			}))
			o.target(name, metav1.ConditionTrue, workload.ReasonReachable)
			o.remove(is)
			o.gone(hub, is)
		})
	}
}

// TestTargetAtRest is written once, and then no more.
func TestTargetAtRest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: s.namespace, Labels: map[string]string{corev1.LabelTopologyZone: "north-1"}}}
	s.must(faraway.Client.Create(s.ctx, node))
	t.Cleanup(func() { s.must(faraway.Client.Delete(context.WithoutCancel(s.ctx), node)) })
	status := `{"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"1000"},"conditions":[{"type":"Ready","status":"True"}]}}`
	s.must(faraway.Client.Status().Patch(s.ctx, node, client.RawPatch(types.StrategicMergePatchType, []byte(status))))
	secret := &corev1.Secret{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	s.must(makeTarget(s.ctx, s.namespace, secret.Data["value"]))
	is := s.target(s.namespace, metav1.ConditionTrue, workload.ReasonReachable)
	uid, err := uidOf(s.ctx, faraway)
	s.must(err)
	cpu := is.Status.Capacity.Allocatable["cpu"]
	if !slices.Equal(is.Status.Zones, []string{"north-1"}) {
		t.Errorf("want the zones of its nodes: %v", is.Status.Zones)
	}
	if is.Status.ClusterUID != string(uid) || !strings.HasPrefix(is.Status.Version, "v1.") || is.Status.Nodes != 1 || cpu.String() != "4" || is.Status.ReachableSince == nil {
		t.Errorf("want the cluster described: %+v", is.Status)
	}
	before := len(written.of("/kubernetestargets/" + s.namespace))
	time.Sleep(2500 * time.Millisecond) // some polls
	if more := written.of("/kubernetestargets/" + s.namespace)[before:]; len(more) > 0 || before != 2 {
		now := s.target(s.namespace, metav1.ConditionTrue, workload.ReasonReachable)
		t.Errorf("want the finalizer and one status, and nothing at rest: %d, then %v; it was %+v, and is %+v", before, more, is.Status, now.Status)
	}
}

// TestClusterChanged: a target that leads to another cluster than before is no
// target any more, and applications stay where they are.
func TestClusterChanged(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	secret := &corev1.Secret{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	s.must(makeTarget(s.ctx, s.namespace, secret.Data["value"], func(t *workload.KubernetesTarget) {
		t.Spec.AllowHub, t.Spec.AllowedNamespaces = true, bindable([]string{s.namespace}, nil)
	}))
	a := s.app("a", []object{configMap("a")}, func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = s.namespace })
	s.ready(a)
	change := func(kubeconfig []byte) {
		s.must(hub.Client.Update(s.ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "target-" + s.namespace}, Data: map[string][]byte{"value": kubeconfig},
		}))
	}
	change(hub.Kubeconfig)
	is := s.target(s.namespace, metav1.ConditionFalse, workload.ReasonClusterChanged)
	if !strings.Contains(is.Status.Conditions[0].Message, "make another target") {
		t.Errorf("want the way out: %s", is.Status.Conditions[0].Message)
	}
	s.says(a, v1alpha1.ConditionSynced, workload.ReasonTargetNotReady, "can't be used: ClusterChanged")
	if err := hub.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "a"}, &corev1.ConfigMap{}); err == nil {
		t.Error("it was applied to the wrong cluster")
	}

	t.Log("a target in use stays until its applications have left")
	s.remove(is)
	s.eventually(func() error {
		s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(is), is))
		if c := meta.FindStatusCondition(is.Status.Conditions, v1alpha1.ConditionSynced); c.Reason != v1alpha1.ReasonInUse || !strings.Contains(c.Message, s.namespace+"/a") {
			return fmt.Errorf("it does not say who uses it: %+v", c)
		}
		return nil
	})
	change(secret.Data["value"])
	s.remove(a)
	s.gone(hub, a)
	s.gone(faraway, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "a"}})
	s.gone(hub, is)
}

// target waits until a target's Ready has a status and a reason.
func (s *scene) target(name string, status metav1.ConditionStatus, reason string) *workload.KubernetesTarget {
	s.Helper()
	is := &workload.KubernetesTarget{}
	s.eventually(func() error {
		if err := hub.Client.Get(s.ctx, client.ObjectKey{Name: name}, is); err != nil {
			return err
		}
		if c := is.Status.Conditions[0]; c.Type != v1alpha1.ConditionReady || c.Status != status || c.Reason != reason {
			return fmt.Errorf("%s says %+v", name, is.Status.Conditions)
		}
		return nil
	})
	return is
}
