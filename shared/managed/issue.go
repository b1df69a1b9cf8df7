// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// issue gets credentials for a resource that can be used and has none yet,
// and new ones before those that it has expire.
func (r *Reconciler[MR, Obs]) issue(ctx context.Context, ext External[MR, Obs], mr MR, o *outcome) error {
	issuer, can := ext.(Issuer[MR])
	if !can || o.seen.State == Deleting || !o.keys && o.seen.State != Available {
		return nil
	}
	return r.renew(ctx, issuer, mr, o.seen.Connection, o)
}

// blind returns the outcome of a pass that could not look at the resource. What
// clients hold expires all the same: it is renewed from what is known.
func (r *Reconciler[MR, Obs]) blind(ctx context.Context, ext External[MR, Obs], mr MR, o outcome) outcome {
	issuer, can := ext.(Issuer[MR])
	spec, status := mr.Managed()
	if !can || status.ConnectionSecretRef == nil || spec.ObserveOnly() {
		return o
	}
	// Why it could not look is what people have to know; if neither can be done,
	// the reason is the same.
	_ = r.renew(ctx, issuer, mr, status.Connection, &o)
	return o
}

// renew issues credentials where those in the connection secret are due, and
// notes when the next ones are. They are stored before anybody is told.
func (r *Reconciler[MR, Obs]) renew(ctx context.Context, issuer Issuer[MR], mr MR, connection map[string]string, o *outcome) error {
	s, err := r.secret(ctx, mr)
	if err != nil {
		return err
	}
	basis, err := r.basis(ctx, mr, connection)
	if err != nil {
		return err
	}
	now, old := r.env.Clock.Now(), validityOf(s)
	o.secretName, o.revision = s.Name, revisionOf(s)
	if old.basis == basis && now.Before(old.renew) && !rotationRequested(mr) {
		o.keys, o.renewal = true, old.renew
		return nil
	}
	issued, err := issuer.Issue(ctx, mr, connection, now)
	if err = r.classify(err); err != nil {
		o.renewal = now.Add(max(old.expires.Sub(now)*3/5, soonest))
		return err
	}
	next := validity{basis: basis, expires: issued.Expires, renew: now.Add(issued.Expires.Sub(now) / 2)}
	if err := r.env.store(ctx, s, func() error { replace(mr, s, issued, next); return nil }); err != nil {
		return err
	}
	o.keys, o.renewal, o.revision = true, next.renew, revisionOf(s)
	o.rotation = mr.GetAnnotations()[v1alpha1.AnnotationRotatePasswordRequestedAt]
	return nil
}

// replace puts credentials into s in place of those that are there.
func replace(mr Resource, s *corev1.Secret, issued Issued, v validity) {
	s.Data = maps.Clone(issued.Secret)
	s.Data[v1alpha1.KeyExpiresAt] = []byte(v.expires.UTC().Format(time.RFC3339))
	annotate(s, v1alpha1.AnnotationRenewAt, v.renew.UTC().Format(time.RFC3339))
	annotate(s, v1alpha1.AnnotationIssuedFor, v.basis)
	countUp(known(mr), s)
}

// basis is a digest of what credentials are issued on: the endpoint they are for
// and the Provider's own credentials, with which they may die.
func (r *Reconciler[MR, Obs]) basis(ctx context.Context, mr MR, connection map[string]string) (string, error) {
	version, err := r.credentialsVersion(ctx, mr)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal([]any{version, connection}) // maps are sorted by key
	if err != nil {
		return "", fmt.Errorf("sum up the connection: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// credentialsVersion returns the Provider's word for the credentials in use.
func (r *Reconciler[MR, Obs]) credentialsVersion(ctx context.Context, mr MR) (string, error) {
	if r.kind.Provider == nil {
		return "", nil
	}
	obj := r.kind.Provider()
	p, ok := obj.(interface {
		ProviderStatus() *v1alpha1.ProviderStatus
	})
	if !ok {
		return "", nil
	}
	spec, _ := mr.Managed()
	if err := r.env.Kube.Get(ctx, clusterScoped(spec.ProviderRef.Name), obj); err != nil {
		return "", fmt.Errorf("read the Provider: %w", err)
	}
	return p.ProviderStatus().CredentialsVersion, nil
}

// validity is for how long, and on what basis, credentials are good.
type validity struct {
	basis          string
	renew, expires time.Time
}

// validityOf reads it off a connection secret; without any they are overdue.
func validityOf(s *corev1.Secret) validity {
	v := validity{basis: s.Annotations[v1alpha1.AnnotationIssuedFor]}
	v.renew, _ = time.Parse(time.RFC3339, s.Annotations[v1alpha1.AnnotationRenewAt])
	v.expires, _ = time.Parse(time.RFC3339, string(s.Data[v1alpha1.KeyExpiresAt]))
	return v
}

// countUp counts a change of what is in s, beside it in s itself: whoever writes
// the status after a crash still learns of it.
func countUp(known int64, s *corev1.Secret) {
	annotate(s, v1alpha1.AnnotationConnectionRevision, strconv.FormatInt(max(known, revisionOf(s))+1, 10))
}

// known is the number of contents that mr's status tells of.
func known(mr Resource) int64 {
	_, status := mr.Managed()
	return status.ConnectionRevision
}

// revisionOf returns how many contents s has had, as far as they were counted.
func revisionOf(s *corev1.Secret) int64 {
	n, err := strconv.ParseInt(s.Annotations[v1alpha1.AnnotationConnectionRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
