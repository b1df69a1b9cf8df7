// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// outcome is what was decided on an application.
type outcome struct {
	reason  string // of the condition Scheduled, which is True for ReasonPlaced
	message string
	// workload and decision are there where the planner was asked.
	workload plan.Workload
	decision *plan.Decision
	// nominated is the cluster that is being made for it.
	nominated *workload.Nomination
	// from says why it left the target that it was on.
	from string
}

func (o *outcome) placed() bool { return o.reason == workload.ReasonPlaced }

// look takes the decision on one application, counts it, and returns what is to be
// written; nil where that is nothing.
func (s *Scheduler) look(ctx context.Context, key types.NamespacedName) (*job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.current(key)
	if err != nil || a == nil {
		return nil, err
	}
	m := s.mark(key)
	if m.writing {
		m.again = true
		return nil, nil //nolint:nilnil // nothing is to be written
	}
	s.count(a)
	delete(s.waiting, key)
	m.looked = a.ResourceVersion
	if a.DeletionTimestamp != nil || !ours(a) {
		return nil, nil //nolint:nilnil // nothing is to be written
	}
	if wait := s.unread(a); wait > 0 {
		s.after(wait, key)
		return nil, nil //nolint:nilnil // nothing is to be written yet
	}
	o, err := s.decide(ctx, a)
	if err != nil {
		return nil, err
	}
	if !o.placed() {
		s.waiting[key] = m
		m.social = o.decision != nil && isSocial(o.decision) || o.reason == workload.ReasonPlacementInvalid
	}
	if t, known := s.targets[a.Destination()]; known && bearsFor(t) {
		s.after(recheck, key)
	}
	since := a.CreationTimestamp.Time
	if s.since.After(since) {
		since = s.since
	}
	if wait := settling - s.Clock.Since(since); wait > 0 && o.reason == workload.ReasonClaimUnsettled && a.Status.Placement == nil {
		s.after(wait, key) // perhaps they are on their way, as is the application's first write
		return nil, nil    //nolint:nilnil // nothing is to be written yet
	}
	j := s.conclude(a, o)
	if j != nil {
		m.writing, m.assumed = true, j.assumed
	}
	return j, nil
}

// isSocial reports whether an application waits for the sake of others.
func isSocial(d *plan.Decision) bool {
	return slices.ContainsFunc(d.Rejected, func(r workload.Rejection) bool {
		return slices.Contains([]string{plan.ReasonAffinity, plan.ReasonAntiAffinity, plan.ReasonSpread}, r.Reason)
	})
}

// decide says where an application shall run, or why it can't.
func (s *Scheduler) decide(ctx context.Context, a *contract.Application) (outcome, error) {
	namespace, err := claim.NamespaceOf(ctx, s.Kube, a.Namespace)
	if err != nil {
		return outcome{}, err
	}
	left, err := s.depart(ctx, a, namespace)
	if err != nil {
		return outcome{}, err
	}
	if left != nil {
		return *left, nil
	}
	o, err := s.choose(ctx, s.described(a, namespace), userOf(a, namespace))
	if o.placed() && isSilent(a) {
		o.message += silence(a)
	}
	return o, err
}

// silence tells what is supposed of an application, why, and how to say it.
func silence(a *contract.Application) string {
	why := "was not found out before"
	if e := a.Estimate(); e != nil {
		why = "can't be found out (" + e.Reason + ", see status.estimated)"
	}
	return ". What its chart takes " + why + ": room is kept for " + supposedCPU + " of cpu, " + supposedMemory + " of memory and one pod, or for what its pods ask for " +
		"where that is seen to be more; spec.placement.requests keeps the room that it needs from the beginning"
}

// userOf is an application as a user of claims.
func userOf(a *contract.Application, namespace *metav1.PartialObjectMetadata) user {
	u := user{namespace: namespace, uid: a.UID, uses: a.Spec.Uses, idle: len(a.Status.Targets) == 0}
	if p := a.Spec.Placement; p != nil && p.Pin {
		u.idle = false
	}
	if a.Status.Placement != nil {
		u.decided = a.Status.Placement.Claims
	}
	return u
}

// described is what the planner has to know of an application to place it, but for
// its claims.
func (s *Scheduler) described(a *contract.Application, namespace *metav1.PartialObjectMetadata) plan.Workload {
	w := described(a)
	w.NamespaceLabels = namespace.Labels
	w.Requests, w.Measured = stated(a), a.Measured(a.Destination())
	if a.Spec.TargetRef != nil {
		w.Only = a.Spec.TargetRef.Name
	}
	if p := a.Status.Placement; p != nil {
		w.Current = p.Target
	}
	return w
}

