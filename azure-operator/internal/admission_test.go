// SPDX-License-Identifier: Apache-2.0

package internal

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	resources "github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managedtest/admission"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, resources.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/azure-operator/generated/crds"))
}

const aMySQL = `
apiVersion: database.azure.crossplane.io/v1alpha1
kind: MySQLServer
metadata: {generateName: db-}
spec:
  providerRef: {name: azure}
  forProvider: {location: westeurope, resourceGroupName: rg, sku: {name: Standard_B1ms, tier: Burstable}, storageGiB: 20}
`

const aPostgreSQL = `
apiVersion: database.azure.crossplane.io/v1alpha1
kind: PostgreSQLServer
metadata: {generateName: db-}
spec:
  providerRef: {name: azure}
  forProvider: {location: westeurope, resourceGroupRef: {name: rg}, sku: {name: Standard_D2ds_v4, tier: GeneralPurpose}, storageGiB: 32}
`

const aRule = `
apiVersion: database.azure.crossplane.io/v1alpha1
kind: FirewallRule
metadata: {generateName: rule-}
spec:
  providerRef: {name: azure}
  forProvider: {resourceGroupName: rg, mysqlServerRef: {name: db}, startIPAddress: 10.0.0.1, endIPAddress: 10.0.0.9}
`

const aGroup = `
apiVersion: resources.azure.crossplane.io/v1alpha1
kind: ResourceGroup
metadata: {generateName: rg-}
spec:
  providerRef: {name: azure}
  forProvider: {location: westeurope}
`

const anAKS = `
apiVersion: compute.azure.crossplane.io/v1alpha1
kind: AKSCluster
metadata: {generateName: aks-}
spec:
  providerRef: {name: azure}
  forProvider: {location: westeurope, resourceGroupName: rg, systemPool: {name: system, vmSize: Standard_D2s_v5, count: 1}}
`

const aPool = `
apiVersion: compute.azure.crossplane.io/v1alpha1
kind: AKSAgentPool
metadata: {generateName: pool-}
spec:
  providerRef: {name: azure}
  forProvider: {resourceGroupRef: {name: rg}, clusterRef: {name: aks}, vmSize: Standard_D2s_v5, count: 2}
`

// inGroup is how resource ids begin.
const inGroup = "/subscriptions/s/resourceGroups/g/providers/"

const aProvider = `
apiVersion: azure.crossplane.io/v1alpha1
kind: Provider
metadata: {generateName: azure-}
spec:
  subscriptionID: 00000000-0000-0000-0000-000000000001
  tenantID: 00000000-0000-0000-0000-00000000000a
  credentials: {source: Secret, clientID: 00000000-0000-0000-0000-00000000000b, secretRef: {name: keys, key: clientSecret}}
`

