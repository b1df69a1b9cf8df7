// SPDX-License-Identifier: Apache-2.0

// Package account turns Providers into clients of the Azure SDK: as whom and how
// fast the operator calls Azure, and what Azure's errors mean.
package account

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/crossplaneio/crossplane/shared/budget"
)

// Account is one Azure subscription, and the identity that the operator has in it.
type Account struct {
	subscription string
	bundle       string // PEM; empty where the Provider gives none
	credential   *credential
	options      *arm.ClientOptions
	budgets      *budget.Budgets

	mu      sync.Mutex
	clients map[reflect.Type]any
}

// New returns an account whose calls go through transport, as a test makes one up.
func New(subscription, bundle string, tokens azcore.TokenCredential, options policy.ClientOptions) *Account {
	a := &Account{
		subscription: subscription, bundle: bundle, budgets: budget.New(limits),
		credential: &credential{make: func() (azcore.TokenCredential, error) { return tokens, nil }},
	}
	a.connect(options)
	return a
}

// connect prepares the clients. The SDK does not try again by itself: when to is
// decided by the reconciler. It does not register providers of resources either,
// for which it would wait.
func (a *Account) connect(options policy.ClientOptions) {
	options.Retry = policy.RetryOptions{MaxRetries: -1}
	options.Telemetry.Disabled = true
	options.PerCallPolicies = append(options.PerCallPolicies, accounted{a})
	a.options = &arm.ClientOptions{ClientOptions: options, DisableRPRegistration: true}
	a.clients = map[reflect.Type]any{}
}

// Subscription is the subscription's id.
func (a *Account) Subscription() string { return a.subscription }

// Trust returns, as PEM, the certificates with which clients verify servers;
// empty where the Provider names none.
func (a *Account) Trust() string { return a.bundle }

// Client returns the account's client of one service. It is made by build at the
// first call, and the same for everybody from then on.
func Client[C any](a *Account, build func(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (C, error)) (C, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := reflect.TypeFor[C]()
	if c, ok := a.clients[key].(C); ok {
		return c, nil
	}
	c, err := build(a.subscription, a.credential, a.options)
	if err != nil {
		return c, fmt.Errorf("making a client: %w", err)
	}
	a.clients[key] = c
	return c, nil
}
