// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"fmt"
	"maps"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// pool is a node pool: what the API shows and what it does not.
type pool struct {
	wire.NodePool

	forced string // a state that somebody forced it into
}

func (p *pool) state() string { return cmp.Or(p.forced, p.Status) }

// view returns the pool as the API shows it now.
func (p *pool) view() *wire.NodePool {
	out, config := p.NodePool, *p.Config
	out.Status = p.state()
	config.ResourceLabels, config.Labels = maps.Clone(config.ResourceLabels), maps.Clone(config.Labels)
	out.Config = &config
	return &out
}

// id names the pool in ledgers: names are unique in a cluster only.
func (p *pool) id(c *cluster) string { return c.Name + "/" + p.Name }

// findPool finds a node pool that there is.
func (s *Service) findPool(r *rest.Request) (*location, *cluster, *pool, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, nil, nil, err
	}
	p, ok := c.pools.Get(r.Path("pool"))
	if !ok {
		return nil, nil, nil, notFound("projects/%s/locations/%s/clusters/%s/nodePools/%s", r.Project, c.Location, c.Name, r.Path("pool"))
	}
	return here, c, p, nil
}

func (s *Service) getPool(r *rest.Request) (any, error) {
	_, _, p, err := s.findPool(r)
	if err != nil {
		return nil, err
	}
	return p.view(), nil
}

func (s *Service) listPools(r *rest.Request) (any, error) {
	_, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	return &wire.ListNodePoolsResponse{NodePools: c.view().NodePools}, nil
}

func (s *Service) createPool(r *rest.Request) (any, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.CreateNodePoolRequest](r)
	if err != nil {
		return nil, err
	}
	if in.NodePool == nil {
		return nil, invalid("Missing node_pool.")
	}
	if _, there := c.pools.Get(in.NodePool.Name); there {
		return nil, exists("projects/%s/locations/%s/clusters/%s/nodePools/%s", r.Project, c.Location, c.Name, in.NodePool.Name)
	}
	if c.Autopilot != nil && c.Autopilot.Enabled {
		return nil, invalid("Autopilot node pools cannot be accessed or modified.")
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	p := &pool{NodePool: *in.NodePool}
	if err := p.describe(r, here, c); err != nil {
		return nil, err
	}
	if nodes := c.nodes() + len(nodesOf(c, p)); s.cloud.Settings.Exceeds("container:nodes", nodes) {
		return nil, shortOf("Insufficient regional quota to satisfy request: resource \"CPUS\": request requires '%d.0' nodes.", nodes)
	}
	c.pools.Put(p.Name, p)
	s.record(r, c, kindNodePool, p.id(c), local.Created)
	op := s.begin(r, here, c, work{
		typ: "CREATE_NODE_POOL", target: "/nodePools/" + p.Name, takes: local.Create,
		done: func() { s.enter(c, p, running) },
		failed: func(fault local.Error) {
			p.Conditions = []wire.StatusCondition{condition(fault)}
			s.enter(c, p, failed)
		},
	})
	s.publish(c, kindNodePool, p.id(c), provisioning)
	return op, nil
}

// enter takes the pool to another state, and tells everybody.
func (s *Service) enter(c *cluster, p *pool, state string) {
	p.Status = state
	s.publish(c, kindNodePool, p.id(c), p.state())
}

// nodes is how many nodes the cluster has.
func (c *cluster) nodes() int {
	n := 0
	for _, p := range c.pools.All() {
		n += len(nodesOf(c, p))
	}
	return n
}

// describe checks what is asked for, and fills in what GKE chooses.
func (p *pool) describe(r *rest.Request, here *location, c *cluster) error {
	if !names.MatchString(p.Name) {
		return invalid("Invalid value for field \"node_pool.name\": \"%s\".", p.Name)
	}
	p.Status = provisioning
	p.SelfLink = fmt.Sprintf("%s/v1/projects/%s/locations/%s/clusters/%s/nodePools/%s", r.Base, here.project, here.location, c.Name, p.Name)
	if len(p.Locations) == 0 {
		p.Locations = c.Locations
	}
	if p.Config == nil {
		p.Config = &wire.NodeConfig{}
	}
	config := p.Config
	config.MachineType, config.DiskSizeGb = cmp.Or(config.MachineType, "e2-medium"), cmp.Or(config.DiskSizeGb, 100)
	config.DiskType, config.ImageType = cmp.Or(config.DiskType, "pd-balanced"), cmp.Or(config.ImageType, "COS_CONTAINERD")
	config.ServiceAccount = cmp.Or(config.ServiceAccount, "default")
	if len(config.OauthScopes) == 0 {
		config.OauthScopes = []string{"https://www.googleapis.com/auth/devstorage.read_only", "https://www.googleapis.com/auth/logging.write"}
	}
	if p.Management == nil {
		p.Management = &wire.NodeManagement{AutoUpgrade: true, AutoRepair: true}
	}
	if p.MaxPodsConstraint == nil {
		p.MaxPodsConstraint = &wire.MaxPods{MaxPodsPerNode: 110}
	}
	if p.UpgradeSettings == nil {
		p.UpgradeSettings = &wire.UpgradeSettings{Strategy: "SURGE", MaxSurge: 1}
	}
	version, err := nodeVersion(c, cmp.Or(p.Version, c.CurrentMasterVersion))
	p.Version = version
	return firstOf(err, checkZones(c.Location, p.Locations), p.check(c), autoscalingError(p.Autoscaling))
}

func (p *pool) check(c *cluster) error {
	if _, _, ok := capacity(p.Config.MachineType); !ok {
		return invalid("Machine type with name '%s' does not exist in zone '%s'.", p.Config.MachineType, p.Locations[0])
	}
	if c.ReleaseChannel.Channel != "UNSPECIFIED" && (!p.Management.AutoUpgrade || !p.Management.AutoRepair) {
		return invalid("Auto_upgrade and auto_repair must be true when release channel is set.")
	}
	return nil
}

// nodeVersion returns the version that an alias stands for, if nodes can have it.
func nodeVersion(c *cluster, alias string) (string, error) {
	version, ok := resolve(alias)
	switch {
	case !ok:
		return "", invalid("Node version \"%s\" is unsupported.", alias)
	case older(c.CurrentMasterVersion, version):
		return "", invalid("Node version \"%s\" must not be newer than the master version \"%s\".", version, c.CurrentMasterVersion)
	case minor(c.CurrentMasterVersion)-minor(version) > mostBehind:
		return "", invalid("Node version \"%s\" is more than %d minor versions older than the master version \"%s\".", version, mostBehind, c.CurrentMasterVersion)
	}
	return version, nil
}
