// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Names and places, as the API's reference has them.
var (
	names   = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$`)
	regions = regexp.MustCompile(`^[a-z]+-[a-z]+[0-9]+$`)
	zones   = regexp.MustCompile(`^[a-z]+-[a-z]+[0-9]+-[a-z]$`)
)

func (s *Service) createCluster(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.CreateClusterRequest](r)
	if err != nil {
		return nil, err
	}
	here := s.in(r)
	if in.Cluster == nil || !names.MatchString(in.Cluster.Name) {
		return nil, invalid("Invalid value for field \"cluster.name\".")
	}
	if _, there := here.clusters.Get(in.Cluster.Name); there {
		return nil, exists("projects/%s/locations/%s/clusters/%s", here.project, here.location, in.Cluster.Name)
	}
	if s.cloud.Settings.Exceeds("container:clusters", here.clusters.Len()+1) {
		return nil, shortOf("You cannot create more than %d clusters in location %s; to create more, you must request an increase of your quota.",
			s.cloud.Settings.Quota("container:clusters"), here.location)
	}
	c := &cluster{Cluster: *in.Cluster, id: strings.ToLower(rand.Text()), project: here.project}
	if err := s.describe(r, here, c); err != nil {
		return nil, err
	}
	if err := s.addPools(r, here, c); err != nil {
		return nil, err
	}
	here.clusters.Put(c.Name, c)
	s.cloud.HideNew(c.SelfLink, r.Effect)
	s.record(r, c, kindCluster, c.Name, local.Created)
	op := s.launch(r, here, c)
	s.publish(c, kindCluster, c.Name, provisioning)
	return op, nil
}

// describe checks what is asked for, and fills in what GKE chooses.
func (s *Service) describe(r *rest.Request, here *location, c *cluster) error {
	c.Location, c.Status, c.ID, c.CreateTime = here.location, provisioning, c.id, s.now()
	c.SelfLink = fmt.Sprintf("%s/v1/projects/%s/locations/%s/clusters/%s", r.Base, here.project, here.location, c.Name)
	c.LabelFingerprint = strings.ToLower(rand.Text()[:8])
	if len(c.Locations) == 0 {
		c.Locations = zonesOf(here.location)
	}
	if c.ReleaseChannel == nil {
		c.ReleaseChannel = &wire.ReleaseChannel{Channel: "REGULAR"}
	}
	c.IPAllocationPolicy = withRanges(c.IPAllocationPolicy)
	if c.LoggingConfig == nil {
		c.LoggingConfig = &wire.Components{}
		c.LoggingConfig.ComponentConfig.EnableComponents = []string{"SYSTEM_COMPONENTS", "WORKLOADS"}
	}
	if c.ControlPlaneEndpointsConfig == nil {
		c.ControlPlaneEndpointsConfig = &wire.ControlPlaneEndpointsConfig{}
	}
	open(c.ControlPlaneEndpointsConfig)
	c.stampMaintenance()
	return firstOf(s.checkPlace(here, c), s.checkVersion(c), s.checkNetwork(here, c))
}

// open gives an endpoint what GKE gives it where nothing is said: a public address,
// open to the world or, with authorized networks, to Google's customers.
func open(e *wire.ControlPlaneEndpointsConfig) {
	if e.IPEndpointsConfig == nil {
		e.IPEndpointsConfig = &wire.IPEndpointsConfig{Enabled: true}
	}
	ip := e.IPEndpointsConfig
	if ip.EnablePublicEndpoint == nil {
		ip.EnablePublicEndpoint = new(true)
	}
	if n := ip.AuthorizedNetworksConfig; n != nil && n.GcpPublicCidrsAccessEnabled == nil {
		n.GcpPublicCidrsAccessEnabled = new(true)
	}
}

func withRanges(in *wire.IPAllocationPolicy) *wire.IPAllocationPolicy {
	out := wire.IPAllocationPolicy{}
	if in != nil {
		out = *in
	}
	out.UseIPAliases = true
	out.ClusterIpv4CidrBlock, out.ServicesIpv4CidrBlock = placed(out.ClusterIpv4CidrBlock, "10.4.0.0", "/14"), placed(out.ServicesIpv4CidrBlock, "10.8.0.0", "/20")
	return &out
}

// placed finds a range of a size.
func placed(asked, address, size string) string {
	if asked == "" || strings.HasPrefix(asked, "/") {
		return address + cmp.Or(asked, size)
	}
	return asked
}

// zonesOf returns the zones in which nodes are unless somebody says otherwise.
func zonesOf(location string) []string {
	if zones.MatchString(location) {
		return []string{location}
	}
	if location == "us-central1" {
		return []string{location + "-a", location + "-b", location + "-c"}
	}
	return []string{location + "-b", location + "-c", location + "-d"}
}

func (s *Service) checkPlace(here *location, c *cluster) error {
	if !regions.MatchString(here.location) && !zones.MatchString(here.location) {
		return invalid("Location \"%s\" does not exist.", here.location)
	}
	autopilot := c.Autopilot != nil && c.Autopilot.Enabled
	switch {
	case autopilot && !regions.MatchString(here.location):
		return invalid("Autopilot clusters must be regional clusters.")
	case autopilot && len(c.NodePools) > 0:
		return invalid("Setting node_pools is not allowed on GKE Autopilot clusters.")
	case !autopilot && len(c.NodePools) == 0:
		return invalid("Cluster.initial_node_count must be greater than zero.")
	}
	return checkZones(here.location, c.Locations)
}

func checkZones(location string, list []string) error {
	region := location
	if zones.MatchString(location) {
		region = location[:len(location)-2]
	}
	if i := slices.IndexFunc(list, func(z string) bool { return !zones.MatchString(z) || !strings.HasPrefix(z, region+"-") }); i >= 0 {
		return invalid("Zone \"%s\" is not in region \"%s\".", list[i], region)
	}
	return nil
}

func (s *Service) checkVersion(c *cluster) error {
	v, ok := resolve(cmp.Or(c.InitialClusterVersion, defaultVersion))
	if !ok {
		return invalid("Master version \"%s\" is unsupported.", c.InitialClusterVersion)
	}
	c.InitialClusterVersion, c.CurrentMasterVersion = v, v
	return nil
}

// checkNetwork knows the networks that were made, and the one that a project has
// from the start.
func (s *Service) checkNetwork(here *location, c *cluster) error {
	asked := cmp.Or(c.Network, "default")
	c.Network = asked[strings.LastIndexByte(asked, '/')+1:]
	c.Subnetwork = cmp.Or(c.Subnetwork[strings.LastIndexByte(c.Subnetwork, '/')+1:], "default")
	if there, _ := s.network.Connected(here.project, "projects/"+here.project+"/global/networks/"+c.Network); !there && c.Network != "default" {
		return invalid("Network \"%s\" does not exist.", c.Network)
	}
	return nil
}

// addPools adds the pools that come with a cluster.
func (s *Service) addPools(r *rest.Request, here *location, c *cluster) error {
	asked := c.NodePools
	c.NodePools = nil
	for _, in := range asked {
		p := &pool{NodePool: *in}
		if err := p.describe(r, here, c); err != nil {
			return err
		}
		if p.InitialNodeCount < 1 {
			return invalid("Cluster.initial_node_count must be greater than zero.")
		}
		c.pools.Put(p.Name, p)
		s.record(r, c, kindNodePool, p.id(c), local.Created)
	}
	return nil
}
