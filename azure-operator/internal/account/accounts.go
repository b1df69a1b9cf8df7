// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"strings"

	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// Accounts knows the account of every Provider.
type Accounts struct {
	provider.Accounts[*v1alpha1.Provider, *Account]

	// Endpoints of Azure, as the operator's flags say.
	Endpoints Endpoints
	// TokenFile holds the service account token for source FederatedToken.
	TokenFile string

	budgets *budget.Budgets
}

// NewAccounts returns Accounts that can read nothing yet.
func NewAccounts() *Accounts {
	a := &Accounts{Endpoints: Public(), budgets: budget.New(limits)}
	a.New = func() *v1alpha1.Provider { return &v1alpha1.Provider{} }
	a.Needs = needsOf
	a.Make = a.make
	return a
}

func needsOf(p *v1alpha1.Provider) provider.Needs {
	n := provider.Needs{CABundle: p.Spec.CABundle}
	if ref := p.Spec.Credentials.SecretRef; ref != nil {
		n.Secret = ref.Name
	}
	return n
}

func (a *Accounts) make(_ context.Context, p *v1alpha1.Provider, from provider.Material) (*Account, error) {
	options, err := a.Endpoints.options()
	if err != nil {
		return nil, err
	}
	secret := ""
	if ref := p.Spec.Credentials.SecretRef; ref != nil {
		if secret, err = secretOf(from.Secret, *ref); err != nil {
			return nil, err
		}
	}
	account := &Account{
		subscription: p.Spec.SubscriptionID, bundle: from.Bundle, budgets: a.budgets,
		credential: &credential{make: a.identity(p, secret, options)},
	}
	account.connect(options)
	return account, nil
}

// secretOf reads a client secret out of a secret's data. Errors say what is
// missing and never what is there.
func secretOf(data map[string][]byte, ref contract.SecretKeyReference) (string, error) {
	value, ok := data[ref.Key]
	if !ok {
		return "", malformed("secret %s has no key %s", ref.Name, ref.Key)
	}
	secret := strings.TrimSpace(string(value))
	if secret == "" {
		return "", malformed("secret %s: key %s is empty", ref.Name, ref.Key)
	}
	if strings.ContainsAny(secret, " \t\r\n{}") {
		return "", malformed("secret %s: key %s is not a client secret: it shall hold the secret's value and nothing else", ref.Name, ref.Key)
	}
	return secret, nil
}

func malformed(format string, args ...any) error {
	return fault.New(fault.Dependency, contract.ReasonCredentialsMalformed, format, args...)
}
