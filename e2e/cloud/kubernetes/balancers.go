// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// balancers give Services of type LoadBalancer an address, as a cloud does that
// makes a load balancer for each. Nobody listens there.
type balancers struct {
	api client.Client
	ips *addresses
}

func (s *server) addBalancers(mgr ctrl.Manager) error {
	b := &balancers{api: mgr.GetClient(), ips: s.balancerIPs}
	err := ctrl.NewControllerManagedBy(mgr).Named("services").For(&corev1.Service{}).
		Complete(s.tell("cannot give a Service its address", b.pass))
	if err != nil {
		return fmt.Errorf("following Services: %w", err)
	}
	return nil
}

func (b *balancers) pass(ctx context.Context, req reconcile.Request) error {
	service := &corev1.Service{}
	if err := b.api.Get(ctx, req.NamespacedName, service); err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the log says which object
	}
	if service.Spec.LoadBalancerClass != nil {
		return nil // somebody else's
	}
	wants, has := service.Spec.Type == corev1.ServiceTypeLoadBalancer, len(service.Status.LoadBalancer.Ingress) > 0
	if wants == has {
		return nil
	}
	before := service.DeepCopy()
	service.Status.LoadBalancer.Ingress = nil
	if wants {
		service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: b.ips.next()}}
	}
	if err := b.api.Status().Patch(ctx, service, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing its status: %w", err)
	}
	return nil
}
