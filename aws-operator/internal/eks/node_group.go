// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	iamapi "github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// NodeGroupAPI is the part of the EKS client that node groups need.
type NodeGroupAPI interface {
	tagAPI
	DescribeCluster(context.Context, *eks.DescribeClusterInput, ...func(*eks.Options)) (*eks.DescribeClusterOutput, error)
	DescribeNodegroup(context.Context, *eks.DescribeNodegroupInput, ...func(*eks.Options)) (*eks.DescribeNodegroupOutput, error)
	CreateNodegroup(context.Context, *eks.CreateNodegroupInput, ...func(*eks.Options)) (*eks.CreateNodegroupOutput, error)
	UpdateNodegroupConfig(context.Context, *eks.UpdateNodegroupConfigInput, ...func(*eks.Options)) (*eks.UpdateNodegroupConfigOutput, error)
	UpdateNodegroupVersion(context.Context, *eks.UpdateNodegroupVersionInput, ...func(*eks.Options)) (*eks.UpdateNodegroupVersionOutput, error)
	DeleteNodegroup(context.Context, *eks.DeleteNodegroupInput, ...func(*eks.Options)) (*eks.DeleteNodegroupOutput, error)
}

// NodeGroupObservation is what EKS says of a node group, and the version that the
// control plane has.
type NodeGroupObservation struct {
	types.Nodegroup

	ClusterVersion string // empty where it is not known
}

// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksnodegroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksnodegroups/status,verbs=patch
// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksnodegroups/finalizers,verbs=update

// NodeGroup returns the kind EKSNodeGroup. A group's name is ours to choose.
func NodeGroup(accounts Accounts) managed.Kind[*v1alpha1.EKSNodeGroup, NodeGroupObservation] {
	return managed.Kind[*v1alpha1.EKSNodeGroup, NodeGroupObservation]{
		New:      func() *v1alpha1.EKSNodeGroup { return &v1alpha1.EKSNodeGroup{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.EKSNodeGroup) (managed.External[*v1alpha1.EKSNodeGroup, NodeGroupObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return nodeGroup{eks: account.Client(a, mr.Spec.ForProvider.Region, newClient), roles: account.Client(a, a.Region(), newRoles)}, nil
		},
		Classify:   account.Classify,
		Name:       func(mr *v1alpha1.EKSNodeGroup, owner string) string { return chosenName(mr.Name, owner) },
		ValidName:  validGroupName,
		References: nodeGroupReferences(),
		Poll:       followEvery,
	}
}

// followEvery is how often a group at rest is looked at: nobody else tells it that
// the control plane was upgraded, and that its nodes have to follow.
const followEvery = 2 * time.Minute

func nodeGroupReferences() []managed.ReferenceField[*v1alpha1.EKSNodeGroup] {
	return []managed.ReferenceField[*v1alpha1.EKSNodeGroup]{{
		Field:   "clusterRef",
		To:      v1alpha1.GroupVersion.WithKind("EKSCluster"),
		Names:   func(mr *v1alpha1.EKSNodeGroup) []string { return managed.NameOf(mr.Spec.ForProvider.ClusterRef) },
		Resolve: func(mr *v1alpha1.EKSNodeGroup, names []string) { mr.Spec.ForProvider.ClusterName = names[0] },
	}, {
		Field:   "nodeRoleRef",
		To:      iamapi.GroupVersion.WithKind("IAMRole"),
		Names:   func(mr *v1alpha1.EKSNodeGroup) []string { return managed.NameOf(mr.Spec.ForProvider.NodeRoleRef) },
		Resolve: func(mr *v1alpha1.EKSNodeGroup, names []string) { mr.Spec.ForProvider.NodeRoleARN = names[0] },
	}}
}

// nodeGroup is managed.External for node groups of one account and region.
type nodeGroup struct {
	eks   NodeGroupAPI
	roles RoleAPI
}

// clusterOf names the cluster of a group: as the spec does or, where the object
// that this refers to is gone, as EKS did. A group whose cluster was never known
// was never made.
func clusterOf(mr *v1alpha1.EKSNodeGroup) string {
	return cmp.Or(mr.Spec.ForProvider.ClusterName, mr.Status.AtProvider.ClusterName)
}

// Observe implements managed.External. A cluster that is gone has no groups.
func (e nodeGroup) Observe(ctx context.Context, mr *v1alpha1.EKSNodeGroup, _ managed.Identity) (*NodeGroupObservation, error) {
	name, cluster := managed.ExternalName(mr), clusterOf(mr)
	if name == "" || cluster == "" {
		return nil, nil //nolint:nilnil // never made, so there certainly is none
	}
	out, err := e.eks.DescribeNodegroup(ctx, &eks.DescribeNodegroupInput{ClusterName: &cluster, NodegroupName: &name})
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	of, err := e.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &cluster})
	if err != nil {
		return nil, err
	}
	return &NodeGroupObservation{Nodegroup: *out.Nodegroup, ClusterVersion: aws.ToString(of.Cluster.Version)}, nil
}

