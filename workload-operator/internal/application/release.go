// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// release removes an application that is being deleted from wherever it is, and
// then lets it go.
func (r *Reconciler) release(ctx context.Context, p *pass) (outcome, error) {
	if !controllerutil.ContainsFinalizer(p.app, workload.FinalizerApplication) {
		return outcome{gone: true}, nil
	}
	if p.paused() {
		return outcome{paused: true}, nil
	}
	for i := range p.app.Status.Objects {
		p.app.Status.Objects[i].State = workload.ObjectDeleting
	}
	waiting, err := r.retreat(ctx, p)
	if err != nil {
		return outcome{}, err
	}
	if len(p.app.Status.Targets) > 0 {
		return outcome{waiting: waiting, deleting: true}, nil
	}
	if err := r.discard(ctx, p); err != nil {
		return outcome{}, err
	}
	return outcome{gone: true}, r.finalizer(ctx, p, controllerutil.RemoveFinalizer)
}

// retreat removes the application from every target, or namespace of one, that it
// is not wanted on any more. It returns what that still waits for.
func (r *Reconciler) retreat(ctx context.Context, p *pass) (*fault.Error, error) {
	var first *fault.Error
	for _, use := range slices.Clone(p.app.Status.Targets) {
		if !p.deleting() && p.target != nil && use == p.use() {
			continue
		}
		err := p.replaced(use)
		if err == nil {
			err = r.leave(ctx, p, use)
		}
		if err == nil {
			p.app.Status.Targets = slices.DeleteFunc(p.app.Status.Targets, func(u workload.TargetInUse) bool { return u == use })
			continue
		}
		told, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return nil, err
		}
		if first == nil {
			first = told
		}
	}
	return first, nil
}

// replaced returns an error while the application has something on a target that the
// one to which it moves has not taken yet: until then all of it runs where it was, and
// says so.
func (p *pass) replaced(use workload.TargetInUse) error {
	left := p.app.Status.Objects[len(p.objects):]
	missing := -1
	for i := range p.objects {
		replaces := func(e workload.ObjectStatus) bool {
			return e.Applied != "" && within(e, use) && succeeds(p.objects[i], e)
		}
		if !taken(p.entry(i)) && slices.ContainsFunc(left, replaces) {
			missing = i
			break
		}
	}
	if missing < 0 {
		return nil
	}
	for i := range left {
		if within(left[i], use) {
			left[i].Message = fmt.Sprintf("it stays until target %s has taken %s", p.target.Name, title(*p.entry(missing)))
		}
	}
	return p.waitingFor(use)
}

// succeeds reports whether an object comes in the place of one that is elsewhere.
func succeeds(w wanted, e workload.ObjectStatus) bool {
	old := keyOf(e)
	return w.key.GroupKind() == old.GroupKind() && w.key.Name == old.Name && (w.key.Namespace == "") == (old.Namespace == "")
}

// taken reports whether the target has an object as it was applied last.
func taken(e *workload.ObjectStatus) bool {
	return e.State != workload.ObjectPending && e.State != workload.ObjectRefused
}

// leave removes the application from one target, and with the last application of
// its namespace also the account there. Its error says why it is not gone from
// there yet.
func (r *Reconciler) leave(ctx context.Context, p *pass, use workload.TargetInUse) error {
	t := &workload.KubernetesTarget{}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: use.Name}, t)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading target %s: %w", use.Name, err)
	}
	if err != nil || t.Status.ClusterUID != use.ClusterUID {
		r.abandon(p, use, "its target is gone")
		return nil
	}
	connection, err := r.reach(t, use.ClusterUID)
	if err != nil && p.deleting() && r.lost(t, p) {
		r.abandon(p, use, "its target has not answered for "+t.Spec.AbandonAfter.Duration.String())
		return nil
	}
	if errors.Is(err, errBusy) || err == nil && !connection.Begin() {
		return p.waitingFor(use)
	}
	if err != nil {
		return err
	}
	defer connection.End()
	last, err := r.last(ctx, p, use)
	if err != nil {
		return err
	}
	return toldOf(use.Name, p.clear(ctx, connection, r.grantOn(t, p, use.Namespace), use, last))
}

