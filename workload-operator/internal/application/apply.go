// SPDX-License-Identifier: Apache-2.0

package application

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// action is the one next step for a wanted object.
type action string

const (
	rest   action = "rest"   // it is as it was applied
	apply  action = "apply"  // it is not there, or was changed, or is wanted otherwise
	refuse action = "refuse" // it is somebody else's
	await  action = "await"  // it is on its way out, and made again when it is gone
)

// next decides what to do about an object: digest is what it shall be, applied
// what was applied last, live what is there.
func next(digest, applied string, live *remote.Object, applicationUID string) action {
	switch {
	case live == nil:
		return apply
	case live.ApplicationUID() != applicationUID:
		return refuse
	case !live.DeletionTimestamp.IsZero():
		return await
	case applied == appliedAs(digest, live):
		return rest
	default:
		return apply
	}
}

// appliedAs says in brief what was applied and which fields were ours then.
func appliedAs(digest string, live *remote.Object) string { return digest + "." + live.Owned }

// wasApplied reports whether the object was applied before just as it is wanted
// now: all its fields were ours.
func wasApplied(digest, applied string) bool { return strings.HasPrefix(applied, digest+".") }

// applyAll takes one step for each wanted object, in their order. An error ends
// the pass; that one object is refused does not.
func (p *pass) applyAll(ctx context.Context) error {
	for i, w := range p.objects {
		if rank(w.key.Kind) != first && p.awaiting(p.objects[:i]) {
			return nil // what is left stays Pending
		}
		if err := p.applyOne(ctx, w, p.entry(i)); err != nil {
			return err
		}
	}
	return nil
}

// awaiting reports whether what others may need in order to be applied is not
// there yet.
func (p *pass) awaiting(before []wanted) bool {
	for i, w := range before {
		if state := p.entry(i).State; rank(w.key.Kind) == first && (state == v1alpha1.ObjectInProgress || state == v1alpha1.ObjectPending) {
			return true
		}
	}
	return false
}

// applyOne brings one object to what it shall be, and its entry up to date.
func (p *pass) applyOne(ctx context.Context, w wanted, e *v1alpha1.ObjectStatus) error {
	if w.refuse != "" {
		refused(e, w.refuse)
		return nil
	}
	live, err := p.observe(ctx, w, e.Applied)
	if err != nil {
		return p.refusal(w, e, err)
	}
	switch next(w.digest, e.Applied, live, string(p.app.UID)) {
	case refuse:
		refused(e, "the target has an object of that name which belongs to somebody else; give it another name, or have that one removed")
	case await:
		observed(e, live)
		e.State, e.Message = v1alpha1.ObjectPending, "it is being deleted, and is made again after that"
	case rest:
		observed(e, live)
	case apply:
		made, err := p.tenant.Apply(ctx, w.object)
		if remote.ChangedByHand(err) && wasApplied(w.digest, e.Applied) {
			made, err = p.tenant.TakeBack(ctx, w.object)
		}
		if err != nil {
			return p.refusal(w, e, err)
		}
		e.Applied = appliedAs(w.digest, made)
		observed(e, made)
	}
	return nil
}

// discreet returns a message without the values that the chart was given.
func (p *pass) discreet(message string) string {
	if p.values() == nil {
		return message
	}
	if p.censor == nil { // one for all objects: there may be hundreds of values, and of objects
		p.censor = chart.NewCensor(p.values())
	}
	return p.censor.Discreet(message)
}

// observe returns the object as a watch sees it, if that shows it at rest; else
// the target is asked itself, because a watch may lag behind our own writes and
// does not see what is not ours.
func (p *pass) observe(ctx context.Context, w wanted, applied string) (*remote.Object, error) {
	seen, known := p.tenant.Seen(w.key)
	if known && seen != nil && next(w.digest, applied, seen, string(p.app.UID)) == rest {
		return seen, nil
	}
	return p.tenant.Get(ctx, w.key)
}

// refusal tells on the object what concerns it alone, and returns everything else.
func (p *pass) refusal(w wanted, e *v1alpha1.ObjectStatus, err error) error {
	if errors.Is(err, remote.ErrNoKind) {
		refused(e, "the target does not have its kind (any more)")
		return nil
	}
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return err
	}
	switch code := answer.Status().Code; {
	case code == http.StatusUnauthorized, code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		return err
	case code == http.StatusForbidden && strings.Contains(answer.Status().Message, "cannot impersonate"):
		return fault.New(fault.Permission, v1alpha1.ReasonRightsMissing, "the target's kubeconfig is of an identity that may not impersonate service accounts there")
	}
	why := answer.Status().Message
	if w.key.Kind == "Secret" {
		why = "the target refused it (" + cmp.Or(string(answer.Status().Reason), http.StatusText(int(answer.Status().Code))) + "), in words that may quote its content"
	}
	refused(e, p.discreet(why))
	return nil
}

func refused(e *v1alpha1.ObjectStatus, why string) {
	e.State, e.Message, e.Replicas, e.Address = v1alpha1.ObjectRefused, conditions.Bounded(why), "", ""
}

// observed puts what is seen of an object into its entry.
func observed(e *v1alpha1.ObjectStatus, o *remote.Object) {
	e.Replicas, e.Address, e.Message = o.Replicas, o.Address, conditions.Bounded(o.Message)
	switch o.State {
	case status.CurrentStatus:
		e.State, e.Message = v1alpha1.ObjectCurrent, ""
	case status.FailedStatus:
		e.State = v1alpha1.ObjectFailed
	case status.InProgressStatus, status.TerminatingStatus, status.NotFoundStatus, status.UnknownStatus:
		e.State = v1alpha1.ObjectInProgress
	}
}
