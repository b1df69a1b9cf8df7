// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Needs are what a Provider names that its account is made of, in the
// operator's own namespace.
type Needs struct {
	// Secret with credentials; empty where they come from somewhere else.
	Secret string
	// CABundle with the certificates that clients verify servers with, if any.
	CABundle *v1alpha1.CABundle
}

// Sources returns the names of the objects needed.
func (n Needs) Sources() Sources {
	var s Sources
	if n.Secret != "" {
		s.Secrets = []string{n.Secret}
	}
	if n.CABundle != nil && n.CABundle.ConfigMapRef != nil {
		s.ConfigMaps = []string{n.CABundle.ConfigMapRef.Name}
	}
	return s
}

// Material is what was read of them.
type Material struct {
	// Secret is the data of the secret with credentials.
	Secret map[string][]byte
	// Bundle of certificates, as PEM; empty where the Provider names none.
	Bundle string
}

// Accounts knows the account of every Provider of a cloud: whatever its kinds
// need for their calls. What it keeps is a cache: it is made again from the
// Provider and what that names.
type Accounts[P Provider, A any] struct {
	// New returns an empty object of the kind.
	New func() P
	// Needs says what p's account is made of.
	Needs func(p P) Needs
	// Make makes the account of p. It is called with a lock held and waits for
	// nobody. Errors are, or wrap, fault.Errors.
	Make func(ctx context.Context, p P, from Material) (A, error)

	// Providers are read from here; a cache will do.
	Providers client.Reader
	// Live reads credentials and certificates from the API server itself.
	Live client.Reader
	// Namespace is the operator's own, where these are.
	Namespace string

	mu    sync.Mutex
	known map[string]account[A] // by the Provider's name
}

type account[A any] struct {
	uid        types.UID
	generation int64
	version    string // changes with what it is made of
	of         A
}

// Connect returns the account of the Provider called name, if its credentials
// were verified. Errors are fault.Errors.
func (a *Accounts[P, A]) Connect(ctx context.Context, name string) (A, error) {
	var none A
	p := a.New()
	err := a.Providers.Get(ctx, types.NamespacedName{Name: name}, p)
	if apierrors.IsNotFound(err) {
		return none, fault.New(fault.Dependency, v1alpha1.ReasonProviderNotFound, "there is no provider %s", name)
	}
	if err != nil {
		return none, fmt.Errorf("reading provider %s: %w", name, err)
	}
	if err := usable(p); err != nil {
		return none, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.known[name]; known.uid == p.GetUID() && known.generation == p.GetGeneration() {
		return known.of, nil
	}
	known, err := a.load(ctx, p)
	return known.of, err
}

// usable says why p can't be used, in terms of its own conditions.
func usable(p Provider) error {
	ready := meta.FindStatusCondition(p.ProviderStatus().Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || ready.Status == metav1.ConditionUnknown:
		return fault.New(fault.Dependency, v1alpha1.ReasonProviderNotReady, "provider %s is not verified yet", p.GetName())
	case ready.Status == metav1.ConditionTrue:
		return nil
	case strings.HasPrefix(ready.Reason, "Credentials"):
		return fault.New(fault.Dependency, ready.Reason, "provider %s: %s", p.GetName(), ready.Message)
	default:
		return fault.New(fault.Dependency, v1alpha1.ReasonProviderNotReady, "provider %s: %s", p.GetName(), ready.Message)
	}
}

// Refresh returns the account of p as its credentials are now, and a version
// that changes whenever they do.
func (a *Accounts[P, A]) Refresh(ctx context.Context, p P) (A, string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, err := a.load(ctx, p)
	return known.of, known.version, err
}

// Forget drops what is kept of the Provider called name.
func (a *Accounts[P, A]) Forget(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, name)
}

// load reads what p names. An account whose sources are unchanged is kept, and
// with it its connections.
func (a *Accounts[P, A]) load(ctx context.Context, p P) (account[A], error) {
	from, version, err := a.read(ctx, a.Needs(p))
	if err != nil {
		return account[A]{}, err
	}
	now := account[A]{uid: p.GetUID(), generation: p.GetGeneration(), version: fmt.Sprintf("%s.%d.%s", p.GetUID(), p.GetGeneration(), version)}
	if known, ok := a.known[p.GetName()]; ok && known.version == now.version {
		return known, nil
	}
	if now.of, err = a.Make(ctx, p, from); err != nil {
		return account[A]{}, err
	}
	if a.known == nil {
		a.known = map[string]account[A]{}
	}
	a.known[p.GetName()] = now
	return now, nil
}

// read returns what n names, and which version of it that was.
func (a *Accounts[P, A]) read(ctx context.Context, n Needs) (Material, string, error) {
	var from Material
	version := ""
	if n.Secret != "" {
		secret := &corev1.Secret{}
		err := a.Live.Get(ctx, types.NamespacedName{Namespace: a.Namespace, Name: n.Secret}, secret)
		if apierrors.IsNotFound(err) {
			return from, "", fault.New(fault.Dependency, v1alpha1.ReasonCredentialsMissing,
				"there is no secret %s in namespace %s", n.Secret, a.Namespace)
		}
		if err != nil {
			return from, "", fmt.Errorf("reading secret %s: %w", n.Secret, err)
		}
		from.Secret, version = secret.Data, secret.ResourceVersion
	}
	bundle, bundleVersion, err := a.bundle(ctx, n.CABundle)
	from.Bundle = bundle
	return from, version + "." + bundleVersion, err
}

func (a *Accounts[P, A]) bundle(ctx context.Context, from *v1alpha1.CABundle) (pemText, version string, err error) {
	if from == nil {
		return "", "", nil
	}
	pemText = from.PEM
	if ref := from.ConfigMapRef; ref != nil {
		m := &corev1.ConfigMap{}
		err := a.Live.Get(ctx, types.NamespacedName{Namespace: a.Namespace, Name: ref.Name}, m)
		if client.IgnoreNotFound(err) != nil {
			return "", "", fmt.Errorf("reading config map %s: %w", ref.Name, err)
		}
		if pemText = m.Data[ref.Key]; pemText == "" {
			return "", "", fault.New(fault.Dependency, v1alpha1.ReasonTrustMissing,
				"there is no key %s in a config map %s in namespace %s", ref.Key, ref.Name, a.Namespace)
		}
		version = m.ResourceVersion
	}
	if !hasCertificate(pemText) {
		return "", "", fault.New(fault.Dependency, v1alpha1.ReasonTrustMissing, "the CA bundle holds no certificate")
	}
	return pemText, version, nil
}

func hasCertificate(text string) bool {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return false
		}
		if block.Type == "CERTIFICATE" {
			return true
		}
	}
}
