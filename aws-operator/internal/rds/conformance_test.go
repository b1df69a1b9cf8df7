// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/aws-operator/generated/crds"))
}

// instances is the fake's instances as the conformance suite sees them.
type instances struct{ *fakeRDS }

func (c instances) Names() []string             { return c.names() }
func (c instances) Password(name string) string { return c.instances[name].password }
func (c instances) Vanish(name string)          { delete(c.instances, name) }

func (c instances) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.instances))
}

func (c instances) Mutations() int                     { return c.mutations }
func (c instances) Tags(name string) map[string]string { return tagMap(c.instances[name].TagList) }

func (c instances) Plant(name string, tags map[string]string) string {
	_, err := c.CreateDBInstance(context.Background(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: &name, Engine: aws.String("mysql"), EngineVersion: aws.String("8.4"), DBInstanceClass: aws.String("db.t4g.small"),
		AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("admin"), MasterUserPassword: aws.String("planted"), Tags: tagList(tags),
	})
	if err != nil {
		panic(err)
	}
	c.Settle()
	return name
}

func (c instances) Drift(name string) {
	c.instances[name].DBInstanceClass = aws.String("db.m8g.16xlarge")
}

func (c instances) Drifted(name string) bool {
	return *c.instances[name].DBInstanceClass == "db.m8g.16xlarge"
}

// instanceKind is the kind in front of the fake.
func instanceKind(f *fakeRDS) managed.Kind[*v1alpha1.RDSInstance, types.DBInstance] {
	kind := Instance(nil)
	kind.Connect = func(context.Context, *v1alpha1.RDSInstance) (managed.External[*v1alpha1.RDSInstance, types.DBInstance], error) {
		return instance{rds: f}, nil
	}
	return kind
}

func anInstance() *v1alpha1.RDSInstance {
	return &v1alpha1.RDSInstance{Spec: v1alpha1.RDSInstanceSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.RDSInstanceParameters{
			Region: "eu-west-1", Engine: "mysql", EngineVersion: "8.4", Class: "db.t4g.small", AllocatedStorageGiB: aws.Int32(20),
		},
	}}
}

func TestInstanceConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.RDSInstance, types.DBInstance] {
		f := newFakeRDS()
		return managedtest.Subject[*v1alpha1.RDSInstance, types.DBInstance]{
			Kind: instanceKind(f), Cloud: instances{f}, Object: anInstance,
			Change:  func(mr *v1alpha1.RDSInstance) { mr.Spec.ForProvider.AllocatedStorageGiB = aws.Int32(30) },
			Changed: func(name string) bool { return *f.instances[name].AllocatedStorage == 30 },
		}
	})
}

// groups is the fake's subnet groups as the conformance suite sees them.
type groups struct{ *fakeRDS }

func (c groups) Names() []string                    { return slices.Sorted(maps.Keys(c.groups)) }
func (c groups) Vanish(name string)                 { delete(c.groups, name) }
func (c groups) Mutations() int                     { return c.mutations }
func (c groups) Tags(name string) map[string]string { return maps.Clone(c.groups[name].tags) }
func (c groups) Drift(name string)                  { c.groups[name].Subnets = subnets([]string{"subnet-c"}) }
func (c groups) Drifted(name string) bool           { return len(c.groups[name].Subnets) == 1 }

func (c groups) Plant(name string, tags map[string]string) string {
	_, err := c.CreateDBSubnetGroup(context.Background(), &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: &name, DBSubnetGroupDescription: aws.String("planted"), SubnetIds: aSubnetGroup().Spec.ForProvider.SubnetIDs, Tags: tagList(tags),
	})
	if err != nil {
		panic(err)
	}
	return name
}

func aSubnetGroup() *v1alpha1.DBSubnetGroup {
	return &v1alpha1.DBSubnetGroup{Spec: v1alpha1.DBSubnetGroupSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.DBSubnetGroupParameters{Region: "eu-west-1", SubnetIDs: []string{"subnet-a", "subnet-b"}},
	}}
}

func TestSubnetGroupConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.DBSubnetGroup, SubnetGroupObservation] {
		f := newFakeRDS()
		kind := SubnetGroup(nil)
		kind.Connect = func(context.Context, *v1alpha1.DBSubnetGroup) (managed.External[*v1alpha1.DBSubnetGroup, SubnetGroupObservation], error) {
			return subnetGroup{f}, nil
		}
		return managedtest.Subject[*v1alpha1.DBSubnetGroup, SubnetGroupObservation]{
			Kind: kind, Cloud: groups{f}, Object: aSubnetGroup,
			Change: func(mr *v1alpha1.DBSubnetGroup) {
				mr.Spec.ForProvider.SubnetIDs = []string{"subnet-a", "subnet-b", "subnet-d"}
			},
			Changed: func(name string) bool { return len(f.groups[name].Subnets) == 3 },
		}
	})
}
