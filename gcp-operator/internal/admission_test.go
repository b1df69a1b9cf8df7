// SPDX-License-Identifier: Apache-2.0

package internal

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	network "github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managedtest/admission"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, network.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/gcp-operator/generated/crds"))
}

const anInstance = `
apiVersion: database.gcp.crossplane.io/v1alpha1
kind: CloudSQLInstance
metadata: {generateName: db-}
spec:
  providerRef: {name: gcp}
  forProvider: {region: europe-west1, databaseVersion: MYSQL_8_4, tier: db-custom-1-3840, databaseName: orders}
`

const aNetwork = `
apiVersion: network.gcp.crossplane.io/v1alpha1
kind: Network
metadata: {generateName: net-}
spec:
  providerRef: {name: gcp}
  forProvider: {autoCreateSubnetworks: false}
`

const aConnection = `
apiVersion: network.gcp.crossplane.io/v1alpha1
kind: ServiceConnection
metadata: {generateName: sc-}
spec:
  providerRef: {name: gcp}
  forProvider: {network: net, prefixLength: 16}
`

const anAuthorizedNetwork = `
apiVersion: database.gcp.crossplane.io/v1alpha1
kind: CloudSQLAuthorizedNetwork
metadata: {generateName: let-in-}
spec:
  providerRef: {name: gcp}
  forProvider: {instanceRef: {name: shop}, value: 203.0.113.0/24}
`

const aCluster = `
apiVersion: compute.gcp.crossplane.io/v1alpha1
kind: GKECluster
metadata: {generateName: gke-}
spec:
  providerRef: {name: gcp}
  forProvider: {location: europe-west1, version: "1.33", networkRef: {name: net}}
`

const aPool = `
apiVersion: compute.gcp.crossplane.io/v1alpha1
kind: GKENodePool
metadata: {generateName: nodes-}
spec:
  providerRef: {name: gcp}
  forProvider: {location: europe-west1, clusterRef: {name: shop}, nodeCount: 2}
`

const aProvider = `
apiVersion: gcp.crossplane.io/v1alpha1
kind: Provider
metadata: {generateName: gcp-}
spec:
  projectID: my-project
  credentials: {source: Secret, secretRef: {name: keys, key: key.json}}
`

const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b"

