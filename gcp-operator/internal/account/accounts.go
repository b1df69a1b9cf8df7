// SPDX-License-Identifier: Apache-2.0

// Package account turns Providers into clients of Google Cloud's APIs: as whom,
// where and how fast the operator calls them, and what their errors mean.
package account

import (
	"cmp"
	"context"
	"net/http"
	"sync"

	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// Accounts knows the account of every Provider.
type Accounts struct {
	provider.Accounts[*v1alpha1.Provider, *Account]

	// Endpoints are where the APIs are.
	Endpoints Endpoints
	// TokenFile holds the service account token for source
	// WorkloadIdentityFederation.
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
	var n provider.Needs
	if ref := p.Spec.Credentials.SecretRef; ref != nil {
		n.Secret = ref.Name
	}
	return n
}

func (a *Accounts) make(ctx context.Context, p *v1alpha1.Provider, from provider.Material) (*Account, error) {
	account := &Account{Project: p.Spec.ProjectID, budgets: a.budgets, payer: p.Spec.ProjectID + "/" + p.Name}
	if id := p.Status.Identity; id != nil {
		account.identified(*id)
	}
	var err error
	client := account.client("oauth2", http.DefaultTransport)
	account.tokens, account.Email, err = a.tokensOf(p, from.Secret, client) //nolint:contextcheck // tokens are got long after this call
	if err != nil {
		return nil, err
	}
	if err := account.connect(ctx, a.Endpoints); err != nil {
		return nil, err
	}
	return account, nil
}

// Account is one project, the identity that the operator has in it, and the
// clients of the APIs there.
type Account struct {
	Project string
	Email   string // of the service account, where it is known without asking
	Clients

	tokens  *tokens
	budgets *budget.Budgets

	mu     sync.Mutex
	payer  string
	number string // of the project
}

// whose is whose calls the account's calls count as: those of two Providers
// with one identity count together.
func (a *Account) whose() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.payer
}

// identified tells the account who Google Cloud takes it for, and where.
func (a *Account) identified(id v1alpha1.Identity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.payer, a.number = cmp.Or(id.Email, a.payer), id.ProjectNumber
}

// Number is Google Cloud's number of the project, or its id until that is known.
func (a *Account) Number() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cmp.Or(a.number, a.Project)
}
