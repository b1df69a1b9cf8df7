// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// fakeEKS is an EKS with one account and region. What it is asked for is under way
// until Settle, and it takes one change at a time.
type fakeEKS struct {
	mu        sync.Mutex
	clusters  map[string]*fakeCluster
	mutations int
	requests  []*eks.UpdateClusterConfigInput
	versions  []string // that clusters and groups were asked to go to
}

type fakeCluster struct {
	types.Cluster
	entries map[string]*Entry
	groups  map[string]*fakeGroup
	done    func()
}

type fakeGroup struct {
	types.Nodegroup
	done func()
}

func newFakeEKS() *fakeEKS { return &fakeEKS{clusters: map[string]*fakeCluster{}} }

func refusal(operation, code, message string) error {
	return &smithy.OperationError{ServiceID: "EKS", OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

// GetRole knows every role.
func (f *fakeEKS) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	return &iam.GetRoleOutput{Role: &iamtypes.Role{Arn: aws.String("arn:aws:iam::123456789012:role/" + *in.RoleName)}}, nil
}

// cluster returns one, within the lock.
func (f *fakeEKS) cluster(operation string, name *string) (*fakeCluster, error) {
	c := f.clusters[aws.ToString(name)]
	if c == nil {
		return nil, refusal(operation, "ResourceNotFoundException", "No cluster found")
	}
	return c, nil
}

func (f *fakeEKS) DescribeCluster(_ context.Context, in *eks.DescribeClusterInput, _ ...func(*eks.Options)) (*eks.DescribeClusterOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("DescribeCluster", in.Name)
	if err != nil {
		return nil, err
	}
	return &eks.DescribeClusterOutput{Cluster: c.seen()}, nil
}

// seen is a copy: what was described once does not change later.
func (c *fakeCluster) seen() *types.Cluster {
	o := c.Cluster
	o.Tags, o.ResourcesVpcConfig = maps.Clone(c.Tags), new(*c.ResourcesVpcConfig)
	return &o
}

func (f *fakeEKS) CreateCluster(_ context.Context, in *eks.CreateClusterInput, _ ...func(*eks.Options)) (*eks.CreateClusterOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.clusters[*in.Name]; c != nil {
		if aws.ToString(in.ClientRequestToken) == aws.ToString(c.ClientRequestToken) && in.ClientRequestToken != nil {
			return &eks.CreateClusterOutput{Cluster: c.seen()}, nil
		}
		return nil, refusal("CreateCluster", "ResourceInUseException", "Cluster already exists")
	}
	f.mutations++
	version := aws.ToString(in.Version)
	if version == "" {
		version = "1.34"
	}
	v := in.ResourcesVpcConfig
	c := &fakeCluster{entries: map[string]*Entry{}, groups: map[string]*fakeGroup{}, Cluster: types.Cluster{
		Name: in.Name, Arn: aws.String("arn:aws:eks:eu-west-1:123456789012:cluster/" + *in.Name), Version: &version, RoleArn: in.RoleArn,
		Status: types.ClusterStatusCreating, Tags: maps.Clone(in.Tags), ClientRequestToken: in.ClientRequestToken, DeletionProtection: in.DeletionProtection,
		ResourcesVpcConfig: &types.VpcConfigResponse{
			SubnetIds: v.SubnetIds, SecurityGroupIds: v.SecurityGroupIds, PublicAccessCidrs: v.PublicAccessCidrs,
			EndpointPublicAccess: aws.ToBool(v.EndpointPublicAccess), EndpointPrivateAccess: aws.ToBool(v.EndpointPrivateAccess),
		},
		AccessConfig: &types.AccessConfigResponse{AuthenticationMode: in.AccessConfig.AuthenticationMode}, Logging: in.Logging,
	}}
	c.done = func() {
		c.Status, c.Endpoint = types.ClusterStatusActive, aws.String("https://"+*in.Name+".example.org")
		c.CertificateAuthority = &types.Certificate{Data: aws.String("UEVN")}
	}
	f.clusters[*in.Name] = c
	return &eks.CreateClusterOutput{Cluster: c.seen()}, nil
}

// change begins a change of a cluster at rest.
func (f *fakeEKS) change(operation string, name *string, done func(*fakeCluster)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster(operation, name)
	if err != nil {
		return err
	}
	if c.Status != types.ClusterStatusActive {
		return refusal(operation, "ResourceInUseException", "busy")
	}
	f.mutations++
	c.Status = types.ClusterStatusUpdating
	c.done = func() {
		done(c)
		c.Status = types.ClusterStatusActive
	}
	return nil
}

func (f *fakeEKS) UpdateClusterConfig(_ context.Context, in *eks.UpdateClusterConfigInput, _ ...func(*eks.Options)) (*eks.UpdateClusterConfigOutput, error) {
	f.requests = append(f.requests, in)
	return &eks.UpdateClusterConfigOutput{}, f.change("UpdateClusterConfig", in.Name, func(c *fakeCluster) {
		if in.DeletionProtection != nil {
			c.DeletionProtection = in.DeletionProtection
		}
		if v := in.ResourcesVpcConfig; v != nil {
			c.ResourcesVpcConfig.EndpointPublicAccess = aws.ToBool(firstOf(v.EndpointPublicAccess, &c.ResourcesVpcConfig.EndpointPublicAccess))
			if v.PublicAccessCidrs != nil {
				c.ResourcesVpcConfig.PublicAccessCidrs = v.PublicAccessCidrs
			}
			if v.SubnetIds != nil {
				c.ResourcesVpcConfig.SubnetIds = v.SubnetIds
			}
		}
		if in.Logging != nil {
			c.Logging = in.Logging
		}
	})
}

func firstOf[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func (f *fakeEKS) UpdateClusterVersion(_ context.Context, in *eks.UpdateClusterVersionInput, _ ...func(*eks.Options)) (*eks.UpdateClusterVersionOutput, error) {
	f.versions = append(f.versions, *in.Version)
	return &eks.UpdateClusterVersionOutput{}, f.change("UpdateClusterVersion", in.Name, func(c *fakeCluster) { c.Version = in.Version })
}

func (f *fakeEKS) DeleteCluster(_ context.Context, in *eks.DeleteClusterInput, _ ...func(*eks.Options)) (*eks.DeleteClusterOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("DeleteCluster", in.Name)
	switch {
	case err != nil:
		return nil, err
	case len(c.groups) > 0:
		return nil, refusal("DeleteCluster", "ResourceInUseException", "Cluster has nodegroups attached")
	case aws.ToBool(c.DeletionProtection):
		return nil, refusal("DeleteCluster", "InvalidRequestException", "protected")
	}
	f.mutations++
	c.Status, c.done = types.ClusterStatusDeleting, func() { delete(f.clusters, *in.Name) }
	return &eks.DeleteClusterOutput{}, nil
}

func (f *fakeEKS) TagResource(_ context.Context, in *eks.TagResourceInput, _ ...func(*eks.Options)) (*eks.TagResourceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.clusters {
		if *c.Arn == *in.ResourceArn {
			f.mutations++
			c.Tags = merged(c.Tags, in.Tags)
			return &eks.TagResourceOutput{}, nil
		}
		for _, g := range c.groups {
			if *g.NodegroupArn == *in.ResourceArn {
				f.mutations++
				g.Tags = merged(g.Tags, in.Tags)
				return &eks.TagResourceOutput{}, nil
			}
		}
	}
	return nil, refusal("TagResource", "NotFoundException", "nothing has that ARN")
}

func merged(tags, more map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, tags)
	maps.Copy(out, more)
	return out
}

// Settle ends everything that is under way.
func (f *fakeEKS) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.clusters {
		finish(&c.done)
		for _, g := range c.groups {
			finish(&g.done)
		}
	}
}