func TestMistakesSeenAtAdmission(t *testing.T) {
	admission.Refused(t, cluster.Client, map[string]admission.Case{
		"region that is none":    {anInstance, `forProvider: {region: Frankfurt}`, "spec.forProvider.region"},
		"version in other terms": {anInstance, `forProvider: {databaseVersion: "8.4"}`, "spec.forProvider.databaseVersion"},
		"engine nobody has":      {anInstance, `forProvider: {databaseVersion: ORACLE_19}`, "spec.forProvider.databaseVersion"},
		"no tier":                {anInstance, `forProvider: {tier: null}`, "spec.forProvider.tier"},
		"tier that is none":      {anInstance, `forProvider: {tier: small}`, "spec.forProvider.tier"},
		"too small a disk":       {anInstance, `forProvider: {dataDiskSizeGb: 5}`, "should be greater than or equal to 10"},
		"edition nobody has":     {anInstance, `forProvider: {edition: FREE}`, `Unsupported value: "FREE"`},
		"networks twice": {
			anInstance, `forProvider: {ipConfiguration: {privateNetwork: projects/p/global/networks/n, privateNetworkRef: {name: nets}}}`,
			"set privateNetwork or privateNetworkRef, not both",
		},
		"network by its name alone": {anInstance, `forProvider: {ipConfiguration: {privateNetwork: n}}`, "privateNetwork"},
		"not reachable at all":      {anInstance, `forProvider: {ipConfiguration: {ipv4Enabled: false}}`, "without a public address the instance needs a private network"},
		"projects without PSC":      {anInstance, `forProvider: {ipConfiguration: {pscAllowedConsumerProjects: [p]}}`, "pscAllowedConsumerProjects goes with pscEnabled"},
		"the world, by accident":    {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 0.0.0.0/0}]}}`, "lets the whole Internet in: say so with wholeInternet: true"},
		"range that is none":        {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: everywhere}]}}`, "an address and a prefix length"},
		"range twice":               {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 10.0.0.0/8}, {cidr: 10.0.0.0/8}]}}`, "Duplicate value"},
		"log without backups":       {anInstance, `forProvider: {backupConfiguration: {enabled: false, pointInTimeRecoveryEnabled: true}}`, "recovery to a point in time needs backups"},
		"no such hour":              {anInstance, `forProvider: {backupConfiguration: {startTime: "25:00"}}`, "startTime"},
		"last backup or none":       {anInstance, `forProvider: {finalBackup: {enabled: false, retentionDays: 3}}`, "enabled: false forbids one"},
		"no such day":               {anInstance, `forProvider: {maintenanceWindow: {day: 8, hour: 1}}`, "should be less than or equal to 7"},
		"flag twice":                {anInstance, `forProvider: {databaseFlags: [{name: a, value: "1"}, {name: a, value: "2"}]}`, "Duplicate value"},
		"reserved label":            {anInstance, `forProvider: {userLabels: {crossplane-owner: me}}`, "labels that begin with crossplane- are reserved"},
		"label in capitals":         {anInstance, `forProvider: {userLabels: {Team: shop}}`, "labels have lower-case letters"},
		"backup that is none":       {anInstance, `forProvider: {restoreFrom: {backup: last}}`, "restoreFrom.backup"},
		"no provider":               {anInstance, `providerRef: null`, "spec.providerRef"},
		"name of an object's range": {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 10.0.0.0/8, name: crossplane-a}]}}`, "are those of CloudSQLAuthorizedNetwork objects"},
		"let in at no instance":     {anAuthorizedNetwork, `forProvider: {instanceRef: null}`, "set either instanceName or instanceRef"},
		"let in at two":             {anAuthorizedNetwork, `forProvider: {instanceName: shop}`, "set either instanceName or instanceRef"},
		"the world is let in":       {anAuthorizedNetwork, `forProvider: {value: 0.0.0.0/0}`, "lets the whole Internet in: say so with wholeInternet: true"},
		"half of the world, too":    {anAuthorizedNetwork, `forProvider: {value: 128.0.0.0/1, wholeInternet: false}`, "lets the whole Internet in"},
		"IPv6 is let in":            {anAuthorizedNetwork, `forProvider: {value: "2001:db8::/32"}`, "an IPv4 address and a prefix length"},
		"an address is let in":      {anAuthorizedNetwork, `forProvider: {value: 203.0.113.7}`, "an IPv4 address and a prefix length"},
		"until one day":             {anAuthorizedNetwork, `forProvider: {expirationTime: tomorrow}`, "expirationTime"},
		"packets too large":         {aNetwork, `forProvider: {mtu: 65536}`, "should be less than or equal to 8896"},
		"routing nobody has":        {aNetwork, `forProvider: {routingMode: LOCAL}`, `Unsupported value: "LOCAL"`},
		"connection of no network":  {aConnection, `forProvider: {network: null}`, "set either network or networkRef"},
		"connection of two":         {aConnection, `forProvider: {networkRef: {name: nets}}`, "set either network or networkRef"},
		"range too small":           {aConnection, `forProvider: {prefixLength: 28}`, "should be less than or equal to 24"},
		"address that is none":      {aConnection, `forProvider: {address: here}`, "an IPv4 address"},
		"cluster in a country":      {aCluster, `forProvider: {location: germany}`, "spec.forProvider.location"},
		"cluster in two networks":   {aCluster, `forProvider: {network: net}`, "set network or networkRef, not both"},
		"version of tomorrow":       {aCluster, `forProvider: {version: latest}`, "spec.forProvider.version"},
		"public without limits":     {aCluster, `forProvider: {endpointPublicAccess: true}`, "a public endpoint needs authorizedNetworks"},
		"public for nobody":         {aCluster, `forProvider: {endpointPublicAccess: true, authorizedNetworks: []}`, "should have at least 1 item"},
		"public for a word":         {aCluster, `forProvider: {authorizedNetworks: [{cidr: world}]}`, "an address and a prefix length"},
		"channel nobody has":        {aCluster, `forProvider: {releaseChannel: FAST}`, `Unsupported value: "FAST"`},
		"pilot with a node":         {aCluster, `forProvider: {autopilot: true, initialNode: {machineType: n4-standard-2}}`, "neither initialNode nor nodeLocations"},
		"pods in two ranges":        {aCluster, `forProvider: {ipAllocation: {clusterSecondaryRangeName: pods, clusterIPv4CIDR: /14}}`, "not both"},
		"identities of others":      {aCluster, `forProvider: {workloadPool: my-project}`, "spec.forProvider.workloadPool"},
		"key by its name":           {aCluster, `forProvider: {databaseEncryptionKey: my-key}`, "spec.forProvider.databaseEncryptionKey"},
		"log that is none":          {aCluster, `forProvider: {loggingComponents: [KUBELET]}`, "Unsupported value"},
		"window without an end":     {aCluster, `forProvider: {maintenanceWindow: {startTime: "2026-01-03T02:00:00Z", recurrence: FREQ=DAILY}}`, "endTime"},
		"window at no time":         {aCluster, `forProvider: {maintenanceWindow: {startTime: night, endTime: morning, recurrence: FREQ=DAILY}}`, "startTime"},
		"tokens of a user":          {aCluster, `forProvider: {tokenServiceAccount: "user:me@example.com"}`, "tokenServiceAccount"},
		"label of Google's":         {aCluster, `forProvider: {resourceLabels: {goog-fleet: x}}`, "labels that begin with crossplane- or goog- are reserved"},
		"pool of two clusters":      {aPool, `forProvider: {clusterName: shop}`, "set either clusterName or clusterRef"},
		"pool of no cluster":        {aPool, `forProvider: {clusterRef: null}`, "set either clusterName or clusterRef"},
		"counted and scaled":        {aPool, `forProvider: {autoscaling: {maxNodeCount: 3}}`, "set nodeCount or autoscaling, not both"},
		"scaled without end":        {aPool, `forProvider: {nodeCount: null, autoscaling: {minNodeCount: 1}}`, "set either maxNodeCount"},
		"scaled both ways":          {aPool, `forProvider: {nodeCount: null, autoscaling: {maxNodeCount: 3, totalMinNodeCount: 1}}`, "totalMinNodeCount goes with totalMaxNodeCount"},
		"bounds upside down":        {aPool, `forProvider: {nodeCount: null, autoscaling: {totalMinNodeCount: 4, totalMaxNodeCount: 3}}`, "must not be greater"},
		"nodes in a region":         {aPool, `forProvider: {nodeLocations: [europe-west1]}`, "spec.forProvider.nodeLocations"},
		"effect of Kubernetes":      {aPool, `forProvider: {taints: [{key: a, effect: NoSchedule}]}`, "Unsupported value"},
		"scope by its name":         {aPool, `forProvider: {oauthScopes: [cloud-platform]}`, "spec.forProvider.oauthScopes"},
		"an upgrade of nothing":     {aPool, `forProvider: {upgradeSettings: {maxSurge: 0, maxUnavailable: 0}}`, "an upgrade needs a node more or a node less"},
		"no project":                {aProvider, `projectID: null`, "spec.projectID"},
		"project that is none":      {aProvider, `projectID: "My Project"`, "spec.projectID"},
		"key of nothing":            {aProvider, `credentials: {secretRef: null}`, "secretRef goes with source Secret, and only with it"},
		"key for a federation":      {aProvider, `credentials: {source: WorkloadIdentityFederation}`, "secretRef goes with source Secret, and only with it"},
		"federation of nothing":     {aProvider, `credentials: {source: WorkloadIdentityFederation, secretRef: null}`, "workloadIdentity goes with source WorkloadIdentityFederation"},
		"federation somewhere else": {aProvider, `credentials: {source: WorkloadIdentityFederation, secretRef: null, workloadIdentity: {audience: "https://evil.example"}}`, "workloadIdentity.audience"},
		"an account that is a path": {
			aProvider,
			`credentials: {source: WorkloadIdentityFederation, secretRef: null, workloadIdentity: {audience: "` + audience + `", serviceAccountEmail: "../x@y"}}`,
			"serviceAccountEmail",
		},
	})
}

