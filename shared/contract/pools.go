// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// Pool is the part of a ClusterPool from which targets are made.
type Pool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   PoolSpec   `json:"spec"`
	Status PoolStatus `json:"status,omitempty"`
}

// PoolSpec is what an administrator says of the pool's clusters.
type PoolSpec struct {
	Namespace string         `json:"namespace"`
	Templates []PoolTemplate `json:"templates,omitempty"`
	Target    PoolTarget     `json:"target"`
}

// PoolTemplate is what is known of the clusters of one template.
type PoolTemplate struct {
	Name       string                       `json:"name"`
	Location   v1alpha1.Location            `json:"location"`
	Zones      []string                     `json:"zones,omitempty"`
	Capacity   map[string]resource.Quantity `json:"capacity,omitempty"`
	HourlyCost *resource.Quantity           `json:"hourlyCost,omitempty"`
}

// PoolTarget is what the targets of a pool's clusters have.
type PoolTarget struct {
	Labels            map[string]string   `json:"labels,omitempty"`
	Taints            []workload.Taint    `json:"taints,omitempty"`
	AllowedNamespaces v1alpha1.BindableBy `json:"allowedNamespaces"`
	Role              string              `json:"role,omitempty"`
}

// PoolStatus says which clusters are the pool's.
type PoolStatus struct {
	Clusters []PoolCluster `json:"clusters,omitempty"`
}

// PoolCluster is one of them: a KubernetesCluster claim in the pool's namespace.
type PoolCluster struct {
	Name     string    `json:"name"`
	UID      types.UID `json:"uid,omitempty"`
	Template string    `json:"template"`
}

// Made returns the template that a claim was made by, or nil where it is not the
// pool's: only a claim of that name and of that uid is. A template that is no longer
// there has only its name.
func (p *Pool) Made(namespace, name string, uid types.UID) *PoolTemplate {
	if p.Spec.Namespace != namespace || uid == "" {
		return nil
	}
	for _, c := range p.Status.Clusters {
		if c.Name != name || c.UID != uid {
			continue
		}
		for i := range p.Spec.Templates {
			if p.Spec.Templates[i].Name == c.Template {
				return &p.Spec.Templates[i]
			}
		}
		return &PoolTemplate{Name: c.Template}
	}
	return nil
}

// PoolList is a list of pools.
type PoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Pool `json:"items"`
}

// Pools knows all cluster pools, while their kind is installed. It is a
// manager.Runnable.
type Pools struct {
	*follower

	changed subscribers[*Pool]
}

// NewPools returns the pools of the API that config reaches.
func NewPools(config *rest.Config) (*Pools, error) {
	p := &Pools{}
	var err error
	p.follower, err = newFollower(config, map[string]partial{v1alpha1.ContractPool: {
		object: func() metaObject { return &Pool{} }, list: func() runtime.Object { return &PoolList{} }, tell: p.changed.tell,
	}})
	return p, err
}

// OnChange calls f whenever a pool is new, changed or gone. To be called before
// Start; f must not block, nor change what it is given.
func (p *Pools) OnChange(f func(*Pool)) { p.changed.add(f) }

// All returns the pools as they are known; none where there is no such kind. The
// error is ErrNotSynced. Read only.
func (p *Pools) All() ([]*Pool, error) {
	return everyone[*Pool](p.follower, v1alpha1.ContractPool)
}

// DeepCopyObject implements runtime.Object.
func (p *Pool) DeepCopyObject() runtime.Object {
	out := &Pool{TypeMeta: p.TypeMeta}
	p.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Spec.Namespace = p.Spec.Namespace
	for _, t := range p.Spec.Templates {
		t.Capacity, t.Zones = copied(t.Capacity), slices.Clone(t.Zones)
		if t.HourlyCost != nil {
			t.HourlyCost = new(t.HourlyCost.DeepCopy())
		}
		out.Spec.Templates = append(out.Spec.Templates, t)
	}
	out.Spec.Target = PoolTarget{Labels: maps.Clone(p.Spec.Target.Labels), Role: p.Spec.Target.Role}
	p.Spec.Target.AllowedNamespaces.DeepCopyInto(&out.Spec.Target.AllowedNamespaces)
	for i := range p.Spec.Target.Taints {
		out.Spec.Target.Taints = append(out.Spec.Target.Taints, *p.Spec.Target.Taints[i].DeepCopy())
	}
	out.Status.Clusters = append(out.Status.Clusters, p.Status.Clusters...)
	return out
}

func copied(q map[string]resource.Quantity) map[string]resource.Quantity {
	out := maps.Clone(q)
	for name, one := range out {
		out[name] = one.DeepCopy()
	}
	return out
}

// DeepCopyObject implements runtime.Object.
func (l *PoolList) DeepCopyObject() runtime.Object {
	out := &PoolList{TypeMeta: l.TypeMeta, Items: make([]Pool, len(l.Items))}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*Pool) //nolint:errcheck,forcetypeassert // what the method above returns
	}
	return out
}
