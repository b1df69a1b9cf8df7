// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"fmt"
	"hash/fnv"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// nodegroup is a managed node group: what the API shows and what it does not.
type nodegroup struct {
	work
	nodegroupView

	nodes []kubernetes.Node // as long as it has any
}

// view returns the group as the API shows it now.
func (g *nodegroup) view() nodegroupView {
	v := g.nodegroupView
	v.Status = g.state(active)
	return v
}

// id names the group in ledgers: names are unique in a cluster only.
func (g *nodegroup) id() string { return g.ClusterName + "/" + g.NodegroupName }

type nodegroupInput struct {
	ClusterName   string `json:"-" path:"clusterName"`
	NodegroupName string `json:"-" path:"nodegroupName"`
}

// group finds a node group that there is.
func (s *Service) group(scope query.Scope, in nodegroupInput) (*region, *cluster, *nodegroup, error) {
	here, c, err := s.find(scope, in.ClusterName)
	if err != nil {
		return nil, nil, nil, err
	}
	g, ok := c.groups.Get(in.NodegroupName)
	if !ok {
		return nil, nil, nil, notFound("No node group found for name: %s.", in.NodegroupName)
	}
	return here, c, g, nil
}

func (s *Service) describeNodegroup(r *query.Request, in *nodegroupInput) (*nodegroupResult, error) {
	_, _, g, err := s.group(r.Scope, *in)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(g.NodegroupArn) {
		return nil, notFound("No node group found for name: %s.", in.NodegroupName)
	}
	return &nodegroupResult{g.view()}, nil
}

type listInput struct {
	pageInput

	ClusterName string `json:"-" path:"clusterName"`
}

type nodegroupNames struct {
	Nodegroups []string `json:"nodegroups"`
	NextToken  *string  `json:"nextToken"`
}

func (s *Service) listNodegroups(r *query.Request, in *listInput) (*nodegroupNames, error) {
	_, c, err := s.find(r.Scope, in.ClusterName)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c.groups.Names(), in.pageInput)
	return &nodegroupNames{Nodegroups: page, NextToken: next}, err
}

func (s *Service) deleteNodegroup(r *query.Request, in *nodegroupInput) (*nodegroupResult, error) {
	here, c, g, err := s.group(r.Scope, *in)
	if err != nil {
		return nil, err
	}
	switch state := g.state(active); state {
	case deleting:
		return &nodegroupResult{g.view()}, nil
	case creating, updating:
		return nil, inUse("Nodegroup %s cannot be deleted as it is currently in state %s", g.NodegroupName, state)
	}
	s.record(r, kindNodegroup, g.id(), local.Deleted)
	g.forced = ""
	s.begin(here, &g.work, s.lasts(local.Delete, deleting, func() {
		c.groups.Delete(g.NodegroupName)
		s.refresh(c)
		s.publish(here, kindNodegroup, g.id(), "DELETED")
	}))
	s.publish(here, kindNodegroup, g.id(), deleting)
	return &nodegroupResult{g.view()}, nil
}

// populate gives the group the nodes that it should have by now.
func (s *Service) populate(here *region, c *cluster, g *nodegroup) {
	g.nodes = nil
	for i := range orElse(g.Scaling.DesiredSize, 0) {
		g.nodes = append(g.nodes, s.node(here.scope, g, i))
	}
	s.refresh(c)
}

func (s *Service) node(scope query.Scope, g *nodegroup, i int32) kubernetes.Node {
	cpu, memory, _ := capacity(g.InstanceTypes[0]) // it was checked
	labels := maps.Clone(g.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	subnet, _ := s.network.Subnet(scope, g.Subnets[int(i)%len(g.Subnets)])
	maps.Copy(labels, map[string]string{
		"eks.amazonaws.com/nodegroup": g.NodegroupName, "eks.amazonaws.com/capacityType": g.CapacityType,
		corev1.LabelInstanceTypeStable: g.InstanceTypes[0], corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		corev1.LabelTopologyZone: subnet.Zone, corev1.LabelTopologyRegion: scope.Region,
	})
	return kubernetes.Node{
		Name: nodeName(scope.Region, g.id(), i), Labels: labels, Taints: g.coreTaints(),
		CPU: fmt.Sprint(cpu), Memory: fmt.Sprintf("%dMi", memory), Pods: "110", Version: kubelet(g.Version),
	}
}

// nodeName is like those that EC2 gives, and the same for the same place.
func nodeName(region, group string, i int32) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", group, i) // never fails
	sum := h.Sum(nil)
	return fmt.Sprintf("ip-10-%d-%d-%d.%s.compute.internal", sum[1], sum[2], sum[3], region)
}

func (g *nodegroup) coreTaints() []corev1.Taint {
	effects := map[string]corev1.TaintEffect{
		"NO_SCHEDULE": corev1.TaintEffectNoSchedule, "NO_EXECUTE": corev1.TaintEffectNoExecute, "PREFER_NO_SCHEDULE": corev1.TaintEffectPreferNoSchedule,
	}
	var out []corev1.Taint
	for _, t := range g.Taints {
		out = append(out, corev1.Taint{Key: t.Key, Value: t.Value, Effect: effects[t.Effect]})
	}
	return out
}

// capacity returns an instance type's processors and its memory in MiB, less
// what the system takes of it, by the family and the size in its name: AWS gives
// a processor of a "c" 2 GiB, of an "r" 8, of others 4; the burstable small ones
// have less.
func capacity(instanceType string) (cpu, mebibytes int, ok bool) {
	family, size, _ := strings.Cut(instanceType, ".")
	cpus := map[string]int{"medium": 2, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64}
	perCPU := map[byte]int{'t': 4, 'm': 4, 'c': 2, 'r': 8}
	if len(family) < 2 || cpus[size] == 0 || perCPU[family[0]] == 0 || family[1] < '0' || family[1] > '9' {
		return 0, 0, false
	}
	memory := cpus[size] * perCPU[family[0]]
	if size == "medium" {
		memory /= 2
	}
	return cpus[size], memory*1024 - 600, true
}
