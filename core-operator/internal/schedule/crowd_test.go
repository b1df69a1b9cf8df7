// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const (
	crowd   = 1000 // applications at once
	targets = 100
	room    = 9 // cpus on each: 100 applications find none
)

// crowded makes the targets, and then all applications at once, each of which asks
// for one cpu.
func (s *scene) crowded(meanwhile func(made int)) {
	s.Helper()
	for i := range targets {
		s.target(fmt.Sprintf("t%03d", i), fmt.Sprintf("verde/r%d", i%7), room)
	}
	s.parallel(crowd, func(i int) error {
		a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: fmt.Sprintf("a%04d", i)}}
		asking("1")(a)
		if meanwhile != nil {
			meanwhile(i)
		}
		return s.world.Client.Create(s.ctx, a)
	})
}

// parallel does something n times, by several at once.
func (s *scene) parallel(n int, do func(int) error) {
	s.Helper()
	var running sync.WaitGroup
	todo, failed := make(chan int), make(chan error, n)
	for range 16 {
		running.Go(func() {
			for i := range todo {
				if err := do(i); err != nil {
					failed <- err
				}
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	running.Wait()
	close(failed)
	for err := range failed {
		s.Fatal(err)
	}
}

// settles waits until every application has been decided on, and checks that none is
// placed twice, no target has more than its room, and all that fit are placed.
func (s *scene) settles() {
	s.Helper()
	list := &workload.KubernetesApplicationList{}
	s.eventually(func() error {
		s.must(s.world.Client.List(s.ctx, list, client.InNamespace(s.namespace)))
		placed, told := 0, 0
		for i := range list.Items {
			a := &list.Items[i]
			if c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled); c != nil {
				told++
			}
			if a.Status.Placement != nil && a.Status.Placement.Target != "" {
				placed++
			}
		}
		if told < crowd || placed < targets*room {
			return fmt.Errorf("%d of %d are decided on, %d placed", told, crowd, placed)
		}
		return nil
	})
	on := map[string]int{}
	for i := range list.Items {
		a := &list.Items[i]
		scheduled := meta.IsStatusConditionTrue(a.Status.Conditions, workload.ConditionScheduled)
		if p := a.Status.Placement; scheduled != (p.Target != "") || scheduled && p.Attempt != 1 {
			s.Errorf("%s: %+v, Scheduled is %t", a.Name, p, scheduled)
		} else if scheduled {
			on[p.Target]++
		}
	}
	for target, n := range on {
		if n > room {
			s.Errorf("%s has %d applications and room for %d", target, n, room)
		}
	}
	if len(on) != targets {
		s.Errorf("%d of %d targets are used", len(on), targets)
	}
}

// TestACrowd finds room for as many as there is, once each.
func TestACrowd(t *testing.T) {
	c, log, stop, err := newWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx, end := context.WithCancel(t.Context())
	r, err := newReplica(ctx, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := sceneIn(t, c)
	s.crowded(nil)
	s.settles()
	s.must(log.Settle(s.ctx, quiet))
	all, err := log.Since(0)
	s.must(err)
	begin, last, writes := time.Time{}, time.Time{}, 0
	for _, q := range all.Where(func(q audit.Request) bool {
		return q.Namespace == s.namespace && q.Resource == "kubernetesapplications"
	}) {
		if begin.IsZero() {
			begin = q.Time
		}
		if q.User == coreUser && !q.Failed() {
			last = q.Time
			writes++
		}
	}
	t.Logf("%d applications decided on, from the creation of the first, in %s: %.0f/s; %d writes", crowd, last.Sub(begin), crowd/last.Sub(begin).Seconds(), writes)
	if writes > crowd+crowd/10 { // those that wait are told again where the reasons change
		t.Errorf("%d writes for %d decisions", writes, crowd)
	}
	end()
	s.must(<-r.ended)
}

// TestAnUnluckyBeginning: a scheduler whose first looks at all applications fail looks
// again, and the operator goes on.
func TestAnUnluckyBeginning(t *testing.T) {
	t.Parallel()
	if left := running.unlucky.Load(); left >= 0 {
		t.Errorf("it began to decide though %d of its looks were still to fail", left)
	}
}

// TestALeaderIsKilled while a crowd is placed: who follows begins with what is
// written, and nothing is placed twice.
func TestALeaderIsKilled(t *testing.T) {
	c, _, stop, err := newWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	elect := func(o *ctrl.Options, cfg *rest.Config) error { // as shared/operator does it, in less time
		leases, err := coordinationclient.NewForConfig(cfg)
		o.LeaderElection = true
		o.LeaderElectionResourceLockInterface = &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: system, Name: account}, Client: leases,
			LockConfig: resourcelock.ResourceLockConfig{Identity: string(uuid.NewUUID())},
		}
		o.LeaseDuration, o.RenewDeadline, o.RetryPeriod = new(8*time.Second), new(6*time.Second), new(time.Second)
		return err
	}
	ctx, end := context.WithCancel(t.Context())
	first, err := newReplica(ctx, c, elect)
	if err != nil {
		t.Fatal(err)
	}
	s := sceneIn(t, c)
	s.eventually(func() error { return first.leads() })
	second, err := newReplica(ctx, c, elect)
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	s.crowded(func(made int) {
		if made >= crowd/2 {
			once.Do(func() { first.dead.Store(true) })
		}
	})
	s.eventually(second.leads)
	s.settles()
	if err := <-first.ended; err == nil {
		t.Error("who lost the Lease goes on")
	}
	end()
	s.must(<-second.ended)
}

// TestTwoLead, which must not be: even then each application is placed once.
func TestTwoLead(t *testing.T) {
	c, log, stop, err := newWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ctx, end := context.WithCancel(t.Context())
	var both []*replica
	for range 2 {
		r, err := newReplica(ctx, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, r)
	}
	s := sceneIn(t, c)
	for i := range 10 {
		s.target(fmt.Sprintf("t%d", i), "verde/east", 0)
	}
	const n = 100
	s.parallel(n, func(i int) error {
		return s.world.Client.Create(s.ctx, &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: fmt.Sprintf("a%d", i)}})
	})
	written := map[string]int{}
	s.eventually(func() error {
		all, err := log.Since(0)
		s.must(err)
		clear(written)
		for _, q := range all.By(coreUser) {
			if q.Namespace == s.namespace && q.Subresource == "status" && !q.Failed() {
				written[q.Name]++
			}
		}
		if len(written) < n {
			return fmt.Errorf("%d of %d are placed", len(written), n)
		}
		return nil
	})
	for name, times := range written {
		if times != 1 {
			t.Errorf("%s was placed %d times", name, times)
		}
	}
	end()
	for _, r := range both {
		s.must(<-r.ended)
	}
}