func TestWhatIsAccepted(t *testing.T) {
	admission.Accepted(t, cluster.Client, map[string]admission.Case{
		"instance":              {anInstance, `{}`},
		"range that is let in":  {anAuthorizedNetwork, `forProvider: {expirationTime: "2030-01-02T03:04:05Z"}`},
		"one address":           {anAuthorizedNetwork, `forProvider: {instanceRef: null, instanceName: shop, value: 203.0.113.7/32}`},
		"world that is let in":  {anAuthorizedNetwork, `forProvider: {value: 0.0.0.0/0, wholeInternet: true}`},
		"no database":           {anInstance, `forProvider: {databaseName: null}`},
		"restored instance":     {anInstance, `forProvider: {restoreFrom: {backup: projects/p/backups/0b5c7e1f-0e8c}}`},
		"restored from nothing": {anInstance, `forProvider: {restoreFrom: {backup: ""}}`},
		"for the world":         {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 0.0.0.0/0, wholeInternet: true}]}}`},
		"for an office":         {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 203.0.113.0/24, name: office}]}}`},
		"private":               {anInstance, `forProvider: {ipConfiguration: {ipv4Enabled: false, privateNetworkRef: {name: nets}, serviceConnectionRef: {name: nets}}}`},
		"by Private Service":    {anInstance, `forProvider: {ipConfiguration: {ipv4Enabled: false, pscEnabled: true, pscAllowedConsumerProjects: [p]}}`},
		"network of nothing":    {aNetwork, `forProvider: null`},
		"referenced network":    {aConnection, `forProvider: {network: null, networkRef: {name: nets}, address: 10.8.0.0}`},
		"private cluster":       {aCluster, `{}`},
		"zonal cluster":         {aCluster, `forProvider: {location: europe-west1-b, version: 1.33.2-gke.100, releaseChannel: UNSPECIFIED}`},
		"cluster for the world": {aCluster, `forProvider: {endpointPublicAccess: true, authorizedNetworks: [{cidr: 0.0.0.0/0}]}`},
		"shared network":        {aCluster, `forProvider: {networkRef: null, network: projects/host/global/networks/net, subnetwork: projects/host/regions/europe-west1/subnetworks/apps}`},
		"ranges by size":        {aCluster, `forProvider: {ipAllocation: {clusterIPv4CIDR: /14, servicesIPv4CIDR: 10.8.0.0/20}}`},
		"pilot":                 {aCluster, `forProvider: {autopilot: true}`},
		"nothing logged":        {aCluster, `forProvider: {loggingComponents: [], monitoringComponents: []}`},
		"pool by name":          {aPool, `forProvider: {clusterRef: null, clusterName: shop, nodeCount: null}`},
		"scaled together":       {aPool, `forProvider: {nodeCount: null, autoscaling: {totalMinNodeCount: 0, totalMaxNodeCount: 9}}`},
		"injected identity":     {aProvider, `credentials: {source: InjectedIdentity, secretRef: null}`},
		"project of a domain":   {aProvider, `projectID: "example.com:my-project"`},
		"federation":            {aProvider, `credentials: {source: WorkloadIdentityFederation, secretRef: null, workloadIdentity: {audience: "` + audience + `"}}`},
	})
}

