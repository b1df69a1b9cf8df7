// SPDX-License-Identifier: Apache-2.0

package kubernetes_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const (
	cluster  = "shop"
	patience = time.Minute // of a machine that is busy
)

// life is one test in a namespace of its own.
type life struct {
	*testing.T

	api       client.Client
	servers   *kubernetes.Servers
	namespace string
}

// TestLife has real controllers and the real scheduler work on a cluster whose
// nodes are objects.
func TestLife(t *testing.T) {
	binary, err := kubetest.Hyperkube()
	if err != nil {
		t.Skip("no Kubernetes to run: ", err)
	}
	servers, err := kubernetes.New(kubernetes.Options{Program: binary, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	must(t, err)
	t.Cleanup(func() { must(t, servers.Close()) })
	api := start(t, servers)
	servers.Keep(cluster, kubernetes.Content{Nodes: nodes("one", "two")})
	for name, test := range map[string]func(l life){
		"deployment": life.deployment, "job": life.job, "stateful set": life.statefulSet, "balancers": life.balancers,
		"readiness gate": life.readinessGate, "other nodes": life.otherNodes, "namespace": life.wholeNamespace,
	} {
		t.Run(name, func(t *testing.T) { test(begin(t, api, servers)) })
	}
	t.Run("a node goes", func(t *testing.T) { begin(t, api, servers).nodeGoes() })
}

// start starts a server, and returns a client of an administrator of it.
func start(t *testing.T, servers *kubernetes.Servers) client.Client {
	t.Helper()
	authenticate := func(token string) (kubernetes.User, bool) {
		return kubernetes.User{Name: "admin", Groups: []string{"system:masters"}}, token == "admin"
	}
	config := make(chan *rest.Config, 1)
	servers.Start(cluster, authenticate, func(at kubernetes.Endpoint, err error) {
		if err != nil {
			t.Error(err)
		}
		config <- &rest.Config{Host: at.URL, BearerToken: "admin", QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: at.CA}}
	})
	api, err := client.New(<-config, client.Options{})
	must(t, err)
	return api
}

func nodes(names ...string) []kubernetes.Node {
	var all []kubernetes.Node
	for _, name := range names {
		all = append(all, kubernetes.Node{Name: name, CPU: "4", Memory: "8Gi", Pods: "30", Version: "v1.35.2"})
	}
	return all
}

func begin(t *testing.T, api client.Client, servers *kubernetes.Servers) life {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "life-"}}
	must(t, api.Create(t.Context(), namespace))
	return life{t, api, servers, namespace.Name}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until f returns no error.
func (l life) eventually(f func() error) {
	l.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	l.Fatal(err)
}

func (l life) create(o client.Object) {
	l.Helper()
	o.SetNamespace(l.namespace)
	must(l.T, l.api.Create(l.Context(), o))
}

// awaits waits until an object is as it shall be.
func (l life) awaits(o client.Object, is func() bool) {
	l.Helper()
	l.eventually(func() error {
		if err := l.api.Get(l.Context(), client.ObjectKeyFromObject(o), o); err != nil || !is() {
			return fmt.Errorf("%T %s: %w; %+v", o, o.GetName(), err, o)
		}
		return nil
	})
}

func (l life) gone(o client.Object) {
	l.Helper()
	l.eventually(func() error {
		err := l.api.Get(l.Context(), client.ObjectKeyFromObject(o), o)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("%T %s is still there: %w; %+v", o, o.GetName(), err, o)
	})
}

func (l life) pods() []corev1.Pod {
	l.Helper()
	var list corev1.PodList
	must(l.T, l.api.List(l.Context(), &list, client.InNamespace(l.namespace)))
	return list.Items
}

func template(restart corev1.RestartPolicy) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "it"}},
		Spec: corev1.PodSpec{
			RestartPolicy:  restart,
			InitContainers: []corev1.Container{{Name: "first", Image: "example.org/first:v1"}},
			Containers:     []corev1.Container{{Name: "it", Image: "example.org/it:v1"}},
		},
	}
}

func newDeployment(replicas int32) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "it"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "it"}},
			Template: template(corev1.RestartPolicyAlways),
		},
	}
}

// complete reports whether all pods of a Deployment are available, and of its
// newest template.
func complete(d *appsv1.Deployment) bool {
	s, want := d.Status, *d.Spec.Replicas
	return s.ObservedGeneration == d.Generation && s.UpdatedReplicas == want && s.AvailableReplicas == want && s.Replicas == want
}

