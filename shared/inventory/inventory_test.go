// SPDX-License-Identifier: Apache-2.0

package inventory_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossplaneio/crossplane/shared/inventory"
)

var home = inventory.Scope{Account: "123456789012", Region: "us-east-1"}

// db is what the cloud of these tests says of a resource.
type db struct{ version int }

// cloud is a cloud that takes its time: a list is read in pages, so that what it
// says was not true all at the same moment.
type cloud struct {
	mu    sync.Mutex
	dbs   map[string]db
	names []string // in the order of the list
	lists int
	gets  map[string]int

	latency   time.Duration
	namesOnly bool
	failList  func(page int) error
	short     bool // the list ends early, without an error, when its context ends
}

func newCloud(names ...string) *cloud {
	c := &cloud{dbs: map[string]db{}, names: names, gets: map[string]int{}, latency: 100 * time.Millisecond}
	for _, name := range names {
		c.dbs[name] = db{version: 1}
	}
	return c
}

func (c *cloud) List(ctx context.Context, found func(string, *db)) error {
	c.mu.Lock()
	c.lists++
	c.mu.Unlock()
	for page, name := range c.names {
		select {
		case <-time.After(c.latency):
		case <-ctx.Done():
			if c.short {
				return nil
			}
			return ctx.Err()
		}
		if c.failList != nil {
			if err := c.failList(page); err != nil {
				return err
			}
		}
		c.mu.Lock()
		d, ok := c.dbs[name]
		c.mu.Unlock()
		switch {
		case ok && c.namesOnly:
			found(name, nil)
		case ok:
			found(name, &d)
		}
	}
	return nil
}

func (c *cloud) get(name string) func(context.Context) (*db, error) {
	return func(context.Context) (*db, error) {
		time.Sleep(c.latency)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.gets[name]++
		if d, ok := c.dbs[name]; ok {
			return &d, nil
		}
		return nil, nil
	}
}

// set makes name have a version; 0 removes it.
func (c *cloud) set(name string, version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version == 0 {
		delete(c.dbs, name)
		return
	}
	c.dbs[name] = db{version: version}
}

func (c *cloud) query(name string, maxAge time.Duration) inventory.Query[db] {
	return inventory.Query[db]{Scope: home, Name: name, MaxAge: maxAge, Lister: c, Get: c.get(name)}
}

func (c *cloud) gotten() int {
	n := 0
	for _, g := range c.gets {
		n += g
	}
	return n
}

// world is an inventory, its cloud, and what is expected of them.
type world struct {
	*testing.T
	*cloud
	inv *inventory.Inventory[db]
}

func in(t *testing.T, f func(w *world), names ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(&world{T: t, cloud: newCloud(names...), inv: inventory.New[db]()})
	})
}

// sees fails unless name is observed with that version; 0 means absent.
func (w *world) sees(name string, maxAge time.Duration, want int) {
	w.Helper()
	got, err := w.inv.Observe(w.Context(), w.query(name, maxAge))
	switch {
	case err != nil:
		w.Errorf("%s: %v", name, err)
	case got == nil && want != 0:
		w.Errorf("%s is absent, want version %d", name, want)
	case got != nil && got.version != want:
		w.Errorf("%s has version %d, want %d", name, got.version, want)
	}
}

func (w *world) cost(lists, gets int) {
	w.Helper()
	if w.lists != lists || w.gotten() != gets {
		w.Errorf("%d lists and %d gets, want %d and %d", w.lists, w.gotten(), lists, gets)
	}
}

func TestOneListAnswersForAll(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		var group sync.WaitGroup
		for _, name := range w.names {
			group.Go(func() { w.sees(name, time.Minute, 1) })
		}
		group.Wait()
		w.cost(1, 0)
		time.Sleep(2 * time.Minute)
		w.sees("a", time.Minute, 1)
		w.sees("b", time.Minute, 1)
		w.cost(2, 0)
	}, "a", "b", "c")
}

func TestScopesAreApart(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("a", time.Minute, 1)
		abroad := w.query("a", time.Minute)
		abroad.Scope.Region = "eu-west-1"
		if _, err := w.inv.Observe(w.Context(), abroad); err != nil {
			w.Error(err)
		}
		w.cost(2, 0)
	}, "a")
}

func TestListThatTakesLongerThanWhatItSaysMayBeOld(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("c", 0, 1)
		w.cost(1, 0)
	}, "a", "b", "c")
}

func TestOurOwnChangeMakesWhatWasKnownUnknown(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world) error{
		"that succeeded":               func(w *world) error { w.set("a", 2); return nil },
		"whose answer was lost":        func(w *world) error { w.set("a", 2); return errors.New("connection reset") },
		"that takes effect in a while": func(w *world) error { time.Sleep(time.Second); w.set("a", 2); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.sees("a", time.Hour, 1)
				_ = w.inv.Mutate(home, "a", func() error { return change(w) })
				w.sees("a", time.Hour, 2)
				w.sees("b", time.Hour, 1)
				w.sees("a", time.Hour, 2)
				w.cost(1, 1)
			}, "a", "b")
		})
	}
}

