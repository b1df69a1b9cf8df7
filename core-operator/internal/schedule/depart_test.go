// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// TestDepartures: an application leaves a target that is emptied when it is its turn,
// tells so, and does not go to where nobody is to go.
func TestDepartures(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	old := s.target("old", "verde/east", 4)
	first, second := s.app("first", asking("1")), s.app("second", asking("1"))
	s.on(first, old, 1)
	s.on(second, old, 1)
	kept, other := s.target("kept", "verde/east", 100), s.target("other", "verde/east", 2)
	running.depart(old.Name, []string{kept.Name}, first)
	s.on(first, other, 2)
	s.is(first, workload.ReasonPlaced, "It runs on KubernetesTarget "+other.Name+"; it left "+old.Name+": a pool drains it")
	s.tells(first, "Moved", "From KubernetesTarget "+old.Name+" to "+other.Name+": a pool drains it")
	time.Sleep(quiet)
	s.on(second, old, 1)
	running.depart(old.Name, nil, second)
	s.on(second, other, 2)
	// There is no more room: who can't go stays, and runs.
	third := s.app("third", asking("1"))
	at := s.is(third, workload.ReasonPlaced)
	running.depart(at.Target, []string{kept.Name, old.Name}, third)
	time.Sleep(quiet)
	if now := s.is(third, workload.ReasonPlaced); now.Target != at.Target || now.Attempt != 1 {
		t.Errorf("it is %+v, and was %+v", now, at)
	}
	// It went once. A target that it is on later is not one that it has to leave.
	running.depart(old.Name, nil, first)
	time.Sleep(quiet)
	s.on(first, other, 2)
}

// TestDepartureKeepsNear: an application does not leave for another region than that
// of the data that it is beside, though its class does not require to be near; and
// the claim stays where it is.
func TestDepartureKeepsNear(t *testing.T) {
	t.Parallel()
	for _, ready := range []bool{false, true} {
		t.Run(fmt.Sprintf("ready is %t", ready), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			class := s.class("my", "MySQLInstance", "verde", []string{"east", "west"})
			old := s.target("old", "verde/east", 4)
			c := s.mysql("data")
			a := s.app("app", using(c), asking("1"))
			s.on(a, old, 1)
			u := s.at(c, class, "east")
			if ready {
				s.says(u, "", nil)
			}
			far := s.target("far", "verde/west", 100)
			running.depart(old.Name, nil, a)
			time.Sleep(quiet)
			s.on(a, old, 1)
			s.eventually(func() error {
				known, err := running.workloads.Application(a.Namespace, a.Name)
				if err != nil || known == nil {
					return fmt.Errorf("it is not known: %w", err)
				}
				if _, why, err := running.scheduler.Leaving(s.ctx, known); err != nil || why != "" {
					return fmt.Errorf("it can't be asked: %s, %w", why, err)
				}
				return nil
			})
			near := s.target("near", "verde/east", 1)
			running.depart(old.Name, nil, a)
			if p := s.on(a, near, 2); p.Claims[0].Location.Region != "east" || p.Target == far.Name {
				t.Errorf("it is %+v", p)
			}
			s.at(c, class, "east")
		})
	}
}