// deployment becomes available, is rolled and scaled, and goes.
func (l life) deployment() {
	d := newDeployment(3)
	l.create(d)
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "it"}, Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": "it"}, Ports: []corev1.ServicePort{{Port: 80}},
	}}
	l.create(service)
	l.awaits(d, func() bool { return complete(d) })
	seen := map[string]bool{}
	for _, p := range l.pods() {
		seen[p.Status.PodIP] = true
		if len(p.Status.ContainerStatuses) != 1 || p.Status.ContainerStatuses[0].State.Running == nil || p.Status.InitContainerStatuses[0].State.Terminated == nil {
			l.Errorf("want running containers: %+v", p.Status)
		}
	}
	if len(seen) != 3 || seen[""] {
		l.Errorf("want an address for each pod: %v", seen)
	}
	l.eventually(func() error { return l.served("it", 3) })

	d.Spec.Template.Spec.Containers[0].Image, d.Spec.Replicas = "example.org/it:v2", new(int32(2))
	must(l.T, l.api.Update(l.Context(), d))
	l.awaits(d, func() bool { return complete(d) })
	l.eventually(func() error { // those from before are on their way out for a moment
		pods := l.pods()
		for _, p := range pods {
			if p.Spec.Containers[0].Image != "example.org/it:v2" || p.Status.ContainerStatuses[0].Image != "example.org/it:v2" {
				return fmt.Errorf("a pod from before is left: %+v", p)
			}
		}
		if len(pods) != 2 {
			return fmt.Errorf("want two pods: %d", len(pods))
		}
		return nil
	})
	must(l.T, l.api.Delete(l.Context(), d, client.PropagationPolicy(metav1.DeletePropagationForeground)))
	l.gone(d)
	l.eventually(func() error { return l.served("it", 0) })
	if left := l.pods(); len(left) > 0 {
		l.Errorf("left: %+v", left)
	}
}

// served says so unless that many addresses serve a Service.
func (l life) served(service string, want int) error {
	var list discoveryv1.EndpointSliceList
	if err := l.api.List(l.Context(), &list, client.InNamespace(l.namespace), client.MatchingLabels{discoveryv1.LabelServiceName: service}); err != nil {
		return err
	}
	have := 0
	for _, slice := range list.Items {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready {
				have++
			}
		}
	}
	if have != want {
		return fmt.Errorf("%d endpoints, want %d", have, want)
	}
	return nil
}

// job comes to its end, and leaves nothing when it is deleted.
func (l life) job() {
	j := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "once"}, Spec: batchv1.JobSpec{
		Completions: new(int32(2)), Parallelism: new(int32(2)), Template: template(corev1.RestartPolicyNever),
	}}
	l.create(j)
	l.awaits(j, func() bool { return j.Status.CompletionTime != nil && j.Status.Succeeded == 2 })
	for _, p := range l.pods() {
		if p.Status.Phase != corev1.PodSucceeded || p.Status.ContainerStatuses[0].State.Terminated.ExitCode != 0 {
			l.Errorf("want it to have succeeded: %+v", p.Status)
		}
	}
	must(l.T, l.api.Delete(l.Context(), j, client.PropagationPolicy(metav1.DeletePropagationForeground)))
	l.gone(j)
}

// statefulSet gets a volume for its claim, which goes with the claim.
func (l life) statefulSet() {
	idle := newClaim("idle")
	l.create(&idle)
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db"}, Spec: appsv1.StatefulSetSpec{
		Replicas: new(int32(2)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "it"}},
		Template: template(corev1.RestartPolicyAlways), VolumeClaimTemplates: []corev1.PersistentVolumeClaim{newClaim("data")},
	}}
	l.create(set)
	l.awaits(set, func() bool { return set.Status.AvailableReplicas == 2 })
	claim := newClaim("data-db-1")
	claim.Namespace = l.namespace
	l.awaits(&claim, func() bool { return claim.Status.Phase == corev1.ClaimBound })
	if size := claim.Status.Capacity[corev1.ResourceStorage]; size.String() != "3Gi" {
		l.Errorf("got %s", &size)
	}
	l.awaits(&idle, func() bool { return true })
	if idle.Status.Phase != corev1.ClaimPending || *idle.Spec.StorageClassName != "standard" {
		l.Errorf("want a claim that nobody uses to wait: %+v", idle)
	}
	must(l.T, l.api.Delete(l.Context(), set))
	must(l.T, l.api.Delete(l.Context(), &claim))
	l.gone(&claim)
	l.gone(&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: claim.Spec.VolumeName}})
	other := newClaim("data-db-0")
	other.Namespace = l.namespace
	l.awaits(&other, func() bool { return other.Status.Phase == corev1.ClaimBound })
}

