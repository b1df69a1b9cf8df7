// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// +kubebuilder:rbac:groups=azure.crossplane.io,resources=providers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=azure.crossplane.io,resources=providers/status,verbs=patch
// +kubebuilder:rbac:groups=azure.crossplane.io,resources=providers/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets;configmaps,verbs=get;list;watch,namespace=crossplane-system

// ProviderKind returns the kind Provider.
func ProviderKind(accounts *Accounts) provider.Kind[*v1alpha1.Provider] {
	return provider.Kind[*v1alpha1.Provider]{
		New:     func() *v1alpha1.Provider { return &v1alpha1.Provider{} },
		Verify:  accounts.verify,
		Forget:  accounts.Forget,
		Sources: func(p *v1alpha1.Provider) provider.Sources { return needsOf(p).Sources() },
	}
}

// verify asks Azure for the subscription. Every identity that has a role in it,
// whichever, may ask that.
func (a *Accounts) verify(ctx context.Context, p *v1alpha1.Provider) (provider.Verified, error) {
	account, version, err := a.Refresh(ctx, p)
	if err != nil {
		return provider.Verified{}, err
	}
	name, err := account.subscriptionName(ctx)
	if err != nil {
		return provider.Verified{}, Classify(err)
	}
	who, err := account.holder(ctx)
	if err != nil {
		return provider.Verified{}, Classify(err)
	}
	p.Status.Identity = &v1alpha1.Identity{
		SubscriptionID: account.subscription, SubscriptionName: name,
		TenantID: who.Tenant, ClientID: who.Client, ObjectID: who.Object,
	}
	return provider.Verified{
		Summary: fmt.Sprintf("subscription %s (%s) as client %s", name, account.subscription, who.Client),
		Version: version,
	}, nil
}

// subscriptions is the one call that the operator makes of the API of
// subscriptions, in the version that it is documented for.
const subscriptions = "2022-12-01"

func (a *Account) subscriptionName(ctx context.Context) (string, error) {
	var s struct {
		DisplayName string `json:"displayName"`
	}
	err := a.Get(ctx, "SubscriptionsClient.Get", "/subscriptions/"+a.subscription, subscriptions, &s)
	return s.DisplayName, err
}

// holder is whom the account's token was issued to.
func (a *Account) holder(ctx context.Context) (holder, error) {
	scope := a.options.Cloud.Services[cloud.ResourceManager].Audience + "/.default"
	token, err := a.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
	if err != nil {
		return holder{}, err
	}
	return holderOf(token.Token)
}
