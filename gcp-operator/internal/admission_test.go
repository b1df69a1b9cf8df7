// SPDX-License-Identifier: Apache-2.0

package internal

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	database "github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	network "github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, database.AddToScheme, network.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/gcp-operator/generated/crds"))
}

// object reads YAML, as a person writes it.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(raw, u); err != nil {
		t.Fatal(err)
	}
	return u
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

const aProvider = `
apiVersion: gcp.crossplane.io/v1alpha1
kind: Provider
metadata: {generateName: gcp-}
spec:
  projectID: my-project
  credentials: {source: Secret, secretRef: {name: keys, key: key.json}}
`

// with merges a part of a spec into an object.
func with(t *testing.T, text, part string) *unstructured.Unstructured {
	t.Helper()
	u := object(t, text)
	var change map[string]any
	if err := yaml.Unmarshal([]byte(part), &change); err != nil {
		t.Fatal(err)
	}
	merge(u.Object["spec"].(map[string]any), change) //nolint:errcheck // as written above
	return u
}

func merge(into, from map[string]any) {
	for k, v := range from {
		inner, isMap := v.(map[string]any)
		old, wasMap := into[k].(map[string]any)
		switch {
		case v == nil:
			delete(into, k)
		case isMap && wasMap:
			merge(old, inner)
		default:
			into[k] = v
		}
	}
}

const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b"

func TestMistakesSeenAtAdmission(t *testing.T) {
	for name, tc := range map[string]struct{ base, part, want string }{
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
		"packets too large":         {aNetwork, `forProvider: {mtu: 65536}`, "should be less than or equal to 8896"},
		"routing nobody has":        {aNetwork, `forProvider: {routingMode: LOCAL}`, `Unsupported value: "LOCAL"`},
		"connection of no network":  {aConnection, `forProvider: {network: null}`, "set either network or networkRef"},
		"connection of two":         {aConnection, `forProvider: {networkRef: {name: nets}}`, "set either network or networkRef"},
		"range too small":           {aConnection, `forProvider: {prefixLength: 28}`, "should be less than or equal to 24"},
		"address that is none":      {aConnection, `forProvider: {address: here}`, "an IPv4 address"},
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
	} {
		t.Run(name, func(t *testing.T) {
			err := cluster.Client.Create(t.Context(), with(t, tc.base, tc.part))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	for name, tc := range map[string]struct{ base, part string }{
		"instance":              {anInstance, `{}`},
		"no database":           {anInstance, `forProvider: {databaseName: null}`},
		"restored instance":     {anInstance, `forProvider: {restoreFrom: {backup: projects/p/backups/0b5c7e1f-0e8c}}`},
		"restored from nothing": {anInstance, `forProvider: {restoreFrom: {backup: ""}}`},
		"for the world":         {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 0.0.0.0/0, wholeInternet: true}]}}`},
		"for an office":         {anInstance, `forProvider: {ipConfiguration: {authorizedNetworks: [{cidr: 203.0.113.0/24, name: office}]}}`},
		"private":               {anInstance, `forProvider: {ipConfiguration: {ipv4Enabled: false, privateNetworkRef: {name: nets}, serviceConnectionRef: {name: nets}}}`},
		"by Private Service":    {anInstance, `forProvider: {ipConfiguration: {ipv4Enabled: false, pscEnabled: true, pscAllowedConsumerProjects: [p]}}`},
		"network of nothing":    {aNetwork, `forProvider: null`},
		"referenced network":    {aConnection, `forProvider: {network: null, networkRef: {name: nets}, address: 10.8.0.0}`},
		"injected identity":     {aProvider, `credentials: {source: InjectedIdentity, secretRef: null}`},
		"project of a domain":   {aProvider, `projectID: "example.com:my-project"`},
		"federation":            {aProvider, `credentials: {source: WorkloadIdentityFederation, secretRef: null, workloadIdentity: {audience: "` + audience + `"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			u := with(t, tc.base, tc.part)
			if err := cluster.Client.Create(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cluster.Client.Delete(t.Context(), u) })
			conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
			if len(conditions) != 2 {
				t.Fatalf("nothing new counts as healthy: conditions %v", conditions)
			}
			first, _ := conditions[0].(map[string]any)
			if first["type"] != "Ready" || first["status"] != "Unknown" || first["reason"] != "Pending" {
				t.Errorf("first condition: %v", first)
			}
		})
	}
}

func TestChangesRefusedAtAdmission(t *testing.T) {
	for name, tc := range map[string]struct{ base, change, want string }{
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
		"project":               {aProvider, `projectID: other-project`, "a provider stays with its project"},
	} {
		t.Run(name, func(t *testing.T) {
			u := object(t, tc.base)
			if err := cluster.Client.Create(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			var change map[string]any
			if err := yaml.Unmarshal([]byte(tc.change), &change); err != nil {
				t.Fatal(err)
			}
			merge(u.Object["spec"].(map[string]any), change) //nolint:errcheck // as written above
			if err := cluster.Client.Update(t.Context(), u); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
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
	for _, k := range kinds {
		gvk, err := cluster.Client.GroupVersionKindFor(k.Object())
		if err != nil {
			t.Fatal(err)
		}
		t.Run(gvk.Kind, func(t *testing.T) {
			mapping, err := cluster.Client.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
			if err != nil {
				t.Fatal(err)
			}
			if mapping.Scope.Name() != meta.RESTScopeNameRoot {
				t.Errorf("scope %s", mapping.Scope.Name())
			}
			crd := &metav1.PartialObjectMetadata{}
			crd.SetGroupVersionKind(gvkOfCRD)
			if err := cluster.Client.Get(t.Context(), client.ObjectKey{Name: mapping.Resource.Resource + "." + gvk.Group}, crd); err != nil {
				t.Fatal(err)
			}
			want := contract.ContractManaged
			if gvk.Kind == "Provider" {
				want = "provider"
			}
			if crd.Labels[contract.LabelContract] != want || crd.Labels[contract.LabelOperator] != "gcp-operator" {
				t.Errorf("labels %v", crd.Labels)
			}
		})
	}
}

var gvkOfCRD = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
