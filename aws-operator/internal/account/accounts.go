// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Accounts knows the account of every Provider. What it keeps is a cache: it is
// made again from the Provider and what that names.
type Accounts struct {
	// Providers are read from here; a cache will do.
	Providers client.Reader
	// Live reads credentials and certificates from the API server itself.
	Live client.Reader
	// Namespace is the operator's own, where these are.
	Namespace string
	// TokenFile holds the service account token for source WebIdentity.
	TokenFile string

	mu      sync.Mutex
	known   map[string]entry // by the Provider's name
	budgets *budget.Budgets
}

type entry struct {
	uid        types.UID
	generation int64
	account    *Account
}

// Connect returns the account of the Provider called name, if its credentials
// were verified. Errors are fault.Errors.
func (a *Accounts) Connect(ctx context.Context, name string) (*Account, error) {
	p := &v1alpha1.Provider{}
	err := a.Providers.Get(ctx, types.NamespacedName{Name: name}, p)
	if apierrors.IsNotFound(err) {
		return nil, fault.New(fault.Dependency, contract.ReasonProviderNotFound, "there is no provider %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading provider %s: %w", name, err)
	}
	if err := usable(p); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := a.known[name]; e.uid == p.UID && e.generation == p.Generation {
		return e.account, nil
	}
	return a.load(ctx, p)
}

// usable says why p can't be used, in terms of its own conditions.
func usable(p *v1alpha1.Provider) error {
	ready := meta.FindStatusCondition(p.Status.Conditions, contract.ConditionReady)
	switch {
	case ready == nil || ready.Status == metav1.ConditionUnknown:
		return fault.New(fault.Dependency, contract.ReasonProviderNotReady, "provider %s is not verified yet", p.Name)
	case ready.Status == metav1.ConditionTrue:
		return nil
	case strings.HasPrefix(ready.Reason, "Credentials"):
		return fault.New(fault.Dependency, ready.Reason, "provider %s: %s", p.Name, ready.Message)
	default:
		return fault.New(fault.Dependency, contract.ReasonProviderNotReady, "provider %s: %s", p.Name, ready.Message)
	}
}

// Refresh returns the account of p as its credentials are now.
func (a *Accounts) Refresh(ctx context.Context, p *v1alpha1.Provider) (*Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.load(ctx, p)
}

// Forget drops what is kept of the Provider called name.
func (a *Accounts) Forget(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, name)
}

// load reads what p names. An account whose sources are unchanged is kept, and
// with it its connections.
func (a *Accounts) load(ctx context.Context, p *v1alpha1.Provider) (*Account, error) {
	s, err := a.sources(ctx, p)
	if err != nil {
		return nil, err
	}
	version := s.version(p)
	if e := a.known[p.Name]; e.account != nil && e.account.version == version {
		a.remember(p, e.account)
		return e.account, nil
	}
	account, err := a.make(ctx, p, s)
	if err != nil {
		return nil, err
	}
	account.version = version
	a.remember(p, account)
	return account, nil
}

// make makes the account of p out of its sources.
func (a *Accounts) make(ctx context.Context, p *v1alpha1.Provider, s sources) (*Account, error) {
	if a.budgets == nil {
		a.budgets = budget.New(limits)
	}
	number := p.Name
	if p.Status.Identity != nil && p.Status.Identity.Account != "" {
		number = p.Status.Identity.Account
	}
	account := newAccount(number, a.budgets)
	config, err := a.configure(ctx, p, s, account.accounted)
	if err != nil {
		return nil, err
	}
	account.config, account.region, account.bundle = config, config.Region, s.bundle
	return account, nil
}

func (a *Accounts) remember(p *v1alpha1.Provider, account *Account) {
	if a.known == nil {
		a.known = map[string]entry{}
	}
	a.known[p.Name] = entry{uid: p.UID, generation: p.Generation, account: account}
}

// sources is what a Provider's credentials and certificates were read from.
type sources struct {
	keys     aws.Credentials
	bundle   string
	keysAt   string // resource version of the secret
	bundleAt string // resource version of the config map
}

// version identifies what an account was made of.
func (s sources) version(p *v1alpha1.Provider) string {
	return fmt.Sprintf("%s.%d.%s.%s", p.UID, p.Generation, s.keysAt, s.bundleAt)
}

func (a *Accounts) sources(ctx context.Context, p *v1alpha1.Provider) (sources, error) {
	var s sources
	if ref := p.Spec.Credentials.SecretRef; ref != nil {
		secret := &corev1.Secret{}
		err := a.Live.Get(ctx, types.NamespacedName{Namespace: a.Namespace, Name: ref.Name}, secret)
		if apierrors.IsNotFound(err) {
			return s, fault.New(fault.Dependency, contract.ReasonCredentialsMissing,
				"there is no secret %s in namespace %s", ref.Name, a.Namespace)
		}
		if err != nil {
			return s, fmt.Errorf("reading secret %s: %w", ref.Name, err)
		}
		if s.keys, err = keysOf(secret.Data, *ref); err != nil {
			return s, err
		}
		s.keysAt = secret.ResourceVersion
	}
	return s, a.readBundle(ctx, p.Spec.CABundle, &s)
}

func (a *Accounts) readBundle(ctx context.Context, from *contract.CABundle, s *sources) error {
	if from == nil {
		return nil
	}
	s.bundle = from.PEM
	if ref := from.ConfigMapRef; ref != nil {
		m := &corev1.ConfigMap{}
		err := a.Live.Get(ctx, types.NamespacedName{Namespace: a.Namespace, Name: ref.Name}, m)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("reading config map %s: %w", ref.Name, err)
		}
		if s.bundle = m.Data[ref.Key]; s.bundle == "" {
			return fault.New(fault.Dependency, contract.ReasonTrustMissing,
				"there is no key %s in a config map %s in namespace %s", ref.Key, ref.Name, a.Namespace)
		}
		s.bundleAt = m.ResourceVersion
	}
	if trustFor(s.bundle, "") == "" {
		return fault.New(fault.Dependency, contract.ReasonTrustMissing, "the CA bundle holds no certificate")
	}
	return nil
}
