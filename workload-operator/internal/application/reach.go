// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// errBusy says that the target can't be used this moment and may be in the next:
// nobody has to be told.
var errBusy = errors.New("the target is busy")

// choose finds the target that the application is meant for, and sees that it may
// run there.
func (r *Reconciler) choose(ctx context.Context, p *pass) error {
	name := destination(p.app)
	if name == "" {
		return pending(p.app)
	}
	t := &workload.KubernetesTarget{}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: name}, t)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading target %s: %w", name, err)
	}
	allowed := err == nil
	if allowed {
		if allowed, err = r.allows(ctx, t.Spec.AllowedNamespaces, p.app.Namespace); err != nil {
			return err
		}
	}
	if !allowed { // in the same words: what exists is nobody's business who may not use it
		return fault.New(fault.Permission, workload.ReasonTargetForbidden, "there is no target %s for applications of namespace %s", name, p.app.Namespace)
	}
	p.target = t
	return nil
}

// destination is the name of the target that the spec names, or else that placement
// has chosen; empty if there is none yet.
func destination(app *workload.KubernetesApplication) string {
	switch {
	case app.Spec.TargetRef != nil:
		return app.Spec.TargetRef.Name
	case app.Status.Placement != nil:
		return app.Status.Placement.Target
	default:
		return ""
	}
}

// pending says what the application waits for that has no target, in the
// scheduler's words where there are any.
func pending(app *workload.KubernetesApplication) error {
	scheduled := meta.FindStatusCondition(app.Status.Conditions, workload.ConditionScheduled)
	if scheduled == nil || scheduled.Status == metav1.ConditionTrue {
		return fault.New(fault.Dependency, workload.ReasonTargetPending, "spec.targetRef names no target, and none was chosen yet")
	}
	return fault.New(fault.Dependency, workload.ReasonTargetPending, "no target was chosen yet: %s: %s", scheduled.Reason, scheduled.Message)
}

// allows reports whether by lets applications of a namespace in.
func (r *Reconciler) allows(ctx context.Context, by *v1alpha1.BindableBy, name string) (bool, error) {
	if by == nil || by.Admits(name, nil) {
		return by != nil, nil
	}
	ns := namespaceMetadata()
	if err := r.Kube.Get(ctx, client.ObjectKey{Name: name}, ns); err != nil {
		return false, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return by.Admits(name, ns.Labels), nil
}

// reach returns the connection to a target, if the cluster that it leads to is the
// expected one and answers.
func (r *Reconciler) reach(t *workload.KubernetesTarget, clusterUID string) (*remote.Connection, error) {
	ready := meta.FindStatusCondition(t.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || ready.Status == metav1.ConditionUnknown:
		return nil, fault.New(fault.Dependency, workload.ReasonTargetNotReady, "target %s was not looked at yet", t.Name)
	case ready.Status == metav1.ConditionFalse && ready.Reason == workload.ReasonUnreachable:
		return nil, unreachable(t.Name)
	case ready.Status == metav1.ConditionFalse:
		return nil, fault.New(fault.Dependency, workload.ReasonTargetNotReady, "target %s can't be used: %s", t.Name, ready.Reason)
	}
	c := r.Connections.Get(t.Name, clusterUID)
	if c == nil || !c.Usable() {
		return nil, errBusy
	}
	return c, nil
}

func unreachable(target string) error {
	return fault.New(fault.Transient, workload.ReasonTargetUnreachable, "target %s does not answer", target)
}

// toldOf turns an error of a request to a target into what the application's
// developer is told: not where the target's API server is.
func toldOf(target string, err error) error {
	known := remote.Classify(err)
	if known == nil {
		return nil
	}
	switch known.ConditionReason() {
	case workload.ReasonUnreachable:
		return unreachable(target)
	case workload.ReasonCredentialsRefused, workload.ReasonRightsMissing:
		return fault.New(fault.Permission, known.Reason, "target %s does not let the control plane do its work: %w", target, err)
	}
	return known
}

// enter finds and reaches the target of the spec, learns which objects shall be
// there, and puts that on record before anything is made.
func (r *Reconciler) enter(ctx context.Context, p *pass) error {
	var err error
	if p.connection, err = r.reach(p.target, p.target.Status.ClusterUID); err != nil {
		return err
	}
	if p.tenant, err = p.connection.Tenant(p.namespace); err != nil {
		return err
	}
	if err := r.unfold(ctx, p); err != nil {
		return err
	}
	if err := p.desire(); err != nil {
		return err
	}
	if err := r.keep(ctx, p); err != nil {
		return err
	}
	known := slices.Contains(p.app.Status.Targets, p.use())
	if p.plan() {
		if err := r.write(ctx, p); err != nil {
			return err
		}
	}
	if known {
		return nil
	}
	return r.standing(ctx, p)
}

// desire learns which objects shall be on the target.
func (p *pass) desire() error {
	objects, err := p.withSecrets(slices.Concat(p.manifests, p.charted))
	if err != nil {
		return err
	}
	for _, u := range objects {
		w, err := p.want(p.tenant, u)
		if err != nil {
			return toldOf(p.target.Name, err)
		}
		p.objects = append(p.objects, w)
	}
	return nil
}

// standing asks the API server itself whether the target stays. Who deletes it
// looks for users after its deletion is on record, and we look at that after our
// use is: one of the two sees the other.
func (r *Reconciler) standing(ctx context.Context, p *pass) error {
	t := &workload.KubernetesTarget{}
	err := r.Live.Get(ctx, client.ObjectKey{Name: p.target.Name}, t)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading target %s: %w", p.target.Name, err)
	}
	if apierrors.IsNotFound(err) || t.UID != p.target.UID || !t.DeletionTimestamp.IsZero() {
		return fault.New(fault.Dependency, workload.ReasonTargetNotReady, "target %s is being deleted", p.target.Name)
	}
	return nil
}
