// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// readAtOnce is how many applications are read at a time.
const readAtOnce = 500

// mark is what the scheduler remembers of an application.
type mark struct {
	// newest is the application as the API server had it, where the cache may not
	// have seen that yet; nil where it has.
	newest *contract.Application
	// counted is the version that the state has; ghosts stand for what the
	// application has on other targets than the one that it is meant for.
	counted *contract.Application
	ghosts  []types.UID
	// writing: a decision is on its way, and again, something changed meanwhile.
	writing, again bool
	// assumed is the application with the decision that is being written.
	assumed *contract.Application
	// refused is how many writes in a row were not taken.
	refused int
	// looked is the version that was looked at last.
	looked string
	// social: it waits for the sake of others, perhaps.
	social bool
	// chart is the one of which nobody has said yet what it takes, and unread since when.
	chart  string
	unread time.Time
}

// rebuild counts every application that there is, as the API server itself has
// it: the one that decided before may have written what the cache has not seen.
func (s *Scheduler) rebuild(ctx context.Context) error {
	live, err := s.readAll(ctx)
	if err != nil {
		return err
	}
	known, err := s.Workloads.All()
	if err != nil {
		return fmt.Errorf("finding the applications: %w", err)
	}
	targets, err := s.Workloads.Targets()
	if err != nil {
		return fmt.Errorf("finding the targets: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range targets {
		s.setTarget(t.Name)
	}
	for _, a := range live {
		s.mark(keyOf(a)).newest = a
	}
	for _, a := range append(known, live...) {
		if now, err := s.current(keyOf(a)); err == nil && now != nil {
			s.count(now)
			s.queue.add(now)
		}
	}
	s.begun, s.since = true, s.Clock.Now()
	return nil
}

// readAll reads every application from the API server.
func (s *Scheduler) readAll(ctx context.Context) ([]*contract.Application, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kindOfApplications.GroupVersion().WithKind(kindOfApplications.Kind + "List"))
	var all []*contract.Application
	for {
		err := s.Live.List(ctx, list, client.Limit(readAtOnce), client.Continue(list.GetContinue()))
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil, nil // nobody has the means to run applications yet
		}
		if err != nil {
			return nil, fmt.Errorf("reading the applications: %w", err)
		}
		for i := range list.Items {
			a, err := applicationOf(&list.Items[i])
			if err != nil {
				return nil, err
			}
			all = append(all, a)
		}
		if list.GetContinue() == "" {
			return all, nil
		}
	}
}

var kindOfApplications = schema.GroupVersionKind{Group: workload.Group, Version: workload.Version, Kind: "KubernetesApplication"} //nolint:gochecknoglobals // a constant

func applicationOf(u *unstructured.Unstructured) (*contract.Application, error) {
	a := &contract.Application{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, a); err != nil {
		return nil, fmt.Errorf("reading KubernetesApplication %s/%s: %w", u.GetNamespace(), u.GetName(), err)
	}
	return a, nil
}

func (s *Scheduler) mark(key types.NamespacedName) *mark {
	m := s.marks[key]
	if m == nil {
		m = &mark{}
		s.marks[key] = m
	}
	return m
}

// current returns an application as it is, as far as is known; nil where it is not
// there. Of the cache and the scheduler's own last look or write the newer counts.
func (s *Scheduler) current(key types.NamespacedName) (*contract.Application, error) {
	cached, err := s.Workloads.Application(key.Namespace, key.Name)
	if err != nil {
		return nil, fmt.Errorf("finding KubernetesApplication %s: %w", key, err)
	}
	m := s.marks[key]
	if m == nil || m.newest == nil {
		return cached, nil
	}
	if cached == nil {
		return m.newest, nil
	}
	order, err := resourceversion.CompareResourceVersion(cached.ResourceVersion, m.newest.ResourceVersion)
	if err == nil && order < 0 {
		return m.newest, nil
	}
	m.newest = nil
	return cached, nil
}

