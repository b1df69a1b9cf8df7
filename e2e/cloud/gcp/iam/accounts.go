// SPDX-License-Identifier: Apache-2.0

// Package iam is who may do what in the local Google Cloud: projects, service
// accounts with their keys, and the endpoints that give access tokens.
package iam

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// What there is from the start.
const (
	DefaultProject = "local-project"
	DefaultEmail   = "crossplane@local-project.iam.gserviceaccount.com"
)

// roleAdmin is the role that whoever has all rights has in clusters.
const roleAdmin = "roles/container.admin"

// keyBits is the length of service accounts' keys.
const keyBits = 2048

// Account is a service account with one key.
type Account struct {
	Email   string   `json:"id"`
	Project string   `json:"project"`
	KeyID   string   `json:"keyID,omitempty"`
	Revoked bool     `json:"revoked,omitempty"`
	Deny    []string `json:"deny,omitempty"`  // globs over service.operation
	Roles   []string `json:"roles,omitempty"` // in its project; they count in clusters only

	key *rsa.PrivateKey
}

// Change is a request to change an account, or to make one.
type Change struct {
	Email   string    `json:"id"`
	Project string    `json:"project,omitempty"`
	Revoked *bool     `json:"revoked,omitempty"` // its key and tokens are refused
	Deny    *[]string `json:"deny,omitempty"`
	Roles   *[]string `json:"roles,omitempty"`
	Rotate  bool      `json:"rotate,omitempty"` // a new key; the old one is refused
}

// Accounts are the service accounts and the tokens that were given to them.
type Accounts struct {
	clock *local.Clock

	mu      sync.Mutex
	byEmail map[string]*Account
	tokens  map[string]grant
}

// NewAccounts returns the default account alone.
func NewAccounts(clock *local.Clock) (*Accounts, error) {
	a := &Accounts{clock: clock}
	return a, a.Reset()
}

// Reset goes back to the default account. It keeps its key: who has it can go on.
func (a *Accounts) Reset() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh := &Account{Email: DefaultEmail, Project: DefaultProject, Roles: []string{roleAdmin}}
	if old, ok := a.byEmail[DefaultEmail]; ok {
		fresh.key, fresh.KeyID = old.key, old.KeyID
	} else if err := fresh.rotate(); err != nil {
		return err
	}
	a.byEmail, a.tokens = map[string]*Account{DefaultEmail: fresh}, map[string]grant{}
	return nil
}

// List returns all accounts in the order of their addresses.
func (a *Accounts) List() []Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Account, 0, len(a.byEmail))
	for _, one := range a.byEmail {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(x, y Account) int { return cmp.Compare(x.Email, y.Email) })
	return out
}

// Change changes an account, or makes one.
func (a *Accounts) Change(c Change) (Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, there := a.byEmail[c.Email]
	if !there {
		one = &Account{Email: c.Email, Project: DefaultProject}
	}
	one.Project = cmp.Or(c.Project, one.Project)
	if c.Revoked != nil {
		one.Revoked = *c.Revoked
	}
	if c.Deny != nil {
		one.Deny = *c.Deny
	}
	if c.Roles != nil {
		one.Roles = *c.Roles
	}
	if c.Rotate || !there {
		if err := one.rotate(); err != nil {
			return Account{}, err
		}
	}
	a.byEmail[c.Email] = one
	return *one, nil
}

// rotate gives the account another key.
func (a *Account) rotate() error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return fmt.Errorf("making a key of %s: %w", a.Email, err)
	}
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	a.key, a.KeyID = key, hex.EncodeToString(id[:])
	return nil
}

// KeyFile is a service account's key as Google hands it out.
type KeyFile struct {
	Type         string `json:"type"`
	ProjectID    string `json:"project_id"`
	PrivateKeyID string `json:"private_key_id"`
	PrivateKey   string `json:"private_key"`
	ClientEmail  string `json:"client_email"`
	TokenURI     string `json:"token_uri"`
}

// KeyFile returns the key of an account.
func (a *Accounts) KeyFile(email string) (KeyFile, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, ok := a.byEmail[email]
	if !ok {
		return KeyFile{}, fmt.Errorf("%w: service account %s", local.ErrNoTarget, email)
	}
	der, err := x509.MarshalPKCS8PrivateKey(one.key)
	if err != nil {
		return KeyFile{}, fmt.Errorf("writing a key: %w", err)
	}
	return KeyFile{ //nolint:gosec // G101: a key that was just made, good for this local cloud only
		Type: "service_account", ProjectID: one.Project, PrivateKeyID: one.KeyID, ClientEmail: one.Email,
		PrivateKey: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		TokenURI:   "https://oauth2.googleapis.com/token",
	}, nil
}

// Number is the number of a project.
func Number(project string) string {
	sum := uint64(0)
	for _, c := range []byte(project) {
		sum = sum*31 + uint64(c)
	}
	return fmt.Sprintf("%012d", 100000000000+sum%899999999999)
}

// grant is what an access token is good for.
type grant struct {
	caller  string // e-mail address, or the principal of a federated token
	expires time.Time
}

// denies reports whether the account may not do this.
func (a *Account) denies(operation string) bool {
	return slices.ContainsFunc(a.Deny, func(glob string) bool {
		matched, err := path.Match(glob, operation)
		return matched && err == nil
	})
}