// TestWhoDoesNotLeave for the sake of others.
func TestWhoDoesNotLeave(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.target("old", "verde/east", 0)
	for name, test := range map[string]struct {
		change func(*workload.KubernetesApplication)
		why    string
	}{
		"pinned":  {placed(func(p *workload.Placement) { p.Pin = true }), "it is pinned"},
		"another": {placed(func(p *workload.Placement) { p.SchedulerName = "mine" }), "another scheduler places it"},
		"chart": {func(a *workload.KubernetesApplication) {
			a.Spec.Chart = &workload.Chart{SourceRef: v1alpha1.Reference{Name: "charts"}, Name: "wordpress", Version: "1.0.0"}
		}, "it is not known what its chart asks for"},
		"a known chart": {func(a *workload.KubernetesApplication) {
			a.Spec.Chart = &workload.Chart{SourceRef: v1alpha1.Reference{Name: "charts"}, Name: "wordpress", Version: "1.0.0"}
			asking("1")(a)
		}, ""},
		"missing":  {using(s.mysql("gone")), "MySQLInstance gone"},
		"ordinary": {func(*workload.KubernetesApplication) {}, ""},
	} {
		a := s.app(strings.ReplaceAll(name, " ", "-"), test.change)
		s.eventually(func() error {
			known, err := running.workloads.Application(a.Namespace, a.Name)
			if err != nil || known == nil {
				return fmt.Errorf("it is not known: %w", err)
			}
			if _, why, err := running.scheduler.Leaving(s.ctx, known); err != nil || !strings.Contains(why, test.why) || (why == "") != (test.why == "") {
				return fmt.Errorf("%s says %q, %w", name, why, err)
			}
			return nil
		})
	}
}

// TestTakeOverWithALaggingCache: who leads next asks the API server itself what was
// placed. Its own cache may not have seen the last of it, and it would give the same
// room away twice.
func TestTakeOverWithALaggingCache(t *testing.T) {
	c, _, stop, err := newWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s := sceneIn(t, c)
	lock := client.ObjectKey{Namespace: system, Name: account}
	held := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: lock.Namespace, Name: lock.Name}}
	held.Spec = coordinationv1.LeaseSpec{
		HolderIdentity: new("who leads now"), LeaseDurationSeconds: new(int32(3600)), RenewTime: new(metav1.NowMicro()), AcquireTime: new(metav1.NowMicro()),
	}
	s.must(c.Client.Create(s.ctx, held))
	theirs := s.app("theirs", asking("1"), placed(func(p *workload.Placement) { p.SchedulerName = "mine" }))
	ours := s.app("ours", asking("1"))
	ctx, end := context.WithCancel(t.Context())
	r, err := newReplica(ctx, c, func(o *ctrl.Options, cfg *rest.Config) error {
		leases, err := coordinationclient.NewForConfig(cfg)
		o.LeaderElection = true
		o.LeaderElectionResourceLockInterface = &resourcelock.LeaseLock{
			LeaseMeta: held.ObjectMeta, Client: leases, LockConfig: resourcelock.ResourceLockConfig{Identity: "who leads next"},
		}
		o.LeaseDuration, o.RenewDeadline, o.RetryPeriod = new(8*time.Second), new(6*time.Second), new(200*time.Millisecond)
		return err
	})
	s.must(err)
	s.eventually(func() error {
		all, err := r.workloads.All()
		if err != nil || !slices.ContainsFunc(all, func(a *contract.Application) bool { return a.UID == ours.UID }) ||
			!slices.ContainsFunc(all, func(a *contract.Application) bool { return a.UID == theirs.UID }) {
			return errors.Join(errors.New("they are not known"), err)
		}
		return nil
	})
	r.lag.Lock()
	only := s.target("only", "verde/east", 1)
	report(s, theirs, func(a *workload.KubernetesApplication) {
		a.Status.Placement = &workload.PlacementStatus{Target: only.Name}
	})
	s.eventually(func() error {
		all, err := r.workloads.Targets()
		if err != nil || len(all) != 1 || len(all[0].Status.Conditions) == 0 {
			return errors.Join(errors.New("the target is not known"), err)
		}
		return nil
	})
	if known, err := r.workloads.Application(theirs.Namespace, theirs.Name); err != nil || known.Status.Placement != nil {
		t.Errorf("the cache is not behind: %+v, %v", known, err)
	}
	s.must(c.Client.Delete(s.ctx, held))
	s.eventually(r.leads)
	s.is(ours, workload.ReasonNoTarget, "1 Capacity")
	r.lag.Unlock()
	time.Sleep(quiet)
	s.is(ours, workload.ReasonNoTarget, "1 Capacity")
	end()
	s.must(<-r.ended)
}
