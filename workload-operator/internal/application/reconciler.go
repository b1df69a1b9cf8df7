// SPDX-License-Identifier: Apache-2.0

// Package application runs KubernetesApplications on their targets: it applies
// their objects as the account of their namespace there, watches and repairs
// them, removes what is no longer wanted, and says how each of them is. The files
// are the steps; this one puts them in order.
package application

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// Waits of passes that have nothing to tell.
const (
	staleWait = 100 * time.Millisecond // for the cache to catch up
	busyWait  = time.Second            // for the target
	fullWait  = 300 * time.Millisecond // for the kitchen: a plain chart takes a quarter of a second
)

// Reconciler reconciles KubernetesApplications. All that it has to remember is on
// them; what it keeps saves requests.
type Reconciler struct {
	managed.Env

	// Connections to the targets.
	Connections *remote.Connections
	// ChartNamespace is where what charts were rendered to is kept.
	ChartNamespace string
	// Claims that applications may use.
	Claims *contract.Claims
	// Render renders a chart; absent: chart.Render.
	Render func(context.Context, chart.Request) (chart.Rendering, error)

	memory  memory
	kitchen kitchen
}

// Reconcile makes one pass over an application.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	app := &workload.KubernetesApplication{}
	if err := r.Kube.Get(ctx, req.NamespacedName, app); apierrors.IsNotFound(err) {
		r.forget(req.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading application %s: %w", req, err)
	}
	if r.memory.newerThan(app) {
		return reconcile.Result{RequeueAfter: staleWait}, nil
	}
	r.memory.meet(app)
	before := app.Status.DeepCopy()
	p := newPass(app, r.Clock.Now())
	o, err := r.advance(ctx, p)
	if err == nil && !o.gone {
		err = r.conclude(ctx, p, before, o)
	}
	switch {
	case errors.Is(err, errFull):
		return reconcile.Result{RequeueAfter: wait.Jitter(fullWait, jitter)}, nil
	case errors.Is(err, errBusy):
		return reconcile.Result{RequeueAfter: busyWait}, nil
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return reconcile.Result{RequeueAfter: staleWait}, nil // read again: somebody was faster
	case err != nil:
		return reconcile.Result{}, err
	case o.gone:
		r.forget(req.NamespacedName)
	}
	return o.requeue(app.Status.Conditions, r.poll(), p.now), nil
}

// advance takes an application as far as it gets. Its error is about our own API,
// or errBusy.
func (r *Reconciler) advance(ctx context.Context, p *pass) (outcome, error) {
	switch {
	case p.deleting():
		return r.release(ctx, p)
	case p.paused():
		return outcome{paused: true}, nil
	}
	err := r.check(ctx, p)
	if err == nil {
		err = r.enter(ctx, p)
	}
	if err != nil {
		return failed(err)
	}
	if !p.connection.Begin() {
		return outcome{}, errBusy
	}
	o, err := r.converge(ctx, p)
	p.connection.End()
	if err != nil {
		return outcome{}, err
	}
	o.waiting, err = r.retreat(ctx, p)
	return o, err
}

// check refuses what can be refused without asking the target.
func (r *Reconciler) check(ctx context.Context, p *pass) error {
	var err error
	if p.manifests, err = parse(p.app.Spec.Manifests, p.namespace); err != nil {
		return err
	}
	if err := r.estimate(ctx, p); err != nil {
		return err
	}
	if err := r.choose(ctx, p); err != nil {
		return err
	}
	if err := r.source(ctx, p); err != nil {
		return err
	}
	return r.gather(ctx, p)
}

// converge brings the target of the spec to what is wanted.
func (r *Reconciler) converge(ctx context.Context, p *pass) (outcome, error) {
	grant := r.grantOn(p.target, p, p.namespace)
	var err error
	if grant.Reserved, err = r.othersName(ctx, p); err != nil {
		return outcome{}, err
	}
	made, err := p.connection.Prepare(ctx, grant)
	if err == nil && made {
		return outcome{preparing: true}, nil
	}
	if err == nil {
		err = p.applyAll(ctx)
	}
	if err == nil {
		p.tenant.Follow(string(p.app.UID), p.following()) //nolint:contextcheck // a watch outlives the pass that begins it
		err = p.prune(ctx, p.tenant, p.use())
	}
	return failed(toldOf(p.target.Name, err))
}

