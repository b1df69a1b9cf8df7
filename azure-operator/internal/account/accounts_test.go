// SPDX-License-Identifier: Apache-2.0

package account

import (
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

func TestVerify(t *testing.T) {
	federated := bySecret()
	federated.Credentials = v1alpha1.Credentials{Source: v1alpha1.CredentialsFederated, ClientID: application}
	machine := bySecret()
	machine.Credentials = v1alpha1.Credentials{Source: v1alpha1.CredentialsManaged}
	nowhere := bySecret()
	nowhere.TenantID = "00000000-0000-0000-0000-0000000000ff"
	for name, tc := range map[string]struct {
		spec          v1alpha1.ProviderSpec
		objects       []client.Object
		edit          func(w *world)
		reason, words string
	}{
		"secret":              {spec: bySecret(), objects: []client.Object{secretOfApp("hidden\n")}},
		"service account":     {spec: federated},
		"identity of machine": {spec: machine},
		"no secret":           {spec: bySecret(), reason: contract.ReasonCredentialsMissing, words: "there is no secret keys in namespace operators"},
		"empty secret":        {spec: bySecret(), objects: []client.Object{secretOfApp(" ")}, reason: contract.ReasonCredentialsMalformed, words: "secret keys: key clientSecret is empty"},
		"JSON for a secret": {
			spec: bySecret(), objects: []client.Object{secretOfApp(`{"clientSecret": "hidden"}`)}, reason: contract.ReasonCredentialsMalformed,
			words: "secret keys: key clientSecret is not a client secret: it shall hold the secret's value and nothing else",
		},
		"wrong secret": {
			spec: bySecret(), objects: []client.Object{secretOfApp("wrong-hidden")}, reason: contract.ReasonCredentialsRefused,
			words: "the client secret is wrong: the secret's value is needed, not its id (AADSTS7000215)",
		},
		"no such tenant": {
			spec: nowhere, objects: []client.Object{secretOfApp("hidden")}, reason: contract.ReasonCredentialsRefused, words: "there is no tenant with this id (AADSTS90002)",
		},
		"no token file": {spec: federated, edit: func(w *world) { _ = os.Remove(w.TokenFile) }, reason: contract.ReasonCredentialsMissing},
		"no role": {
			spec: bySecret(), objects: []client.Object{secretOfApp("hidden")}, edit: func(w *world) { w.azure.denied = "AuthorizationFailed" },
			reason: contract.ReasonPermissionDenied, words: "no (AuthorizationFailed)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.objects...)
			t.Setenv("IDENTITY_ENDPOINT", w.url+"/msi")
			t.Setenv("IDENTITY_HEADER", "x")
			if tc.edit != nil {
				tc.edit(w)
			}
			p := aProvider(tc.spec)
			verified, err := w.verify(t.Context(), p)
			if tc.reason != "" {
				f := fault.Of(err)
				if f == nil || f.ConditionReason() != tc.reason || tc.words != "" && f.Error() != tc.words || strings.Contains(f.Error(), "hidden") {
					t.Errorf("got %v, want %s: %s", err, tc.reason, tc.words)
				}
				return
			}
			want := v1alpha1.Identity{SubscriptionID: subscription, SubscriptionName: "Sandbox", TenantID: tenant, ClientID: application, ObjectID: "object"}
			if err != nil || *p.Status.Identity != want || verified.Summary != "subscription Sandbox ("+subscription+") as client "+application {
				t.Errorf("got %+v, %+v, %v", p.Status.Identity, verified, err)
			}
		})
	}
}

// TestRevokedAndRestored shows that what Azure stops to accept is noticed at the
// next look, and a new secret used at once.
func TestRevokedAndRestored(t *testing.T) {
	secret := secretOfApp("hidden")
	w := newWorld(t, secret)
	p := aProvider(bySecret())
	first, err := w.verify(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	w.azure.mu.Lock()
	w.azure.secret, w.azure.valid = "other", w.azure.issued+1
	w.azure.mu.Unlock()
	if _, err := w.verify(t.Context(), p); !fault.Is(err, fault.Transient) {
		t.Errorf("a token that is not accepted any more: %v", err)
	}
	if _, err := w.verify(t.Context(), p); fault.Of(err).ConditionReason() != contract.ReasonCredentialsRefused {
		t.Errorf("the old secret: %v", err)
	}
	secret.Data["clientSecret"] = []byte("other")
	if err := w.kube.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	second, err := w.verify(t.Context(), p)
	if err != nil || first.Version == second.Version {
		t.Errorf("the new secret: versions %q and %q: %v", first.Version, second.Version, err)
	}
}

func TestEndpointsThatAreWrong(t *testing.T) {
	w := newWorld(t, secretOfApp("hidden"))
	w.Endpoints.CAFile = w.TokenFile
	if _, err := w.verify(t.Context(), aProvider(bySecret())); err == nil || !strings.Contains(err.Error(), "it holds no certificate") {
		t.Errorf("a file of no certificates: %v", err)
	}
	w.Endpoints.CAFile, w.Endpoints.Authority, w.Endpoints.ResourceManager = "", "https://127.0.0.1:1", "https://127.0.0.1:1"
	_, err := w.verify(t.Context(), aProvider(bySecret()))
	if f := fault.Of(err); f == nil || f.Class != fault.Transient || strings.Contains(f.Error(), "hidden") {
		t.Errorf("nobody there: %v", err)
	}
}