// clear removes the application's objects from a target.
func (p *pass) clear(ctx context.Context, c *remote.Connection, g remote.Grant, use workload.TargetInUse, last bool) error {
	tenant, err := c.Tenant(use.Namespace)
	if err != nil {
		return err
	}
	there, made, err := c.Return(ctx, g)
	switch {
	case err != nil:
		return err
	case !there:
		p.strike(use)
	case made: // rights take a moment to come into force
		return p.waitingFor(use)
	default:
		err = p.prune(ctx, tenant, use)
	}
	tenant.Follow(string(p.app.UID), p.leavingKeys(use)) //nolint:contextcheck // a watch outlives the pass that begins it
	switch {
	case err != nil:
		return err
	case len(p.leavingKeys(use)) > 0:
		return p.waitingFor(use)
	case there && last:
		return c.Withdraw(ctx, g)
	default:
		return nil
	}
}

// strike takes off the list what is on its way out there.
func (p *pass) strike(use workload.TargetInUse) {
	p.app.Status.Objects = slices.DeleteFunc(p.app.Status.Objects, func(e workload.ObjectStatus) bool {
		return e.State == workload.ObjectDeleting && within(e, use)
	})
}

func (p *pass) waitingFor(use workload.TargetInUse) error {
	return fault.New(fault.Dependency, reasonOfLeaving(p), "waiting for %s on target %s to be gone", p.examples(use), use.Name)
}

func reasonOfLeaving(p *pass) string {
	if p.deleting() {
		return v1alpha1.ReasonDeleting
	}
	return workload.ReasonPruning
}

// last reports whether no other application uses the account there.
func (r *Reconciler) last(ctx context.Context, p *pass, use workload.TargetInUse) (bool, error) {
	sharing := func(u workload.TargetInUse) bool {
		return u.ClusterUID == use.ClusterUID && u.Namespace == use.Namespace
	}
	list := &workload.KubernetesApplicationList{}
	if err := r.Live.List(ctx, list, client.InNamespace(p.app.Namespace)); err != nil {
		return false, fmt.Errorf("looking for other applications: %w", err)
	}
	for i := range list.Items {
		if other := &list.Items[i]; other.UID != p.app.UID && slices.ContainsFunc(other.Status.Targets, sharing) {
			return false, nil
		}
	}
	return true, nil
}

// lost reports whether a target has not answered for so long that nobody waits
// for it any more.
func (r *Reconciler) lost(t *workload.KubernetesTarget, p *pass) bool {
	return t.Spec.AbandonAfter != nil && t.Status.UnreachableSince != nil &&
		p.now.Sub(t.Status.UnreachableSince.Time) >= t.Spec.AbandonAfter.Duration
}

// abandon lets go of what the application has on a target, and says what it was.
func (r *Reconciler) abandon(p *pass, use workload.TargetInUse, why string) {
	if len(p.leavingKeys(use)) > 0 {
		report.Event(r.Events, p.app, corev1.EventTypeWarning, workload.ReasonAbandoned,
			fmt.Sprintf("%s: left on target %s (cluster %s), in namespace %s: %s", why, use.Name, use.ClusterUID, use.Namespace, p.examples(use)))
	}
	p.strike(use)
}

func (p *pass) leavingKeys(use workload.TargetInUse) []remote.Key {
	var keys []remote.Key
	for _, e := range p.app.Status.Objects {
		if e.State == workload.ObjectDeleting && within(e, use) {
			keys = append(keys, keyOf(e))
		}
	}
	return keys
}

// examples names some of the objects that are on their way out there.
func (p *pass) examples(use workload.TargetInUse) string {
	const some = 5
	keys := p.leavingKeys(use)
	names := make([]string, 0, some)
	for _, k := range keys[:min(len(keys), some)] {
		names = append(names, strings.TrimSpace(k.Kind+" "+k.Name))
	}
	text := strings.Join(names, ", ")
	if text == "" {
		text = "its account"
	}
	if len(keys) > some {
		text += fmt.Sprintf(" and %d more", len(keys)-some)
	}
	return text
}
