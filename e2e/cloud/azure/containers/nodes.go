// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

// machine is what a size of machines has.
type machine struct{ cpu, mebibytes int }

var sizes = regexp.MustCompile(`^(?i)Standard_([BDEF])([0-9]+)[a-z]*(_v[0-9]+)?$`)

// capacity returns a size's processors and its memory, less what the system takes
// of it, by the family and the number in its name: Azure gives a processor of an
// "E" 8 GiB, of an "F" 2, of others 4.
func capacity(size string) machine {
	m := sizes.FindStringSubmatch(size)
	if m == nil {
		return machine{}
	}
	cpu, err := strconv.Atoi(m[2])
	if err != nil || cpu == 0 {
		return machine{}
	}
	per := map[string]int{"B": 4, "D": 4, "E": 8, "F": 2}[strings.ToUpper(m[1])]
	return machine{cpu, cpu*per*1024 - 600}
}

// nodes are the machines that a pool has by now.
func nodes(cluster, pool *arm.Resource) []kubernetes.Node {
	state := pool.State()
	if state == creating || state == deleting {
		return nil
	}
	count, _ := arm.Number(pool.Body, "properties", "count")
	var out []kubernetes.Node
	for i := range count {
		out = append(out, node(cluster, pool, i))
	}
	return out
}

func node(cluster, pool *arm.Resource, i int) kubernetes.Node {
	size, name := arm.Text(pool.Body, "properties", "vmSize"), pool.ID.Name()
	m, mode := capacity(size), strings.ToLower(arm.Text(pool.Body, "properties", "mode"))
	location := strings.ToLower(strings.ReplaceAll(arm.Text(cluster.Body, "location"), " ", ""))
	labels := map[string]string{
		"agentpool": name, "kubernetes.azure.com/agentpool": name, "kubernetes.azure.com/mode": mode,
		"kubernetes.azure.com/cluster": labelled(arm.Text(cluster.Body, "properties", "nodeResourceGroup")),
		corev1.LabelInstanceTypeStable: size, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		corev1.LabelTopologyRegion: location, corev1.LabelTopologyZone: zone(location, pool.Body, i),
	}
	wanted, _ := arm.Value(pool.Body, "properties", "nodeLabels").(map[string]any)
	for key, value := range wanted {
		labels[key] = fmt.Sprint(value)
	}
	pods, _ := arm.Number(pool.Body, "properties", "maxPods")
	return kubernetes.Node{
		Name: nodeName(cluster.ID.Key(), name, i), Labels: labels, Taints: taints(pool.Body),
		CPU: strconv.Itoa(m.cpu), Memory: strconv.Itoa(m.mebibytes) + "Mi", Pods: strconv.Itoa(pods), Version: "v" + ownPool(pool).version,
	}
}

// labelled cuts a name to what the value of a label can be.
func labelled(name string) string {
	const longest = 63
	return strings.TrimRight(name[:min(len(name), longest)], "_.-()")
}

func zone(location string, b arm.Body, i int) string {
	zones, _ := arm.Value(b, "properties", "availabilityZones").([]any)
	if len(zones) == 0 {
		return "0"
	}
	return location + "-" + fmt.Sprint(zones[i%len(zones)])
}

// nodeName is like those that AKS gives, and the same for the same place.
func nodeName(cluster, pool string, i int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(cluster)) // never fails
	return fmt.Sprintf("aks-%s-%08d-vmss%06s", pool, h.Sum32()%100_000_000, strconv.FormatInt(int64(i), 36))
}

func taints(b arm.Body) []corev1.Taint {
	list, _ := arm.Value(b, "properties", "nodeTaints").([]any)
	var out []corev1.Taint
	for _, text := range list {
		t, _ := taint(text) // it was checked
		out = append(out, t)
	}
	return out
}

var taintTexts = regexp.MustCompile(`^([^=:]+)(=([^=:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$`)

// taint reads one as kubectl writes it.
func taint(v any) (corev1.Taint, bool) {
	text, _ := v.(string)
	m := taintTexts.FindStringSubmatch(text)
	if m == nil {
		return corev1.Taint{}, false
	}
	return corev1.Taint{Key: m[1], Value: m[3], Effect: corev1.TaintEffect(m[4])}, true
}
