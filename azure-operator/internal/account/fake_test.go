// SPDX-License-Identifier: Apache-2.0

package account

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

const (
	namespace    = "operators"
	tenant       = "00000000-0000-0000-0000-00000000000a"
	application  = "00000000-0000-0000-0000-00000000000b"
	subscription = "00000000-0000-0000-0000-000000000001"
	goodJWT      = "e30.e30.c2ln"
)

// fakeAzure is an identity platform and a subscription.
type fakeAzure struct {
	mu      sync.Mutex
	secret  string
	issued  int
	valid   int    // the oldest token that is still accepted
	denied  string // a code that the subscription answers with
	answers int
}

func (f *fakeAzure) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case strings.HasPrefix(r.URL.Path, "/subscriptions/"):
		f.show(w, r)
	case !strings.HasPrefix(r.URL.Path, "/"+tenant) && !strings.HasPrefix(r.URL.Path, "/msi"):
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant 'x' not found. Trace ID: 1"})
	case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
		base := "https://" + r.Host + "/" + tenant
		answer(w, http.StatusOK, map[string]any{"issuer": base + "/v2.0", "token_endpoint": base + "/token", "authorization_endpoint": base + "/authorize"})
	case r.FormValue("client_assertion") == "" && r.FormValue("client_secret") != f.secret && r.Method == http.MethodPost:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 2"})
	default:
		f.issue(w)
	}
}

func (f *fakeAzure) issue(w http.ResponseWriter) {
	f.issued++
	claims, _ := json.Marshal(map[string]any{"appid": application, "oid": "object", "tid": tenant, "n": f.issued})
	token := "e30." + base64.RawURLEncoding.EncodeToString(claims) + ".sig"
	answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600, "expires_on": "4102444800"})
}

// show answers with the subscription, to a token that is not too old.
func (f *fakeAzure) show(w http.ResponseWriter, r *http.Request) {
	f.answers++
	var claims struct {
		N int `json:"n"`
	}
	parts := strings.Split(r.Header.Get("Authorization"), ".")
	if len(parts) == 3 {
		text, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(text, &claims)
	}
	switch {
	case claims.N < f.valid || claims.N == 0:
		answer(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": "ExpiredAuthenticationToken", "message": "The access token expiry ..."}})
	case f.denied != "":
		answer(w, http.StatusForbidden, map[string]any{"error": map[string]any{"code": f.denied, "message": "no"}})
	default:
		answer(w, http.StatusOK, map[string]any{"displayName": "Sandbox", "subscriptionId": subscription})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// world is Accounts in front of a made-up Azure.
type world struct {
	*Accounts
	azure *fakeAzure
	kube  client.Client
	url   string
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	f := &fakeAzure{secret: "hidden"}
	server := httptest.NewTLSServer(f)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ca, token := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "token")
	for file, text := range map[string][]byte{
		ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), token: []byte(goodJWT),
	} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.Provider{}).Build()
	accounts := NewAccounts()
	accounts.Endpoints = Endpoints{ResourceManager: server.URL, Authority: server.URL, Audience: "https://management.azure.com", CAFile: ca}
	accounts.Providers, accounts.Live, accounts.Namespace, accounts.TokenFile = kube, kube, namespace, token
	return &world{Accounts: accounts, azure: f, kube: kube, url: server.URL}
}

func secretOfApp(value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "keys"}, Data: map[string][]byte{"clientSecret": []byte(value)}}
}

func bySecret() v1alpha1.ProviderSpec {
	return v1alpha1.ProviderSpec{SubscriptionID: subscription, TenantID: tenant, Credentials: v1alpha1.Credentials{
		Source: v1alpha1.CredentialsSecret, ClientID: application, SecretRef: &contract.SecretKeyReference{Name: "keys", Key: "clientSecret"},
	}}
}

func aProvider(spec v1alpha1.ProviderSpec) *v1alpha1.Provider {
	return &v1alpha1.Provider{ObjectMeta: metav1.ObjectMeta{Name: "azure", UID: "u", Generation: 1}, Spec: spec}
}
