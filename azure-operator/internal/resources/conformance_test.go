// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"context"
	"os"
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources/v3"

	"github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
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
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/azure-operator/generated/crds"))
}

// only is the one account there is.
type only struct{ cloud *armtest.Cloud }

func (o only) Connect(context.Context, string) (*account.Account, error) {
	return o.cloud.Account(), nil
}

func aGroup() *v1alpha1.ResourceGroup {
	return &v1alpha1.ResourceGroup{Spec: v1alpha1.ResourceGroupSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.ResourceGroupParameters{Location: "westeurope", Tags: map[string]v1alpha1.TagValue{"tier": "gold"}},
	}}
}

func TestGroupConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.ResourceGroup, sdk.ResourceGroup] {
		c := armtest.New()
		view := armtest.View{
			Cloud: c, Prefix: "/resourcegroups/", Drifting: []string{"tags", "tier"}, To: "lead",
			Planted: func(string) armtest.Body {
				return armtest.Body{"location": "westeurope", "properties": armtest.Body{"provisioningState": "Succeeded"}}
			},
		}
		return managedtest.Subject[*v1alpha1.ResourceGroup, sdk.ResourceGroup]{
			Kind: Group(only{c}), Cloud: view, Object: aGroup,
			Change:  func(mr *v1alpha1.ResourceGroup) { mr.Spec.ForProvider.Tags["tier"] = "silver" },
			Changed: func(name string) bool { return view.Tags(name)["tier"] == "silver" },
		}
	})
}
