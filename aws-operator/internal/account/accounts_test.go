// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/provider"
)

const namespace = "operators"

// fakeSTS answers GetCallerIdentity to whoever has one of its keys, and hands
// out keys for a web identity token.
type fakeSTS struct {
	mu      sync.Mutex
	keys    map[string]string // access key id → user
	actions []string
}

func (f *fakeSTS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = r.ParseForm()
	f.actions = append(f.actions, r.Form.Get("Action"))
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	user := f.keys[key]
	switch {
	case r.Form.Get("Action") == "AssumeRoleWithWebIdentity" && r.Form.Get("WebIdentityToken") == "good":
		fmt.Fprint(w, `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIROLE</AccessKeyId>`+
			`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>`+
			`</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
	case user != "":
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:%[1]s</Arn><UserId>ID-%[1]s</UserId>`+
			`<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, user)
	default:
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>No.</Message></Error></ErrorResponse>`)
	}
}

func (f *fakeSTS) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.actions)
}

// world is Accounts in front of a made-up AWS.
type world struct {
	*Accounts
	t    *testing.T
	sts  *fakeSTS
	kube client.Client
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	f := &fakeSTS{keys: map[string]string{"AKIANN": "user/ann", "AKIBOB": "user/bob", "AKIROLE": "assumed-role/r/s"}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_PROFILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	} {
		t.Setenv(name, value)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.Provider{}).Build()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("good"), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts := NewAccounts()
	accounts.Providers, accounts.Live, accounts.Namespace, accounts.TokenFile = kube, kube, namespace, token
	return &world{t: t, sts: f, kube: kube, Accounts: accounts}
}

func keys(id string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "keys"}, Data: map[string][]byte{
		"access_key_id": []byte(id), "secret_access_key": []byte("hidden"),
	}}
}

func bySecret() v1alpha1.ProviderSpec {
	return v1alpha1.ProviderSpec{Credentials: v1alpha1.Credentials{
		Source: v1alpha1.CredentialsSecret, SecretRef: &v1alpha1.SecretCredentials{Name: "keys"},
	}}
}

func aProvider(spec v1alpha1.ProviderSpec) *v1alpha1.Provider {
	return &v1alpha1.Provider{ObjectMeta: metav1.ObjectMeta{Name: "aws", UID: "u", Generation: 1}, Spec: spec}
}

func TestVerify(t *testing.T) {
	bundle := authority(t, "Local CA")
	trusting := func(from *contract.CABundle) v1alpha1.ProviderSpec {
		s := bySecret()
		s.CABundle = from
		return s
	}
	reference := &contract.CABundle{ConfigMapRef: &contract.ConfigMapKeyReference{Name: "trust", Key: "ca.pem"}}
	role := v1alpha1.ProviderSpec{Credentials: v1alpha1.Credentials{
		Source: v1alpha1.CredentialsWebIdentity, WebIdentity: &v1alpha1.WebIdentity{RoleARN: "arn:aws:iam::123456789012:role/r"},
	}}
	trust := func(content string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "trust"}, Data: map[string]string{"ca.pem": content}}
	}
	for name, tc := range map[string]struct {
		spec          v1alpha1.ProviderSpec
		objects       []client.Object
		env           map[string]string
		token         string
		user          string
		reason, words string
	}{
		"keys":                   {spec: bySecret(), objects: []client.Object{keys("AKIANN")}, user: "user/ann"},
		"keys and a bundle":      {spec: trusting(reference), objects: []client.Object{keys("AKIANN"), trust(bundle)}, user: "user/ann"},
		"keys and a bundle here": {spec: trusting(&contract.CABundle{PEM: bundle}), objects: []client.Object{keys("AKIANN")}, user: "user/ann"},
		"web identity":           {spec: role, token: "good", user: "assumed-role/r/s"},
		"environment": {
			spec: v1alpha1.ProviderSpec{Region: "us-west-2", Credentials: v1alpha1.Credentials{Source: v1alpha1.CredentialsInjected}},
			env:  map[string]string{"AWS_ACCESS_KEY_ID": "AKIBOB", "AWS_SECRET_ACCESS_KEY": "s"}, user: "user/bob",
		},
		"no secret": {
			spec: bySecret(), reason: contract.ReasonCredentialsMissing, words: "there is no secret keys in namespace operators",
		},
		"keys refused": {
			spec: bySecret(), objects: []client.Object{keys("AKINOBODY")}, reason: contract.ReasonCredentialsRefused,
			words: "GetCallerIdentity: AWS does not know the access key, or it was deactivated (InvalidClientTokenId)",
		},
		"token refused": {
			spec: role, token: "bad", reason: contract.ReasonCredentialsRefused,
			words: "AssumeRoleWithWebIdentity: AWS does not know the access key, or it was deactivated (InvalidClientTokenId)",
		},
		"no token": {
			spec: role, reason: contract.ReasonCredentialsMissing,
		},
		"nothing in the environment": {
			spec:   v1alpha1.ProviderSpec{Credentials: v1alpha1.Credentials{Source: v1alpha1.CredentialsInjected}},
			reason: contract.ReasonCredentialsMissing,
		},
		"no bundle": {
			spec: trusting(reference), objects: []client.Object{keys("AKIANN")}, reason: contract.ReasonTrustMissing,
			words: "there is no key ca.pem in a config map trust in namespace operators",
		},
		"a bundle of nothing": {
			spec: trusting(reference), objects: []client.Object{keys("AKIANN"), trust("x")}, reason: contract.ReasonTrustMissing,
			words: "the CA bundle holds no certificate",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.objects...)
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			if tc.token == "" {
				_ = os.Remove(w.TokenFile)
			} else if err := os.WriteFile(w.TokenFile, []byte(tc.token), 0o600); err != nil {
				t.Fatal(err)
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
			want := v1alpha1.Identity{Account: "123456789012", ARN: "arn:aws:iam::123456789012:" + tc.user, UserID: "ID-" + tc.user}
			if err != nil || *p.Status.Identity != want || verified.Summary != "account 123456789012 as "+want.ARN {
				t.Errorf("got %+v, %+v, %v", p.Status.Identity, verified, err)
			}
		})
	}
}