func newClaim(name string) corev1.PersistentVolumeClaim {
	return corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("3Gi")}},
	}}
}

// balancers have addresses that no other has.
func (l life) balancers() {
	seen := map[string]bool{}
	for _, name := range []string{"a", "b"} {
		s := newBalancer(name)
		l.create(s)
		l.awaits(s, func() bool { return len(s.Status.LoadBalancer.Ingress) == 1 })
		seen[s.Status.LoadBalancer.Ingress[0].IP] = strings.HasPrefix(s.Status.LoadBalancer.Ingress[0].IP, "127.255.")
	}
	if len(seen) != 2 || seen[""] {
		l.Errorf("got %v", seen)
	}
	other := newBalancer("other")
	other.Spec.LoadBalancerClass = new("example.org/other")
	l.create(other)
	a := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "a"}}
	l.awaits(a, func() bool { return true })
	a.Spec.Type = corev1.ServiceTypeClusterIP
	must(l.T, l.api.Update(l.Context(), a))
	l.awaits(a, func() bool { return len(a.Status.LoadBalancer.Ingress) == 0 })
	l.awaits(other, func() bool { return true })
	if len(other.Status.LoadBalancer.Ingress) > 0 {
		l.Errorf("somebody else's has an address: %+v", other.Status)
	}
}

func newBalancer(name string) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeLoadBalancer, Selector: map[string]string{"app": "it"}, Ports: []corev1.ServicePort{{Port: 80}},
	}}
}

// readinessGate keeps a pod from being ready until somebody says so.
func (l life) readinessGate() {
	const gate = "example.org/gate"
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "gated"}, Spec: template(corev1.RestartPolicyAlways).Spec}
	p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: gate}}
	l.create(p)
	l.awaits(p, func() bool { return is(p, corev1.ContainersReady) })
	if is(p, corev1.PodReady) {
		l.Errorf("got %+v", p.Status)
	}
	p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: gate, Status: corev1.ConditionTrue})
	must(l.T, l.api.Status().Update(l.Context(), p))
	l.awaits(p, func() bool { return is(p, corev1.PodReady) })
}

func is(p *corev1.Pod, typ corev1.PodConditionType) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == typ {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// otherNodes have kubelets of their own: their pods are not touched.
func (l life) otherNodes() {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "real"}}
	must(l.T, l.api.Create(l.Context(), node))
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "theirs"}, Spec: template(corev1.RestartPolicyAlways).Spec}
	p.Spec.NodeName = node.Name
	l.create(p)
	ours := p.DeepCopy()
	ours.ObjectMeta, ours.Spec.NodeName = metav1.ObjectMeta{Name: "ours"}, "one"
	l.create(ours)
	l.awaits(ours, func() bool { return is(ours, corev1.PodReady) }) // the other's turn has been before
	l.awaits(p, func() bool { return true })
	if p.Status.Phase != corev1.PodPending {
		l.Errorf("got %+v", p.Status)
	}
	must(l.T, l.api.Delete(l.Context(), p, client.GracePeriodSeconds(0)))
	must(l.T, l.api.Delete(l.Context(), node))
}

// wholeNamespace ends with all that is in it.
func (l life) wholeNamespace() {
	d := newDeployment(2)
	l.create(d)
	l.create(newBalancer("front"))
	l.awaits(d, func() bool { return complete(d) })
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: l.namespace}}
	must(l.T, l.api.Delete(l.Context(), namespace))
	l.gone(namespace)
}

// nodeGoes, and what was on it is made again elsewhere.
func (l life) nodeGoes() {
	d := newDeployment(4)
	l.create(d)
	l.awaits(d, func() bool { return complete(d) })
	if !slices.ContainsFunc(l.pods(), func(p corev1.Pod) bool { return p.Spec.NodeName == "one" }) {
		l.Fatal("the scheduler has left a node empty")
	}
	l.servers.Keep(cluster, kubernetes.Content{Nodes: nodes("two")})
	l.gone(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "one"}})
	l.eventually(func() error {
		for _, p := range l.pods() {
			if p.Spec.NodeName != "two" {
				return fmt.Errorf("on no node: %+v", p)
			}
		}
		return nil
	})
	l.awaits(d, func() bool { return complete(d) })
}
