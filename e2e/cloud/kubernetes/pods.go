// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// kubelets report of the pods on a cloud's nodes what kubelets would if every
// image were there and every program did its work. Nothing runs.
type kubelets struct {
	api  client.Client // reads what the watches have seen
	live client.Reader
	ips  *addresses
}

func (s *server) addKubelets(mgr ctrl.Manager) error {
	k := &kubelets{api: mgr.GetClient(), live: mgr.GetAPIReader(), ips: &addresses{network: "10.244"}}
	gone := predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
	err := ctrl.NewControllerManagedBy(mgr).Named("pods").For(&corev1.Pod{}).
		Watches(&corev1.Node{}, handler.EnqueueRequestsFromMapFunc(k.podsOn), builder.WithPredicates(gone)).
		Complete(s.tell("cannot report on a pod", k.pass))
	if err != nil {
		return fmt.Errorf("following pods: %w", err)
	}
	return nil
}

// podsOn returns the pods of a node that has gone.
func (k *kubelets) podsOn(ctx context.Context, node client.Object) []reconcile.Request {
	var all corev1.PodList
	if err := k.api.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the watches have ended
	}
	var requests []reconcile.Request
	for i := range all.Items {
		if p := &all.Items[i]; p.Spec.NodeName == node.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(p)})
		}
	}
	return requests
}

// pass takes the one next step in the life of a pod.
func (k *kubelets) pass(ctx context.Context, req reconcile.Request) error {
	pod := &corev1.Pod{}
	if err := k.api.Get(ctx, req.NamespacedName, pod); err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the log says which object
	}
	if pod.Spec.NodeName == "" {
		return nil // the scheduler's
	}
	node, err := k.node(ctx, pod.Spec.NodeName)
	if err != nil {
		return err
	}
	if node != nil && !kept(node) {
		return nil // it has a kubelet of its own
	}
	leaves := node == nil || !pod.DeletionTimestamp.IsZero()
	if leaves && over(pod) {
		return k.remove(ctx, pod)
	}
	return k.report(ctx, pod, leaves)
}

func kept(o client.Object) bool {
	_, is := o.GetLabels()[keeper]
	return is
}

// node returns a node, nil if there is none. The watches may not have seen a new
// one yet.
func (k *kubelets) node(ctx context.Context, name string) (*corev1.Node, error) {
	for _, from := range []client.Reader{k.api, k.live} {
		node := &corev1.Node{}
		err := from.Get(ctx, client.ObjectKey{Name: name}, node)
		if err == nil {
			return node, nil
		}
		if !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("reading node %s: %w", name, err)
		}
	}
	return nil, nil //nolint:nilnil // absence is an answer
}

// report writes what has become of a pod, where that is news.
func (k *kubelets) report(ctx context.Context, pod *corev1.Pod, leaves bool) error {
	before := pod.DeepCopy()
	switch now := metav1.Now(); {
	case leaves:
		end(pod, corev1.PodFailed, now)
	case over(pod):
		return nil
	case pod.Status.Phase == corev1.PodRunning && finite(pod):
		end(pod, corev1.PodSucceeded, now)
	default:
		if pod.Status.PodIP == "" {
			pod.Status.PodIP = k.ips.next()
		}
		run(pod, now)
	}
	if equality.Semantic.DeepEqual(before.Status, pod.Status) {
		return nil
	}
	if err := k.api.Status().Patch(ctx, pod, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing its status: %w", err)
	}
	return nil
}

// remove lets a pod go whose containers have ended.
func (k *kubelets) remove(ctx context.Context, pod *corev1.Pod) error {
	err := k.api.Delete(ctx, pod, client.GracePeriodSeconds(0), client.Preconditions{UID: &pod.UID})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("removing it: %w", err)
	}
	return nil
}