func TestMistakesSeenAtAdmission(t *testing.T) {
	admission.Refused(t, cluster.Client, map[string]admission.Case{
		"no storage":                {aMySQL, `forProvider: {storageGiB: null}`, "storageGiB is required unless the server is restored"},
		"too little storage":        {aMySQL, `forProvider: {storageGiB: 5}`, "should be greater than or equal to 20"},
		"storage of no step":        {aPostgreSQL, `forProvider: {storageGiB: 40}`, "Unsupported value: 40"},
		"version that is none":      {aMySQL, `forProvider: {version: latest}`, "spec.forProvider.version"},
		"minor version":             {aPostgreSQL, `forProvider: {version: "17.6"}`, "spec.forProvider.version"},
		"size that is none":         {aMySQL, `forProvider: {sku: {name: small}}`, "spec.forProvider.sku.name"},
		"tier that is none":         {aMySQL, `forProvider: {sku: {tier: Cheap}}`, `Unsupported value: "Cheap"`},
		"region for people":         {aMySQL, `forProvider: {location: West Europe}`, "spec.forProvider.location"},
		"no group":                  {aMySQL, `forProvider: {resourceGroupName: null}`, "set either resourceGroupName or resourceGroupRef"},
		"group twice":               {aMySQL, `forProvider: {resourceGroupRef: {name: b}}`, "set either resourceGroupName or resourceGroupRef"},
		"standby of a small one":    {aMySQL, `forProvider: {highAvailability: {mode: SameZone}}`, "the Burstable tier can have no standby"},
		"zone of no standby":        {aPostgreSQL, `forProvider: {highAvailability: {mode: Disabled, standbyZone: "1"}}`, "standbyZone goes with a standby"},
		"login of Azure's":          {aMySQL, `forProvider: {administratorLogin: Admin}`, "Azure keeps this name for itself"},
		"login of PostgreSQL's":     {aPostgreSQL, `forProvider: {administratorLogin: pg_me}`, "Azure keeps this name for itself"},
		"zone without a network":    {aMySQL, `forProvider: {privateDNSZoneID: ` + inGroup + `Microsoft.Network/privateDnsZones/z}`, "privateDNSZoneID goes with delegatedSubnetID"},
		"private and public":        {aMySQL, `forProvider: {publicNetworkAccess: true, delegatedSubnetID: ` + inGroup + `Microsoft.Network/virtualNetworks/n/subnets/s}`, "has no public access"},
		"database with a space":     {aMySQL, `forProvider: {databases: [{name: "my shop"}]}`, "spec.forProvider.databases[0].name"},
		"database twice":            {aMySQL, `forProvider: {databases: [{name: a}, {name: a}]}`, "Duplicate value"},
		"too few backups":           {aPostgreSQL, `forProvider: {backupRetentionDays: 1}`, "should be greater than or equal to 7"},
		"reserved tag":              {aMySQL, `forProvider: {tags: {crossplane-owner: me}}`, "are reserved"},
		"tag that Azure can't have": {aGroup, `forProvider: {tags: {"a/b": c}}`, "none of <>%&?/"},
		"restore of two":            {aMySQL, `forProvider: {restoreFrom: {sourceServerName: abc, sourceServerID: ` + inGroup + `Microsoft.DBforMySQL/flexibleServers/x}}`, "not both"},
		"no provider":               {aMySQL, `providerRef: null`, "spec.providerRef"},
		"rule for the world":        {aRule, `forProvider: {startIPAddress: 0.0.0.0, endIPAddress: 255.255.255.255}`, "allowTheWorld must say so"},
		"rule for half of it":       {aRule, `forProvider: {startIPAddress: 1.0.0.0, endIPAddress: 128.0.0.0}`, "allowTheWorld must say so"},
		"rule for all of Azure":     {aRule, `forProvider: {startIPAddress: 0.0.0.0, endIPAddress: 0.0.0.0}`, "allowAllOfAzure must say so"},
		"address that is none":      {aRule, `forProvider: {endIPAddress: 10.0.0.256}`, "spec.forProvider.endIPAddress"},
		"rule for no range":         {aRule, `forProvider: {startIPAddress: null, endIPAddress: null}`, "set either cidr or startIPAddress and endIPAddress"},
		"rule for half a range":     {aRule, `forProvider: {endIPAddress: null}`, "set either cidr or startIPAddress and endIPAddress"},
		"rule for two ranges":       {aRule, `forProvider: {cidr: 10.0.0.0/8}`, "set either cidr or startIPAddress and endIPAddress"},
		"world as a range":          {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: 0.0.0.0/0}`, "allowTheWorld must say so"},
		"half of it as a range":     {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: 128.0.0.0/1}`, "allowTheWorld must say so"},
		"all of Azure as a range":   {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: 0.0.0.0/32, allowTheWorld: true}`, "would let in all that runs in Azure"},
		"range of IPv6":             {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: "2001:db8::/32"}`, "an IPv4 address and a prefix length"},
		"rule of no server":         {aRule, `forProvider: {mysqlServerRef: null}`, "set one of mysqlServerName, mysqlServerRef"},
		"rule of two servers":       {aRule, `forProvider: {postgresqlServerRef: {name: b}}`, "set one of mysqlServerName, mysqlServerRef"},
		"open without saying so":    {anAKS, `forProvider: {enablePrivateCluster: false}`, "a public endpoint needs authorizedIPRanges"},
		"ranges of a private one":   {anAKS, `forProvider: {authorizedIPRanges: [10.0.0.0/8]}`, "authorizedIPRanges go with a public endpoint"},
		"range that is none":        {anAKS, `forProvider: {enablePrivateCluster: false, authorizedIPRanges: [home]}`, "each is an address and a prefix length"},
		"cluster of no group":       {anAKS, `forProvider: {resourceGroupName: null}`, "set either resourceGroupName or resourceGroupRef"},
		"version of a cluster":      {anAKS, `forProvider: {kubernetesVersion: newest}`, "spec.forProvider.kubernetesVersion"},
		"no system pool":            {anAKS, `forProvider: {systemPool: null}`, "spec.forProvider.systemPool"},
		"system pool of nothing":    {anAKS, `forProvider: {systemPool: {count: 0}}`, "a system pool has one node at least"},
		"system pool scaled to 0":   {anAKS, `forProvider: {systemPool: {count: null, autoscaling: {min: 0, max: 3}}}`, "a system pool has one node at least"},
		"long name of a pool":       {anAKS, `forProvider: {systemPool: {name: systempools99}}`, "spec.forProvider.systemPool.name"},
		"Services without a DNS":    {anAKS, `forProvider: {networkProfile: {serviceCIDR: 10.0.0.0/16}}`, "serviceCIDR goes with dnsServiceIP"},
		"identity of nobody":        {anAKS, `forProvider: {identity: {type: UserAssigned}}`, "userAssignedIdentityID goes with type UserAssigned"},
		"pool of no cluster":        {aPool, `forProvider: {clusterRef: null}`, "set either clusterName or clusterRef"},
		"pool that is two ways big": {aPool, `forProvider: {autoscaling: {min: 1, max: 3}}`, "either count or autoscaling can be given"},
		"pool between nothing":      {aPool, `forProvider: {count: null, autoscaling: {min: 3, max: 1}}`, "min must not be greater than max"},
		"price of a regular one":    {aPool, `forProvider: {spotMaxPrice: "0.1"}`, "spotMaxPrice goes with scaleSetPriority Spot"},
		"system pool of Spot":       {aPool, `forProvider: {mode: System, scaleSetPriority: Spot}`, "can't be of priority Spot"},
		"label of AKS's own":        {aPool, `forProvider: {labels: {kubernetes.azure.com/mode: x}}`, "AKS's own"},
		"taint without effect":      {aPool, `forProvider: {taints: [{key: a}]}`, "spec.forProvider.taints[0].effect"},
		"zone that is none":         {aPool, `forProvider: {zones: ["4"]}`, "Unsupported value"},
		"secret of nothing":         {aProvider, `credentials: {secretRef: null}`, "secretRef goes with source Secret, and only with it"},
		"secret for a machine":      {aProvider, `credentials: {source: ManagedIdentity}`, "secretRef goes with source Secret, and only with it"},
		"nobody":                    {aProvider, `credentials: {source: FederatedToken, secretRef: null, clientID: null}`, "clientID is required"},
		"subscription by name":      {aProvider, `subscriptionID: sandbox`, "spec.subscriptionID"},
		"two bundles":               {aProvider, `caBundle: {pem: x, configMapRef: {name: a, key: b}}`, "set either pem or configMapRef"},
	})
}

