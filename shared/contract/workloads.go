// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// Application is the part of a KubernetesApplication that others than
// workload-operator need: what it uses and asks for, and where it is.
type Application struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   ApplicationSpec   `json:"spec"`
	Status ApplicationStatus `json:"status,omitempty"`
}

// ApplicationSpec is what the developer says of where it runs and what it uses.
type ApplicationSpec struct {
	TargetRef *v1alpha1.Reference `json:"targetRef,omitempty"`
	Placement *workload.Placement `json:"placement,omitempty"`
	Uses      []workload.Use      `json:"uses,omitempty"`
	// Manifests are only what they ask for.
	Manifests []Demand `json:"manifests,omitempty"`
	// Chart is there where the application has one, and only says which.
	Chart *Chart `json:"chart,omitempty"`
}

// ApplicationStatus is where the application shall be, and where it has, or may
// have, objects.
type ApplicationStatus struct {
	Conditions []metav1.Condition        `json:"conditions,omitempty"`
	Placement  *workload.PlacementStatus `json:"placement,omitempty"`
	Targets    []workload.TargetInUse    `json:"targets,omitempty"`
	// Estimated is what its chart will ask for.
	Estimated *workload.EstimatedRequests `json:"estimated,omitempty"`
	// Measured is what its pods ask for, target by target.
	Measured []workload.MeasuredRequests `json:"measured,omitempty"`
}

// Requests are what the application takes of a target: what its placement says, or
// else what its manifests and its chart ask for. Unknown, which is nil, where it is not
// known of the chart, or there is nothing that asks.
func (a *Application) Requests() map[string]resource.Quantity {
	if p := a.Spec.Placement; p != nil && p.Requests != nil {
		return p.Requests
	}
	if a.Spec.Chart == nil {
		return Total(a.Spec.Manifests)
	}
	e := a.Estimate()
	if e == nil || e.Reason != "" {
		return nil
	}
	return Total(append([]Demand{{Requests: e.Requests}}, a.Spec.Manifests...))
}

// Unstated reports whether what the application takes is for its chart to tell: it has
// one, and its placement does not say.
func (a *Application) Unstated() bool {
	return a.Spec.Chart != nil && (a.Spec.Placement == nil || a.Spec.Placement.Requests == nil)
}

// Estimate is what is known of the chart that the spec has now: what it will ask for,
// or a reason why that can't be told. Nil: nobody has looked at it, or at another one.
func (a *Application) Estimate() *workload.EstimatedRequests {
	if e := a.Status.Estimated; e != nil && a.Spec.Chart != nil && e.Of == a.Spec.Chart.Digest {
		return e
	}
	return nil
}

// Measured is what the application's pods were seen to ask for on a target or,
// where they were not seen there yet, the most that they did on another one. Nil:
// they were seen nowhere.
func (a *Application) Measured(target string) map[string]resource.Quantity {
	var most map[string]resource.Quantity
	for _, m := range a.Status.Measured {
		if m.Target == target {
			return m.Requests
		}
		most = Most(most, m.Requests)
	}
	return most
}

// Most returns of each quantity the greater one. It may be one of its arguments,
// none of which it changes.
func Most(a, b map[string]resource.Quantity) map[string]resource.Quantity {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(a)
	raise(out, b)
	return out
}

// Destination is the name of the target that the application is meant for: the one
// that its spec names, or else that it was placed on; empty if there is none yet.
func (a *Application) Destination() string {
	switch {
	case a.Spec.TargetRef != nil:
		return a.Spec.TargetRef.Name
	case a.Status.Placement != nil:
		return a.Status.Placement.Target
	default:
		return ""
	}
}

// TargetNames are the targets that the application has objects on and, unless it is
// being deleted, the one that it is meant for. Whether it may run there is not said.
func (a *Application) TargetNames() []string {
	var names []string
	for _, t := range a.Status.Targets {
		names = append(names, t.Name)
	}
	if name := a.Destination(); name != "" && a.DeletionTimestamp == nil && !slices.Contains(names, name) {
		names = append(names, name)
	}
	return names
}

// On reports whether the application has, or may have, objects on a target:
// workload-operator found that it may.
func (a *Application) On(target string) bool {
	return slices.ContainsFunc(a.Status.Targets, func(t workload.TargetInUse) bool { return t.Name == target })
}

// ApplicationList is a list of applications.
type ApplicationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Application `json:"items"`
}

// Workloads knows all applications and targets, while their kinds are installed.
// It is a manager.Runnable.
type Workloads struct {
	*follower

	applications subscribers[*Application]
	targets      subscribers[*workload.KubernetesTarget]
}

// NewWorkloads returns the applications and targets of the API that config reaches.
func NewWorkloads(config *rest.Config) (*Workloads, error) {
	w := &Workloads{}
	var err error
	w.follower, err = newFollower(config, map[string]partial{
		v1alpha1.ContractApplication: {
			object: func() metaObject { return &Application{} }, list: func() runtime.Object { return &ApplicationList{} },
			tell: w.applications.tell, by: cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc, indexTarget: targetNames},
		},
		v1alpha1.ContractTarget: {
			object: func() metaObject { return &workload.KubernetesTarget{} }, list: func() runtime.Object { return &workload.KubernetesTargetList{} }, tell: w.targets.tell,
		},
	})
	return w, err
}

