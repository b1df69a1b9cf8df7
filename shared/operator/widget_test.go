// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
)

// Widget is a managed kind made up for these tests.
type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitzero"`

	Spec   v1alpha1.ManagedSpec   `json:"spec"`
	Status v1alpha1.ManagedStatus `json:"status,omitzero"`
}

func (w *Widget) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &w.Spec, &w.Status
}

func (w *Widget) DeepCopyObject() runtime.Object {
	out := &Widget{}
	w.copyTo(out)
	return out
}

func (w *Widget) copyTo(out *Widget) {
	out.TypeMeta = w.TypeMeta
	w.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	w.Spec.DeepCopyInto(&out.Spec)
	w.Status.DeepCopyInto(&out.Status)
}

// WidgetList is a list of them.
type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`

	Items []Widget `json:"items"`
}

func (l *WidgetList) DeepCopyObject() runtime.Object {
	out := &WidgetList{TypeMeta: l.TypeMeta, ListMeta: l.ListMeta}
	for i := range l.Items {
		item := Widget{}
		l.Items[i].copyTo(&item)
		out.Items = append(out.Items, item)
	}
	return out
}

func newWidgets() client.ObjectList { return &WidgetList{} }

func widgetConditions(o client.Object) []metav1.Condition {
	w, _ := o.(*Widget)
	return w.Status.Conditions
}

func addWidgets(s *runtime.Scheme) error {
	gv := schema.GroupVersion{Group: "test.crossplane.io", Version: "v1alpha1"}
	s.AddKnownTypes(gv, &Widget{}, &WidgetList{})
	metav1.AddToGroupVersion(s, gv)
	return nil
}

func widget(name string) *Widget {
	return &Widget{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.ManagedSpec{ProviderRef: v1alpha1.Reference{Name: "test"}}}
}

// byProvider is an index: it has to survive the kind's absence.
const byProvider = "spec.providerRef.name"

// widgets is a kind that only notes what it has seen.
type widgets struct {
	env   managed.Env
	cache cache.Cache
	work  func(ctx context.Context) error // what a pass does; nil: nothing

	mu   sync.Mutex
	seen map[string]int
}

func (w *widgets) Object() client.Object { return &Widget{} }

func (w *widgets) SetupWithManager(mgr ctrl.Manager, env managed.Env) error {
	w.env, w.cache, w.seen = env, mgr.GetCache(), map[string]int{}
	err := mgr.GetFieldIndexer().IndexField(context.Background(), &Widget{}, byProvider, func(o client.Object) []string {
		w, _ := o.(*Widget)
		return []string{w.Spec.ProviderRef.Name}
	})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return ctrl.NewControllerManagedBy(mgr).Named("widget").For(&Widget{}).
		Complete(drain.Reconciler(reconcile.Func(w.reconcile), drain.Grace))
}

func (w *widgets) reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	w.mu.Lock()
	w.seen[req.Name]++
	w.mu.Unlock()
	if w.work == nil {
		return reconcile.Result{RequeueAfter: time.Hour}, nil
	}
	return reconcile.Result{}, w.work(ctx)
}

func (w *widgets) hasSeen(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[name] > 0
}
