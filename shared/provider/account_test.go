// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Account is a kind of Provider made up for these tests.
type Account struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec struct {
		Secret    string `json:"secret,omitempty"`
		ConfigMap string `json:"configMap,omitempty"`
	} `json:"spec"`
	Status struct {
		v1alpha1.ProviderStatus `json:",inline"`
		User                    string `json:"user,omitempty"`
	} `json:"status,omitempty"`
}

type AccountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Account `json:"items"`
}

func (a *Account) ProviderStatus() *v1alpha1.ProviderStatus { return &a.Status.ProviderStatus }

func (a *Account) DeepCopyObject() runtime.Object {
	out := *a
	out.ObjectMeta = *a.ObjectMeta.DeepCopy()
	a.Status.ProviderStatus.DeepCopyInto(&out.Status.ProviderStatus)
	return &out
}

func (l *AccountList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = nil
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*Account)) //nolint:errcheck // a copy of one
	}
	return &out
}

var groupVersion = schema.GroupVersion{Group: "provider.example.org", Version: "v1alpha1"}

func addToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(groupVersion, &Account{}, &AccountList{})
	s.AddKnownTypeWithName(groupVersion.WithKind("Thing"), &unstructured.Unstructured{})
	s.AddKnownTypeWithName(groupVersion.WithKind("ThingList"), &unstructured.UnstructuredList{})
	s.AddKnownTypeWithName(groupVersion.WithKind("Absent"), &unstructured.Unstructured{})
	metav1.AddToGroupVersion(s, groupVersion)
	return nil
}

// thing returns a managed resource that names a provider.
func thing(kind, name, provider string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"providerRef": map[string]any{"name": provider}}}}
	u.SetGroupVersionKind(groupVersion.WithKind(kind))
	u.SetName(name)
	return u
}

// bank is a cloud that knows the users by the user key of a secret.
type bank struct {
	live      client.Reader
	namespace string

	mu        sync.Mutex
	trouble   error
	calls     int
	forgotten []string
}

func (b *bank) verify(ctx context.Context, a *Account) (Verified, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.trouble != nil {
		return Verified{}, b.trouble
	}
	s := &corev1.Secret{}
	err := b.live.Get(ctx, client.ObjectKey{Namespace: b.namespace, Name: a.Spec.Secret}, s)
	if apierrors.IsNotFound(err) {
		return Verified{}, fault.New(fault.Dependency, v1alpha1.ReasonCredentialsMissing, "there is no secret %s", a.Spec.Secret)
	}
	if err != nil {
		return Verified{}, err
	}
	a.Status.User = string(s.Data["user"])
	if a.Status.User == "nobody" {
		return Verified{}, fault.New(fault.Permission, v1alpha1.ReasonCredentialsRefused, "the bank does not know nobody")
	}
	return Verified{Summary: "user " + a.Status.User, Version: s.ResourceVersion}, nil
}

func (b *bank) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = err
}

func (b *bank) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

func (b *bank) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgotten = append(b.forgotten, name)
}

func accounts(b *bank) Kind[*Account] {
	return Kind[*Account]{
		New:    func() *Account { return &Account{} },
		Verify: b.verify,
		Forget: b.forget,
		Sources: func(a *Account) Sources {
			return Sources{Secrets: []string{a.Spec.Secret}, ConfigMaps: []string{a.Spec.ConfigMap}}
		},
		Users: []client.Object{thing("Thing", "", ""), thing("Absent", "", "")},
	}
}
