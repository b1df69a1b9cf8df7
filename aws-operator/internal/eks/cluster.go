// SPDX-License-Identifier: Apache-2.0

// Package eks manages the resources of Amazon EKS.
package eks

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	iamapi "github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	network "github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// ClusterAPI is the part of the EKS client that clusters need.
type ClusterAPI interface {
	tagAPI
	entryAPI
	DescribeCluster(context.Context, *eks.DescribeClusterInput, ...func(*eks.Options)) (*eks.DescribeClusterOutput, error)
	CreateCluster(context.Context, *eks.CreateClusterInput, ...func(*eks.Options)) (*eks.CreateClusterOutput, error)
	UpdateClusterConfig(context.Context, *eks.UpdateClusterConfigInput, ...func(*eks.Options)) (*eks.UpdateClusterConfigOutput, error)
	UpdateClusterVersion(context.Context, *eks.UpdateClusterVersionInput, ...func(*eks.Options)) (*eks.UpdateClusterVersionOutput, error)
	DeleteCluster(context.Context, *eks.DeleteClusterInput, ...func(*eks.Options)) (*eks.DeleteClusterOutput, error)
	ListNodegroups(context.Context, *eks.ListNodegroupsInput, ...func(*eks.Options)) (*eks.ListNodegroupsOutput, error)
}

// RoleAPI is the part of the IAM client that finds a role's ARN.
type RoleAPI interface {
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
}

type tagAPI interface {
	TagResource(context.Context, *eks.TagResourceInput, ...func(*eks.Options)) (*eks.TagResourceOutput, error)
}

// ClusterObservation is what EKS says of a cluster; its access entries take calls
// of their own.
type ClusterObservation struct {
	types.Cluster

	Entries map[string]Entry // by principal
}

// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksclusters,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksclusters/status,verbs=patch
// +kubebuilder:rbac:groups=compute.aws.crossplane.io,resources=eksclusters/finalizers,verbs=update

// Cluster returns the kind EKSCluster. A cluster's name is ours to choose.
func Cluster(accounts Accounts) managed.Kind[*v1alpha1.EKSCluster, ClusterObservation] {
	return managed.Kind[*v1alpha1.EKSCluster, ClusterObservation]{
		New:      func() *v1alpha1.EKSCluster { return &v1alpha1.EKSCluster{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.EKSCluster) (managed.External[*v1alpha1.EKSCluster, ClusterObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			region := mr.Spec.ForProvider.Region
			return cluster{
				eks: account.Client(a, region, newClient), roles: account.Client(a, a.Region(), newRoles), signer: account.Client(a, region, newSigner),
			}, nil
		},
		Classify:   account.Classify,
		Name:       func(mr *v1alpha1.EKSCluster, owner string) string { return chosenName(mr.Name, owner) },
		ValidName:  validName,
		HoldsData:  true,
		References: clusterReferences(),
	}
}

func newClient(c aws.Config) *eks.Client { return eks.NewFromConfig(c) }

func newRoles(c aws.Config) *iam.Client { return iam.NewFromConfig(c) }

// clusterReferences look up a role's name, of which roleARN is found when the
// cluster is created, and security groups.
func clusterReferences() []managed.ReferenceField[*v1alpha1.EKSCluster] {
	return []managed.ReferenceField[*v1alpha1.EKSCluster]{{
		Field:   "roleRef",
		To:      iamapi.GroupVersion.WithKind("IAMRole"),
		Names:   func(mr *v1alpha1.EKSCluster) []string { return managed.NameOf(mr.Spec.ForProvider.RoleRef) },
		Resolve: func(mr *v1alpha1.EKSCluster, names []string) { mr.Spec.ForProvider.RoleARN = names[0] },
	}, {
		Field:   "securityGroupRefs",
		To:      network.GroupVersion.WithKind("SecurityGroup"),
		Names:   func(mr *v1alpha1.EKSCluster) []string { return managed.NamesOf(mr.Spec.ForProvider.SecurityGroupRefs) },
		Resolve: func(mr *v1alpha1.EKSCluster, ids []string) { mr.Spec.ForProvider.SecurityGroupIDs = ids },
	}}
}

// cluster is managed.External for clusters of one account and region.
type cluster struct {
	eks    ClusterAPI
	roles  RoleAPI
	signer signer
}

// Observe implements managed.External.
func (e cluster) Observe(ctx context.Context, mr *v1alpha1.EKSCluster, _ managed.Identity) (*ClusterObservation, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	out, err := e.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &name})
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	obs := &ClusterObservation{Cluster: *out.Cluster}
	obs.Entries, err = observeEntries(ctx, e.eks, &obs.Cluster)
	return obs, err
}

