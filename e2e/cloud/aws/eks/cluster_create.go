// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"crypto/rand"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Words of the API.
const (
	modeConfigMap = "CONFIG_MAP"
	modeBoth      = "API_AND_CONFIG_MAP"
	modeAPI       = "API"

	supportStandard = "STANDARD"
	supportExtended = "EXTENDED"

	clusterService = "eks.amazonaws.com"
	world          = "0.0.0.0/0"
)

// leastZones is in how many zones a cluster's subnets must be.
const leastZones = 2

type createClusterInput struct {
	Name               string            `json:"name"`
	Version            string            `json:"version"`
	RoleArn            string            `json:"roleArn"`
	VPC                vpcInput          `json:"resourcesVpcConfig"`
	Network            network           `json:"kubernetesNetworkConfig"`
	Logging            logging           `json:"logging"`
	Access             accessConfig      `json:"accessConfig"`
	Upgrade            upgradePolicy     `json:"upgradePolicy"`
	Encryption         []encryption      `json:"encryptionConfig"`
	DeletionProtection *bool             `json:"deletionProtection"`
	SelfManagedAddons  *bool             `json:"bootstrapSelfManagedAddons"`
	Token              string            `json:"clientRequestToken"`
	Tags               map[string]string `json:"tags"`
}

type vpcInput struct {
	SubnetIDs             []string `json:"subnetIds"`
	SecurityGroupIDs      []string `json:"securityGroupIds"`
	EndpointPublicAccess  *bool    `json:"endpointPublicAccess"`
	EndpointPrivateAccess *bool    `json:"endpointPrivateAccess"`
	PublicAccessCIDRs     []string `json:"publicAccessCidrs"`
}

// createCluster answers a request that was made before, by its token, with what
// came of that.
func (s *Service) createCluster(r *query.Request, in *createClusterInput) (*clusterResult, error) {
	here := s.in(r.Scope)
	if there, ok := here.clusters.Get(in.Name); ok {
		if in.Token != "" && in.Token == there.Token {
			return &clusterResult{there.view()}, nil
		}
		return nil, inUse("Cluster already exists with name: %s", in.Name)
	}
	if s.cloud.Settings.Exceeds("eks:clusters", here.clusters.Len()+1) {
		return nil, tooMany("Cluster limit exceeded for account")
	}
	c, err := s.newCluster(r, in)
	if err != nil {
		return nil, err
	}
	c.VPC.ClusterSecurityGroup = s.network.AddGroup(r.Scope, c.VPC.VPC, "eks-cluster-sg-"+c.Name,
		"Of the cluster, for its control plane and its nodes")
	here.clusters.Put(c.Name, c)
	s.cloud.HideNew(c.Arn, r.Effect)
	s.record(r, kindCluster, c.Name, local.Created)
	s.admitCreator(r, c)
	s.launch(here, c)
	return &clusterResult{c.view()}, nil
}

// newCluster checks what is asked for, and describes what will be.
func (s *Service) newCluster(r *query.Request, in *createClusterInput) (*cluster, error) {
	c := &cluster{id: strings.ToLower(rand.Text()), creator: r.Caller, clusterView: clusterView{
		Name: in.Name, Arn: arn(r.Scope, "cluster/"+in.Name), CreatedAt: moment(s.cloud.Clock.Now()), Version: in.Version, PlatformVersion: "eks.1",
		RoleArn: in.RoleArn, Network: in.Network, Logging: allLogs(), Access: in.Access, Upgrade: in.Upgrade, Encryption: in.Encryption,
		DeletionProtection: orElse(in.DeletionProtection, false), Health: health{Issues: []issue{}}, Token: in.Token, Tags: in.Tags,
	}}
	c.defaults()
	c.Logging.set(in.Logging)
	if err := firstOf(checkName("cluster", c.Name), c.check(), checkTags(in.Tags)); err != nil {
		return nil, err
	}
	if !s.roles.Trusts(in.RoleArn, clusterService) {
		return nil, invalid("Role with arn: %s, could not be assumed because it does not exist or the trusted entity is not correct", in.RoleArn)
	}
	if err := s.place(r.Scope, c, in.VPC); err != nil {
		return nil, err
	}
	return c, c.VPC.open(in.VPC)
}

func (c *cluster) defaults() {
	if c.Version == "" {
		c.Version = defaultVersion
	}
	if c.Access.Mode == "" {
		c.Access.Mode = modeConfigMap
	}
	if c.Access.Bootstrap == nil {
		c.Access.Bootstrap = new(true)
	}
	if c.Upgrade.SupportType == "" {
		c.Upgrade.SupportType = supportExtended
	}
	if c.Network.IPFamily == "" {
		c.Network.IPFamily = "ipv4"
	}
	if c.Network.ServiceIPv4CIDR == "" {
		c.Network.ServiceIPv4CIDR = "10.100.0.0/16"
	}
	if c.Tags == nil {
		c.Tags = map[string]string{}
	}
	c.VPC.EndpointPublicAccess, c.VPC.PublicAccessCIDRs = true, []string{world}
}

