// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/workload-operator/internal/application"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// managerOfMeasured is the field manager, behind the operator's name, of what
// applications' pods ask for: the rest of their status is written by another pass,
// which knows nothing of it.
const managerOfMeasured = "-measured"

// maker is the object that pods were made for: the nearest to what somebody applied
// that can be told from the pods alone.
type maker struct {
	schema.GroupKind
	namespace, name string
}

// makerOf returns whose a pod is. A ReplicaSet that a Deployment made is called like
// that, with the hash that its pods have as a label behind it.
func makerOf(pod *corev1.Pod) maker {
	by := metav1.GetControllerOf(pod)
	if by == nil {
		return maker{GroupKind: schema.GroupKind{Kind: "Pod"}, namespace: pod.Namespace, name: pod.Name}
	}
	m := maker{GroupKind: schema.FromAPIVersionAndKind(by.APIVersion, by.Kind).GroupKind(), namespace: pod.Namespace, name: by.Name}
	if hash := pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; hash != "" && m.GroupKind == (schema.GroupKind{Group: appsv1.GroupName, Kind: "ReplicaSet"}) {
		if name, cut := strings.CutSuffix(m.name, "-"+hash); cut {
			m.Kind, m.name = "Deployment", name
		}
	}
	return m
}

// scheduled is the end of the name of a Job that a CronJob made: when it was due.
var scheduled = regexp.MustCompile(`-\d+$`)

// owners tell whose the pods in the namespaces of tenants are on one target.
type owners struct {
	of    map[maker]types.UID  // by what was applied for each application
	alone map[string]types.UID // by namespace; empty where there are several
}

func ownersOn(target string, applications []v1alpha1.KubernetesApplication) owners {
	o := owners{of: map[maker]types.UID{}, alone: map[string]types.UID{}}
	for i := range applications {
		a := &applications[i]
		for _, e := range a.Status.Objects {
			if e.Target == target && e.Applied != "" { // else it may be another application's
				kind := schema.FromAPIVersionAndKind(e.APIVersion, e.Kind).GroupKind()
				o.of[maker{GroupKind: kind, namespace: e.Namespace, name: e.Name}] = a.UID
			}
		}
		for _, use := range a.Status.Targets {
			if use.Name != target {
				continue
			}
			if other, taken := o.alone[use.Namespace]; taken && other != a.UID {
				o.alone[use.Namespace] = ""
				continue
			}
			o.alone[use.Namespace] = a.UID
		}
	}
	return o
}

// find returns whose pods are that were made for something; empty where it can't be
// said. What something else has made, for example by order of an applied object, is
// the application's that is alone in the namespace.
func (o owners) find(m maker) types.UID {
	if uid, found := o.of[m]; found {
		return uid
	}
	if m.Group == batchv1.GroupName && m.Kind == "Job" {
		m.Kind, m.name = "CronJob", scheduled.ReplaceAllString(m.name, "")
		if uid, found := o.of[m]; found {
			return uid
		}
	}
	return o.alone[m.namespace]
}

// shares is what the pods in the namespaces of tenants ask for, by whose they are.
type shares struct {
	of map[types.UID]corev1.ResourceList
	// rest is of nobody who is known.
	rest corev1.ResourceList
}

func share(pods map[maker]corev1.ResourceList, among owners) shares {
	out := shares{of: map[types.UID]corev1.ResourceList{}, rest: corev1.ResourceList{}}
	for m, takes := range pods {
		uid := among.find(m)
		if uid == "" {
			contract.AddRequests(out.rest, takes)
			continue
		}
		if out.of[uid] == nil {
			out.of[uid] = corev1.ResourceList{}
		}
		contract.AddRequests(out.of[uid], takes)
	}
	return out
}

// attribute says whose pods are in the namespaces of tenants. What is of nobody
// known counts as others': too much rather than too little counts as taken.
func (r *Reconciler) attribute(ctx context.Context, target string, seen *sight) error {
	if !seen.nodes.measured {
		return nil
	}
	list := &v1alpha1.KubernetesApplicationList{}
	if err := r.Kube.List(ctx, list, client.MatchingFields{application.IndexTargets: target}, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("looking for the applications on target %s: %w", target, err)
	}
	seen.applications = slices.DeleteFunc(list.Items, func(a v1alpha1.KubernetesApplication) bool {
		return !slices.ContainsFunc(a.Status.Targets, func(u v1alpha1.TargetInUse) bool { return u.Name == target })
	})
	found := share(seen.nodes.tenants, ownersOn(target, seen.applications))
	seen.takes = found.of
	foreign := corev1.ResourceList{}
	contract.AddRequests(foreign, found.rest)
	contract.AddRequests(foreign, seen.nodes.others)
	seen.nodes.capacity.Foreign = contract.Named(foreign)
	return nil
}

// tell writes down what applications take of a target, where that is news.
func (r *Reconciler) tell(ctx context.Context, target string, seen *sight) error {
	if !seen.nodes.measured {
		return nil
	}
	for i := range seen.applications {
		a := &seen.applications[i]
		now := contract.Named(seen.takes[a.UID])
		if !counts(a, target, now) {
			continue
		}
		status := &v1alpha1.KubernetesApplicationStatus{Measured: measured(a, target, now)}
		if _, err := report.Note(ctx, r.Kube, r.Operator+managerOfMeasured, a, status); err != nil { // of one that is gone, the next look sees that
			return fmt.Errorf("writing what application %s/%s takes: %w", a.Namespace, a.Name, err)
		}
	}
	return nil
}

// counts reports whether what an application takes of a target is to be written
// down: it was not before, or what counts is another amount by much. Below what is
// stated it may come and go, as the pods of a CronJob do.
func counts(a *v1alpha1.KubernetesApplication, target string, now map[string]resource.Quantity) bool {
	var was, stated map[string]resource.Quantity
	for _, m := range a.Status.Measured {
		if m.Target == target {
			was = m.Requests
		}
	}
	if len(was) == 0 {
		return len(now) > 0
	}
	if p := a.Status.Placement; p != nil {
		stated = p.Requests
	}
	was, now = contract.Most(stated, was), contract.Most(stated, now)
	return moved(was, now, contract.Most(was, now))
}

// measured is what an application takes of the targets that it has objects on, with
// what was found on one of them.
func measured(a *v1alpha1.KubernetesApplication, target string, now map[string]resource.Quantity) []v1alpha1.MeasuredRequests {
	out := slices.DeleteFunc(slices.Clone(a.Status.Measured), func(m v1alpha1.MeasuredRequests) bool {
		return m.Target == target || !slices.ContainsFunc(a.Status.Targets, func(u v1alpha1.TargetInUse) bool { return u.Name == m.Target })
	})
	if len(now) > 0 {
		out = append(out, v1alpha1.MeasuredRequests{Target: target, Requests: now})
	}
	slices.SortFunc(out, func(a, b v1alpha1.MeasuredRequests) int { return strings.Compare(a.Target, b.Target) })
	return out
}
