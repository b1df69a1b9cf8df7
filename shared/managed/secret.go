// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
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
		if err := r.store(ctx, s, func() error { return r.generate(s, key) }); err != nil {
			return "", err
		}
	}
	return string(s.Data[v1alpha1.KeyPassword]), nil
}

// SecretName is the name of the connection secret of mr, an object of kind. It
// is known before anything else is, and survives backup and restore.
func SecretName(kind string, mr client.Object) string {
	return strings.ToLower(kind) + "-" + ownerID(mr)
}

// secret returns mr's connection secret as the API server has it, or an empty
// one that is not written yet.
func (r *Reconciler[MR, Obs]) secret(ctx context.Context, mr MR) (*corev1.Secret, error) {
	gvk, err := apiutil.GVKForObject(mr, r.env.Kube.Scheme())
	if err != nil {
		return nil, fmt.Errorf("find the kind: %w", err)
	}
	s := &corev1.Secret{}
	key := client.ObjectKey{Namespace: r.env.ConnectionNamespace, Name: SecretName(gvk.Kind, mr)}
	err = r.env.Live.Get(ctx, key, s)
	if isNotFound(err) {
		s = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: key.Name, Namespace: key.Namespace}}
		annotate(s, v1alpha1.AnnotationOwnerID, ownerID(mr))
	} else if err != nil {
		return nil, fmt.Errorf("read secret %s: %w", key, err)
	}
	if s.Annotations[v1alpha1.AnnotationOwnerID] != ownerID(mr) {
		return nil, fault.New(fault.Invalid, v1alpha1.ReasonSecretConflict, "secret %s belongs to another object; delete it, or rename it", key)
	}
	s.OwnerReferences = nil // after a restore from backup the old uid names nobody
	if err := controllerutil.SetControllerReference(mr, s, r.env.Kube.Scheme()); err != nil {
		return nil, fmt.Errorf("own secret %s: %w", key, err)
	}
	return s, nil
}

// store changes s and writes it: it fails if s is stale or was made meanwhile.
func (r *Reconciler[MR, Obs]) store(ctx context.Context, s *corev1.Secret, change func() error) error {
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	if err := change(); err != nil {
		return err
	}
	var err error
	if s.ResourceVersion == "" {
		err = r.env.Kube.Create(ctx, s, client.FieldOwner(r.env.Operator))
	} else {
		err = r.env.Kube.Update(ctx, s, client.FieldOwner(r.env.Operator))
	}
	if err != nil {
		return fmt.Errorf("write secret %s/%s: %w", s.Namespace, s.Name, err)
	}
	return nil
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
