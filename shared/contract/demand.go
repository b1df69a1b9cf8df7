// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"maps"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Demand is what the pods of one manifest ask for, and all that is kept of it: a
// manifest can be large, and there are many.
type Demand struct {
	// Requests by their name in Kubernetes, of all replicas together; nil where the
	// manifest makes no pods. The pods of a DaemonSet are not counted: their number
	// follows the cluster's.
	Requests map[string]resource.Quantity
}

// manifest is the part of an object in which pods are asked for.
type manifest struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       struct {
		podSpec

		Replicas    *int64    `json:"replicas"`
		Parallelism *int64    `json:"parallelism"`
		Template    *template `json:"template"`
		JobTemplate struct {
			Spec struct {
				Parallelism *int64    `json:"parallelism"`
				Template    *template `json:"template"`
			} `json:"spec"`
		} `json:"jobTemplate"`
	} `json:"spec"`
}

type template struct {
	Spec podSpec `json:"spec"`
}

type podSpec struct {
	Containers     []container `json:"containers"`
	InitContainers []container `json:"initContainers"`
	Overhead       quantities  `json:"overhead"`
}

type container struct {
	RestartPolicy string `json:"restartPolicy"`
	Resources     struct {
		Requests quantities `json:"requests"`
		Limits   quantities `json:"limits"`
	} `json:"resources"`
}

type quantities map[string]resource.Quantity

// UnmarshalJSON implements json.Unmarshaler. What is no manifest that a cluster
// would take asks for nothing: the cluster says what is wrong with it.
func (d *Demand) UnmarshalJSON(content []byte) error {
	*d = Demand{}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return nil //nolint:nilerr // as the docstring says
	}
	switch m.APIVersion + " " + m.Kind {
	case "v1 Pod":
		d.Requests = m.Spec.times(nil)
	case "apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 ReplicaSet", "v1 ReplicationController":
		if m.Spec.Template != nil {
			d.Requests = m.Spec.Template.Spec.times(m.Spec.Replicas)
		}
	case "batch/v1 Job":
		if m.Spec.Template != nil {
			d.Requests = m.Spec.Template.Spec.times(m.Spec.Parallelism)
		}
	case "batch/v1 CronJob":
		if t := m.Spec.JobTemplate.Spec.Template; t != nil {
			d.Requests = t.Spec.times(m.Spec.JobTemplate.Spec.Parallelism)
		}
	}
	return nil
}

// times returns what so many pods ask for, as a scheduler counts it; nil is one.
func (p podSpec) times(replicas *int64) map[string]resource.Quantity {
	total := quantities{"pods": resource.MustParse("1")}
	for _, c := range p.Containers {
		total.add(c.requests())
	}
	for _, c := range p.InitContainers {
		if c.RestartPolicy == "Always" { // it runs beside the others
			total.add(c.requests())
		}
	}
	for _, c := range p.InitContainers {
		if c.RestartPolicy == "Always" {
			continue
		}
		for name, want := range c.requests() {
			if have := total[name]; want.Cmp(have) > 0 {
				total[name] = want
			}
		}
	}
	total.add(p.Overhead)
	if replicas == nil {
		return total
	}
	for name, one := range total {
		one.Mul(*replicas)
		total[name] = one
	}
	return total
}

// requests are what a container asks for: where it only has a limit, that.
func (c container) requests() quantities {
	all := quantities{}
	maps.Copy(all, c.Resources.Limits)
	maps.Copy(all, c.Resources.Requests)
	return all
}

func (q quantities) add(more quantities) {
	for name, quantity := range more {
		sum := q[name]
		sum.Add(quantity)
		q[name] = sum
	}
}