// OnApplication calls f whenever an application is new, changed or gone. To be
// called before Start; f must not block, nor change what it is given.
func (w *Workloads) OnApplication(f func(*Application)) { w.applications.add(f) }

// OnTarget calls f whenever a target is new, changed or gone. To be called before
// Start; f must not block, nor change what it is given.
func (w *Workloads) OnTarget(f func(*workload.KubernetesTarget)) { w.targets.add(f) }

var (
	kindApplication = schema.GroupKind{Group: workload.Group, Kind: "KubernetesApplication"} //nolint:gochecknoglobals // a constant
	kindTarget      = schema.GroupKind{Group: workload.Group, Kind: "KubernetesTarget"}      //nolint:gochecknoglobals // a constant
)

// Applications returns those of a namespace; none where there is no such kind. The
// error is ErrNotSynced. Read only.
func (w *Workloads) Applications(namespace string) ([]*Application, error) {
	return w.by(cache.NamespaceIndex, namespace)
}

// Concerned returns the applications that have objects on a target, or name it;
// none where there is no such kind. The error is ErrNotSynced. Read only.
func (w *Workloads) Concerned(target string) ([]*Application, error) {
	return w.by(indexTarget, target)
}

// indexTarget finds applications by their targets.
const indexTarget = "target"

func targetNames(object any) ([]string, error) {
	if a, ok := object.(*Application); ok {
		return a.TargetNames(), nil
	}
	return nil, nil
}

func (w *Workloads) by(index, key string) ([]*Application, error) {
	known, err := w.watched(kindApplication)
	if err != nil || known == nil {
		return nil, err
	}
	objects, err := known.informer.GetIndexer().ByIndex(index, key)
	if err != nil {
		return nil, fmt.Errorf("looking for applications: %w", err)
	}
	out := make([]*Application, 0, len(objects))
	for _, o := range objects {
		if a, ok := o.(*Application); ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// Target returns a target as it is known, or nil where it is not there. The error
// is ErrNotSynced. Read only.
func (w *Workloads) Target(name string) (*workload.KubernetesTarget, error) {
	known, err := w.watched(kindTarget)
	if err != nil || known == nil {
		return nil, err
	}
	object, _, _ := known.informer.GetStore().GetByKey(name)
	t, _ := object.(*workload.KubernetesTarget)
	return t, nil
}

// Targets returns all targets; none where there is no such kind. The error is
// ErrNotSynced. Read only.
func (w *Workloads) Targets() ([]*workload.KubernetesTarget, error) {
	return everyone[*workload.KubernetesTarget](w.follower, v1alpha1.ContractTarget)
}

// All returns the applications of every namespace; none where there is no such
// kind. The error is ErrNotSynced. Read only.
func (w *Workloads) All() ([]*Application, error) {
	return everyone[*Application](w.follower, v1alpha1.ContractApplication)
}

// Application returns one application as it is known, or nil where it is not there.
// The error is ErrNotSynced. Read only.
func (w *Workloads) Application(namespace, name string) (*Application, error) {
	known, err := w.watched(kindApplication)
	if err != nil || known == nil {
		return nil, err
	}
	object, _, _ := known.informer.GetStore().GetByKey(namespace + "/" + name)
	a, _ := object.(*Application)
	return a, nil
}

// DeepCopyObject implements runtime.Object.
func (a *Application) DeepCopyObject() runtime.Object {
	out := &Application{TypeMeta: a.TypeMeta}
	a.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if a.Spec.TargetRef != nil {
		out.Spec.TargetRef = new(*a.Spec.TargetRef)
	}
	out.Spec.Placement = a.Spec.Placement.DeepCopy()
	for i := range a.Spec.Uses {
		out.Spec.Uses = append(out.Spec.Uses, *a.Spec.Uses[i].DeepCopy())
	}
	for _, d := range a.Spec.Manifests {
		out.Spec.Manifests = append(out.Spec.Manifests, Demand{Requests: maps.Clone(d.Requests)})
	}
	out.Spec.Chart = a.Spec.Chart
	for i := range a.Status.Conditions {
		out.Status.Conditions = append(out.Status.Conditions, *a.Status.Conditions[i].DeepCopy())
	}
	out.Status.Placement = a.Status.Placement.DeepCopy()
	out.Status.Targets = append(out.Status.Targets, a.Status.Targets...)
	out.Status.Estimated = a.Status.Estimated.DeepCopy()
	for i := range a.Status.Measured {
		out.Status.Measured = append(out.Status.Measured, *a.Status.Measured[i].DeepCopy())
	}
	return out
}

// DeepCopyObject implements runtime.Object.
func (l *ApplicationList) DeepCopyObject() runtime.Object {
	out := &ApplicationList{TypeMeta: l.TypeMeta, Items: make([]Application, len(l.Items))}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*Application) //nolint:errcheck,forcetypeassert // what the method above returns
	}
	return out
}
