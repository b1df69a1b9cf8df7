// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources/v3"

	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// TestAGroupIsNotDeletedWithWhatIsInIt: it waits for that to be deleted, which a claim
// that both belong to then sees to.
func TestAGroupIsNotDeletedWithWhatIsInIt(t *testing.T) {
	c := armtest.New()
	e, err := newGroup(armtest.Subscription, armtest.Token("token"), &arm.ClientOptions{ClientOptions: policy.ClientOptions{Transport: c}})
	if err != nil {
		t.Fatal(err)
	}
	server := "/subscriptions/" + armtest.Subscription + "/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/orders"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://management.azure.com"+server+"?api-version=2024-01-01",
		strings.NewReader(`{"location": "westeurope", "properties": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(request)
	if err != nil || answer.Body.Close() != nil || answer.StatusCode >= http.StatusBadRequest {
		t.Fatal(answer, err)
	}
	err = account.Classify(e.Delete(t.Context(), nil, &sdk.ResourceGroup{Name: new("rg")}))
	if !fault.Is(err, fault.Dependency) || fault.Of(err).ConditionReason() != contract.ReasonDependency || !strings.Contains(err.Error(), "orders") {
		t.Errorf("want it to wait for the server, got %v", err)
	}
	if slices.ContainsFunc(c.Requests, func(r string) bool { return strings.HasPrefix(r, http.MethodDelete) }) {
		t.Errorf("it was deleted all the same: %q", c.Requests)
	}
}