// Assess implements managed.External. One that EKS could not repair takes changes:
// they may be what helps.
func (e nodeGroup) Assess(mr *v1alpha1.EKSNodeGroup, obs *NodeGroupObservation) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = observedGroup(obs)
	drift := planNodeGroup(want, obs).fields
	diff.Tags(&drift, want.Tags, obs.Tags)
	return managed.Assessment{
		Name:     aws.ToString(obs.NodegroupName),
		Tags:     obs.Tags,
		State:    nodeGroupState(obs.Status),
		Message:  messageOf(string(obs.Status), mr.Status.AtProvider.Issues),
		Busy:     obs.Status != types.NodegroupStatusActive && obs.Status != types.NodegroupStatusDegraded,
		Drift:    drift,
		Fixed:    fixedNodeGroup(want, &obs.Nodegroup),
		Location: &contract.Location{Provider: "aws", Region: want.Region},
	}
}

func observedGroup(obs *NodeGroupObservation) v1alpha1.EKSNodeGroupObservation {
	o := v1alpha1.EKSNodeGroupObservation{
		State: string(obs.Status), ARN: aws.ToString(obs.NodegroupArn), ClusterName: aws.ToString(obs.ClusterName),
		Version: aws.ToString(obs.Version), ReleaseVersion: aws.ToString(obs.ReleaseVersion),
	}
	if obs.ScalingConfig != nil {
		o.DesiredSize = aws.ToInt32(obs.ScalingConfig.DesiredSize)
	}
	if obs.Health != nil {
		for _, i := range obs.Health.Issues {
			o.Issues = append(o.Issues, v1alpha1.Issue{Code: string(i.Code), Message: aws.ToString(i.Message), ResourceIDs: i.ResourceIds})
		}
	}
	return o
}

// Create implements managed.External. The same token again is the same group to
// EKS.
func (e nodeGroup) Create(ctx context.Context, mr *v1alpha1.EKSNodeGroup, in managed.Intent) (*NodeGroupObservation, error) {
	want := mr.Spec.ForProvider
	role, err := roleARN(ctx, e.roles, want.NodeRoleARN)
	if err != nil {
		return nil, err
	}
	desired := want.Scaling.DesiredSize
	if desired == nil {
		desired = &want.Scaling.MinSize
	}
	request := &eks.CreateNodegroupInput{
		ClusterName: &want.ClusterName, NodegroupName: &in.Name, ClientRequestToken: &in.Token, Tags: diff.Both(want.Tags, in.Tags),
		NodeRole: role, Subnets: want.SubnetIDs, Version: text(want.Version),
		ScalingConfig: &types.NodegroupScalingConfig{MinSize: &want.Scaling.MinSize, MaxSize: &want.Scaling.MaxSize, DesiredSize: desired},
		InstanceTypes: want.InstanceTypes, CapacityType: types.CapacityTypes(want.CapacityType), AmiType: types.AMITypes(want.AMIType),
		DiskSize: want.DiskSizeGiB, Labels: labels(want.Labels), Taints: taints(want.Taints),
	}
	if want.MaxUnavailable != nil {
		request.UpdateConfig = &types.NodegroupUpdateConfig{MaxUnavailable: want.MaxUnavailable}
	}
	out, err := e.eks.CreateNodegroup(ctx, request)
	if err != nil {
		return nil, err
	}
	return &NodeGroupObservation{Nodegroup: *out.Nodegroup}, nil
}

// Update implements managed.External. EKS makes one change at a time.
func (e nodeGroup) Update(ctx context.Context, mr *v1alpha1.EKSNodeGroup, obs *NodeGroupObservation) error {
	want := mr.Spec.ForProvider
	var d diff.Fields
	if err := addTags(ctx, e.eks, obs.NodegroupArn, diff.Tags(&d, want.Tags, obs.Tags)); err != nil {
		return err
	}
	switch p := planNodeGroup(want, obs); {
	case p.config != nil:
		_, err := e.eks.UpdateNodegroupConfig(ctx, p.config)
		return err
	case p.version != nil:
		_, err := e.eks.UpdateNodegroupVersion(ctx, p.version)
		return err
	}
	return nil
}

// Delete implements managed.External.
func (e nodeGroup) Delete(ctx context.Context, _ *v1alpha1.EKSNodeGroup, obs *NodeGroupObservation) error {
	_, err := e.eks.DeleteNodegroup(ctx, &eks.DeleteNodegroupInput{ClusterName: obs.ClusterName, NodegroupName: obs.NodegroupName})
	return err
}

// Adopt implements managed.Adopter.
func (e nodeGroup) Adopt(ctx context.Context, _ *v1alpha1.EKSNodeGroup, obs *NodeGroupObservation, tags map[string]string) error {
	return addTags(ctx, e.eks, obs.NodegroupArn, tags)
}
