// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	resources "github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, resources.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/azure-operator/generated/crds"))
}

// only is the one account there is.
type only struct{ cloud *armtest.Cloud }

func (o only) Connect(context.Context, string) (*account.Account, error) {
	return o.cloud.Account(), nil
}

const mysqlServers = "/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/"

// common is what the servers of these tests have in common.
func common() v1alpha1.ServerParameters {
	return v1alpha1.ServerParameters{
		Location: "westeurope", ResourceGroupName: "rg", SKU: v1alpha1.ServerSKU{Name: "Standard_B1ms", Tier: "Burstable"},
		Databases: []v1alpha1.Database{{Name: "app"}},
	}
}

func aMySQL() *v1alpha1.MySQLServer {
	return &v1alpha1.MySQLServer{Spec: v1alpha1.MySQLServerSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.MySQLServerParameters{ServerParameters: common(), Version: "8.4", StorageGiB: new(int32(32))},
	}}
}

// planted is a server that somebody else made.
func planted(c *armtest.Cloud, prefix, version string) func(string) armtest.Body {
	return func(name string) armtest.Body {
		c.Put(prefix+name+"/databases/app", armtest.Body{"name": "app"})
		return armtest.Body{
			"location": "West Europe", "sku": armtest.Body{"name": "Standard_B1ms", "tier": "Burstable"},
			"properties": armtest.Body{
				"state": "Ready", "fullyQualifiedDomainName": name + ".example.org", "administratorLogin": "somebody",
				"version": version, "storage": armtest.Body{"storageSizeGB": 32.0},
			},
		}
	}
}

func TestMySQLConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.MySQLServer, Server] {
		c := armtest.New()
		view := armtest.View{
			Cloud: c, Prefix: mysqlServers, Planted: planted(c, mysqlServers, "8.4"),
			Drifting: []string{"sku", "name"}, To: "Standard_B20ms",
		}
		return managedtest.Subject[*v1alpha1.MySQLServer, Server]{
			Kind: MySQL(only{c}), Cloud: armtest.PasswordView{View: view}, Object: aMySQL, Steps: 1,
			Change: func(mr *v1alpha1.MySQLServer) { mr.Spec.ForProvider.StorageGiB = new(int32(64)) },
			Changed: func(name string) bool {
				return armtest.Get(c.At(mysqlServers+name), "properties", "storage", "storageSizeGB") == 64.0
			},
		}
	})
}

const postgresServers = "/resourcegroups/rg/providers/microsoft.dbforpostgresql/flexibleservers/"

func aPostgreSQL() *v1alpha1.PostgreSQLServer {
	return &v1alpha1.PostgreSQLServer{Spec: v1alpha1.PostgreSQLServerSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.PostgreSQLServerParameters{ServerParameters: common(), Version: "17", StorageGiB: new(int32(32))},
	}}
}

func TestPostgreSQLConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.PostgreSQLServer, Server] {
		c := armtest.New()
		view := armtest.View{
			Cloud: c, Prefix: postgresServers, Planted: planted(c, postgresServers, "17"),
			Drifting: []string{"sku", "name"}, To: "Standard_B20ms",
		}
		return managedtest.Subject[*v1alpha1.PostgreSQLServer, Server]{
			Kind: PostgreSQL(only{c}), Cloud: armtest.PasswordView{View: view}, Object: aPostgreSQL, Steps: 1,
			Change: func(mr *v1alpha1.PostgreSQLServer) { mr.Spec.ForProvider.StorageGiB = new(int32(64)) },
			Changed: func(name string) bool {
				return armtest.Get(c.At(postgresServers+name), "properties", "storage", "storageSizeGB") == 64.0
			},
		}
	})
}
