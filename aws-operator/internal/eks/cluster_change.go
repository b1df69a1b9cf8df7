// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Create implements managed.External. The same token again is the same cluster to
// EKS. Access entries can be made once it is active: until then they are drift.
func (e cluster) Create(ctx context.Context, mr *v1alpha1.EKSCluster, in managed.Intent) (*ClusterObservation, error) {
	want := mr.Spec.ForProvider
	role, err := roleARN(ctx, e.roles, want.RoleARN)
	if err != nil {
		return nil, err
	}
	request := &eks.CreateClusterInput{
		Name: &in.Name, ClientRequestToken: &in.Token, Tags: diff.Both(want.Tags, in.Tags),
		RoleArn: role, Version: text(want.Version), DeletionProtection: want.DeletionProtection,
		ResourcesVpcConfig: &types.VpcConfigRequest{
			SubnetIds: want.SubnetIDs, SecurityGroupIds: want.SecurityGroupIDs, PublicAccessCidrs: want.PublicAccessCIDRs,
			EndpointPublicAccess:  aws.Bool(aws.ToBool(want.EndpointPublicAccess)),
			EndpointPrivateAccess: aws.Bool(want.EndpointPrivateAccess == nil || *want.EndpointPrivateAccess),
		},
		AccessConfig: &types.CreateAccessConfigRequest{
			AuthenticationMode:                      types.AuthenticationModeApi,
			BootstrapClusterCreatorAdminPermissions: aws.Bool(want.BootstrapCreatorAdmin == nil || *want.BootstrapCreatorAdmin),
		},
	}
	if want.AuthenticationMode != "" {
		request.AccessConfig.AuthenticationMode = types.AuthenticationMode(want.AuthenticationMode)
	}
	furnish(request, want)
	out, err := e.eks.CreateCluster(ctx, request)
	if err != nil {
		return nil, err
	}
	return &ClusterObservation{Cluster: *out.Cluster}, nil
}

// furnish adds what is sent only where the spec says something.
func furnish(in *eks.CreateClusterInput, want v1alpha1.EKSClusterParameters) {
	if want.SupportType != "" {
		in.UpgradePolicy = &types.UpgradePolicyRequest{SupportType: types.SupportType(want.SupportType)}
	}
	if want.ServiceIPv4CIDR != "" {
		in.KubernetesNetworkConfig = &types.KubernetesNetworkConfigRequest{ServiceIpv4Cidr: &want.ServiceIPv4CIDR}
	}
	if want.KMSKeyARN != "" {
		in.EncryptionConfig = []types.EncryptionConfig{{Resources: []string{"secrets"}, Provider: &types.Provider{KeyArn: &want.KMSKeyARN}}}
	}
	if len(want.LogTypes) > 0 {
		in.Logging = logging(want.LogTypes, nil)
	}
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Update implements managed.External. Of the changes that EKS makes one at a time
// it asks for the first.
func (e cluster) Update(ctx context.Context, mr *v1alpha1.EKSCluster, obs *ClusterObservation) error {
	want := mr.Spec.ForProvider
	var d diff.Fields
	if err := addTags(ctx, e.eks, obs.Arn, diff.Tags(&d, want.Tags, obs.Tags)); err != nil {
		return err
	}
	if err := planEntries(&d, want.AccessEntries, obs).apply(ctx, e.eks, obs); err != nil {
		return err
	}
	switch p := planCluster(want, &obs.Cluster); {
	case len(p.configs) > 0:
		_, err := e.eks.UpdateClusterConfig(ctx, p.configs[0])
		return err
	case p.version != nil:
		_, err := e.eks.UpdateClusterVersion(ctx, p.version)
		return err
	}
	return nil
}

// protected says why EKS will not delete the cluster as the spec stands. Only a
// spec that says so lifts the protection.
func protected(want v1alpha1.EKSClusterParameters, c *types.Cluster) string {
	switch {
	case aws.ToBool(want.DeletionProtection):
		return "deletionProtection is on: set spec.forProvider.deletionProtection to false to have the cluster deleted"
	case aws.ToBool(c.DeletionProtection) && want.DeletionProtection == nil:
		return "EKS protects the cluster from deletion: set spec.forProvider.deletionProtection to false to lift that"
	default:
		return ""
	}
}

// Delete implements managed.External. It lifts a protection that the spec does not
// want any more; the next call deletes. Node groups, whoever made them, have to be
// gone before: EKS refuses otherwise, and does not say which there are.
func (e cluster) Delete(ctx context.Context, _ *v1alpha1.EKSCluster, obs *ClusterObservation) error {
	if aws.ToBool(obs.DeletionProtection) {
		_, err := e.eks.UpdateClusterConfig(ctx, &eks.UpdateClusterConfigInput{Name: obs.Name, DeletionProtection: aws.Bool(false)})
		return err
	}
	groups, err := e.eks.ListNodegroups(ctx, &eks.ListNodegroupsInput{ClusterName: obs.Name})
	if err != nil {
		return err
	}
	if len(groups.Nodegroups) > 0 {
		return fault.New(fault.Dependency, contract.ReasonDependency,
			"waiting for the cluster's node groups to be deleted: %s", strings.Join(groups.Nodegroups, ", "))
	}
	_, err = e.eks.DeleteCluster(ctx, &eks.DeleteClusterInput{Name: obs.Name})
	return err
}
