// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"maps"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/go-logr/logr"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var apiServer *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		apiServer = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/aws-operator/generated/crds"))
}

// signing is a configuration that signs with a made-up key.
func signing() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", "")}
}

// clusters is the fake's clusters as the conformance suite sees them.
type clusters struct{ *fakeEKS }

func (c clusters) Names() []string                    { return slices.Sorted(maps.Keys(c.clusters)) }
func (c clusters) Vanish(name string)                 { delete(c.clusters, name) }
func (c clusters) Mutations() int                     { return c.mutations }
func (c clusters) Tags(name string) map[string]string { return maps.Clone(c.clusters[name].Tags) }

func (c clusters) Drift(name string) {
	c.clusters[name].ResourcesVpcConfig.PublicAccessCidrs = []string{"0.0.0.0/0"}
}

func (c clusters) Drifted(name string) bool {
	return c.clusters[name].ResourcesVpcConfig.PublicAccessCidrs[0] == "0.0.0.0/0"
}

func (c clusters) Plant(name string, tags map[string]string) string {
	want := aCluster().Spec.ForProvider
	_, err := c.CreateCluster(context.Background(), &eks.CreateClusterInput{
		Name: &name, Version: &want.Version, RoleArn: &want.RoleARN, Tags: tags,
		AccessConfig:       &types.CreateAccessConfigRequest{AuthenticationMode: types.AuthenticationModeApi},
		ResourcesVpcConfig: &types.VpcConfigRequest{SubnetIds: want.SubnetIDs, EndpointPublicAccess: aws.Bool(true), PublicAccessCidrs: want.PublicAccessCIDRs},
	})
	if err != nil {
		panic(err)
	}
	c.Settle()
	return name
}

// Accepts takes tokens as EKS does: for 15 minutes, and for one cluster.
func (c clusters) Accepts(name string, details map[string][]byte, now time.Time) bool {
	signed, ok := signedFor(name, string(details[contract.KeyToken]))
	config, err := clientcmd.RESTConfigFromKubeConfig(details[contract.KeyKubeconfig])
	return ok && err == nil && config.BearerToken == string(details[contract.KeyToken]) && config.Host == *c.clusters[name].Endpoint &&
		string(config.CAData) == "PEM" && now.Before(signed.Add(15*time.Minute))
}

// signedFor says when a token was signed, if it was for the cluster: the same
// request signed for another has another signature.
func signedFor(name, text string) (time.Time, bool) {
	u, err := url.Parse(decoded(text))
	if err != nil {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
	if err != nil {
		return time.Time{}, false
	}
	again, _, err := token(context.Background(), signing(), name, at)
	return at, err == nil && again == text
}

func aCluster() *v1alpha1.EKSCluster {
	return &v1alpha1.EKSCluster{Spec: v1alpha1.EKSClusterSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.EKSClusterParameters{
			Region: "eu-west-1", Version: "1.33", RoleARN: "arn:aws:iam::123456789012:role/cluster", SubnetIDs: []string{"subnet-a", "subnet-b"},
			EndpointPublicAccess: aws.Bool(true), PublicAccessCIDRs: []string{"192.0.2.0/24"},
		},
	}}
}

func TestClusterConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.EKSCluster, ClusterObservation] {
		f := newFakeEKS()
		kind := Cluster(nil)
		kind.Provider = nil // whose credentials' version is no matter here
		kind.Connect = func(context.Context, *v1alpha1.EKSCluster) (managed.External[*v1alpha1.EKSCluster, ClusterObservation], error) {
			return cluster{f, f, signer{signing()}}, nil
		}
		return managedtest.Subject[*v1alpha1.EKSCluster, ClusterObservation]{
			Kind: kind, Cloud: clusters{f}, Object: aCluster,
			Change:  func(mr *v1alpha1.EKSCluster) { mr.Spec.ForProvider.Version = "1.34" },
			Changed: func(name string) bool { return *f.clusters[name].Version == "1.34" },
		}
	})
}

// groups is the fake's node groups of one cluster as the conformance suite sees
// them.
type groups struct{ *fakeEKS }

func (c groups) all() map[string]*fakeGroup         { return c.clusters["shop"].groups }
func (c groups) Names() []string                    { return slices.Sorted(maps.Keys(c.all())) }
func (c groups) Vanish(name string)                 { delete(c.all(), name) }
func (c groups) Mutations() int                     { return c.mutations }
func (c groups) Tags(name string) map[string]string { return maps.Clone(c.all()[name].Tags) }
func (c groups) Drift(name string)                  { c.all()[name].ScalingConfig.MaxSize = aws.Int32(100) }
func (c groups) Drifted(name string) bool           { return *c.all()[name].ScalingConfig.MaxSize == 100 }

func (c groups) Plant(name string, tags map[string]string) string {
	want := aGroup().Spec.ForProvider
	_, err := c.CreateNodegroup(context.Background(), &eks.CreateNodegroupInput{
		ClusterName: &want.ClusterName, NodegroupName: &name, NodeRole: &want.NodeRoleARN, Subnets: want.SubnetIDs, Tags: tags,
		ScalingConfig: &types.NodegroupScalingConfig{MinSize: &want.Scaling.MinSize, MaxSize: &want.Scaling.MaxSize, DesiredSize: aws.Int32(2)},
	})
	if err != nil {
		panic(err)
	}
	c.Settle()
	return name
}

func aGroup() *v1alpha1.EKSNodeGroup {
	return &v1alpha1.EKSNodeGroup{Spec: v1alpha1.EKSNodeGroupSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.EKSNodeGroupParameters{
			Region: "eu-west-1", ClusterName: "shop", NodeRoleARN: "arn:aws:iam::123456789012:role/node", SubnetIDs: []string{"subnet-a"},
			Scaling: v1alpha1.NodeScaling{MinSize: 1, MaxSize: 3},
		},
	}}
}

func TestNodeGroupConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.EKSNodeGroup, NodeGroupObservation] {
		f := newFakeEKS()
		clusters{f}.Plant("shop", nil)
		f.mutations = 0
		kind := NodeGroup(nil)
		kind.Connect = func(context.Context, *v1alpha1.EKSNodeGroup) (managed.External[*v1alpha1.EKSNodeGroup, NodeGroupObservation], error) {
			return nodeGroup{f, f}, nil
		}
		return managedtest.Subject[*v1alpha1.EKSNodeGroup, NodeGroupObservation]{
			Kind: kind, Cloud: groups{f}, Object: aGroup,
			Change:  func(mr *v1alpha1.EKSNodeGroup) { mr.Spec.ForProvider.Scaling.MaxSize = 5 },
			Changed: func(name string) bool { return *groups{f}.all()[name].ScalingConfig.MaxSize == 5 },
		}
	})
}