// leads returns an error while a replica does not decide.
func (r *replica) leads() error {
	if !r.scheduler.Begun() {
		return fmt.Errorf("it does not lead")
	}
	return nil
}

// TestBindings measures decisions with a claim each, from core's first write until
// the last claim is located and its resource made, and counts what core writes.
func TestBindings(t *testing.T) {
	c, log, stop, err := newWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s := sceneIn(t, c)
	const n = 500
	for i := range 20 {
		s.target(fmt.Sprintf("t%03d", i), fmt.Sprintf("verde/r%d", i%4), n)
	}
	s.class("my", "MySQLInstance", "verde", []string{"r0", "r1", "r2", "r3"})
	s.parallel(n, func(i int) error {
		m := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: fmt.Sprintf("c%04d", i)}}
		m.Spec.Database = database.Database{EngineVersion: "8.4", StorageGiB: 20}
		if err := s.world.Client.Create(s.ctx, m); err != nil {
			return err
		}
		a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: fmt.Sprintf("a%04d", i)}}
		using(m)(a)
		asking("1")(a)
		return s.world.Client.Create(s.ctx, a)
	})
	mark, err := log.Mark()
	s.must(err)
	ctx, end := context.WithCancel(t.Context())
	r, err := newReplica(ctx, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.eventually(func() error { // without asking the API server, which has enough to do
		if made := r.asked()["PATCH servers"]; made < n {
			return fmt.Errorf("%d of %d resources are made", made, n)
		}
		return nil
	})
	s.must(log.Settle(s.ctx, quiet))
	list := &database.MySQLInstanceList{}
	s.must(s.world.Client.List(s.ctx, list, client.InNamespace(s.namespace)))
	for i := range list.Items {
		if c := &list.Items[i]; c.Status.Target == "" || c.Status.ResourceRef == nil {
			t.Errorf("claim %s is not located: %+v", c.Name, c.Status.Status)
		}
	}
	all, err := log.Since(mark)
	s.must(err)
	var begin, decided, last time.Time
	writes := map[string]int{}
	for _, q := range all.By(coreUser).Where(func(q audit.Request) bool {
		return q.Namespace == s.namespace && q.Class() == audit.Write && !q.Failed()
	}) {
		if begin.IsZero() {
			begin = q.Time
		}
		if last = q.Time; q.Resource == "kubernetesapplications" {
			decided = q.Time
		}
		writes[q.Target()]++
	}
	t.Logf("%d applications with a claim each: decided on in %s, all claims located, and their resources made, in %s: %.0f bindings/s; core wrote %v",
		n, decided.Sub(begin), last.Sub(begin), n/last.Sub(begin).Seconds(), writes)
	claims := writes["mysqlinstances.database.crossplane.io/status"]
	late := 0
	if took := last.Sub(begin); took > 15*time.Second && claims > n {
		late = claims - n
		t.Logf("it took long enough for %d claims to say that they wait", late)
	}
	if writes["kubernetesapplications.workload.crossplane.io/status"] != n || claims != n+late {
		t.Errorf("for %d decisions core wrote %v", n, writes)
	}
	each := 0
	for what, times := range r.asked() {
		if times < n/10 { // what is asked once has nothing to do with how many there are
			continue
		}
		each++
		t.Logf("%s: %.2f for each", what, float64(times)/n)
		if times > n+late+n/20 { // some meet somebody else's write
			t.Errorf("%s: %d times for %d bindings", what, times, n)
		}
	}
	if each > 6 {
		t.Errorf("core asks for %d things with each binding, want the decision, the claim's finalizer and status, a look and the resource, and an event", each)
	}
	end()
	s.must(<-r.ended)
}
