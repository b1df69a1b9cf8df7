// SPDX-License-Identifier: Apache-2.0

// Package iam is the local AWS's Identity and Access Management: who may call
// the local AWS and what they may do there, and roles.
package iam

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// The access key that exists from the start, of a user of DefaultAccount.
const (
	DefaultKeyID   = "AKIDLOCAL"
	DefaultSecret  = "secretlocal"
	DefaultAccount = "000000000001"
)

// Key is an access key: a user's, or one of a session of a role.
type Key struct {
	ID      string    `json:"id"`
	Secret  string    `json:"secret,omitempty"`
	Token   string    `json:"token,omitempty"`   // a session's token, which calls must carry
	Account string    `json:"account,omitempty"` // 12 digits
	ARN     string    `json:"arn,omitempty"`     // whose key it is
	UserID  string    `json:"userId,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked bool      `json:"revoked"`
	Deny    []string  `json:"deny"` // globs of "service:Operation" that are denied
}

// Change is a change to a key: what is absent stays as it is. A key with an
// unknown ID is created.
type Change struct {
	ID      string     `json:"id"`
	Secret  *string    `json:"secret,omitempty"`
	Account *string    `json:"account,omitempty"`
	ARN     *string    `json:"arn,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
	Revoked *bool      `json:"revoked,omitempty"`
	Deny    *[]string  `json:"deny,omitempty"`
}

// Keys are the access keys of the local AWS.
type Keys struct {
	mu   sync.RWMutex
	byID map[string]Key
}

// NewKeys returns the keys at the start: the default one only.
func NewKeys() *Keys {
	k := &Keys{}
	k.Reset()
	return k
}

// Reset returns to the keys of the start.
func (k *Keys) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byID = map[string]Key{DefaultKeyID: userKey(DefaultKeyID, DefaultSecret, DefaultAccount)}
}

// Lookup returns the key with that ID.
func (k *Keys) Lookup(id string) (Key, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.byID[id]
	return key, ok
}

// Put adds a key, or replaces the one with its ID.
func (k *Keys) Put(key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byID[key.ID] = key
}

// Change changes or creates a key and returns it as it is then.
func (k *Keys) Change(c Change) Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.byID[c.ID]
	if !ok {
		key = userKey(c.ID, "", orElse(c.Account, DefaultAccount))
	}
	key.Secret = orElse(c.Secret, key.Secret)
	key.Account = orElse(c.Account, key.Account)
	key.ARN = orElse(c.ARN, key.ARN)
	key.Expires = orElse(c.Expires, key.Expires)
	key.Revoked = orElse(c.Revoked, key.Revoked)
	key.Deny = orElse(c.Deny, key.Deny)
	k.byID[key.ID] = key
	return key
}

// List returns all keys by their ID, without secrets and tokens.
func (k *Keys) List() []Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	out := make([]Key, 0, len(k.byID))
	for _, key := range k.byID {
		key.Secret, key.Token = "", ""
		out = append(out, key)
	}
	slices.SortFunc(out, func(a, b Key) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Denies says whether the key's owner may not do action, "service:Operation".
func (k Key) Denies(action string) bool {
	return slices.ContainsFunc(k.Deny, func(pattern string) bool {
		ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return ok && err == nil
	})
}

func userKey(id, secret, account string) Key {
	return Key{
		ID: id, Secret: secret, Account: account,
		ARN: "arn:aws:iam::" + account + ":user/" + strings.ToLower(id), UserID: "AIDA" + id,
	}
}

func orElse[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
