// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// credentials sees to the password of a resource that can be used: it makes a
// new one where that was asked for or the old one is lost, has the cloud set it,
// and gives it to clients only when the cloud has done so. Each step is on
// record before the next, so that no crash leaves a password nobody knows.
func (r *Reconciler[MR, Obs]) credentials(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, o *outcome) error {
	if r.kind.Password == nil || o.seen.State != Available {
		return nil
	}
	s, err := r.secret(ctx, mr)
	if err != nil {
		return err
	}
	o.secretName, o.revision = s.Name, revisionOf(s)
	o.keys = len(s.Data[v1alpha1.KeyPassword]) > 0
	if len(s.Data[v1alpha1.KeyPasswordNext]) == 0 {
		if o.seen.Busy || o.keys && !rotationRequested(mr) {
			return nil
		}
		if err := r.env.store(ctx, s, func() error { return r.next(mr, s) }); err != nil {
			return err
		}
	}
	return r.apply(ctx, ext, mr, obs, s, o)
}

// next puts the password to come into s, with the request it answers.
func (r *Reconciler[MR, Obs]) next(mr MR, s *corev1.Secret) error {
	annotate(s, v1alpha1.AnnotationPasswordSentAt, "")
	annotate(s, v1alpha1.AnnotationRotation, mr.GetAnnotations()[v1alpha1.AnnotationRotatePasswordRequestedAt])
	return r.generate(s, v1alpha1.KeyPasswordNext)
}

// apply has the cloud set the password to come, and promotes it once it has.
func (r *Reconciler[MR, Obs]) apply(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, s *corev1.Secret, o *outcome) error {
	sent, err := time.Parse(time.RFC3339, s.Annotations[v1alpha1.AnnotationPasswordSentAt])
	switch {
	case o.seen.Busy:
		return nil
	case err != nil:
		return r.send(ctx, ext, mr, obs, s, o)
	case o.seen.PasswordFailed != "":
		err := r.send(ctx, ext, mr, obs, s, o)
		o.note = "setting the new password again: " + o.seen.PasswordFailed
		return err
	case o.seen.PasswordPending || r.env.Clock.Now().Sub(sent) < r.kind.Settle:
		o.step, o.note = updating, "waiting for the cloud to apply the new password"
		return nil
	}
	asked := s.Annotations[v1alpha1.AnnotationRotation]
	err = r.env.store(ctx, s, func() error {
		annotate(s, v1alpha1.AnnotationPasswordSentAt, "")
		annotate(s, v1alpha1.AnnotationRotation, "")
		s.Data[v1alpha1.KeyPassword] = s.Data[v1alpha1.KeyPasswordNext]
		delete(s.Data, v1alpha1.KeyPasswordNext)
		countUp(known(mr), s)
		return nil
	})
	if err != nil {
		return err
	}
	o.rotation, o.keys, o.revision = asked, true, revisionOf(s)
	return nil
}

func (r *Reconciler[MR, Obs]) send(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, s *corev1.Secret, o *outcome) error {
	setter, can := ext.(PasswordSetter[MR, Obs])
	if !can {
		return fmt.Errorf("%w: %T", errNoPasswordSetter, ext)
	}
	o.step, o.note = updating, "setting a new password"
	if err := r.classify(setter.SetPassword(ctx, mr, obs, string(s.Data[v1alpha1.KeyPasswordNext]))); err != nil {
		return err
	}
	return r.env.store(ctx, s, func() error {
		annotate(s, v1alpha1.AnnotationPasswordSentAt, r.env.Clock.Now().UTC().Format(time.RFC3339))
		return nil
	})
}

// rotationRequested reports whether a new password was asked for and is not in
// place yet.
func rotationRequested(mr Resource) bool {
	_, status := mr.Managed()
	asked := mr.GetAnnotations()[v1alpha1.AnnotationRotatePasswordRequestedAt]
	return asked != "" && asked != status.LastHandledRotationAt
}