func finish(done *func()) {
	if f := *done; f != nil {
		*done = nil
		f()
	}
}

func (f *fakeEKS) ListAccessEntries(_ context.Context, in *eks.ListAccessEntriesInput, _ ...func(*eks.Options)) (*eks.ListAccessEntriesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("ListAccessEntries", in.ClusterName)
	if err != nil {
		return nil, err
	}
	return &eks.ListAccessEntriesOutput{AccessEntries: slices.Sorted(maps.Keys(c.entries))}, nil
}

// entry returns one, and changes it if that is asked for.
func (f *fakeEKS) entry(operation string, cluster, principal *string, change func(*fakeCluster, *Entry)) (*Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster(operation, cluster)
	if err != nil {
		return nil, err
	}
	e := c.entries[*principal]
	if e == nil {
		return nil, refusal(operation, "ResourceNotFoundException", "no such entry")
	}
	if change != nil {
		f.mutations++
		change(c, e)
	}
	return e, nil
}

func (f *fakeEKS) DescribeAccessEntry(_ context.Context, in *eks.DescribeAccessEntryInput, _ ...func(*eks.Options)) (*eks.DescribeAccessEntryOutput, error) {
	e, err := f.entry("DescribeAccessEntry", in.ClusterName, in.PrincipalArn, nil)
	if err != nil {
		return nil, err
	}
	return &eks.DescribeAccessEntryOutput{AccessEntry: new(e.AccessEntry)}, nil
}