func TestListThatBeganBeforeAChangeSaysNothingAboutIt(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		var group sync.WaitGroup
		group.Go(func() { w.sees("b", time.Hour, 1) }) // reads a after 100 ms and b after 200 ms
		time.Sleep(150 * time.Millisecond)
		if err := w.inv.Mutate(home, "a", func() error { w.set("a", 2); return nil }); err != nil {
			w.Error(err)
		}
		group.Wait()
		w.sees("a", time.Hour, 2)
		w.cost(1, 1)
	}, "a", "b")
}

func TestNothingIsKnownWhileAChangeIsUnderWay(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("a", time.Hour, 1)
		_ = w.inv.Mutate(home, "a", func() error {
			if _, err := w.inv.Observe(w.Context(), w.query("a", time.Hour)); !errors.Is(err, inventory.ErrUnknown) {
				w.Errorf("observing: %v, want ErrUnknown", err)
			}
			return nil
		})
	}, "a")
}

func TestAbsenceIsConfirmed(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("a", time.Hour, 1)
		w.sees("new", time.Hour, 0)
		w.cost(1, 1)
		w.set("new", 7) // the list does not know it yet
		w.sees("new", time.Hour, 7)
		w.cost(1, 2)
	}, "a", "new-to-the-list")
}

func TestListThatFailsSaysNothing(t *testing.T) {
	t.Parallel()
	refused := errors.New("access denied")
	in(t, func(w *world) {
		w.failList = func(page int) error {
			if page == 1 {
				return refused
			}
			return nil
		}
		for range 3 {
			for _, name := range []string{"a", "b", "unheard of"} {
				if obs, err := w.inv.Observe(w.Context(), w.query(name, time.Hour)); !errors.Is(err, refused) || obs != nil {
					w.Errorf("%s: %v, %v; want the error of the list", name, obs, err)
				}
			}
		}
		w.cost(1, 0)

		w.failList = nil
		time.Sleep(10 * time.Second)
		w.sees("b", time.Hour, 1)
		w.cost(2, 0)
	}, "a", "b")
}

func TestListThatFailsLeavesWhatWasKnown(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("a", time.Hour, 1)
		time.Sleep(time.Minute)
		w.failList = func(int) error { return errors.New("internal error") }
		if _, err := w.inv.Observe(w.Context(), w.query("a", time.Second)); err == nil {
			w.Error("what is too old was good enough")
		}
		w.sees("a", time.Hour, 1)
	}, "a")
}

func TestListOfSomebodyWhoGaveUpIsReadByAnother(t *testing.T) {
	t.Parallel()
	for name, short := range map[string]bool{"with an error": false, "as if it were whole": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.short = short
				ctx, cancel := context.WithTimeout(w.Context(), 150*time.Millisecond)
				defer cancel()
				var group sync.WaitGroup
				group.Go(func() {
					if _, err := w.inv.Observe(ctx, w.query("c", time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
						w.Errorf("who gave up: %v, want the error of the context", err)
					}
				})
				synctest.Wait()
				w.sees("c", time.Hour, 1)
				group.Wait()
				w.cost(2, 0)
			}, "a", "b", "c")
		})
	}
}

func TestWaitForAListEndsWithTheContext(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		var group sync.WaitGroup
		group.Go(func() { w.sees("a", time.Hour, 1) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(w.Context(), time.Millisecond)
		defer cancel()
		if _, err := w.inv.Observe(ctx, w.query("a", time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("error %v, want that of the context", err)
		}
		group.Wait()
	}, "a")
}

func TestGetThatFailsSaysNothing(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		refused := errors.New("access denied")
		q := w.query("new", time.Hour)
		q.Get = func(context.Context) (*db, error) { return nil, refused }
		if _, err := w.inv.Observe(w.Context(), q); !errors.Is(err, refused) {
			w.Errorf("error %v, want that of the get", err)
		}
	}, "a")
}

func TestNamesAreFilledIn(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.namesOnly = true
		for range 3 {
			w.sees("a", time.Hour, 1)
			w.sees("b", time.Hour, 1)
		}
		w.cost(1, 2)
	}, "a", "b")
}

func TestHintRefreshesOne(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.sees("a", time.Hour, 1)
		w.set("a", 2)
		w.inv.Hint(home, "a")
		w.sees("a", time.Hour, 2)
		w.sees("b", time.Hour, 1)
		w.cost(1, 1)
	}, "a", "b")
}

func TestWhatWasSeenLaterIsNotOverruled(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		var group sync.WaitGroup
		group.Go(func() { w.sees("b", time.Hour, 1) }) // reads a, version 1, after 100 ms
		time.Sleep(110 * time.Millisecond)
		w.set("a", 2)
		w.inv.Hint(home, "a")
		w.sees("a", time.Hour, 2) // while the list is still read
		group.Wait()
		w.sees("a", time.Hour, 2)
		w.cost(1, 1)
	}, "a", "b", "c", "d")
}
