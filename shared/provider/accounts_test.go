// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"encoding/pem"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

const here = "operators"

// newAccounts returns accounts that are just the material they are made of.
func newAccounts(t *testing.T, objects ...client.Object) (*Accounts[*Account, *Material], client.Client) {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, addToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	return &Accounts[*Account, *Material]{
		New:       func() *Account { return &Account{} },
		Needs:     needs,
		Make:      func(_ context.Context, _ *Account, from Material) (*Material, error) { return &from, nil },
		Providers: kube, Live: kube, Namespace: here,
	}, kube
}

func needs(p *Account) Needs {
	n := Needs{Secret: p.Spec.Secret}
	if p.Spec.ConfigMap != "" {
		n.CABundle = &v1alpha1.CABundle{ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Name: p.Spec.ConfigMap, Key: "ca.pem"}}
	}
	return n
}

func anAccount(ready metav1.ConditionStatus, reason string) *Account {
	p := &Account{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "u", Generation: 1}}
	p.Spec.Secret, p.Spec.ConfigMap = "keys", "trust"
	p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: ready, Reason: reason, Message: "m"}}
	return p
}

func keys(value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "keys"}, Data: map[string][]byte{"key": []byte(value)}}
}

func trust(value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "trust"}, Data: map[string]string{"ca.pem": value}}
}

var certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("c")}))

func TestConnect(t *testing.T) {
	good := []client.Object{keys("k"), trust(certificate)}
	tests := map[string]struct {
		provider *Account
		objects  []client.Object
		reason   string
	}{
		"usable":            {anAccount(metav1.ConditionTrue, ""), good, ""},
		"no Provider":       {nil, good, v1alpha1.ReasonProviderNotFound},
		"not verified":      {anAccount(metav1.ConditionUnknown, ""), good, v1alpha1.ReasonProviderNotReady},
		"refused":           {anAccount(metav1.ConditionFalse, v1alpha1.ReasonCredentialsRefused), good, v1alpha1.ReasonCredentialsRefused},
		"not allowed":       {anAccount(metav1.ConditionFalse, v1alpha1.ReasonPermissionDenied), good, v1alpha1.ReasonProviderNotReady},
		"no secret":         {anAccount(metav1.ConditionTrue, ""), good[1:], v1alpha1.ReasonCredentialsMissing},
		"no bundle":         {anAccount(metav1.ConditionTrue, ""), good[:1], v1alpha1.ReasonTrustMissing},
		"an empty bundle":   {anAccount(metav1.ConditionTrue, ""), []client.Object{keys("k"), trust("x")}, v1alpha1.ReasonTrustMissing},
		"a key in a bundle": {anAccount(metav1.ConditionTrue, ""), []client.Object{keys("k"), trust(string(pem.EncodeToMemory(&pem.Block{Type: "KEY"})))}, v1alpha1.ReasonTrustMissing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := test.objects
			if test.provider != nil {
				objects = append([]client.Object{test.provider}, objects...)
			}
			accounts, _ := newAccounts(t, objects...)
			got, err := accounts.Connect(t.Context(), "a")
			if test.reason != "" {
				if f := fault.Of(err); f == nil || f.ConditionReason() != test.reason {
					t.Errorf("got %v, want %s", err, test.reason)
				}
				return
			}
			want := &Material{Secret: map[string][]byte{"key": []byte("k")}, Bundle: certificate}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestAnAccountIsKeptUntilItsSourcesChange(t *testing.T) {
	p := anAccount(metav1.ConditionTrue, "")
	secret := keys("old")
	accounts, kube := newAccounts(t, p, secret, trust(certificate))
	refresh := func() (*Material, string) {
		t.Helper()
		of, version, err := accounts.Refresh(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return of, version
	}
	first, version := refresh()
	if again, v := refresh(); again != first || v != version {
		t.Error("nothing changed, and it is another account")
	}
	secret.Data["key"] = []byte("new")
	if err := kube.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if kept, err := accounts.Connect(t.Context(), "a"); kept != first || err != nil {
		t.Errorf("new credentials came into use before they were verified: %v", err)
	}
	second, changed := refresh()
	if string(second.Secret["key"]) != "new" || changed == version {
		t.Errorf("still %s, %s", second.Secret["key"], changed)
	}
	if now, err := accounts.Connect(t.Context(), "a"); now != second || err != nil {
		t.Errorf("the new credentials are not in use: %v", err)
	}
	accounts.Forget("a")
	if again, err := accounts.Connect(t.Context(), "a"); again == second || err != nil {
		t.Errorf("forgotten and still known: %v", err)
	}
}

func TestSourcesOfNeeds(t *testing.T) {
	p := anAccount(metav1.ConditionTrue, "")
	if diff := cmp.Diff(Sources{Secrets: []string{"keys"}, ConfigMaps: []string{"trust"}}, needs(p).Sources()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Sources{}, Needs{CABundle: &v1alpha1.CABundle{PEM: "x"}}.Sources()); diff != "" {
		t.Error(diff)
	}
}
