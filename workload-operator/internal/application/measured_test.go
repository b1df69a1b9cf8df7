// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// takes waits until an application says that its pods on the target ask for so much,
// PODS and CPU.
func (s *scene) takes(a *workload.KubernetesApplication, pods, cpu string) {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		if len(a.Status.Measured) == 1 {
			m := a.Status.Measured[0]
			p, c := m.Requests["pods"], m.Requests["cpu"]
			if m.Target == "faraway" && p.String() == pods && c.Cmp(resource.MustParse(cpu)) == 0 {
				return nil
			}
		}
		return fmt.Errorf("application %s takes %+v, want %s pods with %s of cpu", a.Name, a.Status.Measured, pods, cpu)
	})
}

// nobody schedules the pods: on a node that has no kubelet they would never end.
const nobody = "nobody"

// TestMeasured: what the pods of a chart ask for is counted on the target, for each
// application its own, and follows who scales it there.
func TestMeasured(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop("templates/web.yaml", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      schedulerName: `+nobody+`
      containers:
      - {name: it, image: example.org/it:v1, resources: {requests: {cpu: 3m}, limits: {memory: 8Mi}}}
      initContainers:
      - {name: beside, restartPolicy: Always, image: example.org/it:v1, resources: {requests: {cpu: 2m}}}
`))
	blog := s.app("blog", nil, charted(s.source(ofConfigMaps), ""))
	s.takes(blog, "1", "5m")

	t.Log("somebody scales it, as an autoscaler would")
	web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}}
	s.must(faraway.Client.SubResource("scale").Update(s.ctx, web, client.WithSubResourceBody(&autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}, Spec: autoscalingv1.ScaleSpec{Replicas: 3},
	})))
	s.takes(blog, "3", "15m")

	t.Log("another application's pods are its own; those of nobody known are neither's, but others'")
	before := s.foreign()
	plain := object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": "plain"}, "spec": object{
		"schedulerName": nobody, "containers": []object{{"name": "it", "image": "example.org/it:v1"}},
	}}
	other := s.app("other", []object{plain})
	s.takes(other, "1", "0")
	by := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "by-hand"}}
	by.Spec.SchedulerName = nobody
	by.Spec.Containers = []corev1.Container{{Name: "it", Image: "example.org/it:v1", Resources: corev1.ResourceRequirements{
		Requests: corev1.ResourceList{"example.org/" + corev1.ResourceName(s.namespace): resource.MustParse("7")},
		Limits:   corev1.ResourceList{"example.org/" + corev1.ResourceName(s.namespace): resource.MustParse("7")},
	}}}
	s.must(faraway.Client.Create(s.ctx, by))
	s.eventually(func() error {
		if q := s.foreign()["example.org/"+s.namespace]; q.String() != "7" {
			return fmt.Errorf("others take %v, and took %v", s.foreign(), before)
		}
		return nil
	})
	s.takes(blog, "3", "15m")

	t.Log("at rest nothing more is written, and what is gone is not counted")
	s.takes(other, "1", "0")
	s.remove(other)
	s.gone(hub, other)
	s.edit(blog, func(a *workload.KubernetesApplication) {
		a.Spec.Chart, a.Spec.Manifests = nil, s.manifests(configMap("left"))
	})
	s.must(faraway.Client.Delete(s.ctx, by, client.GracePeriodSeconds(0)))
	s.eventually(func() error {
		s.get(blog)
		if len(blog.Status.Measured) > 0 {
			return fmt.Errorf("it still takes %+v", blog.Status.Measured)
		}
		return nil
	})
	s.ready(blog)
}

// foreign is what others than applications ask for on the target.
func (s *scene) foreign() map[string]resource.Quantity {
	s.Helper()
	is := &workload.KubernetesTarget{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Name: "faraway"}, is))
	return is.Status.Capacity.Foreign
}
