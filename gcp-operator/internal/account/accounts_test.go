// SPDX-License-Identifier: Apache-2.0

package account

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
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

	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

const namespace = "operators"

// fakeGoogle gives tokens and shows one project.
type fakeGoogle struct {
	mu      sync.Mutex
	calls   []string
	tokens  map[string]string // token → who
	refused map[string]bool   // accounts that are disabled
	status  int               // of projects.get, if not 200
	body    string            // of projects.get, then
}

func (f *fakeGoogle) give(who string) string {
	token := fmt.Sprintf("token-%d", len(f.calls))
	f.tokens[token] = who
	return token
}

// signer is who signed a JWT, unverified.
func signer(assertion string) string {
	var claims struct {
		Issuer string `json:"iss"`
	}
	if parts := strings.Split(assertion, "."); len(parts) == 3 {
		text, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(text, &claims)
	}
	return claims.Issuer
}

func (f *fakeGoogle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.calls = append(f.calls, r.URL.Path)
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.URL.Path == "/token" && f.refused[signer(r.Form.Get("assertion"))]:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`)
	case r.URL.Path == "/token":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3599}`, f.give(signer(r.Form.Get("assertion"))))
	case r.URL.Path == "/v1/token" && r.Form.Get("subject_token") == "good":
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":3599}`, f.give("pool"))
	case r.URL.Path == "/v1/token":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"The audience does not fit."}`)
	case strings.HasSuffix(r.URL.Path, ":generateAccessToken") && f.tokens[bearer] == "pool" && !f.refused["sa@p.iam.gserviceaccount.com"]:
		fmt.Fprintf(w, `{"accessToken":%q,"expireTime":"2100-01-01T00:00:00Z"}`, f.give("sa@p.iam.gserviceaccount.com"))
	case strings.HasSuffix(r.URL.Path, ":generateAccessToken"):
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"error":{"code":403,"message":"Permission 'iam.serviceAccounts.getAccessToken' denied","status":"PERMISSION_DENIED"}}`)
	case r.URL.Path == "/tokeninfo":
		fmt.Fprintf(w, `{"email":%q}`, f.tokens[r.Form.Get("access_token")])
	case f.tokens[bearer] == "" || f.refused[f.tokens[bearer]]:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}`)
	case f.status != 0:
		w.WriteHeader(f.status)
		fmt.Fprint(w, f.body)
	default:
		fmt.Fprint(w, `{"name":"projects/123456","projectId":"my-project"}`)
	}
}

// world is Accounts in front of a made-up Google.
type world struct {
	*Accounts

	google *fakeGoogle
	kube   client.Client
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	f := &fakeGoogle{tokens: map[string]string{}, refused: map[string]bool{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.Provider{}).Build()
	accounts := NewAccounts()
	accounts.Endpoints.All = server.URL
	accounts.Providers, accounts.Live, accounts.Namespace = kube, kube, namespace
	accounts.TokenFile = filepath.Join(t.TempDir(), "token")
	return &world{google: f, kube: kube, Accounts: accounts}
}

// keyFile is a service account's key as Google hands it out, with addresses
// that nobody must call.
func keyFile(t *testing.T, email string) []byte {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": email, "private_key_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri":   "http://127.0.0.1:1/evil", "universe_domain": "evil.example", "auth_uri": "http://127.0.0.1:1/evil",
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func secret(content []byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "keys"}, Data: map[string][]byte{"key.json": content}}
}

func bySecret() v1alpha1.Credentials {
	return v1alpha1.Credentials{Source: v1alpha1.CredentialsSecret, SecretRef: &contract.SecretKeyReference{Name: "keys", Key: "key.json"}}
}

func federated(email string) v1alpha1.Credentials {
	return v1alpha1.Credentials{Source: v1alpha1.CredentialsFederation, WorkloadIdentity: &v1alpha1.WorkloadIdentity{
		Audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b", ServiceAccountEmail: email,
	}}
}

func aProvider(c v1alpha1.Credentials) *v1alpha1.Provider {
	return &v1alpha1.Provider{
		ObjectMeta: metav1.ObjectMeta{Name: "gcp", UID: "u", Generation: 1}, Spec: v1alpha1.ProviderSpec{ProjectID: "my-project", Credentials: c},
	}
}

func TestVerify(t *testing.T) {
	const ann, sa = "ann@p.iam.gserviceaccount.com", "sa@p.iam.gserviceaccount.com"
	good := secret(keyFile(t, ann))
	disabled := `{"error":{"code":403,"message":"Cloud Resource Manager API has not been used in project 1 before or it is disabled.",` +
		`"status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED"}]}}`
	for name, tc := range map[string]struct {
		credentials   v1alpha1.Credentials
		objects       []client.Object
		token         string
		refused       string
		status        int
		body          string
		email         string
		reason, words string
	}{
		"key":                    {credentials: bySecret(), objects: []client.Object{good}, email: ann},
		"federation":             {credentials: federated(""), token: "good"},
		"federation and account": {credentials: federated(sa), token: "good\n", email: sa},
		"no secret":              {credentials: bySecret(), reason: contract.ReasonCredentialsMissing, words: "there is no secret keys in namespace operators"},
		"not a key":              {credentials: bySecret(), objects: []client.Object{secret([]byte("x"))}, reason: contract.ReasonCredentialsMalformed},
		"a key without an owner": {credentials: bySecret(), objects: []client.Object{secret([]byte(`{"private_key":"x"}`))}, reason: contract.ReasonCredentialsMalformed},
		"a key that is no key":   {credentials: bySecret(), objects: []client.Object{secret([]byte(`{"client_email":"a","private_key":"hidden"}`))}, reason: contract.ReasonCredentialsMalformed},
		"key refused": {
			credentials: bySecret(), objects: []client.Object{good}, refused: ann, reason: contract.ReasonCredentialsRefused,
			words: "Google does not accept the key: Invalid JWT Signature. (invalid_grant)",
		},
		"no token":        {credentials: federated(""), reason: contract.ReasonCredentialsMissing},
		"token refused":   {credentials: federated(""), token: "bad", reason: contract.ReasonCredentialsRefused},
		"account refused": {credentials: federated(sa), token: "good", refused: sa, reason: contract.ReasonCredentialsRefused},
		"no such project": {
			credentials: bySecret(), objects: []client.Object{good}, status: 403,
			body:   `{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}`,
			reason: contract.ReasonPermissionDenied,
			words:  "there is no project my-project, or the identity may not see it: it needs the permission resourcemanager.projects.get there",
		},
		"the API is not switched": {
			credentials: bySecret(), objects: []client.Object{good}, status: 403, body: disabled, reason: contract.ReasonPermissionDenied,
			words: "projects.get: Cloud Resource Manager API has not been used in project 1 before or it is disabled. (SERVICE_DISABLED)",
		},
		"Google is down": {credentials: bySecret(), objects: []client.Object{good}, status: 503, body: "x", reason: contract.ReasonCloudUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.objects...)
			if tc.token != "" {
				if err := os.WriteFile(w.TokenFile, []byte(tc.token), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w.google.refused[tc.refused], w.google.status, w.google.body = true, tc.status, tc.body
			p := aProvider(tc.credentials)
			verified, err := w.verify(t.Context(), p)
			if tc.reason != "" {
				f := fault.Of(err)
				if f == nil || f.ConditionReason() != tc.reason || tc.words != "" && f.Error() != tc.words || strings.Contains(f.Error(), "hidden") {
					t.Errorf("got %v, want %s: %s", err, tc.reason, tc.words)
				}
				return
			}
			want := v1alpha1.Identity{ProjectID: "my-project", ProjectNumber: "123456", Email: tc.email}
			if err != nil || *p.Status.Identity != want || !strings.HasPrefix(verified.Summary, "project my-project (123456) as ") {
				t.Errorf("got %+v, %+v, %v", p.Status.Identity, verified, err)
			}
		})
	}
}

// TestRevokedAndRestored disables an account, whose tokens Google then refuses,
// and enables it again: a token that was refused is not tried a second time.
func TestRevokedAndRestored(t *testing.T) {
	const ann = "ann@p.iam.gserviceaccount.com"
	w := newWorld(t, secret(keyFile(t, ann)))
	p := aProvider(bySecret())
	verify := func() string {
		if _, err := w.verify(t.Context(), p); err != nil {
			return fault.Of(err).ConditionReason()
		}
		return "ok"
	}
	var got []string
	for _, disabled := range []bool{false, false, true, true, false} {
		w.google.refused[ann] = disabled
		got = append(got, verify())
	}
	want := []string{"ok", "ok", contract.ReasonCredentialsRefused, contract.ReasonCredentialsRefused, "ok"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	tokens := 0
	for _, call := range w.google.calls {
		if call == "/token" {
			tokens++
		}
	}
	if tokens != 3 {
		t.Errorf("asked for %d tokens, want 3: one at first, one in vain, one at the end: %v", tokens, w.google.calls)
	}
}

func TestRotatedKeysAreUsedAtOnce(t *testing.T) {
	held := secret(keyFile(t, "ann@p.iam.gserviceaccount.com"))
	p := aProvider(bySecret())
	w := newWorld(t, held)
	first, err := w.verify(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	held.Data["key.json"] = keyFile(t, "bob@p.iam.gserviceaccount.com")
	if err := w.kube.Update(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	second, err := w.verify(t.Context(), p)
	if err != nil || first.Version == second.Version || p.Status.Identity.Email != "bob@p.iam.gserviceaccount.com" {
		t.Errorf("versions %q and %q, as %+v: %v", first.Version, second.Version, p.Status.Identity, err)
	}
}

// TestInjected has the identity that a metadata server gives.
func TestInjected(t *testing.T) {
	w := newWorld(t)
	metadata := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata-Flavor") != "Google" || !strings.HasSuffix(r.URL.Path, "/token") {
			http.NotFound(rw, r)
			return
		}
		w.google.mu.Lock()
		defer w.google.mu.Unlock()
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"access_token":%q,"token_type":"Bearer","expires_in":3599}`, w.google.give("node@p.iam.gserviceaccount.com"))
	}))
	defer metadata.Close()
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(metadata.URL, "http://"))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("HOME", t.TempDir())
	p := aProvider(v1alpha1.Credentials{Source: v1alpha1.CredentialsInjected})
	if _, err := w.verify(t.Context(), p); err != nil || p.Status.Identity.Email != "node@p.iam.gserviceaccount.com" {
		t.Errorf("got %+v, %v", p.Status.Identity, err)
	}
}
