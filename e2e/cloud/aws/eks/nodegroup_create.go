// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// nodeService is whom a node's role has to trust.
const nodeService = "ec2.amazonaws.com"

type createNodegroupInput struct {
	ClusterName    string            `json:"-" path:"clusterName"`
	NodegroupName  string            `json:"nodegroupName"`
	Scaling        scaling           `json:"scalingConfig"`
	DiskSize       *int32            `json:"diskSize"`
	Subnets        []string          `json:"subnets"`
	InstanceTypes  []string          `json:"instanceTypes"`
	AMIType        string            `json:"amiType"`
	NodeRole       string            `json:"nodeRole"`
	Labels         map[string]string `json:"labels"`
	Taints         []taint           `json:"taints"`
	Update         updateConfig      `json:"updateConfig"`
	Repair         *repairConfig     `json:"nodeRepairConfig"`
	CapacityType   string            `json:"capacityType"`
	Version        string            `json:"version"`
	ReleaseVersion string            `json:"releaseVersion"`
	Token          string            `json:"clientRequestToken"`
	Tags           map[string]string `json:"tags"`
}

func (s *Service) createNodegroup(r *query.Request, in *createNodegroupInput) (*nodegroupResult, error) {
	here, c, err := s.find(r.Scope, in.ClusterName)
	if err != nil {
		return nil, err
	}
	if _, there := c.groups.Get(in.NodegroupName); there {
		return nil, inUse("NodeGroup already exists with name %s and cluster name %s", in.NodegroupName, c.Name)
	}
	if c.state() != active {
		return nil, wrongState("Cluster '%s' is not in ACTIVE status", c.Name)
	}
	if s.cloud.Settings.Exceeds("eks:nodegroups", c.groups.Len()+1) {
		return nil, tooMany("Nodegroup limit exceeded for cluster %s", c.Name)
	}
	g, err := s.newNodegroup(r.Scope, c, in)
	if err != nil {
		return nil, err
	}
	c.groups.Put(g.NodegroupName, g)
	s.cloud.HideNew(g.NodegroupArn, r.Effect)
	s.record(r, kindNodegroup, g.id(), local.Created)
	s.admitNodes(c, g.NodeRole)
	s.begin(here, &g.work, s.lasts(local.Create, creating, func() {
		s.populate(here, c, g)
		s.publish(here, kindNodegroup, g.id(), g.state(active))
	}))
	s.publish(here, kindNodegroup, g.id(), creating)
	return &nodegroupResult{g.view()}, nil
}

// newNodegroup checks what is asked for, and describes what will be.
func (s *Service) newNodegroup(scope query.Scope, c *cluster, in *createNodegroupInput) (*nodegroup, error) {
	now := moment(s.cloud.Clock.Now())
	g := &nodegroup{nodegroupView: nodegroupView{
		NodegroupName: in.NodegroupName, NodegroupArn: arn(scope, "nodegroup/"+c.Name+"/"+in.NodegroupName+"/"+c.id[:8]), ClusterName: c.Name,
		Version: in.Version, CreatedAt: now, ModifiedAt: now, CapacityType: in.CapacityType, Scaling: in.Scaling, InstanceTypes: in.InstanceTypes,
		Subnets: in.Subnets, AMIType: in.AMIType, NodeRole: in.NodeRole, Labels: in.Labels, Taints: append([]taint{}, in.Taints...),
		DiskSize: orElse(in.DiskSize, 20), Health: health{Issues: []issue{}}, Update: in.Update, Repair: in.Repair, Tags: in.Tags,
	}}
	g.defaults(c)
	if err := firstOf(checkName("nodegroup", g.NodegroupName), g.check(c), g.Scaling.check(), checkTags(in.Tags)); err != nil {
		return nil, err
	}
	for _, id := range in.Subnets {
		if n, ok := s.network.Subnet(scope, id); !ok || n.VPC != c.VPC.VPC {
			return nil, invalid("The subnet ID '%s' does not exist in the cluster's VPC", id)
		}
	}
	if !s.roles.Trusts(in.NodeRole, nodeService) {
		return nil, invalid("Following required service principals [%s] were not found in the trust relationships of nodeRole %s", nodeService, in.NodeRole)
	}
	return g, nil
}

func (g *nodegroup) defaults(c *cluster) {
	if g.Version == "" {
		g.Version = c.Version
	}
	g.ReleaseVersion = release(g.Version)
	if g.CapacityType == "" {
		g.CapacityType = "ON_DEMAND"
	}
	if g.AMIType == "" {
		g.AMIType = "AL2023_x86_64_STANDARD"
	}
	if len(g.InstanceTypes) == 0 {
		g.InstanceTypes = []string{"t3.medium"}
	}
	if g.Update == (updateConfig{}) {
		g.Update.MaxUnavailable = new(int32(1))
	}
	if g.Labels == nil {
		g.Labels = map[string]string{}
	}
	if g.Tags == nil {
		g.Tags = map[string]string{}
	}
	least := orElse(g.Scaling.MinSize, 1)
	g.Scaling = scaling{MinSize: &least, MaxSize: new(orElse(g.Scaling.MaxSize, max(least, 2))), DesiredSize: new(orElse(g.Scaling.DesiredSize, max(least, 1)))}
}

func (g *nodegroup) check(c *cluster) error {
	for _, t := range g.InstanceTypes {
		if _, _, ok := capacity(t); !ok {
			return invalid("The following supplied instance types do not exist: [%s]", t)
		}
	}
	switch {
	case !slices.Contains(versions(), g.Version) || newer(g.Version, c.Version):
		return invalid("Requested Nodegroup version %s is not compatible with cluster version %s", g.Version, c.Version)
	case len(g.Subnets) == 0:
		return invalid("The subnets are missing.")
	case g.CapacityType != "ON_DEMAND" && g.CapacityType != "SPOT":
		return invalid("Capacity type %s is not supported", g.CapacityType)
	}
	return nil
}

func (s scaling) check() error {
	if least, most, now := *s.MinSize, *s.MaxSize, *s.DesiredSize; least < 0 || most < 1 || least > now || now > most {
		return invalid("Minimum capacity %d, maximum capacity %d and desired capacity %d do not go together", least, most, now)
	}
	return nil
}
