// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"hash/fnv"
	"maps"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

// perZone is how many nodes a pool has in each of its zones. Enabled autoscaling keeps
// its bounds, and does nothing else: nobody asks for room.
func (p *pool) perZone() []int64 {
	out := make([]int64, len(p.Locations))
	a := p.Autoscaling
	if a == nil {
		a = &wire.NodePoolAutoscaling{}
	}
	total := int64(0)
	for i := range out {
		out[i] = p.InitialNodeCount
		if a.Enabled && a.MaxNodeCount > 0 {
			out[i] = min(max(out[i], a.MinNodeCount), a.MaxNodeCount)
		}
		total += out[i]
	}
	if !a.Enabled || a.TotalMaxNodeCount == 0 {
		return out
	}
	for i := 0; total < a.TotalMinNodeCount; i, total = i+1, total+1 {
		out[i%len(out)]++
	}
	for i := 0; total > a.TotalMaxNodeCount; i++ {
		if out[i%len(out)] > 0 {
			out[i%len(out)]--
			total--
		}
	}
	return out
}

func autoscalingError(a *wire.NodePoolAutoscaling) error {
	switch {
	case a == nil || !a.Enabled:
		return nil
	case (a.MaxNodeCount == 0) == (a.TotalMaxNodeCount == 0):
		return invalid("Either max_node_count or total_max_node_count must be set.")
	case a.MinNodeCount > a.MaxNodeCount, a.TotalMinNodeCount > a.TotalMaxNodeCount:
		return invalid("The minimum number of nodes must not be greater than the maximum.")
	}
	return nil
}

// nodesOf are the nodes that a pool should have.
func nodesOf(c *cluster, p *pool) []kubernetes.Node {
	var out []kubernetes.Node
	for i, count := range p.perZone() {
		for n := range count {
			out = append(out, p.node(c, p.Locations[i], n))
		}
	}
	return out
}

func (p *pool) node(c *cluster, zone string, n int64) kubernetes.Node {
	cpu, memory, _ := capacity(p.Config.MachineType) // it was checked
	labels := maps.Clone(p.Config.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, map[string]string{
		"cloud.google.com/gke-nodepool": p.Name, "cloud.google.com/machine-family": strings.SplitN(p.Config.MachineType, "-", 2)[0],
		corev1.LabelInstanceTypeStable: p.Config.MachineType, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		corev1.LabelTopologyZone: zone, corev1.LabelTopologyRegion: zone[:len(zone)-2],
	})
	if p.Config.Spot {
		labels["cloud.google.com/gke-spot"] = "true"
	}
	return kubernetes.Node{
		Name: nodeName(c.Name, p.Name, zone, n), Labels: labels, Taints: p.taints(), CPU: fmt.Sprint(cpu), Memory: fmt.Sprintf("%dMi", memory),
		Pods: strconv.FormatInt(p.MaxPodsConstraint.MaxPodsPerNode, 10), Version: "v" + p.Version,
	}
}

// nodeName is like those that GKE gives, and the same for the same place.
func nodeName(cluster, pool, zone string, n int64) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%s/%s/%d", cluster, pool, zone, n) // never fails
	sum := fmt.Sprintf("%016x", h.Sum64())
	name := "gke-" + cluster + "-" + pool
	return name[:min(len(name), 48)] + "-" + sum[:8] + "-" + sum[8:12]
}

func (p *pool) taints() []corev1.Taint {
	effects := map[string]corev1.TaintEffect{
		"NO_SCHEDULE": corev1.TaintEffectNoSchedule, "NO_EXECUTE": corev1.TaintEffectNoExecute, "PREFER_NO_SCHEDULE": corev1.TaintEffectPreferNoSchedule,
	}
	var out []corev1.Taint
	for _, t := range p.Config.Taints {
		out = append(out, corev1.Taint{Key: t.Key, Value: t.Value, Effect: effects[t.Effect]})
	}
	return out
}

// capacity returns a machine type's processors and its memory in MiB, less what the
// system takes of it, by its name: e2-standard-4 has 4 processors with 4 GiB each,
// "highmem" 8, "highcpu" 1; the shared ones have less.
func capacity(machineType string) (cpu, mebibytes int, ok bool) {
	shared := map[string]int{"e2-micro": 1, "e2-small": 2, "e2-medium": 4}
	if memory := shared[machineType]; memory > 0 {
		return 2, memory*1024 - 600, true
	}
	parts := strings.Split(machineType, "-")
	if len(parts) != 3 {
		return 0, 0, false
	}
	perCPU := map[string]int{"standard": 4, "highmem": 8, "highcpu": 1}[parts[1]]
	cpu, err := strconv.Atoi(parts[2])
	if err != nil || cpu < 1 || perCPU == 0 {
		return 0, 0, false
	}
	return cpu, cpu*perCPU*1024 - 600, true
}