// Assess implements managed.External.
func (e cluster) Assess(mr *v1alpha1.EKSCluster, obs *ClusterObservation) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = observed(obs)
	p := planCluster(want, &obs.Cluster)
	drift := p.fields
	planEntries(&drift, want.AccessEntries, obs)
	diff.Tags(&drift, want.Tags, obs.Tags)
	a := managed.Assessment{
		Name:       aws.ToString(obs.Name),
		Tags:       obs.Tags,
		State:      clusterState(obs.Status),
		Message:    messageOf(string(obs.Status), mr.Status.AtProvider.Issues),
		Busy:       obs.Status != types.ClusterStatusActive,
		Drift:      drift,
		Fixed:      fixedCluster(want, &obs.Cluster),
		Protected:  protected(want, &obs.Cluster),
		Location:   &contract.Location{Provider: "aws", Region: want.Region},
		Offers:     offers(&obs.Cluster),
		Reach:      contract.ReachNetwork,
		Connection: connection(want.Region, &obs.Cluster),
	}
	if vpc := obs.ResourcesVpcConfig; vpc != nil {
		// Every node of a node group is a member of the cluster's own group (Amazon EKS
		// User Guide, "View Amazon EKS security group requirements for clusters").
		a.Network = &contract.Network{ID: aws.ToString(vpc.VpcId)}
		if group := aws.ToString(vpc.ClusterSecurityGroupId); group != "" {
			a.Network.Groups = []string{group}
		}
		if vpc.EndpointPublicAccess {
			a.Reach = contract.ReachInternet
		}
	}
	return a
}

func observed(obs *ClusterObservation) v1alpha1.EKSClusterObservation {
	o := v1alpha1.EKSClusterObservation{
		State: string(obs.Status), ARN: aws.ToString(obs.Arn), Version: aws.ToString(obs.Version), PlatformVersion: aws.ToString(obs.PlatformVersion),
		Endpoint: aws.ToString(obs.Endpoint), RoleARN: aws.ToString(obs.RoleArn),
	}
	if vpc := obs.ResourcesVpcConfig; vpc != nil {
		o.VPCID, o.ClusterSecurityGroupID = aws.ToString(vpc.VpcId), aws.ToString(vpc.ClusterSecurityGroupId)
	}
	if obs.Health != nil {
		for _, i := range obs.Health.Issues {
			o.Issues = append(o.Issues, v1alpha1.Issue{Code: string(i.Code), Message: aws.ToString(i.Message), ResourceIDs: i.ResourceIds})
		}
	}
	return o
}

func offers(c *types.Cluster) *contract.Offer {
	return &contract.Offer{
		Group: "compute.crossplane.io", Kind: "KubernetesCluster", Attributes: map[string]string{"version": aws.ToString(c.Version)},
	}
}

// keyCluster is, in connection details, EKS's name of the cluster.
const keyCluster = "cluster"

// connection is known once the cluster has an endpoint.
func connection(region string, c *types.Cluster) map[string]string {
	if aws.ToString(c.Endpoint) == "" || c.CertificateAuthority == nil {
		return nil
	}
	ca, err := base64.StdEncoding.DecodeString(aws.ToString(c.CertificateAuthority.Data))
	if err != nil || len(ca) == 0 {
		return nil
	}
	return map[string]string{
		contract.KeyType: "kubernetes", contract.KeyProvider: "aws", contract.KeyEndpoint: *c.Endpoint,
		contract.KeyCA: string(ca), contract.KeyRegion: region, keyCluster: aws.ToString(c.Name),
	}
}

// roleARN returns the ARN of a role that is given by that, or by its name where
// the spec refers to an object.
func roleARN(ctx context.Context, roles RoleAPI, given string) (*string, error) {
	if strings.HasPrefix(given, "arn:") {
		return &given, nil
	}
	out, err := roles.GetRole(ctx, &iam.GetRoleInput{RoleName: &given})
	if err != nil {
		return nil, err
	}
	return out.Role.Arn, nil
}

// sameRole compares a role that EKS names by its ARN with one that the spec gives.
func sameRole(given string, arn *string) bool {
	return given == aws.ToString(arn) || !strings.HasPrefix(given, "arn:") && strings.HasSuffix(aws.ToString(arn), "/"+given)
}

// Adopt implements managed.Adopter.
func (e cluster) Adopt(ctx context.Context, _ *v1alpha1.EKSCluster, obs *ClusterObservation, tags map[string]string) error {
	return addTags(ctx, e.eks, obs.Arn, tags)
}

func addTags(ctx context.Context, api tagAPI, arn *string, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := api.TagResource(ctx, &eks.TagResourceInput{ResourceArn: arn, Tags: tags})
	return err
}