// identity asks AWS as whom an account's clients call.
func identity(ctx context.Context, a *Account) (string, error) {
	out, err := Client(a, "eu-west-1", func(c aws.Config) *sts.Client { return sts.NewFromConfig(c) }).GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.UserId), nil
}

func ready(p *v1alpha1.Provider, status metav1.ConditionStatus, reason, message string) *v1alpha1.Provider {
	p.Status.Conditions = []metav1.Condition{{Type: contract.ConditionReady, Status: status, Reason: reason, Message: message}}
	return p
}

func TestRotatedKeysAreUsedAtOnce(t *testing.T) {
	secret := keys("AKIANN")
	p := ready(aProvider(bySecret()), metav1.ConditionTrue, contract.ReasonVerified, "")
	w := newWorld(t, secret, p)
	before, err := w.Connect(t.Context(), "aws")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := w.Connect(t.Context(), "aws"); again != before {
		t.Error("unchanged keys: another account, and with it other connections")
	}
	first, err := w.verify(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	secret.Data["access_key_id"] = []byte("AKIBOB")
	if err := w.kube.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	second, err := w.verify(t.Context(), p)
	if err != nil || first.Version == second.Version {
		t.Errorf("versions %q and %q: %v", first.Version, second.Version, err)
	}
	after, err := w.Connect(t.Context(), "aws")
	if err != nil {
		t.Fatal(err)
	}
	if who, err := identity(t.Context(), after); who != "ID-user/bob" {
		t.Errorf("still %s: %v", who, err)
	}
	w.Forget("aws")
	if again, _ := w.Connect(t.Context(), "aws"); again == after {
		t.Error("forgotten and still known")
	}
}

func TestConnectNeedsAVerifiedProvider(t *testing.T) {
	for name, tc := range map[string]struct {
		provider      *v1alpha1.Provider
		reason, words string
	}{
		"none":         {nil, contract.ReasonProviderNotFound, "there is no provider aws"},
		"new":          {aProvider(bySecret()), contract.ReasonProviderNotReady, "provider aws is not verified yet"},
		"unreachable":  {ready(aProvider(bySecret()), metav1.ConditionUnknown, "CloudUnreachable", "x"), contract.ReasonProviderNotReady, "provider aws is not verified yet"},
		"refused":      {ready(aProvider(bySecret()), metav1.ConditionFalse, contract.ReasonCredentialsRefused, "no"), contract.ReasonCredentialsRefused, "provider aws: no"},
		"not allowed":  {ready(aProvider(bySecret()), metav1.ConditionFalse, contract.ReasonPermissionDenied, "no"), contract.ReasonProviderNotReady, "provider aws: no"},
		"secret taken": {ready(aProvider(bySecret()), metav1.ConditionTrue, "", ""), contract.ReasonCredentialsMissing, "there is no secret keys in namespace operators"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tc.provider != nil {
				if err := w.kube.Create(t.Context(), tc.provider); err != nil {
					t.Fatal(err)
				}
			}
			_, err := w.Connect(t.Context(), "aws")
			if f := fault.Of(err); f == nil || f.ConditionReason() != tc.reason || f.Error() != tc.words {
				t.Errorf("got %v, want %s: %s", err, tc.reason, tc.words)
			}
			if n := w.sts.calls(); n > 0 {
				t.Errorf("%d calls to AWS", n)
			}
		})
	}
}

func TestARefusedCallIsSentOnce(t *testing.T) {
	w := newWorld(t, keys("AKINOBODY"))
	_, _ = w.verify(t.Context(), aProvider(bySecret()))
	if n := w.sts.calls(); n != 1 {
		t.Errorf("%d calls: when to try again is decided by the reconciler", n)
	}
}

func TestSourcesOfAProvider(t *testing.T) {
	spec := bySecret()
	spec.CABundle = &contract.CABundle{ConfigMapRef: &contract.ConfigMapKeyReference{Name: "trust", Key: "ca.pem"}}
	kind := ProviderKind(NewAccounts())
	for name, tc := range map[string]struct {
		spec v1alpha1.ProviderSpec
		want provider.Sources
	}{
		"both": {spec, provider.Sources{Secrets: []string{"keys"}, ConfigMaps: []string{"trust"}}},
		"none": {v1alpha1.ProviderSpec{CABundle: &contract.CABundle{PEM: "x"}}, provider.Sources{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := kind.Sources(aProvider(tc.spec))
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
	if _, ok := kind.Object().(*v1alpha1.Provider); !ok {
		t.Errorf("object: %T", kind.Object())
	}
}
