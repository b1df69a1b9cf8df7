// SPDX-License-Identifier: Apache-2.0

// Package account turns Providers into configurations of the AWS SDK: as whom
// and how fast the operator calls AWS, and what AWS's errors mean.
package account

import (
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crossplaneio/crossplane/shared/budget"
)

// Account is one AWS account, and the identity that the operator has in it.
type Account struct {
	config  aws.Config
	region  string // of the STS endpoint that verifies the identity
	bundle  string // PEM; empty where the Provider gives none
	budgets *budget.Budgets

	mu      sync.Mutex
	number  string // AWS's id of the account; until it is known, the Provider's name
	clients map[clientKey]any
	trust   map[string]string // by region
}

type clientKey struct {
	client reflect.Type
	region string
}

// New returns an account that is reached by config, for instance one that a
// test made up.
func New(config aws.Config, bundle string) *Account {
	a := newAccount("", budget.New(limits))
	a.config, a.region, a.bundle = config, config.Region, bundle
	return a
}

func newAccount(number string, budgets *budget.Budgets) *Account {
	return &Account{number: number, budgets: budgets, clients: map[clientKey]any{}, trust: map[string]string{}}
}

// Region is where the account's identity was verified: services that are not in
// any region are called through it.
func (a *Account) Region() string { return a.region }

// payer is whose calls the account's calls count as: those of two Providers for
// one account count together.
func (a *Account) payer() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.number
}

// identified tells the account AWS's id of it.
func (a *Account) identified(number string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.number = number
}

// Client returns the account's client of one service in region. It is made by
// build at the first call, and the same for everybody from then on.
func Client[C any](a *Account, region string, build func(aws.Config) C) C {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := clientKey{client: reflect.TypeFor[C](), region: region}
	if c, ok := a.clients[key].(C); ok {
		return c
	}
	config := a.config.Copy()
	config.Region = region
	c := build(config)
	a.clients[key] = c
	return c
}

// Trust returns, as PEM, the certificates with which clients verify what AWS
// runs in region; empty where the Provider names none.
func (a *Account) Trust(region string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.trust[region]; !ok {
		a.trust[region] = trustFor(a.bundle, region)
	}
	return a.trust[region]
}
