// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

const (
	clusterPolicy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
	nodePolicy    = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/aws-operator/generated/crds"))
}

// roles is the fake's roles as the conformance suite sees them.
type roles struct{ *fakeIAM }

func (c roles) Settle()         {}
func (c roles) Names() []string { return slices.Sorted(maps.Keys(c.roles)) }
func (c roles) Vanish(n string) { delete(c.roles, strings.ToLower(n)) }
func (c roles) Mutations() int  { return c.mutations }
func (c roles) Drift(name string) {
	c.roles[name].Policies = append(c.roles[name].Policies, nodePolicy)
}

func (c roles) Drifted(name string) bool           { return slices.Contains(c.roles[name].Policies, nodePolicy) }
func (c roles) Tags(name string) map[string]string { return tagMap(c.roles[name].Tags) }

func (c roles) Plant(name string, tags map[string]string) string {
	_, err := c.CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: new(trustOf(aRole().Spec.ForProvider.AssumedBy)), Tags: tagList(tags),
	})
	if err != nil {
		panic(err)
	}
	c.roles[strings.ToLower(name)].Policies = []string{clusterPolicy}
	return name
}

func aRole() *v1alpha1.IAMRole {
	return &v1alpha1.IAMRole{Spec: v1alpha1.IAMRoleSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.IAMRoleParameters{
			AssumedBy: v1alpha1.TrustPolicy{Services: []string{"eks.amazonaws.com"}}, ManagedPolicyARNs: []string{clusterPolicy},
		},
	}}
}

func TestRoleConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.IAMRole, RoleObservation] {
		f := newFakeIAM()
		kind := Role(nil)
		kind.Connect = func(context.Context, *v1alpha1.IAMRole) (managed.External[*v1alpha1.IAMRole, RoleObservation], error) {
			return role{f}, nil
		}
		return managedtest.Subject[*v1alpha1.IAMRole, RoleObservation]{
			Kind: kind, Cloud: roles{f}, Object: aRole,
			Change:  func(mr *v1alpha1.IAMRole) { mr.Spec.ForProvider.Description = "for the shop" },
			Changed: func(name string) bool { return *f.roles[name].Description == "for the shop" },
		}
	})
}
