// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"fmt"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// UsesSecurityGroup says whether an instance is in the security group.
func (s *Service) UsesSecurityGroup(scope query.Scope, id string) bool {
	for _, i := range s.in(scope).instances.All() {
		for _, m := range i.VpcSecurityGroups {
			if m.VpcSecurityGroupID == id {
				return true
			}
		}
	}
	return false
}

// UsesSubnet says whether an instance may be in the subnet, now or later.
func (s *Service) UsesSubnet(scope query.Scope, id string) bool {
	for _, i := range s.in(scope).instances.All() {
		for _, n := range i.DBSubnetGroup.Subnets {
			if n.SubnetIdentifier == id {
				return true
			}
		}
	}
	for _, g := range s.in(scope).subnetGroups.All() {
		for _, n := range g.Subnets {
			if n.SubnetIdentifier == id {
				return true
			}
		}
	}
	return false
}

// Live lists what exists.
func (s *Service) Live() []local.Resource {
	s.Settle()
	out := []local.Resource{}
	for _, r := range s.regions {
		out = append(out, r.live(s.cloud.Clock.Now())...)
	}
	return out
}

func (r *region) live(now time.Time) []local.Resource {
	var out []local.Resource
	add := func(kind, id, state string) {
		out = append(out, local.Resource{Service: serviceName, Region: r.scope.Region, Kind: kind, ID: id, State: state})
	}
	for _, i := range r.instances.All() {
		add(kindInstance, i.DBInstanceIdentifier, i.state())
	}
	for _, sn := range r.snapshots.All() {
		add(kindSnapshot, sn.DBSnapshotIdentifier, sn.view(now).Status)
	}
	for _, b := range r.backups.All() {
		add(kindBackup, b.DbiResourceID, b.Status)
	}
	for _, g := range r.subnetGroups.All() {
		add(kindSubnetGroup, g.DBSubnetGroupName, g.SubnetGroupStatus)
	}
	for _, g := range r.parameterGroups.All() {
		add(kindParameterGroup, g.DBParameterGroupName, "")
	}
	return out
}

// Force puts an instance into a state, or lets it out of it.
func (s *Service) Force(t local.Target, state string) error {
	r, i, err := s.target(t)
	if err != nil {
		return err
	}
	i.forced = state
	s.changed(r, i)
	return nil
}

// Maintain applies what waits for an instance's maintenance window.
func (s *Service) Maintain(t local.Target) error {
	r, i, err := s.target(t)
	if err != nil {
		return err
	}
	s.apply(r, i, true)
	return nil
}

// target finds the instance that a control request names.
func (s *Service) target(t local.Target) (*region, *instance, error) {
	s.Settle()
	for _, r := range s.regions {
		if t.Region != "" && t.Region != r.scope.Region {
			continue
		}
		if i, ok := r.instances.Get(t.ID); ok && t.Kind == kindInstance {
			return r, i, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: %s %s", local.ErrNoTarget, t.Kind, t.ID)
}
