// SPDX-License-Identifier: Apache-2.0

package container

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// poolChange is a change of a pool that is asked for.
type poolChange struct {
	typ  string
	make func(p *pool) error
}

// changePool makes a change of a pool as it will be, and of the pool itself when
// that has taken its time.
func (s *Service) changePool(r *rest.Request, change poolChange) (any, error) {
	here, c, p, err := s.findPool(r)
	if err != nil {
		return nil, err
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	next := &pool{NodePool: *p.view()}
	if err := firstOf(change.make(next), checkZones(c.Location, next.Locations), next.check(c), autoscalingError(next.Autoscaling)); err != nil {
		return nil, err
	}
	next.Status = running // one that ran with an error is as new
	next.Conditions = nil
	s.record(r, c, kindNodePool, p.id(c), local.Updated)
	op := s.begin(r, here, c, work{typ: change.typ, target: "/nodePools/" + p.Name, takes: local.Modify, done: func() {
		p.NodePool = next.NodePool
		s.enter(c, p, running)
	}, failed: func(local.Error) { s.enter(c, p, running) }})
	s.enter(c, p, reconciling)
	return op, nil
}

func (s *Service) updatePool(r *rest.Request) (any, error) {
	_, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.UpdateNodePoolRequest](r)
	if err != nil {
		return nil, err
	}
	return s.changePool(r, poolChange{"UPGRADE_NODES", func(p *pool) error { return p.change(c, in) }})
}

func (p *pool) change(c *cluster, in *wire.UpdateNodePoolRequest) error {
	if in.NodeVersion != nil {
		version, err := nodeVersion(c, *in.NodeVersion)
		if err != nil {
			return err
		}
		if older(version, p.Version) {
			return invalid("Node version \"%s\" is older than that of the pool, \"%s\".", version, p.Version)
		}
		p.Version = version
	}
	set(&p.Config.ImageType, in.ImageType)
	set(&p.Config.MachineType, in.MachineType)
	set(&p.Config.DiskType, in.DiskType)
	if in.DiskSizeGb > 0 {
		p.Config.DiskSizeGb = in.DiskSizeGb
	}
	if in.Locations != nil {
		p.Locations = in.Locations
	}
	if in.UpgradeSettings != nil {
		p.UpgradeSettings = in.UpgradeSettings
	}
	if in.Labels != nil {
		p.Config.Labels = in.Labels.Labels
	}
	if in.ResourceLabels != nil {
		p.Config.ResourceLabels = in.ResourceLabels.Labels
	}
	if in.Taints != nil {
		p.Config.Taints = in.Taints.Taints
	}
	if in.Tags != nil {
		p.Config.Tags = in.Tags.Tags
	}
	return nil
}

func set(field, to *string) {
	if to != nil {
		*field = *to
	}
}

func (s *Service) setSize(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.SetNodePoolSizeRequest](r)
	if err != nil {
		return nil, err
	}
	return s.changePool(r, poolChange{"SET_NODE_POOL_SIZE", func(p *pool) error {
		p.InitialNodeCount = in.NodeCount
		return nil
	}})
}

func (s *Service) setAutoscaling(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.SetNodePoolAutoscalingRequest](r)
	if err != nil {
		return nil, err
	}
	return s.changePool(r, poolChange{"UPDATE_CLUSTER", func(p *pool) error {
		p.Autoscaling = in.Autoscaling
		return nil
	}})
}

func (s *Service) setManagement(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.SetNodePoolManagementRequest](r)
	if err != nil {
		return nil, err
	}
	return s.changePool(r, poolChange{"SET_NODE_POOL_MANAGEMENT", func(p *pool) error {
		if in.Management == nil {
			return invalid("Missing management.")
		}
		p.Management = in.Management
		return nil
	}})
}

func (s *Service) deletePool(r *rest.Request) (any, error) {
	here, c, p, err := s.findPool(r)
	if err != nil {
		return nil, err
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	s.record(r, c, kindNodePool, p.id(c), local.Deleted)
	p.forced = ""
	op := s.begin(r, here, c, work{typ: "DELETE_NODE_POOL", target: "/nodePools/" + p.Name, takes: local.Delete, done: func() {
		c.pools.Delete(p.Name)
		s.publish(c, kindNodePool, p.id(c), "DELETED")
	}})
	s.enter(c, p, stopping)
	return op, nil
}
