// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// warmUp is how long after its start core takes it that secrets are as it left
// them, where nothing else has changed: else it would read those of every claim
// at once.
const warmUp = time.Minute

// publish writes the connection secret into the claim's namespace.
func (r *Reconciler) publish(ctx context.Context, p *pass) (verdict, error) {
	if err := r.unpublish(ctx, p); err != nil || p.spec.WriteConnectionSecretToRef == nil {
		return verdict{}, err
	}
	m := p.resource()
	digest := digestOf(p.spec, m)
	if b := p.status.Binding; b != nil && b.Digest == digest && r.Clock.Since(r.started) < warmUp {
		return verdict{}, nil
	}
	details, v, err := r.details(ctx, m)
	if err != nil || v.final() {
		return v, err
	}
	extra, faults := extraKeys(p.spec, details)
	if faults.final() && !p.wasBound() {
		return faults, nil
	}
	if faults.final() {
		p.synced, digest = faults, "" // looked at again, whatever else stays the same
	}
	revision, v, err := r.write(ctx, p, details, extra)
	if err != nil || v.final() {
		return v, err
	}
	p.status.Binding = &claimapi.Binding{Name: p.spec.WriteConnectionSecretToRef.Name, Revision: revision, Digest: digest}
	return verdict{}, nil
}

// digestOf stands for all that the secret is composed of and that is not secret
// itself; a password that is changed changes LastHandledRotationAt.
func digestOf(spec *claimapi.Spec, m *contract.Managed) string {
	text, err := json.Marshal([]any{
		spec.WriteConnectionSecretToRef, spec.ConnectionTemplate, m.UID,
		m.Status.Connection, m.Status.ConnectionSecretRef, m.Status.Location, m.Status.LastHandledRotationAt,
	})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// details composes what is known of how to connect.
func (r *Reconciler) details(ctx context.Context, m *contract.Managed) (map[string][]byte, verdict, error) {
	if len(m.Status.Connection) == 0 {
		return nil, about(causeOf(claimapi.ReasonConnectionMissing), claimapi.ReasonConnectionMissing, referenceTo(m)), nil
	}
	secret, v, err := r.secretOf(ctx, m)
	if err != nil || v.final() {
		return nil, v, err
	}
	return connection.Compose(connection.Details{Public: m.Status.Connection, Secret: secret, Location: m.Status.Location}), verdict{}, nil
}

// extraKeys returns what the claim's connectionTemplate makes of the details;
// nil where it has faults.
func extraKeys(spec *claimapi.Spec, details map[string][]byte) (map[string][]byte, verdict) {
	texts := map[string]string{}
	for key, text := range spec.ConnectionTemplate {
		texts[key] = string(text)
	}
	template, problems := class.CompileConnection(texts)
	if len(problems) == 0 {
		var extra map[string][]byte
		if extra, problems = template.Render(details); len(problems) == 0 {
			return extra, verdict{}
		}
	}
	return nil, stop(claimapi.ReasonTemplateInvalid, "%s", problems)
}

// secretOf returns the secret details of m. It reads a secret only where m's
// operator put it for m: the reference alone could be of any secret.
func (r *Reconciler) secretOf(ctx context.Context, m *contract.Managed) (map[string][]byte, verdict, error) {
	ref := m.Status.ConnectionSecretRef
	if ref == nil {
		return nil, verdict{}, nil
	}
	s := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, s)
	switch {
	case apierrors.IsNotFound(err):
		return nil, about(causeOf(claimapi.ReasonConnectionMissing), claimapi.ReasonConnectionMissing, referenceTo(m)), nil
	case apierrors.IsForbidden(err):
		return nil, stop(claimapi.ReasonConnectionForbidden, "It is in namespace %s", ref.Namespace), nil
	case err != nil:
		return nil, verdict{}, fmt.Errorf("reading the connection secret of %s %s: %w", m.Kind, m.Name, err)
	case !ownedBy(s, m):
		return nil, stop(claimapi.ReasonConnectionForbidden, "The secret that %s %s names belongs to something else", m.Kind, m.Name), nil
	}
	return s.Data, verdict{}, nil
}

// ownedBy reports whether s is m's own: by the owner reference, or after a
// restore from backup, which changes uids, by the owner id that m kept.
func ownedBy(s *corev1.Secret, m *contract.Managed) bool {
	if owner := metav1.GetControllerOf(s); owner != nil && owner.UID == m.UID {
		return true
	}
	id := m.Annotations[v1alpha1.AnnotationOwnerID]
	return id != "" && s.Annotations[v1alpha1.AnnotationOwnerID] == id
}

// unpublish deletes a secret of a name that the claim no longer asks for.
func (r *Reconciler) unpublish(ctx context.Context, p *pass) error {
	b, to := p.status.Binding, p.spec.WriteConnectionSecretToRef
	if b == nil || to != nil && to.Name == b.Name {
		return nil
	}
	s, err := r.current(ctx, p, b.Name)
	if err == nil && s != nil && controlledBy(s, p.claim) {
		err = r.discard(ctx, s)
	}
	p.status.Binding = nil
	return err
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
	if err != nil {
		return 0, verdict{}, err
	}
	if have != nil && !controlledBy(have, p.claim) {
		return 0, stop(claimapi.ReasonSecretConflict, "Delete secret %s or give spec.writeConnectionSecretToRef another name", have.Name), nil
	}
	if extra == nil && have != nil {
		extra = have.Data
	}
	content := maps.Clone(extra)
	if content == nil {
		content = map[string][]byte{}
	}
	maps.Copy(content, details) // a standard key is never redefined
	want := secretFor(p, content)
	revision := p.revisionOf(have)
	switch {
	case have != nil && have.Type == want.Type && maps.EqualFunc(have.Data, want.Data, bytes.Equal):
		return max(revision, 1), verdict{}, nil
	case have != nil && have.Type != want.Type: // a type can't be changed
		if err := r.discard(ctx, have); err != nil {
			return 0, verdict{}, err
		}
		have = nil
	}
	revision++
	number(want, revision)
	if have == nil {
		err = r.Kube.Create(ctx, want, client.FieldOwner(FieldManager))
	} else {
		err = r.replace(ctx, have, want)
	}
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return 0, stop(claimapi.ReasonDeleting, "The namespace is being deleted"), nil
	}
	if err != nil {
		return 0, verdict{}, fmt.Errorf("writing secret %s: %w", want.Name, err)
	}
	return revision, verdict{}, nil
}

// replace changes have into want, if nobody else changed it meanwhile.
func (r *Reconciler) replace(ctx context.Context, have, want *corev1.Secret) error {
	changed := have.DeepCopy()
	changed.Data = want.Data
	number(changed, revisionOn(want))
	lock := client.MergeFromWithOptions(have, client.MergeFromWithOptimisticLock{})
	return r.Kube.Patch(ctx, changed, lock, client.FieldOwner(FieldManager)) //nolint:wrapcheck // the caller says the same
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
