// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// wakes is the source of what is not about one class: it has all of them looked
// at. There are some dozens, and what wakes them is rare.
type wakes struct {
	*wake.Source

	env Env
	// leases reports whether the Leases that were there are known.
	leases cache.InformerSynced
}

func newWakes(env Env) *wakes {
	w := &wakes{env: env}
	w.Source = wake.New("managed kinds and operators", w.known)
	env.Kinds.OnKind(func(schema.GroupKind) { w.all() })
	return w
}

// known waits until it is known which kinds and operators there are, or a restart
// would find none.
func (w *wakes) known(ctx context.Context) error {
	if err := w.env.Kinds.WaitForKinds(ctx); err != nil {
		return fmt.Errorf("waiting for the managed kinds: %w", err)
	}
	if !cache.WaitForCacheSync(ctx.Done(), w.leases) {
		return fmt.Errorf("waiting for the Leases of operators: %w", context.Cause(ctx))
	}
	return nil
}

// all has every class looked at.
func (w *wakes) all() { w.Add(w.classes) }

func (w *wakes) classes(ctx context.Context) []reconcile.Request {
	classes := &core.ResourceClassList{}
	if err := w.env.Kube.List(ctx, classes, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the manager ends
	}
	requests := make([]reconcile.Request, len(classes.Items))
	for i := range classes.Items {
		requests[i].NamespacedName = client.ObjectKeyFromObject(&classes.Items[i])
	}
	return requests
}
