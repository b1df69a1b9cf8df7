// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"maps"
	"regexp"

	corev1 "k8s.io/api/core/v1"
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

// Total is what objects ask for together; nil where they make no pods.
func Total(demands []Demand) map[string]resource.Quantity {
	total := map[string]resource.Quantity{}
	for _, d := range demands {
		AddRequests(total, d.Requests)
	}
	if len(total) == 0 {
		return nil
	}
	return total
}

// manifest is the part of an object in which pods are asked for.
type manifest struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Spec       json.RawMessage `json:"spec"`
}

// maker is the part of the spec of an object that makes pods.
type maker struct {
	Replicas    *int64                  `json:"replicas"`
	Parallelism *int64                  `json:"parallelism"`
	Template    *corev1.PodTemplateSpec `json:"template"`
	JobTemplate *struct {
		Spec maker `json:"spec"`
	} `json:"jobTemplate"`
}

// UnmarshalJSON implements json.Unmarshaler. What is no manifest that a cluster
// would take asks for nothing: the cluster says what is wrong with it.
func (d *Demand) UnmarshalJSON(content []byte) error {
	*d = Demand{}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return nil //nolint:nilerr // as the docstring says
	}
	d.Requests = m.requests()
	return nil
}

// boundless finds a quantity that nobody can mean and that takes hours, and all memory,
// to be added to another: who writes manifests and charts is not trusted. The specs that
// are looked through were written by encoders: no name in them is spelt otherwise.
var boundless = regexp.MustCompile(`"(?:requests|limits|overhead)"\s*:\s*\{[^{}]*"[-+]?[0-9.]+[eE][-+]?[0-9]{4,}"`)

func (m *manifest) requests() map[string]resource.Quantity {
	if boundless.Match(m.Spec) {
		return nil
	}
	kind := m.APIVersion + " " + m.Kind
	if kind == "v1 Pod" {
		var pod corev1.PodSpec
		if json.Unmarshal(m.Spec, &pod) != nil {
			return nil
		}
		return times(&pod, nil)
	}
	var makes maker
	switch kind {
	case "apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 ReplicaSet", "v1 ReplicationController", "batch/v1 Job", "batch/v1 CronJob":
		if json.Unmarshal(m.Spec, &makes) != nil {
			return nil
		}
	}
	number := makes.Replicas
	switch kind {
	case "batch/v1 CronJob":
		if makes.JobTemplate == nil {
			return nil
		}
		makes = makes.JobTemplate.Spec
		number = makes.Parallelism
	case "batch/v1 Job":
		number = makes.Parallelism
	}
	if makes.Template == nil {
		return nil
	}
	return times(&makes.Template.Spec, number)
}

// times returns what so many pods ask for; nil is one.
func times(pod *corev1.PodSpec, number *int64) map[string]resource.Quantity {
	total := Named(PodRequests(pod))
	if number == nil {
		return total
	}
	for name, one := range total {
		one.Mul(*number)
		total[name] = one
	}
	return total
}

// Named returns quantities by the names of their resources; nil where there are none.
func Named(list corev1.ResourceList) map[string]resource.Quantity {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]resource.Quantity, len(list))
	for name, quantity := range list {
		out[string(name)] = quantity
	}
	return out
}

// PodRequests returns what a pod of that spec takes of a node, as the scheduler
// counts it: what its containers and its sidecars ask for together, or, where that
// is more, one of its init containers with the sidecars that run by then; what is
// said for the pod as a whole counts instead. The overhead of its runtime comes on
// top, and it is one of "pods". A container that has only a limit asks for that, as
// the API server fills it in.
func PodRequests(spec *corev1.PodSpec) corev1.ResourceList {
	total, beside, most := corev1.ResourceList{}, corev1.ResourceList{}, corev1.ResourceList{}
	for i := range spec.Containers {
		AddRequests(total, asked(&spec.Containers[i].Resources))
	}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		one := asked(&c.Resources)
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways { // a sidecar
			AddRequests(total, one)
			AddRequests(beside, one)
			continue
		}
		AddRequests(one, beside)
		raise(most, one)
	}
	raise(total, most)
	if whole := spec.Resources; whole != nil {
		for name, limit := range countable(whole.Limits) {
			if _, found := total[name]; !found {
				total[name] = limit
			}
		}
		maps.Copy(total, countable(whole.Requests))
	}
	AddRequests(total, spec.Overhead)
	total[corev1.ResourcePods] = *resource.NewQuantity(1, resource.DecimalSI)
	return total
}

// asked is what a container asks for: where it only has a limit, that.
func asked(r *corev1.ResourceRequirements) corev1.ResourceList {
	all := corev1.ResourceList{}
	maps.Copy(all, countable(r.Limits))
	maps.Copy(all, countable(r.Requests))
	return all
}

// maxExponent is of ten, in an amount that is counted.
const maxExponent = 30

// countable returns the amounts that can be added to others. Kubernetes takes 1e999999999
// for a quantity, and to add one to it takes hours and all memory: nobody means it, and who
// makes pods and nodes is not trusted.
func countable[M ~map[K]resource.Quantity, K ~string](all M) M {
	out := make(M, len(all))
	for name, quantity := range all {
		if scale := quantity.AsDec().Scale(); -maxExponent <= scale && scale <= maxExponent {
			out[name] = all[name]
		}
	}
	return out
}

// AddRequests adds quantities to others, by name; what nobody can mean is left out.
func AddRequests[M ~map[K]resource.Quantity, K ~string](to, more M) {
	for name, quantity := range countable(more) {
		sum := to[name].DeepCopy()
		sum.Add(quantity)
		to[name] = sum
	}
}

// raise makes each quantity at least what another is.
func raise[M ~map[K]resource.Quantity, K ~string](to, least M) {
	for name, quantity := range least {
		if have, found := to[name]; !found || quantity.Cmp(have) > 0 {
			to[name] = quantity
		}
	}
}
