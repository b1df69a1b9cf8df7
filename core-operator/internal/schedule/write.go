// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// writeTimeout bounds one write. It is less than a manager waits for what is under
// way when it is told to end, and keeps the Lease that long.
const writeTimeout = 10 * time.Second

// Reasons of events on applications.
const (
	// ReasonMoved tells of a move.
	ReasonMoved = "Moved"
	// ReasonPlacementTaken: another one owns what the decision is written in.
	ReasonPlacementTaken = "PlacementTaken"
)

// latest is how long a write that is refused again and again waits at most.
const latest = time.Minute

// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications,verbs=get;list;watch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// write writes what was decided, until there are no more decisions.
func (s *Scheduler) write(ctx context.Context) {
	for j := range s.jobs {
		s.finish(ctx, j)
	}
}

// finish writes one decision, and has the scheduler know what became of it. That
// is done although the operator is told to end: what is decided is to be written
// before somebody else decides.
func (s *Scheduler) finish(ctx context.Context, j job) {
	for pause := soon; ; pause = min(2*pause, writeTimeout) {
		now, err := s.try(ctx, j)
		if err == nil {
			s.written(j, now)
			return
		}
		s.log(ctx).Error(err, "can't write a placement", "application", keyOf(j.application))
		select {
		case <-ctx.Done():
			return // who leads next sees what is there
		case <-time.After(pause):
		}
	}
}

// try writes one decision, and returns the application as it is then, written or
// not; nil where it is gone. After an error it is not known what became of the write,
// and the next try tells: had it been made, the application is another one now.
func (s *Scheduler) try(ctx context.Context, j job) (*contract.Application, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	u, err := j.object()
	if err != nil {
		return nil, err
	}
	err = s.Kube.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(FieldManager))
	switch {
	case apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict):
		s.Events.Eventf(j.application, nil, corev1.EventTypeWarning, ReasonPlacementTaken, "Schedule",
			"somebody else has written the placement, which is core's unless spec.placement.schedulerName says otherwise: %s", flat(err))
		return s.read(ctx, keyOf(j.application))
	case apierrors.IsConflict(err), apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		return s.read(ctx, keyOf(j.application))
	case err != nil:
		return nil, fmt.Errorf("writing the placement: %w", err)
	}
	now, err := applicationOf(u)
	if err == nil && j.moved != "" {
		s.Events.Eventf(now, nil, corev1.EventTypeNormal, ReasonMoved, "Schedule", "%s", j.moved)
	}
	return now, err
}

// object is what is applied: the decision and nothing else, on the application as
// it was decided on.
func (j job) object() (*unstructured.Unstructured, error) {
	placement, err := runtime.DefaultUnstructuredConverter.ToUnstructured(j.placement)
	if err != nil {
		return nil, fmt.Errorf("writing the placement: %w", err)
	}
	condition, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&j.condition)
	if err != nil {
		return nil, fmt.Errorf("writing the placement: %w", err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{
		"placement": placement, "conditions": []any{condition},
	}}}
	u.SetGroupVersionKind(kindOfApplications)
	u.SetNamespace(j.application.Namespace)
	u.SetName(j.application.Name)
	u.SetUID(j.application.UID)
	u.SetResourceVersion(j.application.ResourceVersion)
	return u, nil
}

// written takes note of an application as it is after a write: what it says is
// what counts.
func (s *Scheduler) written(j job, now *contract.Application) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := keyOf(j.application)
	m := s.marks[key]
	if m == nil {
		return
	}
	again := m.again || now == nil || !wrote(j, now)
	m.writing, m.again, m.assumed, m.newest = false, false, nil, now
	defer s.queue.wake()
	if now == nil {
		s.inbox.again(key)
		return
	}
	if s.count(now) {
		s.queueSocial(key.Namespace)
	}
	m.looked = now.ResourceVersion
	if m.refused++; wrote(j, now) {
		m.refused = 0
	}
	if m.refused > 1 { // not merely that somebody was faster
		s.after(min(soon<<min(m.refused, 10), latest), key)
		return
	}
	s.inbox.put(key, again)
	if from := j.application.Status.Placement; from != nil && from.Target != "" && from.Target != j.placement.Target {
		s.sweep()
	}
}

// wrote reports whether an application has what was to be written.
func wrote(j job, now *contract.Application) bool {
	p := now.Status.Placement
	return p != nil && p.Target == j.placement.Target && p.Attempt == j.placement.Attempt && p.ObservedGeneration == j.placement.ObservedGeneration
}
