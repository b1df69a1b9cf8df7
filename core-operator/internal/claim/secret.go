// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
)

// annotationBindingRevision on a claim's connection secret holds the number of
// its content.
const annotationBindingRevision = "crossplane.io/binding-revision"

// unpublish deletes the secret of an earlier binding whose name the claim no
// longer asks for.
func (r *Reconciler) unpublish(ctx context.Context, p *pass, before *claimapi.Binding) error {
	if before == nil || p.status.Binding != nil && p.status.Binding.Name == before.Name {
		return nil
	}
	s, err := r.current(ctx, p, before.Name)
	if err != nil || s == nil || !controlledBy(s, p.claim) {
		return err
	}
	return r.discard(ctx, s)
}

// current returns the secret of a name in the claim's namespace as the API
// server has it, or nil.
func (r *Reconciler) current(ctx context.Context, p *pass, name string) (*corev1.Secret, error) {
	s := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: p.claim.GetNamespace(), Name: name}, s)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absence is an answer, not a failure
	}
	if err != nil {
		return nil, fmt.Errorf("reading secret %s: %w", name, err)
	}
	return s, nil
}

func (r *Reconciler) discard(ctx context.Context, s *corev1.Secret) error {
	err := r.Kube.Delete(ctx, s, client.Preconditions{UID: &s.UID, ResourceVersion: &s.ResourceVersion})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting secret %s: %w", s.Name, err)
	}
	return nil
}

// write brings the claim's secret to this content and returns the number of
// that content. The number stands on the secret, so that a crash between the two
// writes does not hide a change. Without extra keys those that are there stay.
func (r *Reconciler) write(ctx context.Context, p *pass, details, extra map[string][]byte) (int64, verdict, error) {
	have, err := r.current(ctx, p, p.spec.WriteConnectionSecretToRef.Name)
	if apierrors.IsForbidden(err) {
		return 0, stop(claimapi.ReasonSecretForbidden, "Add it to tenants.namespaces of core-operator's chart"), nil
	}
	if err != nil {
		return 0, verdict{}, err
	}
	if have != nil && !controlledBy(have, p.claim) {
		return 0, p.conflict(have), nil
	}
	if extra == nil && have != nil {
		extra = have.Data
	}
	want := secretFor(p, with(extra, details)) // a standard key is never redefined
	revision := p.revisionOf(have)
	if have != nil && have.Type == want.Type && maps.EqualFunc(have.Data, want.Data, bytes.Equal) {
		return max(revision, 1), verdict{}, nil
	}
	revision++
	number(want, revision)
	err = r.put(ctx, have, want)
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return 0, stop(claimapi.ReasonDeleting, "The namespace is being deleted"), nil
	}
	if err != nil {
		return 0, verdict{}, fmt.Errorf("writing secret %s: %w", want.Name, err)
	}
	return revision, verdict{}, nil
}

// put writes want in the place of have, if nobody else changed it meanwhile.
func (r *Reconciler) put(ctx context.Context, have, want *corev1.Secret) error {
	if have != nil && have.Type != want.Type { // a type can't be changed
		if err := r.discard(ctx, have); err != nil {
			return err
		}
		have = nil
	}
	if have == nil {
		return r.Kube.Create(ctx, want, client.FieldOwner(FieldManager)) //nolint:wrapcheck // the caller says what was done
	}
	changed := have.DeepCopy()
	changed.Data = want.Data
	number(changed, revisionOn(want))
	lock := client.MergeFromWithOptions(have, client.MergeFromWithOptimisticLock{})
	return r.Kube.Patch(ctx, changed, lock, client.FieldOwner(FieldManager)) //nolint:wrapcheck // the caller says what was done
}

func secretFor(p *pass, details map[string][]byte) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: p.spec.WriteConnectionSecretToRef.Name, Namespace: p.claim.GetNamespace(),
			Labels: map[string]string{v1alpha1.LabelClaimUID: string(p.claim.GetUID())},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: p.kind.GroupVersion().String(), Kind: p.kind.Kind,
				Name: p.claim.GetName(), UID: p.claim.GetUID(), Controller: new(true),
			}},
		},
		Type: corev1.SecretType(connection.SecretType(details)),
		Data: details,
	}
}

// controlledBy reports whether s is the claim's own.
func controlledBy(s *corev1.Secret, c claimapi.Claim) bool {
	owner := metav1.GetControllerOf(s)
	return owner != nil && owner.UID == c.GetUID()
}

// conflict is the verdict on a claim whose secret's name is taken. That of a
// former claim of the same name goes by itself, with that claim.
func (p *pass) conflict(s *corev1.Secret) verdict {
	owner := metav1.GetControllerOf(s)
	if owner != nil && owner.Kind == p.kind.Kind && owner.Name == p.claim.GetName() {
		v := stop(claimapi.ReasonSecretConflict, "Secret %s is that of a former claim of this name, and is about to be collected", s.Name)
		v.actor, v.stalled = v1alpha1.ActorNone, false
		return v
	}
	return stop(claimapi.ReasonSecretConflict, "Delete secret %s or give spec.writeConnectionSecretToRef another name", s.Name)
}

// revisionOf returns the number of the content that was published last: what the
// secret says, or what the claim says where the secret is gone.
func (p *pass) revisionOf(s *corev1.Secret) int64 {
	var recorded int64
	if p.status.Binding != nil {
		recorded = p.status.Binding.Revision
	}
	if s == nil {
		return recorded
	}
	return max(recorded, revisionOn(s))
}

func revisionOn(s *corev1.Secret) int64 {
	n, err := strconv.ParseInt(s.Annotations[annotationBindingRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func number(s *corev1.Secret, revision int64) {
	s.Annotations = with(s.Annotations, map[string]string{annotationBindingRevision: strconv.FormatInt(revision, 10)})
}