func (c *cluster) check() error {
	switch {
	case !slices.Contains(versions(), c.Version):
		return invalid("unsupported Kubernetes version %s", c.Version)
	case !slices.Contains([]string{modeConfigMap, modeBoth, modeAPI}, c.Access.Mode):
		return invalid("Unsupported authentication mode %s", c.Access.Mode)
	case !slices.Contains([]string{supportStandard, supportExtended}, c.Upgrade.SupportType):
		return invalid("Unsupported support type %s", c.Upgrade.SupportType)
	case c.RoleArn == "":
		return invalid("The role ARN is missing.")
	}
	return nil
}

// place finds the cluster's network.
func (s *Service) place(scope query.Scope, c *cluster, in vpcInput) error {
	vpc, err := s.subnets(scope, in.SubnetIDs)
	if err != nil {
		return err
	}
	c.VPC.VPC, c.VPC.SubnetIDs = vpc, in.SubnetIDs
	c.VPC.SecurityGroupIDs = append([]string{}, in.SecurityGroupIDs...)
	return s.guard(scope, vpc, in.SecurityGroupIDs)
}

// subnets returns the VPC of the subnets, which must be in several zones of it.
func (s *Service) subnets(scope query.Scope, ids []string) (string, error) {
	vpc, zones := "", map[string]bool{}
	for _, id := range ids {
		n, ok := s.network.Subnet(scope, id)
		switch {
		case !ok:
			return "", invalid("The subnet ID '%s' does not exist", id)
		case vpc != "" && n.VPC != vpc:
			return "", invalid("Subnets specified must be in the same VPC")
		case unsupportedZone(n.Zone):
			e := invalid("Cannot create cluster because %s, the targeted availability zone, does not currently have sufficient capacity to support the cluster.", n.Zone)
			e.Code = "UnsupportedAvailabilityZoneException"
			return "", e
		}
		vpc, zones[n.Zone] = n.VPC, true
	}
	if len(zones) < leastZones {
		return "", invalid("Subnets specified must be in at least two different AZs")
	}
	return vpc, nil
}

// unsupportedZone is a zone in which EKS has no control planes:
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func unsupportedZone(zone string) bool { return zone == "us-east-1e" }

func (s *Service) guard(scope query.Scope, vpc string, groups []string) error {
	for _, id := range groups {
		in, ok := s.network.GroupVPC(scope, id)
		if !ok {
			return invalid("The security group ID '%s' does not exist", id)
		}
		if in != vpc {
			return invalid("Security group(s) [%s] are not in the same VPC as the subnets", id)
		}
	}
	return nil
}

// open sets who reaches the endpoint.
func (v *vpcView) open(in vpcInput) error {
	v.EndpointPublicAccess = orElse(in.EndpointPublicAccess, v.EndpointPublicAccess)
	v.EndpointPrivateAccess = orElse(in.EndpointPrivateAccess, v.EndpointPrivateAccess)
	if !v.EndpointPublicAccess && !v.EndpointPrivateAccess {
		return invalid("Private and public endpoint access cannot be false")
	}
	if len(in.PublicAccessCIDRs) == 0 {
		return nil
	}
	for _, cidr := range in.PublicAccessCIDRs {
		if p, err := netip.ParsePrefix(cidr); err != nil || p.Addr().IsPrivate() {
			return invalid("The following CIDRs are invalid in publicAccessCidrs: [%s]", cidr)
		}
	}
	v.PublicAccessCIDRs = in.PublicAccessCIDRs
	return nil
}

// logTypes are the logs that a control plane can write.
func logTypes() []string {
	return []string{"api", "audit", "authenticator", "controllerManager", "scheduler"}
}

// allLogs says of each log that it is off.
func allLogs() logging { return logging{ClusterLogging: []logSetup{{Types: logTypes()}}} }

// set switches logs on and off; the others stay as they are.
func (l *logging) set(change logging) {
	on := map[string]bool{}
	for _, list := range [][]logSetup{l.ClusterLogging, change.ClusterLogging} {
		for _, setup := range list {
			for _, t := range setup.Types {
				on[t] = setup.Enabled
			}
		}
	}
	l.ClusterLogging = nil
	for _, enabled := range []bool{true, false} {
		var types []string
		for _, t := range logTypes() {
			if on[t] == enabled {
				types = append(types, t)
			}
		}
		if len(types) > 0 {
			l.ClusterLogging = append(l.ClusterLogging, logSetup{Types: types, Enabled: enabled})
		}
	}
}

var names = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]*$`)

func checkName(what, name string) error {
	if len(name) > 100 || !names.MatchString(name) {
		return invalid("The %s name can contain only alphanumeric characters (case-sensitive), hyphens, and underscores, starts with an "+
			"alphanumeric character and isn't longer than 100 characters", what)
	}
	return nil
}
