// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// staleWait is how long the cache is given to catch up with an object that
// turned out to be older than the API server's.
const staleWait = time.Second

// Reconciler reconciles one kind. It holds no state about resources: whatever
// it has to remember is on the objects.
type Reconciler[MR Resource, Obs any] struct {
	kind Kind[MR, Obs]
	env  Env
}

// NewReconciler returns a reconciler for kind.
func NewReconciler[MR Resource, Obs any](kind Kind[MR, Obs], env Env) *Reconciler[MR, Obs] {
	return &Reconciler[MR, Obs]{kind: kind.complete(env), env: env}
}

// Reconcile makes one pass over mr and tells what came of it. Status is written
// here and nowhere else, once.
func (r *Reconciler[MR, Obs]) Reconcile(ctx context.Context, mr MR) (reconcile.Result, error) {
	ctx = budget.WithPriority(ctx, priority(mr))
	before := mr.DeepCopyObject().(MR) //nolint:errcheck,forcetypeassert // a copy has its original's type
	o := r.pass(ctx, mr)
	if stale(o) {
		return reconcile.Result{RequeueAfter: staleWait}, nil
	}
	now := r.env.Clock.Now()
	if o.step != gone {
		r.conclude(mr, o, now)
		if err := r.writeStatus(ctx, before, mr); err != nil {
			return staleOr(err)
		}
	}
	r.report(ctx, before, mr, o, now)
	_, status := mr.Managed()
	return requeue(o, status.Conditions, mr.GetCreationTimestamp().Time, r.kind.Poll, now), nil
}

// priority says what the cloud calls of a pass over mr are for: what is being
// deleted costs money until it is gone, and what is at rest can wait.
func priority(mr Resource) budget.Priority {
	_, status := mr.Managed()
	switch {
	case !mr.GetDeletionTimestamp().IsZero():
		return budget.Delete
	case status.FirstReadyTime == nil || status.ObservedGeneration != mr.GetGeneration():
		return budget.Create
	case meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReconciling):
		return budget.Event
	default:
		return budget.Poll
	}
}

// pass compares spec and cloud and takes the one next step.
func (r *Reconciler[MR, Obs]) pass(ctx context.Context, mr MR) outcome {
	if !mr.GetDeletionTimestamp().IsZero() {
		return r.remove(ctx, mr)
	}
	if o, ok := r.admit(mr); !ok {
		return o
	}
	if err := r.resolve(ctx, mr, isReady); err != nil {
		return failed("look up references", err)
	}
	ext, err := r.connect(ctx, mr)
	if err != nil {
		return failed("connect", err)
	}
	if r.fresh(mr) {
		return r.create(ctx, ext, mr)
	}
	obs, err := r.observe(ctx, ext, mr)
	if err != nil {
		return r.blind(ctx, ext, mr, failed("look at the resource", err))
	}
	if obs == nil {
		return r.absent(ctx, ext, mr)
	}
	return r.present(ctx, ext, mr, obs)
}

// admit refuses what can be refused without asking anybody.
func (r *Reconciler[MR, Obs]) admit(mr MR) (outcome, bool) {
	spec, _ := mr.Managed()
	name := ExternalName(mr)
	if spec.ObserveOnly() && name == "" {
		return refused(v1alpha1.ReasonExternalNotFound,
			"managementPolicy ObserveOnly needs the annotation %s: which resource shall be looked at?", v1alpha1.AnnotationExternalName), false
	}
	if name == "" || r.kind.ValidName == nil {
		return outcome{}, true
	}
	if err := r.kind.ValidName(name); err != nil {
		return refused(v1alpha1.ReasonInvalidExternalName, "annotation %s: %w", v1alpha1.AnnotationExternalName, err), false
	}
	return outcome{}, true
}

func (r *Reconciler[MR, Obs]) connect(ctx context.Context, mr MR) (External[MR, Obs], error) {
	ext, err := r.kind.Connect(ctx, mr)
	return ext, r.classify(err)
}

// observe is the one place that looks at the cloud.
func (r *Reconciler[MR, Obs]) observe(ctx context.Context, ext External[MR, Obs], mr MR) (*Obs, error) {
	obs, err := ext.Observe(ctx, mr, r.identity(mr))
	if err = r.classify(err); fault.Is(err, fault.Gone) {
		return nil, nil //nolint:nilnil // nothing there is an answer
	}
	return obs, err
}

func (r *Reconciler[MR, Obs]) classify(err error) error {
	if err == nil || r.kind.Classify == nil {
		return err
	}
	return r.kind.Classify(err)
}

// identity is under what identity mr's cloud resource is owned.
func (r *Reconciler[MR, Obs]) identity(mr MR) Identity {
	return Identity{Hub: string(r.env.Hub), Owner: OwnerID(mr), Name: mr.GetName(), FormerHubs: r.env.FormerHubs}
}

// stale reports whether a pass ended because the object is not what the cache
// said: a fresh look will come, and there is nothing to tell anybody.
func stale(o outcome) bool {
	return o.err != nil && (apierrors.IsConflict(o.err) || isObjectGone(o.err))
}

func staleOr(err error) (reconcile.Result, error) {
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return reconcile.Result{RequeueAfter: staleWait}, nil
	}
	return reconcile.Result{}, fmt.Errorf("write status: %w", err)
}
