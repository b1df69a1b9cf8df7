// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

func cpus(quantity string) map[string]resource.Quantity {
	return map[string]resource.Quantity{"cpu": resource.MustParse(quantity)}
}

// podOf is a pod that asks for one cpu, made by OWNER'S APIVERSION, KIND and name, if
// any.
func podOf(namespace, name, apiVersion, kind, by string, labels map[string]string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}}
	if by != "" {
		p.OwnerReferences = []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "ConfigMap", Name: "not-the-controller"}, {APIVersion: apiVersion, Kind: kind, Name: by, Controller: new(true)},
		}
	}
	p.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}}}}
	return p
}

func ended(p *corev1.Pod, phase corev1.PodPhase) *corev1.Pod {
	p.Status.Phase = phase
	return p
}

func hashed(hash string) map[string]string { return map[string]string{"pod-template-hash": hash} }

// on is an application that has objects on target t, each APIVERSION, KIND and name.
func on(uid, namespace string, objects ...[3]string) v1alpha1.KubernetesApplication {
	a := v1alpha1.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid)}}
	a.Status.Targets = []v1alpha1.TargetInUse{{Name: "t", Namespace: namespace}}
	for _, o := range objects {
		a.Status.Objects = append(a.Status.Objects, v1alpha1.ObjectStatus{Target: "t", APIVersion: o[0], Kind: o[1], Namespace: namespace, Name: o[2], Applied: "it"})
	}
	return a
}

// TestShare: each pod in a namespace of tenants is one application's, nobody's whose
// it could be said, or an application's that is alone there.
func TestShare(t *testing.T) {
	t.Parallel()
	shop := on("shop", "ns", [3]string{"apps/v1", "Deployment", "web"}, [3]string{"apps/v1", "StatefulSet", "db"}, [3]string{"batch/v1", "CronJob", "night"},
		[3]string{"v1", "Pod", "bare"}, [3]string{"postgresql.cnpg.io/v1", "Cluster", "pg"}, [3]string{"batch/v1", "Job", "once-1"})
	blog := on("blog", "ns", [3]string{"apps/v1", "Deployment", "web-2"})
	elsewhere := on("elsewhere", "ns2", [3]string{"apps/v1", "Deployment", "web"})
	elsewhere.Status.Objects[0].Target, elsewhere.Status.Targets[0].Name = "other", "other"
	refused := on("refused", "ns", [3]string{"apps/v1", "StatefulSet", "db"})
	refused.Status.Objects[0].State, refused.Status.Objects[0].Applied = v1alpha1.ObjectRefused, ""
	both := []v1alpha1.KubernetesApplication{shop, blog, elsewhere}
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		of   []v1alpha1.KubernetesApplication
		want string
	}{
		"of a Deployment":                      {podOf("ns", "p", "apps/v1", "ReplicaSet", "web-6f7d", hashed("6f7d")), both, "shop"},
		"of one whose name begins alike":       {podOf("ns", "p", "apps/v1", "ReplicaSet", "web-2-6f7d", hashed("6f7d")), both, "blog"},
		"of a ReplicaSet with another hash":    {podOf("ns", "p", "apps/v1", "ReplicaSet", "web-6f7d", hashed("aaaa")), both, ""},
		"of a StatefulSet":                     {podOf("ns", "p", "apps/v1", "StatefulSet", "db", nil), both, "shop"},
		"of one that another wants, too":       {podOf("ns", "p", "apps/v1", "StatefulSet", "db", nil), append(both, refused), "shop"},
		"of another version":                   {podOf("ns", "p", "apps/v1beta2", "StatefulSet", "db", nil), both, "shop"},
		"of a CronJob's Job":                   {podOf("ns", "p", "batch/v1", "Job", "night-29384756", nil), both, "shop"},
		"of a Job":                             {podOf("ns", "p", "batch/v1", "Job", "once-1", nil), both, "shop"},
		"of a kind of the cluster's":           {podOf("ns", "p", "postgresql.cnpg.io/v1", "Cluster", "pg", nil), both, "shop"},
		"of a kind of that name":               {podOf("ns", "p", "example.org/v1", "StatefulSet", "db", nil), both, ""},
		"made by nothing":                      {podOf("ns", "bare", "", "", "", nil), both, "shop"},
		"of who is not known":                  {podOf("ns", "p", "apps/v1", "StatefulSet", "theirs", nil), both, ""},
		"of who is not known, with one alone":  {podOf("ns", "p", "apps/v1", "StatefulSet", "theirs", nil), both[:1], "shop"},
		"in another namespace":                 {podOf("ns2", "p", "apps/v1", "StatefulSet", "db", nil), both, ""},
		"in a namespace of one that has left":  {podOf("ns2", "p", "apps/v1", "ReplicaSet", "web-6f7d", hashed("6f7d")), both, ""},
		"of an application that has succeeded": {ended(podOf("ns", "p", "batch/v1", "Job", "once-1", nil), corev1.PodSucceeded), both, "-"},
		"of an application that has failed":    {ended(podOf("ns", "p", "batch/v1", "Job", "once-1", nil), corev1.PodFailed), both, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := &tally{
				own: map[string]bool{"ns": true, "ns2": true}, requested: corev1.ResourceList{}, others: corev1.ResourceList{}, tenants: map[maker]corev1.ResourceList{},
			}
			count.addPod(test.pod)
			count.addPod(test.pod)
			got := share(count.tenants, ownersOn("t", test.of))
			whose := "-"
			for uid, takes := range got.of {
				if q := takes[corev1.ResourceCPU]; q.String() == "2" && takes.Pods().String() == "2" {
					whose = string(uid)
				}
			}
			if q := got.rest[corev1.ResourceCPU]; q.String() == "2" && len(got.of) == 0 {
				whose = ""
			}
			if whose != test.want {
				t.Errorf("want it to be %q's: %+v", test.want, got)
			}
			if len(count.others) > 0 {
				t.Errorf("it is in a tenant's namespace: %v", count.others)
			}
		})
	}
}

