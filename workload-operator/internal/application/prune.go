// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"errors"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// prune asks for the deletion of the application's objects in a namespace of a
// target that are Deleting, last applied first, and drops those from the list
// that are proven gone.
func (p *pass) prune(ctx context.Context, t *remote.Tenant, use v1alpha1.TargetInUse) error {
	status := &p.app.Status
	for i := len(status.Objects) - 1; i >= 0; i-- {
		e := &status.Objects[i]
		if e.State != v1alpha1.ObjectDeleting || !within(*e, use) || rank(e.Kind) == first && p.othersLeave(use) {
			continue
		}
		gone, err := p.remove(ctx, t, e)
		if err != nil {
			return err
		}
		if gone {
			status.Objects = slices.Delete(status.Objects, i, i+1)
		}
	}
	return nil
}

// within reports whether an object was made under that use of a target. What is
// in no namespace belongs to any.
func within(e v1alpha1.ObjectStatus, use v1alpha1.TargetInUse) bool {
	return e.Target == use.Name && (e.Namespace == "" || e.Namespace == use.Namespace)
}

// othersLeave reports whether something that may need what was applied first is
// still on its way out.
func (p *pass) othersLeave(use v1alpha1.TargetInUse) bool {
	return slices.ContainsFunc(p.app.Status.Objects, func(e v1alpha1.ObjectStatus) bool {
		return e.State == v1alpha1.ObjectDeleting && within(e, use) && rank(e.Kind) != first
	})
}

// remove takes the one next step by which an object goes. It is gone when the
// target says so, or when it is not ours.
func (p *pass) remove(ctx context.Context, t *remote.Tenant, e *v1alpha1.ObjectStatus) (gone bool, err error) {
	live, err := t.Get(ctx, keyOf(*e))
	switch {
	case errors.Is(err, remote.ErrNoKind):
		return true, nil
	case err == nil && (live == nil || live.ApplicationUID() != string(p.app.UID)):
		return true, nil
	case err == nil && live.Stays:
		return true, nil
	case apierrors.IsForbidden(err) && e.Applied == "":
		return true, nil // what can't be seen was never made: it is looked at before
	case err == nil && !live.DeletionTimestamp.IsZero():
		e.Message = "waiting for it to be gone"
		return false, nil
	case err == nil:
		e.Message = "asked for its deletion"
		err = t.Delete(ctx, keyOf(*e), live.UID)
	}
	if err == nil {
		return false, nil
	}
	// Told on the object; that it is wanted no more stays so.
	err = p.refusal(wanted{key: keyOf(*e)}, e, err)
	e.State = v1alpha1.ObjectDeleting
	return false, err
}
