// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// Accounts knows the account of every Provider.
type Accounts struct {
	provider.Accounts[*v1alpha1.Provider, *Account]

	// TokenFile holds the service account token for source WebIdentity.
	TokenFile string

	budgets *budget.Budgets
}

// NewAccounts returns Accounts that can read nothing yet.
func NewAccounts() *Accounts {
	a := &Accounts{budgets: budget.New(limits)}
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

func (a *Accounts) make(ctx context.Context, p *v1alpha1.Provider, from provider.Material) (*Account, error) {
	var keys aws.Credentials
	if ref := p.Spec.Credentials.SecretRef; ref != nil {
		var err error
		if keys, err = keysOf(from.Secret, *ref); err != nil {
			return nil, err
		}
	}
	number := p.Name
	if p.Status.Identity != nil && p.Status.Identity.Account != "" {
		number = p.Status.Identity.Account
	}
	account := newAccount(number, a.budgets)
	config, err := a.configure(ctx, p, keys, account.accounted)
	if err != nil {
		return nil, err
	}
	account.config, account.region, account.bundle = config, config.Region, from.Bundle
	return account, nil
}
