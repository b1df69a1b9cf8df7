// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
)

func token(ctx context.Context, c azcore.TokenCredential) error {
	_, err := c.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}})
	return err
}

func TestTokensAreRefused(t *testing.T) {
	w := start(t)
	tests := map[string]struct{ tenant, client, secret, code string }{
		"a wrong secret":        {entra.DefaultTenant, entra.DefaultClient, "wrong", "AADSTS7000215"},
		"an unknown app":        {entra.DefaultTenant, "11111111-0000-0000-0000-000000000000", "x", "AADSTS700016"},
		"an unknown tenant":     {"22222222-0000-0000-0000-000000000000", entra.DefaultClient, entra.DefaultSecret, "AADSTS90002"},
		"everything as it must": {entra.DefaultTenant, entra.DefaultClient, entra.DefaultSecret, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := token(t.Context(), w.secret(t, test.tenant, test.client, test.secret))
			if test.code == "" && err != nil || test.code != "" && (err == nil || !strings.Contains(err.Error(), test.code)) {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
}

func TestRevokedAndRestored(t *testing.T) {
	w := start(t)
	check(t, w.Ask(t.Context(), "keys", map[string]any{"id": entra.DefaultClient, "revoked": true}))
	_, err := w.groups.Get(t.Context(), "rg", nil)
	wantCode(t, err, "InvalidAuthenticationToken")
	if token(t.Context(), w.secret(t, entra.DefaultTenant, entra.DefaultClient, entra.DefaultSecret)) == nil {
		t.Error("a revoked application got a token")
	}
	check(t, w.Ask(t.Context(), "keys", map[string]any{"id": entra.DefaultClient, "revoked": false, "deny": []string{"Microsoft.Resources/*/read"}}))
	_, err = w.groups.Get(t.Context(), "rg", nil)
	wantCode(t, err, "AuthorizationFailed")
	check(t, w.Ask(t.Context(), "keys", map[string]any{"id": entra.DefaultClient, "deny": []string{}}))
	must(w.groups.Get(t.Context(), "rg", nil))(t)
	check(t, w.Advance(t.Context(), 2*time.Hour))
	_, err = w.groups.Get(t.Context(), "rg", nil)
	wantCode(t, err, "ExpiredAuthenticationToken")
}

func TestFederatedAndManagedIdentity(t *testing.T) {
	w := start(t)
	jwt := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"system:serviceaccount:a:b"}`)) + ".c2ln"
	federated := must(azidentity.NewClientAssertionCredential(entra.DefaultTenant, entra.DefaultClient,
		func(context.Context) (string, error) { return jwt, nil },
		&azidentity.ClientAssertionCredentialOptions{ClientOptions: w.clientOptions(), DisableInstanceDiscovery: true}))(t)
	w.login(t, federated)
	must(w.groups.Get(t.Context(), "rg", nil))(t)

	t.Setenv("IDENTITY_ENDPOINT", w.url+"/metadata/identity/oauth2/token")
	t.Setenv("IDENTITY_HEADER", "local")
	w.login(t, must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: w.clientOptions()}))(t))
	must(w.groups.Get(t.Context(), "rg", nil))(t)
}