func TestChangesRefusedAtAdmission(t *testing.T) {
	admission.ChangesRefused(t, cluster.Client, map[string]admission.Case{
		"instance of a range":   {anAuthorizedNetwork, `forProvider: {instanceRef: {name: other}}`, "can't move to another instance"},
		"instance by its name":  {anAuthorizedNetwork, `forProvider: {instanceRef: null, instanceName: shop}`, "can't move to another instance"},
		"provider of a range":   {anAuthorizedNetwork, `providerRef: {name: other}`, "providerRef can't change"},
		"region":                {anInstance, `forProvider: {region: us-central1}`, "an instance can't move to another region"},
		"engine":                {anInstance, `forProvider: {databaseVersion: POSTGRES_17}`, "an instance can't change its engine"},
		"database":              {anInstance, `forProvider: {databaseName: other}`, "its name can't change"},
		"database taken away":   {anInstance, `forProvider: {databaseName: null}`, "databaseName is given when the instance is created, or never"},
		"provider":              {anInstance, `providerRef: {name: other}`, "providerRef can't change"},
		"subnetworks":           {aNetwork, `forProvider: {autoCreateSubnetworks: true}`, "a network's subnetworks are decided when it is made"},
		"provider of a network": {aNetwork, `providerRef: {name: other}`, "providerRef can't change"},
		"network":               {aConnection, `forProvider: {network: other}`, "a connection stays with its network"},
		"network by reference":  {aConnection, `forProvider: {network: null, networkRef: {name: nets}}`, "a connection stays with its network"},
		"size of the range":     {aConnection, `forProvider: {prefixLength: 20}`, "a reserved range can't change its size"},
		"place of the range":    {aConnection, `forProvider: {address: 10.8.0.0}`, "a reserved range can't move"},
		"location":              {aCluster, `forProvider: {location: us-central1}`, "a cluster can't move to another location"},
		"provider of a cluster": {aCluster, `providerRef: {name: other}`, "providerRef can't change"},
		"location of a pool":    {aPool, `forProvider: {location: us-central1}`, "a node pool can't move to another location"},
		"project":               {aProvider, `projectID: other-project`, "a provider stays with its project"},
	})
}

// TestAnEmptyListIsNotTheSameAsNone: it takes away what there is.
func TestAnEmptyListIsNotTheSameAsNone(t *testing.T) {
	mr := &database.CloudSQLInstance{ObjectMeta: metav1.ObjectMeta{GenerateName: "lists-"}, Spec: database.CloudSQLInstanceSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: database.CloudSQLInstanceParameters{
			Region: "europe-west1", DatabaseVersion: "MYSQL_8_4", Tier: "db-custom-1-3840", DatabaseFlags: []database.DatabaseFlag{},
			IPConfiguration: &database.IPConfiguration{AuthorizedNetworks: []database.AuthorizedNetwork{}},
		},
	}}
	if err := cluster.Client.Create(t.Context(), mr); err != nil {
		t.Fatal(err)
	}
	if p := mr.Spec.ForProvider; p.DatabaseFlags == nil || p.IPConfiguration.AuthorizedNetworks == nil {
		t.Errorf("got %#v, %#v", p.DatabaseFlags, p.IPConfiguration.AuthorizedNetworks)
	}
}

func TestEveryKindTakesPartInTheContract(t *testing.T) {
	kinds := WithProviders(account.NewAccounts())
	if len(kinds) != len(Kinds(account.NewAccounts()))+1 {
		t.Fatalf("%d kinds", len(kinds))
	}
	admission.TakesPart(t, cluster.Client, "gcp-operator", kinds)
}
