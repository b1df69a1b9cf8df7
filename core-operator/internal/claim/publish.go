// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// warmUp is how long after its start core takes it that secrets are as it left
// them, where nothing else has changed: else it would read those of every claim
// at once.
const warmUp = time.Minute

// publish writes the connection secret into the claim's namespace.
func (r *Reconciler) publish(ctx context.Context, p *pass) (verdict, error) {
	before := p.status.Binding
	if p.spec.WriteConnectionSecretToRef == nil {
		p.status.Binding = nil
		return verdict{}, r.unpublish(ctx, p, before)
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
	return verdict{}, r.unpublish(ctx, p, before)
}

// digestOf stands for all that the secret is composed of and that is not secret
// itself; other secret details change ConnectionRevision.
func digestOf(spec *claimapi.Spec, m *contract.Managed) string {
	text, err := json.Marshal([]any{
		spec.WriteConnectionSecretToRef, spec.ConnectionTemplate, m.UID,
		m.Status.Connection, m.Status.ConnectionSecretRef, m.Status.ConnectionRevision, m.Status.Location,
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
	case !m.Owns(s):
		return nil, stop(claimapi.ReasonConnectionForbidden, "The secret that %s %s names belongs to something else", m.Kind, m.Name), nil
	}
	return s.Data, verdict{}, nil
}
