// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// identity returns how the credential of p is made.
func (a *Accounts) identity(p *v1alpha1.Provider, secret string, options policy.ClientOptions) func() (azcore.TokenCredential, error) {
	client, tenant := p.Spec.Credentials.ClientID, p.Spec.TenantID
	switch p.Spec.Credentials.Source {
	case v1alpha1.CredentialsFederated:
		return func() (azcore.TokenCredential, error) {
			return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
				ClientOptions: options, ClientID: client, TenantID: tenant, TokenFilePath: a.TokenFile, DisableInstanceDiscovery: a.Endpoints.elsewhere(),
			})
		}
	case v1alpha1.CredentialsManaged:
		return func() (azcore.TokenCredential, error) {
			o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}
			if client != "" {
				o.ID = azidentity.ClientID(client)
			}
			return azidentity.NewManagedIdentityCredential(o)
		}
	case v1alpha1.CredentialsSecret:
	}
	return func() (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(tenant, client, secret, &azidentity.ClientSecretCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: a.Endpoints.elsewhere(),
		})
	}
}

// credential gets tokens, and says in a person's terms why it gets none. The
// SDK's own credentials keep a token for as long as it says it is valid; renew
// drops it where Azure thinks otherwise.
type credential struct {
	make func() (azcore.TokenCredential, error)

	mu   sync.Mutex
	made azcore.TokenCredential
}

// GetToken implements azcore.TokenCredential.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	from, err := c.current()
	if err != nil {
		return azcore.AccessToken{}, missing(err)
	}
	token, err := from.GetToken(ctx, o)
	if err != nil {
		return token, untold(err)
	}
	return token, nil
}

func (c *credential) current() (azcore.TokenCredential, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		made, err := c.make()
		if err != nil {
			return nil, err
		}
		c.made = made
	}
	return c.made, nil
}

func (c *credential) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = nil
}

func missing(err error) error {
	return fault.New(fault.Dependency, contract.ReasonCredentialsMissing, "the operator finds no Azure credentials: %s", rootCause(err))
}
