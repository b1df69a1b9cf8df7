// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Kept is a connection secret as it is written.
type Kept struct {
	Name     string
	Revision int64 // how many contents it has had
}

// Keep makes data the content of the connection secret of mr, a managed resource
// that is not reconciled here and whose status tells of so many contents. Nothing
// is written where it is that already.
func (e Env) Keep(ctx context.Context, mr client.Object, known int64, data map[string][]byte) (Kept, error) {
	s, err := e.secret(ctx, mr)
	if err != nil {
		return Kept{}, err
	}
	if s.ResourceVersion == "" || !maps.EqualFunc(s.Data, data, bytes.Equal) {
		err = e.store(ctx, s, func() error {
			s.Data = data
			countUp(known, s)
			return nil
		})
	}
	return Kept{Name: s.Name, Revision: revisionOf(s)}, err
}

// SecretName is the name of the connection secret of mr, an object of kind. It
// is known before anything else is, and survives backup and restore.
func SecretName(kind string, mr client.Object) string {
	return strings.ToLower(kind) + "-" + OwnerID(mr)
}

// secret returns mr's connection secret as the API server has it, or an empty
// one that is not written yet.
func (e Env) secret(ctx context.Context, mr client.Object) (*corev1.Secret, error) {
	gvk, err := apiutil.GVKForObject(mr, e.Kube.Scheme())
	if err != nil {
		return nil, fmt.Errorf("find the kind: %w", err)
	}
	s := &corev1.Secret{}
	key := client.ObjectKey{Namespace: e.ConnectionNamespace, Name: SecretName(gvk.Kind, mr)}
	err = e.Live.Get(ctx, key, s)
	if isNotFound(err) {
		s = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: key.Name, Namespace: key.Namespace}}
		annotate(s, v1alpha1.AnnotationOwnerID, OwnerID(mr))
	} else if err != nil {
		return nil, fmt.Errorf("read secret %s: %w", key, err)
	}
	if s.Annotations[v1alpha1.AnnotationOwnerID] != OwnerID(mr) {
		return nil, fault.New(fault.Invalid, v1alpha1.ReasonSecretConflict, "secret %s belongs to another object; delete it, or rename it", key)
	}
	s.OwnerReferences = nil // after a restore from backup the old uid names nobody
	if err := controllerutil.SetControllerReference(mr, s, e.Kube.Scheme()); err != nil {
		return nil, fmt.Errorf("own secret %s: %w", key, err)
	}
	return s, nil
}

// store changes s and writes it: it fails if s is stale or was made meanwhile.
func (e Env) store(ctx context.Context, s *corev1.Secret, change func() error) error {
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	if err := change(); err != nil {
		return err
	}
	var err error
	if s.ResourceVersion == "" {
		err = e.Kube.Create(ctx, s, client.FieldOwner(e.Operator))
	} else {
		err = e.Kube.Update(ctx, s, client.FieldOwner(e.Operator))
	}
	if err != nil {
		return fmt.Errorf("write secret %s/%s: %w", s.Namespace, s.Name, err)
	}
	return nil
}