// choose asks the planner. Claims that have a place which they could still leave
// stay there if that is possible.
func (s *Scheduler) choose(ctx context.Context, w plan.Workload, u user) (outcome, error) {
	if err := plan.Check(w); err != nil {
		return outcome{reason: workload.ReasonPlacementInvalid, message: flat(err)}, nil
	}
	if len(u.uses) > 0 {
		u.others = s.neighbours(u.namespace.Name)
	}
	var o outcome
	current := w.Current
	for _, free := range []bool{false, true} {
		is, err := s.used(ctx, u, free)
		if err != nil {
			return outcome{}, err
		}
		if is.unsettled != "" {
			return outcome{reason: workload.ReasonClaimUnsettled, message: is.unsettled}, nil
		}
		if !free && is.failed != "" && is.kept {
			continue // one could not be had: the others are no reason to stay
		}
		w.Claims, w.Current = is.claims, current
		if is.failed != "" && u.idle {
			w.Current = "" // nor is the target
		}
		if err := plan.Check(w); err != nil {
			return outcome{reason: workload.ReasonPlacementInvalid, message: flat(err), workload: w}, nil
		}
		d := s.state.Plan(w, s.Clock.Now())
		o = outcome{workload: w, decision: &d, from: is.failed}
		if d.Target != "" || !is.kept {
			break
		}
	}
	o.workload.Current = current
	return s.explain(o), nil
}

// neighbours are the applications of a namespace as they are, with what was decided
// and is being written.
func (s *Scheduler) neighbours(namespace string) []*contract.Application {
	known, err := s.Workloads.Applications(namespace)
	if err != nil {
		return nil
	}
	out := make([]*contract.Application, 0, len(known))
	for _, a := range known {
		m := s.marks[keyOf(a)]
		switch {
		case m != nil && m.writing && m.assumed != nil && m.assumed.UID == a.UID:
			a = m.assumed
		case m != nil && m.newest != nil && m.newest.UID == a.UID:
			a = m.newest
		}
		out = append(out, a)
	}
	return out
}

// explain puts into words what the planner decided.
func (s *Scheduler) explain(o outcome) outcome {
	w, d := o.workload, o.decision
	if d.Target != "" {
		o.reason, o.message = workload.ReasonPlaced, "It runs on KubernetesTarget "+d.Target
		if w.Current != "" && w.Current != d.Target && o.from == "" {
			o.from = s.whyNot(w)
		}
		return o
	}
	o.message = nowhere(w, d)
	o.reason = workload.ReasonNoTarget
	switch {
	case w.Current != "" && o.from == "" && s.isHeld(w):
		o.reason = workload.ReasonCannotMove
		o.message = fmt.Sprintf("%s can't stay on %s (%s), and what it uses holds data that it has to be near", w.Name.Name, w.Current, s.whyNot(w))
	case w.Current != "" && o.from != "":
		o.message = o.from + ", and " + o.message
	case w.Current != "":
		o.message = fmt.Sprintf("it can't stay on %s (%s), and %s", w.Current, s.whyNot(w), o.message)
	default:
		if cycle := s.cycle(w); cycle != "" {
			o.reason, o.message = workload.ReasonPlacementInvalid, cycle
		}
	}
	if o.reason == workload.ReasonNoTarget && s.Nomination != nil {
		if o.nominated = s.Nomination(w.UID); o.nominated != nil {
			o.reason = workload.ReasonClusterComing
			o.message = strings.TrimRight(fmt.Sprintf("ClusterPool %s makes a cluster for it %s", o.nominated.Pool, o.nominated.Cluster), " ")
		}
	}
	return o
}

// isHeld reports whether an application could run elsewhere, were it not for the
// data of its claims.
func (s *Scheduler) isHeld(w plan.Workload) bool {
	var bound bool
	w.Claims = slices.Clone(w.Claims)
	for i := range w.Claims {
		if c := &w.Claims[i]; c.At != nil && (c.Near || c.Cluster != "") {
			c.Near, c.Cluster, bound = false, "", true
		}
	}
	return bound && s.state.Plan(w, s.Clock.Now()).Target != ""
}

// whyNot says why an application can't stay where it is.
func (s *Scheduler) whyNot(w plan.Workload) string {
	for _, v := range s.state.Explain(w, s.Clock.Now()) {
		if v.Target == w.Current && v.Reason != "" {
			return fmt.Sprintf("%s: %s", v.Reason, strings.TrimPrefix(v.Message, w.Current+": "))
		}
	}
	if _, known := s.targets[w.Current]; !known {
		return "it is gone"
	}
	return "its namespace may not use it any more"
}

// nowhere says why there is no target for an application.
func nowhere(w plan.Workload, d *plan.Decision) string {
	total, reasons := int32(0), make([]string, 0, len(d.Rejected))
	for _, r := range d.Rejected {
		total += r.Count
		reasons = append(reasons, fmt.Sprintf("%d %s", r.Count, r.Reason))
	}
	if total == 0 {
		return "there is no target that namespace " + w.Name.Namespace + " may use"
	}
	text := fmt.Sprintf("none of %d targets: %s", total, strings.Join(reasons, ", "))
	if total == 1 {
		text = "not the one target: " + strings.Join(reasons, ", ")
	}
	if len(d.Examples) > 0 {
		text += "; e.g. " + d.Examples[0]
	}
	return text
}

func flat(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
