// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/fault"
)

var key = Key{Account: "123456789012", Region: "us-east-1", Family: "rds"}

func limited(rate float64, burst int) *Budgets {
	return New(func(Key) Limit { return Limit{Rate: rate, Burst: burst} })
}

// take acquires one call and says how long that took.
func take(t *testing.T, b *Budgets, p Priority) time.Duration {
	t.Helper()
	begin := time.Now()
	if err := b.Acquire(t.Context(), key, p); err != nil {
		t.Fatalf("acquiring: %v", err)
	}
	return time.Since(begin).Round(time.Millisecond)
}

// slowDown is what a cloud answers to too many calls, once it is classified.
func slowDown(after time.Duration) error {
	e := fault.New(fault.Throttled, "", "rate exceeded")
	e.RetryAfter = after
	return e
}

func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(2, 3)
		var got []time.Duration
		for range 5 {
			got = append(got, take(t, b, Delete))
		}
		want := []time.Duration{0, 0, 0, 500 * time.Millisecond, 500 * time.Millisecond}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("waits (-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour)
		if first, fourth := take(t, b, Delete), take(t, b, Delete)+take(t, b, Delete)+take(t, b, Delete); first != 0 || fourth != 500*time.Millisecond {
			t.Errorf("after a rest the first waits %s, three more %s; want a full burst of three and no more", first, fourth)
		}
	})
}

func TestHigherPrioritiesGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(1, 1)
		take(t, b, Delete)
		var mu sync.Mutex
		var order []Priority
		var group sync.WaitGroup
		for _, p := range []Priority{Poll, Event, Create, Delete, Poll, Delete} {
			group.Go(func() {
				if err := b.Acquire(t.Context(), key, p); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, p)
			})
			synctest.Wait()
		}
		group.Wait()
		if diff := cmp.Diff([]Priority{Delete, Delete, Create, Event, Poll, Poll}, order); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

func TestPollsLeaveAReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(1, 11)
		polls := 0
		for take(t, b, Poll) == 0 {
			polls++
		}
		if polls != 8 {
			t.Errorf("%d polls went at once, want 8 of a burst of 11", polls)
		}
		for range 3 {
			if wait := take(t, b, Delete); wait != 0 {
				t.Errorf("a deletion waits %s after polls used up their part", wait)
			}
		}
	})
}

func TestBudgetsAreApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(0.1, 1)
		for _, k := range []Key{{"1", "us-east-1", "rds"}, {"2", "us-east-1", "rds"}, {"1", "eu-west-1", "rds"}, {"1", "us-east-1", "ec2"}} {
			if err := b.Acquire(t.Context(), k, Poll); err != nil {
				t.Errorf("%+v: %v", k, err)
			}
		}
	})
}

func TestNobodyWaitsForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(0.05, 1)
		take(t, b, Delete)
		begin := time.Now()
		err := b.Acquire(t.Context(), key, Poll)
		if !fault.Is(err, fault.Throttled) || time.Since(begin) != 0 {
			t.Errorf("after %s: %v, want Throttled at once", time.Since(begin), err)
		}
		if got := fault.Of(err).RetryAfter.Round(time.Second); got != 20*time.Second {
			t.Errorf("try again after %s, want 20 s: a token comes then", got)
		}
	})
}

func TestOvertakenWaiterGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(1, 1)
		take(t, b, Delete)
		stop := make(chan struct{})
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						take(t, b, Delete)
					}
				}
			})
		}
		synctest.Wait()
		begin := time.Now()
		err := b.Acquire(t.Context(), key, Poll)
		if !fault.Is(err, fault.Throttled) || time.Since(begin) != Patience {
			t.Errorf("after %s: %v, want Throttled after %s", time.Since(begin), err, Patience)
		}
		close(stop)
		group.Wait()
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(0.2, 1)
		take(t, b, Delete)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Acquire(ctx, key, Delete); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
		if wait := take(t, b, Poll); wait != 4*time.Second {
			t.Errorf("the next waits %s, want the rest of five seconds: who gave up took nothing", wait)
		}
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answers func(b *Budgets)
		want    time.Duration // until the next call goes: the pause and a token at the rate that is left
	}{
		"the cloud is content":  {func(b *Budgets) { b.Report(key, nil) }, 0},
		"another error":         {func(b *Budgets) { b.Report(key, errors.New("no such instance")) }, 0},
		"slow down":             {func(b *Budgets) { b.Report(key, slowDown(0)) }, time.Second + 200*time.Millisecond},
		"slow down for so long": {func(b *Budgets) { b.Report(key, slowDown(5*time.Second)) }, 5*time.Second + 200*time.Millisecond},
		"answers to calls sent before": {func(b *Budgets) {
			b.Report(key, slowDown(0))
			b.Report(key, slowDown(0))
			b.Report(key, nil)
		}, time.Second + 200*time.Millisecond},
		"a longer time is heeded": {func(b *Budgets) {
			b.Report(key, slowDown(0))
			b.Report(key, slowDown(3*time.Second))
		}, 3*time.Second + 200*time.Millisecond},
		"again": {func(b *Budgets) {
			b.Report(key, slowDown(0))
			time.Sleep(time.Second)
			b.Report(key, slowDown(0))
		}, 2*time.Second + 400*time.Millisecond},
		"again, after a success": {func(b *Budgets) {
			b.Report(key, slowDown(0))
			time.Sleep(time.Second)
			b.Report(key, nil)
			b.Report(key, slowDown(0))
		}, time.Second + 388*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := limited(10, 100)
				tc.answers(b)
				if got := take(t, b, Delete); got != tc.want {
					t.Errorf("the next call waits %s, want %s", got, tc.want)
				}
			})
		})
	}
}

func TestBreakerThatStaysOpenSendsPeopleAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(10, 10)
		for range 20 {
			b.Report(key, slowDown(0))
			time.Sleep(longest)
		}
		b.Report(key, slowDown(0))
		err := b.Acquire(t.Context(), key, Delete)
		if got := fault.Of(err).RetryAfter; got < longest || got > longest+2*time.Second {
			t.Errorf("%v, try again after %s: want a pause of %s, which is the longest", err, got, longest)
		}
	})
}

func TestRateRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := limited(10, 1)
		b.Report(key, slowDown(0))
		for range 32 {
			take(t, b, Delete)
			b.Report(key, nil)
		}
		take(t, b, Delete)
		if got := take(t, b, Delete); got != 100*time.Millisecond {
			t.Errorf("a call waits %s, want the full rate again", got)
		}
	})
}

// No schedule of callers gets more calls out of a budget than its limit allows.
func TestLimitHoldsWhateverHappens(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			limit := Limit{Rate: 1 + 20*r.Float64(), Burst: 1 + r.IntN(20)}
			b := limited(limit.Rate, limit.Burst)
			var mu sync.Mutex
			var sent []time.Time
			var group sync.WaitGroup
			for range 200 {
				time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
				p, answer := Priority(r.IntN(4)), error(nil)
				if r.IntN(50) == 0 {
					answer = slowDown(0)
				}
				group.Go(func() {
					if b.Acquire(t.Context(), key, p) != nil {
						return
					}
					mu.Lock()
					sent = append(sent, time.Now())
					mu.Unlock()
					b.Report(key, answer)
				})
			}
			group.Wait()
			checkLimit(t, seed, limit, sent)
		})
	}
}

func checkLimit(t *testing.T, seed uint64, limit Limit, sent []time.Time) {
	t.Helper()
	for i := range sent {
		for j := i; j < len(sent); j++ {
			allowed := float64(limit.Burst) + limit.Rate*sent[j].Sub(sent[i]).Seconds() + 0.01
			if float64(j-i+1) > allowed {
				t.Fatalf("seed %d: %d calls within %s, limit %+v", seed, j-i+1, sent[j].Sub(sent[i]), limit)
			}
		}
	}
}

func TestPriorityOfAContext(t *testing.T) {
	t.Parallel()
	if got := PriorityOf(t.Context()); got != Event {
		t.Errorf("nobody said: %d, want Event", got)
	}
	if got := PriorityOf(WithPriority(t.Context(), Delete)); got != Delete {
		t.Errorf("said Delete: %d", got)
	}
}
