// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"crypto/rand"
	"reflect"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type updateConfigInput struct {
	Name               string         `json:"-" path:"name"`
	VPC                *vpcInput      `json:"resourcesVpcConfig"`
	Logging            *logging       `json:"logging"`
	Access             *accessConfig  `json:"accessConfig"`
	Upgrade            *upgradePolicy `json:"upgradePolicy"`
	DeletionProtection *bool          `json:"deletionProtection"`
	Token              string         `json:"clientRequestToken"`
}

type versionInput struct {
	Name    string `json:"-" path:"name"`
	Version string `json:"version"`
	Force   *bool  `json:"force"`
	Token   string `json:"clientRequestToken"`
}

// change is one type of update: what it is called, and what it does to a
// description of the cluster.
type change struct {
	name string
	make func(*clusterView) error
}

// changes lists the types of update that are asked for. Who reaches the endpoint
// is one, in which network it is another.
func (s *Service) changes(scope query.Scope, in *updateConfigInput) []change {
	var out []change
	if v := in.VPC; v != nil && (v.EndpointPublicAccess != nil || v.EndpointPrivateAccess != nil || v.PublicAccessCIDRs != nil) {
		out = append(out, change{"EndpointAccessUpdate", func(c *clusterView) error { return c.VPC.open(*v) }})
	}
	if v := in.VPC; v != nil && (v.SubnetIDs != nil || v.SecurityGroupIDs != nil) {
		out = append(out, change{"VpcConfigUpdate", func(c *clusterView) error { return s.move(scope, c, *v) }})
	}
	if in.Logging != nil {
		out = append(out, change{"LoggingUpdate", func(c *clusterView) error { c.Logging.set(*in.Logging); return nil }})
	}
	if in.Access != nil {
		out = append(out, change{"AccessConfigUpdate", func(c *clusterView) error { return c.Access.move(in.Access.Mode) }})
	}
	if in.Upgrade != nil {
		out = append(out, change{"UpgradePolicyUpdate", func(c *clusterView) error { c.Upgrade = *in.Upgrade; return nil }})
	}
	if in.DeletionProtection != nil {
		out = append(out, change{"DeletionProtectionUpdate", func(c *clusterView) error { c.DeletionProtection = *in.DeletionProtection; return nil }})
	}
	return out
}

// updateConfig makes one type of change, as EKS does.
func (s *Service) updateConfig(r *query.Request, in *updateConfigInput) (*updateResult, error) {
	here, c, err := s.find(r.Scope, in.Name)
	if err != nil {
		return nil, err
	}
	asked := s.changes(r.Scope, in)
	switch {
	case len(asked) == 0:
		return nil, invalid("No changes needed for the cluster config provided")
	case len(asked) > 1:
		return nil, invalid("Only one type of update can be allowed.")
	}
	only := asked[0]
	if err := c.changeable(only.name); err != nil {
		return nil, err
	}
	after := c.clusterView
	if err := only.make(&after); err != nil {
		return nil, err
	}
	if reflect.DeepEqual(after, c.clusterView) {
		return nil, invalid("No changes needed for the cluster config provided: %s", only.name)
	}
	return s.alterLater(r, here, c, only.name, nil, func(v *clusterView) { _ = only.make(v) }), nil // it was made before, on a copy
}

// updateVersion goes up one minor version, once all node groups have the old one.
func (s *Service) updateVersion(r *query.Request, in *versionInput) (*updateResult, error) {
	here, c, err := s.find(r.Scope, in.Name)
	if err != nil {
		return nil, err
	}
	if err := c.changeable("VersionUpdate"); err != nil {
		return nil, err
	}
	if !next(in.Version, c.Version) {
		return nil, invalid("Unsupported Kubernetes minor version update from %s to %s", c.Version, in.Version)
	}
	for _, g := range c.groups.All() {
		if g.Version != c.Version {
			return nil, wrongState("Nodegroup %s must be updated to match cluster version %s before updating cluster version", g.NodegroupName, c.Version)
		}
	}
	params := []parameter{{Type: "Version", Value: in.Version}, {Type: "PlatformVersion", Value: "eks.1"}}
	return s.alterLater(r, here, c, "VersionUpdate", params, func(v *clusterView) { v.Version = in.Version }), nil
}

// changeable says why the cluster can't be changed just now.
func (c *cluster) changeable(update string) error {
	if state := c.state(); state != active {
		return inUse("Cannot %s because cluster %s currently is in state %s", update, c.Name, state)
	}
	return nil
}

// alterLater changes the cluster when that has taken its time.
func (s *Service) alterLater(r *query.Request, here *region, c *cluster, name string, params []parameter, alter func(*clusterView)) *updateResult {
	u := s.newUpdate(name, params)
	c.updates.Put(u.ID, u)
	s.record(r, kindCluster, c.Name, local.Updated)
	s.begin(here, &c.work, s.lasts(local.Modify, updating, func() {
		alter(&c.clusterView)
		u.Status = "Successful"
		s.refresh(c)
		s.publish(here, kindCluster, c.Name, c.state())
	}))
	s.publish(here, kindCluster, c.Name, updating)
	return &updateResult{*u}
}

func (s *Service) newUpdate(name string, params []parameter) *updateView {
	return &updateView{
		ID: strings.ToLower(rand.Text()), Status: "InProgress", Type: name, Params: append([]parameter{}, params...),
		CreatedAt: moment(s.cloud.Clock.Now()), Errors: []issue{},
	}
}

// move changes subnets and security groups, within the VPC.
func (s *Service) move(scope query.Scope, c *clusterView, in vpcInput) error {
	if in.SubnetIDs != nil {
		vpc, err := s.subnets(scope, in.SubnetIDs)
		if err != nil {
			return err
		}
		if vpc != c.VPC.VPC {
			return invalid("Provided subnets belong to a different VPC than the cluster's")
		}
		c.VPC.SubnetIDs = in.SubnetIDs
	}
	if in.SecurityGroupIDs != nil {
		if err := s.guard(scope, c.VPC.VPC, in.SecurityGroupIDs); err != nil {
			return err
		}
		c.VPC.SecurityGroupIDs = in.SecurityGroupIDs
	}
	return nil
}

// move goes from the config map towards the API, and never back:
// https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
func (a *accessConfig) move(mode string) error {
	order := []string{modeConfigMap, modeBoth, modeAPI}
	from, to := slices.Index(order, a.Mode), slices.Index(order, mode)
	if to < from || to > from+1 {
		return invalid("Unsupported authentication mode update from %s to %s", a.Mode, mode)
	}
	a.Mode = mode
	return nil
}

type describeUpdateInput struct {
	Name      string `json:"-" path:"name"`
	UpdateID  string `json:"-" path:"updateId"`
	Nodegroup string `json:"-" query:"nodegroupName"`
}

func (s *Service) describeUpdate(r *query.Request, in *describeUpdateInput) (*updateResult, error) {
	_, c, err := s.find(r.Scope, in.Name)
	if err != nil {
		return nil, err
	}
	u, ok := c.updates.Get(in.UpdateID)
	if !ok {
		return nil, notFound("No update found for ID: %s", in.UpdateID)
	}
	return &updateResult{*u}, nil
}