func TestWhatIsAccepted(t *testing.T) {
	admission.Accepted(t, cluster.Client, map[string]admission.Case{
		"MySQL":                      {aMySQL, `{}`},
		"PostgreSQL":                 {aPostgreSQL, `{}`},
		"with a standby":             {aPostgreSQL, `forProvider: {highAvailability: {mode: ZoneRedundant, standbyZone: "2"}}`},
		"restored":                   {aMySQL, `forProvider: {storageGiB: null, restoreFrom: {sourceServerName: old, restoreTime: "2026-01-02T03:04:05Z"}}`},
		"restored from nothing":      {aMySQL, `forProvider: {restoreFrom: {}}`},
		"group":                      {aGroup, `forProvider: {tags: {team: blue}}`},
		"rule":                       {aRule, `{}`},
		"rule for a range":           {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: 203.0.113.0/24}`},
		"world, said, as a range":    {aRule, `forProvider: {startIPAddress: null, endIPAddress: null, cidr: 0.0.0.0/0, allowTheWorld: true}`},
		"rule for one address":       {aRule, `forProvider: {endIPAddress: 10.0.0.1}`},
		"rule that says the world":   {aRule, `forProvider: {startIPAddress: 0.0.0.0, endIPAddress: 255.255.255.255, allowTheWorld: true}`},
		"rule that says Azure":       {aRule, `forProvider: {startIPAddress: 0.0.0.0, endIPAddress: 0.0.0.0, allowAllOfAzure: true}`},
		"cluster":                    {anAKS, `{}`},
		"cluster for everybody":      {anAKS, `forProvider: {enablePrivateCluster: false, authorizedIPRanges: [0.0.0.0/0], aadProfile: {adminGroupObjectIDs: []}}`},
		"cluster of its own network": {anAKS, `forProvider: {networkProfile: {networkPluginMode: overlay, podCIDR: 10.244.0.0/16, serviceCIDR: 10.0.0.0/16, dnsServiceIP: 10.0.0.10}}`},
		"cluster with lesser tokens": {anAKS, `forProvider: {kubernetesVersion: "1.33.2", tokenProviderRef: {name: viewers}}`},
		"pool":                       {aPool, `{}`},
		"pool that is scaled":        {aPool, `forProvider: {count: null, autoscaling: {min: 0, max: 3}, scaleSetPriority: Spot, spotMaxPrice: "0.05"}`},
		"pool in zones":              {aPool, `forProvider: {zones: ["1", "2"], labels: {}, taints: [{key: a, effect: NoSchedule}], upgradeSettings: {maxSurge: 33%}}`},
		"identity of the machine":    {aProvider, `credentials: {source: ManagedIdentity, secretRef: null, clientID: null}`},
		"token of the service acct":  {aProvider, `credentials: {source: FederatedToken, secretRef: null}`},
	})
}

func TestChangesRefusedAtAdmission(t *testing.T) {
	admission.ChangesRefused(t, cluster.Client, map[string]admission.Case{
		"region of a server":   {aMySQL, `forProvider: {location: eastus}`, "a server can't move to another location"},
		"group of a server":    {aMySQL, `forProvider: {resourceGroupName: other}`, "a server can't move to another resource group"},
		"group by reference":   {aPostgreSQL, `forProvider: {resourceGroupRef: {name: other}}`, "a server can't move to another resource group"},
		"provider":             {aPostgreSQL, `providerRef: {name: other}`, "providerRef can't change"},
		"region of a cluster":  {anAKS, `forProvider: {location: eastus}`, "a cluster can't move to another location"},
		"group of a cluster":   {anAKS, `forProvider: {resourceGroupName: other}`, "a cluster can't move to another resource group"},
		"system pool's name":   {anAKS, `forProvider: {systemPool: {name: other}}`, "a system pool can't be renamed"},
		"cluster of a pool":    {aPool, `forProvider: {clusterRef: {name: other}}`, "a pool can't move to another cluster"},
		"region of a group":    {aGroup, `forProvider: {location: eastus}`, "a resource group can't move to another location"},
		"server of a rule":     {aRule, `forProvider: {mysqlServerRef: {name: other}}`, "a rule can't move to another server"},
		"subscription of ours": {aProvider, `subscriptionID: 00000000-0000-0000-0000-000000000002`, "subscriptionID can't change"},
	})
}

func TestEveryKindTakesPartInTheContract(t *testing.T) {
	kinds := WithProviders(account.NewAccounts())
	if len(kinds) != len(Kinds(account.NewAccounts()))+1 {
		t.Fatalf("%d kinds", len(kinds))
	}
	admission.TakesPart(t, cluster.Client, "azure-operator", kinds)
}
