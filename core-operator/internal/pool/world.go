// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// world is what a pass knows.
type world struct {
	now          time.Time
	fleets       []*fleet
	applications []*contract.Application
	targets      []*workload.KubernetesTarget
	ofClaim      map[types.UID]*workload.KubernetesTarget
	on           map[string][]*contract.Application // by target: those that are, or may be, there
	byUID        map[types.UID]*contract.Application
	simulated    *simulation // nil: nobody had a question yet
	classes      map[string]*core.ResourceClass
	namespaces   map[string]*metav1.PartialObjectMetadata // nil: there is none
	next         time.Time                                // when to look again; zero: when something happens
}

// again has the next pass be no later than that.
func (w *world) again(at time.Time) {
	if w.next.IsZero() || at.Before(w.next) {
		w.next = at
	}
}

// look gathers what there is.
func (p *Pools) look(ctx context.Context, now time.Time) (*world, error) {
	w := &world{
		now: now, ofClaim: map[types.UID]*workload.KubernetesTarget{},
		on: map[string][]*contract.Application{}, byUID: map[types.UID]*contract.Application{},
		classes: map[string]*core.ResourceClass{}, namespaces: map[string]*metav1.PartialObjectMetadata{},
	}
	pools, err := p.pools(ctx)
	if err != nil || len(pools.Items) == 0 {
		return w, err
	}
	if w.applications, err = p.Workloads.All(); err != nil {
		return nil, err
	}
	if w.targets, err = p.Workloads.Targets(); err != nil {
		return nil, err
	}
	w.note()
	classes := &core.ResourceClassList{}
	if err := p.Kube.List(ctx, classes, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("reading the classes: %w", err)
	}
	for i := range classes.Items {
		w.classes[classes.Items[i].Name] = &classes.Items[i]
	}
	slices.SortFunc(pools.Items, func(a, b compute.ClusterPool) int { return strings.Compare(a.Name, b.Name) })
	for i := range pools.Items {
		f, err := p.fleet(ctx, w, &pools.Items[i])
		if err != nil {
			return nil, err
		}
		w.fleets = append(w.fleets, f)
	}
	return w, nil
}

// pools returns the pools as they are on record. Where there are none, as on most
// control planes, the API server is not asked.
func (p *Pools) pools(ctx context.Context) (*compute.ClusterPoolList, error) {
	list := &compute.ClusterPoolList{}
	if err := p.Kube.List(ctx, list, client.Limit(1), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("looking for cluster pools: %w", err)
	}
	if len(list.Items) == 0 {
		return list, nil
	}
	list = &compute.ClusterPoolList{}
	if err := p.Live.List(ctx, list); err != nil {
		return nil, fmt.Errorf("reading the cluster pools: %w", err)
	}
	return list, nil
}

// note puts targets and who uses them in order.
func (w *world) note() {
	slices.SortFunc(w.targets, func(a, b *workload.KubernetesTarget) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range w.targets {
		if uid := t.Labels[v1alpha1.LabelClaimUID]; uid != "" {
			w.ofClaim[types.UID(uid)] = t
		}
	}
	slices.SortFunc(w.applications, func(a, b *contract.Application) int {
		return cmp.Or(cmp.Compare(priority(b), priority(a)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(string(a.UID), string(b.UID)))
	})
	for _, a := range w.applications {
		w.byUID[a.UID] = a
		for _, name := range a.TargetNames() {
			w.on[name] = append(w.on[name], a)
		}
	}
}

func priority(a *contract.Application) int32 {
	if a.Spec.Placement == nil {
		return 0
	}
	return a.Spec.Placement.Priority
}

// namespace returns a namespace; nil where there is none that claims can be made in.
func (p *Pools) namespace(ctx context.Context, w *world, name string) (*metav1.PartialObjectMetadata, error) {
	if ns, known := w.namespaces[name]; known {
		return ns, nil
	}
	ns := &metav1.PartialObjectMetadata{}
	ns.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	err := p.Kube.Get(ctx, client.ObjectKey{Name: name}, ns)
	switch {
	case apierrors.IsNotFound(err), err == nil && ns.DeletionTimestamp != nil:
		ns = nil
	case err != nil:
		return nil, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	w.namespaces[name] = ns
	return ns, nil
}
