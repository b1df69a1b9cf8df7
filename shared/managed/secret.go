// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// alphabet is what passwords consist of: characters that every database, URI
// and shell takes as they are.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// initialPassword returns the password to create mr's resource with, which is
// stored first; empty for kinds without, or where it is set after the creation.
func (r *Reconciler[MR, Obs]) initialPassword(ctx context.Context, mr MR) (string, error) {
	if r.kind.Password == nil {
		return "", nil
	}
	s, err := r.secret(ctx, mr)
	if err != nil {
		return "", err
	}
	key := v1alpha1.KeyPassword
	if r.kind.Password.AfterCreate != nil && r.kind.Password.AfterCreate(mr) {
		key = v1alpha1.KeyPasswordNext
	}
	if len(s.Data[key]) == 0 {
		if err := r.env.store(ctx, s, func() error { return r.generate(s, key) }); err != nil {
			return "", err
		}
	}
	return string(s.Data[v1alpha1.KeyPassword]), nil
}

// secret returns mr's connection secret as the API server has it, or an empty
// one that is not written yet.
func (r *Reconciler[MR, Obs]) secret(ctx context.Context, mr MR) (*corev1.Secret, error) {
	return r.env.secret(ctx, mr)
}

// generate puts a new password into s under key.
func (r *Reconciler[MR, Obs]) generate(s *corev1.Secret, key string) error {
	password, err := newPassword(r.kind.Password.Length)
	if err != nil {
		return err
	}
	s.Data[key] = password
	return nil
}

// newPassword makes one that has a capital letter, a small one and a digit at
// least: clouds refuse passwords that have not, and one in three hundred of 32
// characters would have no digit. A whole new one is drawn then, so that nothing
// can be told of its characters' places.
func newPassword(length int) ([]byte, error) {
	for {
		b := make([]byte, length)
		for i := range b {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
			if err != nil {
				return nil, fmt.Errorf("make a password: %w", err)
			}
			b[i] = alphabet[n.Int64()]
		}
		if bytes.ContainsAny(b, alphabet[:26]) && bytes.ContainsAny(b, alphabet[26:52]) && bytes.ContainsAny(b, alphabet[52:]) {
			return b, nil
		}
	}
}