func (f *fakeEKS) CreateAccessEntry(_ context.Context, in *eks.CreateAccessEntryInput, _ ...func(*eks.Options)) (*eks.CreateAccessEntryOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("CreateAccessEntry", in.ClusterName)
	if err != nil {
		return nil, err
	}
	f.mutations++
	c.entries[*in.PrincipalArn] = &Entry{
		AccessEntry: types.AccessEntry{PrincipalArn: in.PrincipalArn, KubernetesGroups: in.KubernetesGroups, Tags: in.Tags}, Policies: map[string][]string{},
	}
	return &eks.CreateAccessEntryOutput{}, nil
}

func (f *fakeEKS) UpdateAccessEntry(_ context.Context, in *eks.UpdateAccessEntryInput, _ ...func(*eks.Options)) (*eks.UpdateAccessEntryOutput, error) {
	_, err := f.entry("UpdateAccessEntry", in.ClusterName, in.PrincipalArn, func(_ *fakeCluster, e *Entry) { e.KubernetesGroups = in.KubernetesGroups })
	return &eks.UpdateAccessEntryOutput{}, err
}

func (f *fakeEKS) DeleteAccessEntry(_ context.Context, in *eks.DeleteAccessEntryInput, _ ...func(*eks.Options)) (*eks.DeleteAccessEntryOutput, error) {
	_, err := f.entry("DeleteAccessEntry", in.ClusterName, in.PrincipalArn, func(c *fakeCluster, _ *Entry) { delete(c.entries, *in.PrincipalArn) })
	return &eks.DeleteAccessEntryOutput{}, err
}

func (f *fakeEKS) ListAssociatedAccessPolicies(_ context.Context, in *eks.ListAssociatedAccessPoliciesInput, _ ...func(*eks.Options)) (*eks.ListAssociatedAccessPoliciesOutput, error) {
	e, err := f.entry("ListAssociatedAccessPolicies", in.ClusterName, in.PrincipalArn, nil)
	if err != nil {
		return nil, err
	}
	out := &eks.ListAssociatedAccessPoliciesOutput{}
	for arn, namespaces := range e.Policies {
		scope := &types.AccessScope{Type: types.AccessScopeTypeCluster}
		if len(namespaces) > 0 {
			scope = &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: namespaces}
		}
		out.AssociatedAccessPolicies = append(out.AssociatedAccessPolicies, types.AssociatedAccessPolicy{PolicyArn: &arn, AccessScope: scope})
	}
	return out, nil
}

func (f *fakeEKS) AssociateAccessPolicy(_ context.Context, in *eks.AssociateAccessPolicyInput, _ ...func(*eks.Options)) (*eks.AssociateAccessPolicyOutput, error) {
	_, err := f.entry("AssociateAccessPolicy", in.ClusterName, in.PrincipalArn, func(_ *fakeCluster, e *Entry) { e.Policies[*in.PolicyArn] = in.AccessScope.Namespaces })
	return &eks.AssociateAccessPolicyOutput{}, err
}

func (f *fakeEKS) DisassociateAccessPolicy(_ context.Context, in *eks.DisassociateAccessPolicyInput, _ ...func(*eks.Options)) (*eks.DisassociateAccessPolicyOutput, error) {
	_, err := f.entry("DisassociateAccessPolicy", in.ClusterName, in.PrincipalArn, func(_ *fakeCluster, e *Entry) { delete(e.Policies, *in.PolicyArn) })
	return &eks.DisassociateAccessPolicyOutput{}, err
}

func (f *fakeEKS) ListNodegroups(_ context.Context, in *eks.ListNodegroupsInput, _ ...func(*eks.Options)) (*eks.ListNodegroupsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("ListNodegroups", in.ClusterName)
	if err != nil {
		return nil, err
	}
	return &eks.ListNodegroupsOutput{Nodegroups: slices.Sorted(maps.Keys(c.groups))}, nil
}

// group returns one, within the lock.
func (f *fakeEKS) group(operation string, cluster, name *string) (*fakeCluster, *fakeGroup, error) {
	c, err := f.cluster(operation, cluster)
	if err != nil {
		return nil, nil, err
	}
	g := c.groups[*name]
	if g == nil {
		return c, nil, refusal(operation, "ResourceNotFoundException", "No node group found")
	}
	return c, g, nil
}

