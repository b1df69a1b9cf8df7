// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// wideClass makes all that a database needs, where others share it.
const wideClass = `
apiVersion: core.crossplane.io/v1alpha1
kind: ResourceClass
metadata: {name: wide-CLOUD}
spec:
  claim: {group: database.crossplane.io, kind: PostgreSQLInstance}
  provider: CLOUD
  regions: [REGION]
  reclaimPolicy: Delete
  resources:
`

// wides are its resources, by cloud.
func wides() map[string]string {
	subnets := ec2.DefaultSubnets(query.Scope{Account: iam.DefaultAccount, Region: stack.Region})
	return map[string]string{
		"aws": `
  - name: db
    primary: true
    template:
      apiVersion: database.aws.crossplane.io/v1alpha1
      kind: RDSInstance
      spec:
        providerRef: {name: aws}
        forProvider:
          region: ${location.region}
          engine: postgres
          engineVersion: "17"
          class: db.t4g.small
          allocatedStorageGiB: 20
          dbSubnetGroupRef: {name: '${resources.subnets.name}'}
          skipFinalSnapshot: true
  - name: subnets
    template:
      apiVersion: database.aws.crossplane.io/v1alpha1
      kind: DBSubnetGroup
      spec:
        providerRef: {name: aws}
        forProvider: {region: '${location.region}', subnetIDs: [` + strings.Join(subnets[:2], ", ") + `]}
  - name: role
    template:
      apiVersion: iam.aws.crossplane.io/v1alpha1
      kind: IAMRole
      spec:
        providerRef: {name: aws}
        forProvider: {assumedBy: {services: [monitoring.rds.amazonaws.com]}}
`,
		"gcp": `
  - name: db
    primary: true
    template:
      apiVersion: database.gcp.crossplane.io/v1alpha1
      kind: CloudSQLInstance
      spec:
        providerRef: {name: gcp}
        forProvider:
          region: ${location.region}
          databaseVersion: POSTGRES_17
          tier: db-custom-1-3840
          ipConfiguration:
            ipv4Enabled: false
            privateNetworkRef: {name: '${resources.network.name}'}
            serviceConnectionRef: {name: '${resources.services.name}'}
  - name: network
    template:
      apiVersion: network.gcp.crossplane.io/v1alpha1
      kind: Network
      spec:
        providerRef: {name: gcp}
        forProvider: {autoCreateSubnetworks: false}
  - name: services
    template:
      apiVersion: network.gcp.crossplane.io/v1alpha1
      kind: ServiceConnection
      spec:
        providerRef: {name: gcp}
        forProvider: {networkRef: {name: '${resources.network.name}'}, prefixLength: 16}
`,
		"azure": `
  - name: db
    primary: true
    template:
      apiVersion: database.azure.crossplane.io/v1alpha1
      kind: PostgreSQLServer
      spec:
        providerRef: {name: azure}
        forProvider:
          location: ${location.region}
          resourceGroupRef: {name: '${resources.group.name}'}
          sku: {name: Standard_D2ds_v4, tier: GeneralPurpose}
          version: "17"
          storageGiB: 32
  - name: group
    template:
      apiVersion: resources.azure.crossplane.io/v1alpha1
      kind: ResourceGroup
      spec:
        providerRef: {name: azure}
        forProvider: {location: '${location.region}'}
`,
	}
}

// TestWideClass: a class can make the networks, roles and groups that a database needs
// along with it; all of them come, and go with the claim. Whether there is PostgreSQL on
// this machine does not matter.
func TestWideClass(t *testing.T) {
	for cloud, resources := range wides() {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			region := map[string]string{"aws": stack.Region, "gcp": "us-central1", "azure": "westeurope"}[cloud]
			objects, err := manifest.Decode([]byte(strings.NewReplacer("CLOUD", cloud, "REGION", region).Replace(wideClass) + resources))
			s := &story{t: t, namespace: "wide-" + cloud}
			s.must(err)
			s.must(manifest.Apply(t.Context(), world.Client, objects))
			s.must(world.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}))
			s.claim = &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
				"engineVersion": "17", "storageGiB": int64(20), "classRef": map[string]any{"name": "wide-" + cloud},
			}}}
			s.claim.SetGroupVersionKind(schema.GroupVersionKind{Group: "database.crossplane.io", Version: "v1alpha1", Kind: "PostgreSQLInstance"})
			s.claim.SetNamespace(s.namespace)
			s.claim.SetName("orders")
			s.must(world.Client.Create(t.Context(), s.claim))
			made := s.madeOf(strings.Count(resources, "- name: "))
			s.end()
			for _, o := range made {
				s.gone(o)
			}
		})
	}
}

// madeOf waits until each of the claim's n resources is taken care of by its operator: the
// database by asking the cloud for it, what it needs by having it.
func (s *story) madeOf(n int) []*unstructured.Unstructured {
	s.t.Helper()
	var made []*unstructured.Unstructured
	s.until("all resources are there", func(ctx context.Context) bool {
		s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(s.claim), s.claim))
		refs, _, _ := unstructured.NestedSlice(s.claim.Object, "status", "resources")
		made = nil
		for _, ref := range refs {
			ref, _ := ref.(map[string]any)
			o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": ref["apiVersion"], "kind": ref["kind"]}}
			name, _ := ref["name"].(string)
			if world.Client.Get(ctx, client.ObjectKey{Name: name}, o) != nil {
				return false
			}
			ofDatabase := strings.HasPrefix(o.GroupVersionKind().Group, "database.") // which may not be possible here
			if o.GetAnnotations()["crossplane.io/external-name"] == "" || !ofDatabase && !strings.HasPrefix(condition(o, "Ready"), "True") {
				return false
			}
			made = append(made, o)
		}
		return len(made) == n
	})
	return made
}
