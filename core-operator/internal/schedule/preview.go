// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

const (
	mostCandidates = 500
	maxVerdict     = 1024 // bytes of a candidate's message
	// together is how long a new preview that can't be placed waits for what may have
	// been made in the same breath: an answer is given once.
	together = 2 * time.Second
)

// Reasons of a preview's Ready.
const (
	// ReasonAnswered: the answer is there, whatever it is.
	ReasonAnswered = "Answered"
	// ReasonApplicationNotFound: there is no application of that name.
	ReasonApplicationNotFound = "ApplicationNotFound"
)

// +kubebuilder:rbac:groups=core.crossplane.io,resources=placementpreviews,verbs=get;list;watch
// +kubebuilder:rbac:groups=core.crossplane.io,resources=placementpreviews/status,verbs=patch

// previews answers where applications would run.
type previews struct{ scheduler *Scheduler }

func setupPreviews(mgr ctrl.Manager, s *Scheduler) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("placementpreview").
		For(&core.PlacementPreview{}, builder.WithPredicates(predicate.Or[client.Object](
			predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		WithOptions(controller.Options{MaxConcurrentReconciles: 1, SkipNameValidation: new(true)}).
		Complete(&previews{scheduler: s})
	if err != nil {
		return fmt.Errorf("setting up previews: %w", err)
	}
	return nil
}

// Reconcile answers one preview, unless it was answered.
func (p *previews) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	s := p.scheduler
	preview := &core.PlacementPreview{}
	if err := s.Kube.Get(ctx, request.NamespacedName, preview); apierrors.IsNotFound(err) {
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading PlacementPreview %s: %w", request, err)
	}
	asked := preview.Annotations[v1alpha1.AnnotationReconcileRequestedAt]
	if preview.DeletionTimestamp != nil || preview.Status.ObservedGeneration == preview.Generation && preview.Status.LastHandledReconcileAt == asked {
		return reconcile.Result{}, nil
	}
	before := preview.DeepCopy()
	begun, err := p.answer(ctx, preview)
	if err != nil || !begun || p.early(preview) {
		return reconcile.Result{RequeueAfter: soon}, err
	}
	preview.Status.ObservedGeneration, preview.Status.LastHandledReconcileAt = preview.Generation, asked
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	err = s.Kube.Status().Patch(ctx, preview, lock, client.FieldOwner(FieldManager))
	if apierrors.IsConflict(err) {
		return reconcile.Result{RequeueAfter: soon}, nil
	}
	if client.IgnoreNotFound(err) != nil {
		return reconcile.Result{}, fmt.Errorf("answering PlacementPreview %s: %w", request, err)
	}
	return reconcile.Result{}, nil
}

// early reports whether a preview is new, and the answer is not one to be content
// with.
func (p *previews) early(preview *core.PlacementPreview) bool {
	return !meta.IsStatusConditionTrue(preview.Status.Conditions, workload.ConditionScheduled) &&
		p.scheduler.Clock.Since(preview.CreationTimestamp.Time) < together
}

// unread reports whether what the application's chart takes is still being found out.
func (p *previews) unread(preview *core.PlacementPreview) bool {
	ref := preview.Spec.ApplicationRef
	if ref == nil {
		return false
	}
	a, err := p.scheduler.current(client.ObjectKey{Namespace: preview.Namespace, Name: ref.Name})
	return err == nil && a != nil && p.scheduler.unread(a) > 0
}

// answer fills in the answer; it returns false while the scheduler does not know
// what there is.
func (p *previews) answer(ctx context.Context, preview *core.PlacementPreview) (bool, error) {
	s := p.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		return false, nil
	}
	status := &preview.Status
	status.Target, status.Location, status.Feasible, status.Rejected, status.Candidates = "", nil, 0, nil, nil
	w, u, found, err := p.question(ctx, preview)
	if err != nil || p.unread(preview) {
		return false, err
	}
	if !found {
		p.say(preview, v1alpha1.ConditionReady, false, ReasonApplicationNotFound, "There is no KubernetesApplication "+preview.Spec.ApplicationRef.Name+".")
		meta.RemoveStatusCondition(&status.Conditions, workload.ConditionScheduled)
		return true, nil
	}
	o, err := s.choose(ctx, w, u)
	if err != nil {
		return false, err
	}
	p.say(preview, v1alpha1.ConditionReady, true, ReasonAnswered, "")
	p.say(preview, workload.ConditionScheduled, o.placed(), o.reason, sentence(o.message))
	if o.decision == nil {
		return true, nil
	}
	status.Feasible, status.Rejected = int32(o.decision.Feasible), o.decision.Rejected //nolint:gosec // targets are fewer
	if status.Target = o.decision.Target; status.Target != "" {
		location := s.targets[status.Target].Location
		status.Location = &location
	}
	status.Candidates = candidates(o, s.state.Explain(o.workload, s.Clock.Now()))
	return true, nil
}

// question returns what the preview asks; found is false where it asks about an
// application that is not there.
func (p *previews) question(ctx context.Context, preview *core.PlacementPreview) (w plan.Workload, u user, found bool, err error) {
	s := p.scheduler
	namespace, err := claim.NamespaceOf(ctx, s.Kube, preview.Namespace)
	if err != nil {
		return w, u, false, err
	}
	spec := &preview.Spec
	if ref := spec.ApplicationRef; ref != nil {
		a, err := s.current(client.ObjectKey{Namespace: preview.Namespace, Name: ref.Name})
		if err != nil || a == nil {
			return w, u, false, err
		}
		return s.described(a, namespace), userOf(a, namespace), true, nil
	}
	w = plan.Workload{
		Name: client.ObjectKeyFromObject(preview), UID: preview.UID, Labels: map[string]string{}, NamespaceLabels: namespace.Labels,
		Placement: spec.Placement, Requests: spec.Requests,
	}
	for key, value := range spec.Labels {
		w.Labels[key] = string(value)
	}
	if w.Requests == nil && spec.Placement != nil {
		w.Requests = spec.Placement.Requests
	}
	if spec.TargetRef != nil {
		w.Only = spec.TargetRef.Name
	}
	return w, user{namespace: namespace, uid: preview.UID, uses: spec.Uses}, true, nil
}

func candidates(o outcome, verdicts []plan.Verdict) []core.PreviewCandidate {
	out := make([]core.PreviewCandidate, 0, min(len(verdicts), mostCandidates))
	for _, v := range verdicts {
		if len(out) == mostCandidates {
			break
		}
		c := core.PreviewCandidate{Target: v.Target, Reason: v.Reason, Message: v.Message, Score: v.Score, Terms: slices.Clone(v.Terms)}
		c.Message = c.Message[:min(len(c.Message), maxVerdict)]
		if v.Reason == "" {
			c.Claims = chosen(outcome{workload: o.workload, decision: &plan.Decision{Claims: v.Claims}})
		}
		out = append(out, c)
	}
	return out
}

func (p *previews) say(preview *core.PlacementPreview, typ string, on bool, reason, message string) {
	c := metav1.Condition{
		Type: typ, Status: metav1.ConditionFalse, Reason: reason, Message: message, ObservedGeneration: preview.Generation,
		LastTransitionTime: metav1.NewTime(p.scheduler.Clock.Now().Truncate(time.Second)),
	}
	if on {
		c.Status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(&preview.Status.Conditions, c)
}
