// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestLife tells the life of an application: applied, repaired, pruned, moved to
// another target, deleted.
func TestLife(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("web", []object{deployment("web", 0), configMap("settings", "color", "blue"), configMap("extra", "a", "b")})
	s.ready(a)
	if a.Status.Current != "3/3" || a.Status.Objects[2].Kind != "Deployment" || stateOf(a, "web").Replicas != "0/0" {
		t.Errorf("want 3 of 3, the Deployment last: %s %+v", a.Status.Current, a.Status.Objects)
	}
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "settings"}}
	extra := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "extra"}}
	web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}}

	t.Log("at rest nothing is written, neither there nor here")
	there, here := len(sent.of(s.namespace)), len(written.of(s.namespace))
	time.Sleep(time.Second)
	if more := sent.of(s.namespace)[there:]; len(more) > 0 {
		t.Errorf("written to the target at rest: %v", more)
	}
	if more := written.of(s.namespace)[here:]; len(more) > 0 {
		t.Errorf("written here at rest: %v", more)
	}

	t.Log("what somebody deletes there comes back")
	s.must(faraway.Client.Delete(s.ctx, settings))
	s.eventually(func() error { return faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(settings), settings) })
	s.ready(a)

	t.Log("what is no longer in the manifests goes, what is changed changes")
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Manifests = s.manifests(configMap("settings", "color", "red"), deployment("web", 0))
	})
	s.gone(faraway, extra)
	s.ready(a)
	if data := s.data(faraway, s.namespace, "settings"); data["color"] != "red" || a.Status.Current != "2/2" {
		t.Errorf("want red and 2/2: %v %s", data, a.Status.Current)
	}

	t.Log("on another target it is made there, and removed here")
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.TargetRef = &v1alpha1.Reference{Name: "here"}
		a.Spec.Namespace = s.namespace + "-there"
		a.Spec.Manifests = s.manifests(configMap("settings", "color", "green"))
	})
	s.gone(faraway, settings)
	s.gone(faraway, web)
	s.ready(a)
	if data := s.data(hub, s.namespace+"-there", "settings"); data["color"] != "green" {
		t.Errorf("want green: %v", data)
	}
	if len(a.Status.Targets) != 1 || a.Status.Targets[0].Name != "here" {
		t.Errorf("it is on one target: %+v", a.Status.Targets)
	}
	s.gone(faraway, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "crossplane-application"}})

	t.Log("deleted, it leaves nothing but the namespace")
	s.remove(a)
	s.gone(hub, a)
	s.gone(hub, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace + "-there", Name: "settings"}})
	namespace := &corev1.Namespace{}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Name: s.namespace}, namespace))
	if namespace.Labels["crossplane.io/tenant"] != s.namespace {
		t.Errorf("the namespace says whose it is: %v", namespace.Labels)
	}
}