// TestOthers: pods in namespaces that are no tenant's are others', whatever they are.
func TestOthers(t *testing.T) {
	t.Parallel()
	count := &tally{own: map[string]bool{}, requested: corev1.ResourceList{}, others: corev1.ResourceList{}, tenants: map[maker]corev1.ResourceList{}}
	count.addPod(podOf("ns", "p", "apps/v1", "StatefulSet", "db", nil))
	count.addPod(ended(podOf("ns", "q", "apps/v1", "StatefulSet", "db", nil), corev1.PodSucceeded))
	if q, all := count.others[corev1.ResourceCPU], count.requested[corev1.ResourceCPU]; q.String() != "1" || all.String() != "1" || len(count.tenants) > 0 {
		t.Errorf("got %+v", count)
	}
}

// TestCounts: what an application takes is written down once, and then where what
// counts of it changes by much.
func TestCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stated, was, now map[string]resource.Quantity
		want             bool
	}{
		"nothing there":                  {nil, nil, nil, false},
		"for the first time":             {nil, nil, cpus("1"), true},
		"for the first time, as it says": {cpus("1"), nil, cpus("1"), true},
		"the same":                       {nil, cpus("1"), cpus("1000m"), false},
		"a little more":                  {nil, cpus("1"), cpus("1040m"), false},
		"much more":                      {nil, cpus("1"), cpus("1100m"), true},
		"much less":                      {nil, cpus("1"), cpus("900m"), true},
		"another resource":               {nil, cpus("1"), map[string]resource.Quantity{"cpu": resource.MustParse("1"), "memory": resource.MustParse("1Gi")}, true},
		"all of it gone":                 {nil, cpus("1"), nil, true},
		"all gone, and as much is said":  {cpus("1"), cpus("1"), nil, false},
		"less than it says":              {cpus("2"), cpus("2"), cpus("1"), false},
		"back to less than it says":      {cpus("2"), cpus("3"), cpus("1"), true},
		"more than it says":              {cpus("2"), cpus("1"), cpus("3"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := on("shop", "ns")
			a.Status.Measured = []v1alpha1.MeasuredRequests{{Target: "another", Requests: cpus("9")}}
			if test.was != nil {
				a.Status.Measured = append(a.Status.Measured, v1alpha1.MeasuredRequests{Target: "t", Requests: test.was})
			}
			a.Status.Placement = &v1alpha1.PlacementStatus{Requests: test.stated}
			if got := counts(&a, "t", test.now); got != test.want {
				t.Errorf("want %t, got %t", test.want, got)
			}
		})
	}
}

// TestMeasured: what is known of other targets stays while the application is there.
func TestMeasured(t *testing.T) {
	t.Parallel()
	a := on("shop", "ns")
	a.Status.Targets = append(a.Status.Targets, v1alpha1.TargetInUse{Name: "a", Namespace: "ns"})
	a.Status.Measured = []v1alpha1.MeasuredRequests{{Target: "a", Requests: cpus("1")}, {Target: "left", Requests: cpus("2")}, {Target: "t", Requests: cpus("3")}}
	before := a.DeepCopy()
	want := []v1alpha1.MeasuredRequests{{Target: "a", Requests: cpus("1")}, {Target: "t", Requests: cpus("4")}}
	if diff := cmp.Diff(want, measured(&a, "t", cpus("4"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], measured(&a, "t", nil)); diff != "" {
		t.Errorf("nothing there: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(before, &a); diff != "" {
		t.Errorf("the cache's object was changed:\n%s", diff)
	}
}