// count makes an application count where it is meant to be, and where it has
// objects beside. It reports whether that is news for others.
func (s *Scheduler) count(a *contract.Application) bool {
	m := s.mark(keyOf(a))
	was := m.counted
	if was != nil && was.UID == a.UID && was.ResourceVersion == a.ResourceVersion {
		return false
	}
	if was != nil && was.UID != a.UID {
		s.state.Remove(was.UID)
	}
	m.counted = a
	w := described(a)
	destination := ""
	if a.DeletionTimestamp == nil {
		destination = a.Destination()
	}
	if destination != "" {
		w.Requests, w.Measured = taken(a), a.Measured(destination)
		s.state.Place(w, destination, nil)
	} else {
		s.state.Remove(a.UID)
	}
	s.haunt(m, a, destination)
	return was == nil || was.UID != a.UID || was.Destination() != a.Destination() || was.Generation != a.Generation ||
		!maps.Equal(was.Labels, a.Labels) || len(was.Status.Targets) != len(a.Status.Targets) ||
		!equality.Semantic.DeepEqual(was.Status.Measured, a.Status.Measured)
}

// haunt keeps the room for what an application still has on other targets than its
// destination, for others are not to come before it has gone.
func (s *Scheduler) haunt(m *mark, a *contract.Application, destination string) {
	for _, ghost := range m.ghosts {
		s.state.Remove(ghost)
	}
	m.ghosts = m.ghosts[:0]
	for _, t := range a.Status.Targets {
		if t.Name == destination {
			continue
		}
		ghost := types.UID(string(a.UID) + "@" + t.Name)
		s.state.Place(plan.Workload{Name: keyOf(a), UID: ghost, Requests: taken(a), Measured: a.Measured(t.Name)}, t.Name, nil)
		m.ghosts = append(m.ghosts, ghost)
	}
}

// uncount forgets an application that is gone.
func (s *Scheduler) uncount(key types.NamespacedName) {
	m := s.marks[key]
	if m == nil {
		return
	}
	for _, ghost := range m.ghosts {
		s.state.Remove(ghost)
	}
	if m.counted != nil {
		s.state.Remove(m.counted.UID)
	}
	delete(s.marks, key)
	delete(s.waiting, key)
}

// described is what the planner has to know of an application for the sake of
// others.
func described(a *contract.Application) plan.Workload {
	return plan.Workload{Name: keyOf(a), UID: a.UID, Labels: a.Labels, Placement: a.Spec.Placement}
}

// taken is what an application says that it takes of its target: what was written
// when it was decided, as long as that is about the spec as it is.
func taken(a *contract.Application) map[string]resource.Quantity {
	if p := a.Status.Placement; p != nil && p.Target != "" && p.ObservedGeneration == a.Generation {
		return p.Requests
	}
	return stated(a)
}

// stated is what an application says that it takes, or what was found that its chart
// will; where neither is known, what is supposed of the chart beside its manifests.
func stated(a *contract.Application) map[string]resource.Quantity {
	if isSilent(a) {
		return contract.Total(append([]contract.Demand{{Requests: supposed()}}, a.Spec.Manifests...))
	}
	return a.Requests()
}

// What is supposed of a chart that does not say what it takes, beside one pod.
const (
	supposedCPU    = "100m"
	supposedMemory = "128Mi"
)

func supposed() map[string]resource.Quantity {
	return map[string]resource.Quantity{
		"cpu": resource.MustParse(supposedCPU), "memory": resource.MustParse(supposedMemory), "pods": resource.MustParse("1"),
	}
}

// isSilent reports whether an application does not say what it takes although it
// takes something, and nobody has found it out.
func isSilent(a *contract.Application) bool {
	e := a.Estimate()
	return a.Unstated() && (e == nil || e.Reason != "")
}

// patient is how long a decision waits at most for somebody to say what a chart takes:
// workload-operator may be busy, or not there.
const patient = 10 * time.Second

// unread returns for how long yet the decision on an application waits, because what its
// chart takes is being found out. That nobody can tell may not be the last word either,
// for what is applied together comes within seconds.
func (s *Scheduler) unread(a *contract.Application) time.Duration {
	decided := a.Status.Placement != nil && a.Status.Placement.ObservedGeneration == a.Generation
	if decided || a.Destination() != "" || !isSilent(a) {
		return 0
	}
	m := s.mark(keyOf(a))
	if which := string(a.UID) + a.Spec.Chart.Digest; m.chart != which {
		m.chart, m.unread = which, s.Clock.Now()
	}
	most := patient
	if a.Estimate() != nil {
		most = settling
	}
	return max(0, most-s.Clock.Since(m.unread))
}

// ours reports whether it is for this scheduler to say where an application runs.
func ours(a *contract.Application) bool {
	p := a.Spec.Placement
	return p == nil || p.SchedulerName == "" || p.SchedulerName == workload.DefaultScheduler
}
