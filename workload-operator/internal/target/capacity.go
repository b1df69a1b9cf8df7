// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// page is how many nodes or pods are read at a time.
const page = 500

// much is the part of what there is, in hundredths, by which what is requested
// has to change to be written down.
const much = 5

// nodes are those of a cluster that take new pods, all together.
type nodes struct {
	count    int32
	zones    []string // in order
	capacity v1alpha1.Capacity
	// measured: nodes and pods were to be seen, and what follows is known.
	measured bool
	// tenants is what pods ask for in the namespaces of tenants, by whose they are;
	// others is what those elsewhere do.
	tenants map[maker]corev1.ResourceList
	others  corev1.ResourceList
}

// measure counts nodes and what they have, and what is asked of them. An identity
// that may not see nodes or pods is not told to others: placement then does without.
func measure(ctx context.Context, from kubernetes.Interface, hub string) (nodes, error) {
	t := &tally{
		zones: map[string]bool{}, allocatable: corev1.ResourceList{}, requested: corev1.ResourceList{},
		others: corev1.ResourceList{}, tenants: map[maker]corev1.ResourceList{},
	}
	var err error
	if t.own, err = namespacesOf(ctx, from, hub); err != nil {
		return nodes{}, err
	}
	err = eachPage(ctx, func(ctx context.Context, o metav1.ListOptions) (string, error) { return t.addNodes(ctx, from, o) })
	if err == nil {
		err = eachPage(ctx, func(ctx context.Context, o metav1.ListOptions) (string, error) { return t.addPods(ctx, from, o) })
	}
	if apierrors.IsForbidden(err) {
		return nodes{}, nil
	}
	return nodes{
		count: t.count, zones: slices.Sorted(maps.Keys(t.zones)),
		capacity: v1alpha1.Capacity{Allocatable: contract.Named(t.allocatable), Requested: contract.Named(t.requested)},
		measured: err == nil, tenants: t.tenants, others: t.others,
	}, err
}

// tally adds up what there is.
type tally struct {
	own                            map[string]bool // namespaces for applications of this hub
	count                          int32           // of nodes that take new pods
	zones                          map[string]bool
	allocatable, requested, others corev1.ResourceList
	tenants                        map[maker]corev1.ResourceList
}

// addNodes adds one page of nodes, and returns how to go on.
func (t *tally) addNodes(ctx context.Context, from kubernetes.Interface, o metav1.ListOptions) (string, error) {
	list, err := from.CoreV1().Nodes().List(ctx, o)
	if err != nil {
		return "", fmt.Errorf("listing nodes: %w", err)
	}
	for i := range list.Items {
		node := &list.Items[i]
		if !takesPods(node) {
			continue
		}
		t.count++
		contract.AddRequests(t.allocatable, node.Status.Allocatable)
		if zone := node.Labels[corev1.LabelTopologyZone]; zone != "" {
			t.zones[zone] = true
		}
	}
	return list.Continue, nil
}

// addPods adds one page of pods, and returns how to go on.
func (t *tally) addPods(ctx context.Context, from kubernetes.Interface, o metav1.ListOptions) (string, error) {
	list, err := from.CoreV1().Pods(metav1.NamespaceAll).List(ctx, o)
	if err != nil {
		return "", fmt.Errorf("listing pods: %w", err)
	}
	for i := range list.Items {
		t.addPod(&list.Items[i])
	}
	return list.Continue, nil
}

// addPod adds what a pod takes, unless it has ended.
func (t *tally) addPod(pod *corev1.Pod) {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return
	}
	takes := contract.PodRequests(&pod.Spec)
	contract.AddRequests(t.requested, takes)
	if !t.own[pod.Namespace] {
		contract.AddRequests(t.others, takes)
		return
	}
	m := makerOf(pod)
	if t.tenants[m] == nil {
		t.tenants[m] = corev1.ResourceList{}
	}
	contract.AddRequests(t.tenants[m], takes)
}

// namespacesOf returns the namespaces that were made for applications of a hub. One
// that they can't be listed of takes all pods for others': too much rather than too
// little counts as taken.
func namespacesOf(ctx context.Context, from kubernetes.Interface, hub string) (map[string]bool, error) {
	own := map[string]bool{}
	err := eachPage(ctx, func(ctx context.Context, o metav1.ListOptions) (string, error) {
		o.LabelSelector = labels.Set{v1alpha1.LabelHub: hub}.String()
		list, err := from.CoreV1().Namespaces().List(ctx, o)
		if err != nil {
			return "", fmt.Errorf("listing namespaces: %w", err)
		}
		for i := range list.Items {
			own[list.Items[i].Name] = true
		}
		return list.Continue, nil
	})
	if apierrors.IsForbidden(err) {
		return own, nil
	}
	return own, err
}

// eachPage calls list until there is nothing left to continue with.
func eachPage(ctx context.Context, list func(context.Context, metav1.ListOptions) (string, error)) error {
	o := metav1.ListOptions{Limit: page}
	for {
		limited, cancel := remote.Limited(ctx)
		next, err := list(limited, o)
		cancel()
		if err != nil || next == "" {
			return err
		}
		o.Continue = next
	}
}

// takesPods reports whether a node is ready and not closed to new pods.
func takesPods(n *corev1.Node) bool {
	ready := slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
	return ready && !n.Spec.Unschedulable
}

// settled returns what of a capacity is written down: the new one where it differs
// by much, else the old one. Pods come and go all the time.
func settled(old, now v1alpha1.Capacity) v1alpha1.Capacity {
	if !equal(old.Allocatable, now.Allocatable) {
		return now
	}
	if moved(old.Requested, now.Requested, now.Allocatable) || moved(old.Foreign, now.Foreign, now.Allocatable) {
		return now
	}
	return old
}

// moved reports whether one of the amounts differs by much of the whole.
func moved(old, now, whole map[string]resource.Quantity) bool {
	for _, names := range []map[string]resource.Quantity{old, now} {
		for name := range names {
			before, after, of := old[name], now[name], whole[name]
			by := after.AsApproximateFloat64() - before.AsApproximateFloat64()
			if max(by, -by)*100 > of.AsApproximateFloat64()*much {
				return true
			}
		}
	}
	return false
}

func equal(a, b map[string]resource.Quantity) bool {
	if len(a) != len(b) {
		return false
	}
	for name, quantity := range a {
		if other, ok := b[name]; !ok || quantity.Cmp(other) != 0 {
			return false
		}
	}
	return true
}