// othersName reports whether the application's objects go to a namespace that has
// the name of another one than its own here: its tenant's objects go there, unless
// told otherwise.
func (r *Reconciler) othersName(ctx context.Context, p *pass) (bool, error) {
	if p.namespace == p.app.Namespace {
		return false, nil
	}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: p.namespace}, namespaceMetadata())
	if client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("reading namespace %s: %w", p.namespace, err)
	}
	return err == nil, nil
}

// following are the objects that are watched: those that the target has taken.
func (p *pass) following() []remote.Key {
	var keys []remote.Key
	for i, w := range p.objects {
		if p.entry(i).Applied != "" && p.entry(i).State != workload.ObjectRefused {
			keys = append(keys, w.key)
		}
	}
	for _, e := range p.app.Status.Objects[len(p.objects):] {
		if within(e, p.use()) {
			keys = append(keys, keyOf(e))
		}
	}
	return keys
}

func (r *Reconciler) grantOn(t *workload.KubernetesTarget, p *pass, namespace string) remote.Grant {
	return remote.Grant{Hub: string(r.Hub), Tenant: p.app.Namespace, Namespace: namespace, Role: cmp.Or(t.Spec.Role, defaultRole)}
}

// defaultRole is the ClusterRole of Kubernetes' own that lets its subject change
// most things in a namespace, and no rights.
const defaultRole = "edit"

// conclude writes down what came of a pass, where it differs from what is there.
func (r *Reconciler) conclude(ctx context.Context, p *pass, before *workload.KubernetesApplicationStatus, o outcome) error {
	o.conclude(p)
	if equality.Semantic.DeepEqual(before, &p.app.Status) {
		return nil
	}
	if err := r.write(ctx, p); err != nil {
		return err
	}
	report.Announce(ctx, r.Events, p.app, before.Conditions, p.app.Status.Conditions)
	return nil
}

// write makes the pass's status the application's.
func (r *Reconciler) write(ctx context.Context, p *pass) error {
	status := p.app.Status.DeepCopy()
	status.Conditions = conditions.Common(status.Conditions)
	status.Placement = nil // as the condition Scheduled, it is the scheduler's
	status.Estimated = nil // that is written when it is found
	status.Measured = nil  // whoever looks after its targets writes that
	if err := report.Write(ctx, r.Kube, r.Operator, p.app, status); err != nil {
		return fmt.Errorf("application %s/%s: %w", p.app.Namespace, p.app.Name, err)
	}
	r.memory.note(p.app)
	return nil
}

// keep puts the finalizer on the application, before anything is made for it.
func (r *Reconciler) keep(ctx context.Context, p *pass) error {
	if controllerutil.ContainsFinalizer(p.app, workload.FinalizerApplication) {
		return nil
	}
	return r.finalizer(ctx, p, controllerutil.AddFinalizer)
}

// finalizer changes the finalizers by a write that fails where the application is
// stale. What the pass has put into the status is not part of it.
func (r *Reconciler) finalizer(ctx context.Context, p *pass, change func(client.Object, string) bool) error {
	sent := p.app.DeepCopy()
	change(sent, workload.FinalizerApplication)
	if err := r.Kube.Patch(ctx, sent, client.MergeFromWithOptions(p.app.DeepCopy(), client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing the finalizers of application %s/%s: %w", p.app.Namespace, p.app.Name, err)
	}
	p.app.Finalizers, p.app.ResourceVersion = sent.Finalizers, sent.ResourceVersion
	r.memory.note(p.app)
	return nil
}

// forget ends all that is kept of an application that is gone.
func (r *Reconciler) forget(name types.NamespacedName) {
	if uid := r.memory.forget(name); uid != "" {
		r.Connections.Forget(uid)
	}
}

const defaultPoll = 10 * time.Minute

func (r *Reconciler) poll() time.Duration {
	if r.Poll > 0 {
		return r.Poll
	}
	return defaultPoll
}

// asked is the request for a look now that a pass answers.
func (p *pass) asked() string {
	return p.app.Annotations[v1alpha1.AnnotationReconcileRequestedAt]
}