func (f *fakeEKS) DescribeNodegroup(_ context.Context, in *eks.DescribeNodegroupInput, _ ...func(*eks.Options)) (*eks.DescribeNodegroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, g, err := f.group("DescribeNodegroup", in.ClusterName, in.NodegroupName)
	if err != nil {
		return nil, err
	}
	o := g.Nodegroup
	o.Tags, o.ScalingConfig = maps.Clone(g.Tags), new(*g.ScalingConfig)
	return &eks.DescribeNodegroupOutput{Nodegroup: &o}, nil
}

func (f *fakeEKS) CreateNodegroup(_ context.Context, in *eks.CreateNodegroupInput, _ ...func(*eks.Options)) (*eks.CreateNodegroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.cluster("CreateNodegroup", in.ClusterName)
	switch {
	case err != nil:
		return nil, err
	case c.groups[*in.NodegroupName] != nil:
		return nil, refusal("CreateNodegroup", "ResourceInUseException", "NodeGroup already exists")
	case c.Status != types.ClusterStatusActive:
		return nil, refusal("CreateNodegroup", "InvalidRequestException", "Cluster is not in ACTIVE status")
	}
	f.mutations++
	g := &fakeGroup{Nodegroup: types.Nodegroup{
		NodegroupName: in.NodegroupName, ClusterName: in.ClusterName, Version: firstOf(in.Version, c.Version), Status: types.NodegroupStatusCreating,
		NodegroupArn:  aws.String("arn:aws:eks:eu-west-1:123456789012:nodegroup/" + strings.Join([]string{*in.ClusterName, *in.NodegroupName}, "/")),
		ScalingConfig: in.ScalingConfig, NodeRole: in.NodeRole, Subnets: in.Subnets, Labels: in.Labels, Taints: in.Taints, Tags: maps.Clone(in.Tags),
		InstanceTypes: in.InstanceTypes, UpdateConfig: in.UpdateConfig,
	}}
	g.done = func() { g.Status = types.NodegroupStatusActive }
	c.groups[*in.NodegroupName] = g
	return &eks.CreateNodegroupOutput{Nodegroup: new(g.Nodegroup)}, nil
}

func (f *fakeEKS) changeGroup(operation string, cluster, name *string, status types.NodegroupStatus, done func(*fakeCluster, *fakeGroup)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, g, err := f.group(operation, cluster, name)
	if err != nil {
		return err
	}
	if g.Status != types.NodegroupStatusActive && g.Status != types.NodegroupStatusDegraded {
		return refusal(operation, "ResourceInUseException", "busy")
	}
	f.mutations++
	g.Status = status
	g.done = func() {
		g.Status = types.NodegroupStatusActive
		done(c, g)
	}
	return nil
}

func (f *fakeEKS) UpdateNodegroupConfig(_ context.Context, in *eks.UpdateNodegroupConfigInput, _ ...func(*eks.Options)) (*eks.UpdateNodegroupConfigOutput, error) {
	return &eks.UpdateNodegroupConfigOutput{}, f.changeGroup("UpdateNodegroupConfig", in.ClusterName, in.NodegroupName, types.NodegroupStatusUpdating, func(_ *fakeCluster, g *fakeGroup) {
		if s := in.ScalingConfig; s != nil {
			g.ScalingConfig = &types.NodegroupScalingConfig{
				MinSize: firstOf(s.MinSize, g.ScalingConfig.MinSize), MaxSize: firstOf(s.MaxSize, g.ScalingConfig.MaxSize),
				DesiredSize: firstOf(s.DesiredSize, g.ScalingConfig.DesiredSize),
			}
		}
	})
}

func (f *fakeEKS) UpdateNodegroupVersion(_ context.Context, in *eks.UpdateNodegroupVersionInput, _ ...func(*eks.Options)) (*eks.UpdateNodegroupVersionOutput, error) {
	f.versions = append(f.versions, *in.Version)
	return &eks.UpdateNodegroupVersionOutput{}, f.changeGroup("UpdateNodegroupVersion", in.ClusterName, in.NodegroupName, types.NodegroupStatusUpdating,
		func(_ *fakeCluster, g *fakeGroup) { g.Version = in.Version })
}

func (f *fakeEKS) DeleteNodegroup(_ context.Context, in *eks.DeleteNodegroupInput, _ ...func(*eks.Options)) (*eks.DeleteNodegroupOutput, error) {
	return &eks.DeleteNodegroupOutput{}, f.changeGroup("DeleteNodegroup", in.ClusterName, in.NodegroupName, types.NodegroupStatusDeleting,
		func(c *fakeCluster, g *fakeGroup) { delete(c.groups, *g.NodegroupName) })
}
