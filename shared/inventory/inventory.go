// SPDX-License-Identifier: Apache-2.0

// Package inventory lets many reconcilers look at the cloud through few calls.
// Looking at ten thousand databases one by one takes ten thousand calls; listing
// them takes a hundred. The inventory keeps the last list per account and region
// and answers from it as long as that is safe:
//
//   - A list that failed or ended early says nothing: what is not in it is
//     unknown, never absent.
//   - What was looked at before our last change of a resource had ended says
//     nothing about it.
//   - Absence is never concluded from a list. It takes a Get of that one
//     resource, begun after our last change of it.
//   - What was looked at later is not overruled by what was looked at earlier.
//
// It is a cache: when the process ends nothing is lost but the calls to fill it.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrUnknown says that a resource was changed by us while it was looked at.
var ErrUnknown = errors.New("changed while it was looked at")

// Lister is implemented by those who can list a kind of cloud resource.
type Lister[Obs any] interface {
	// List calls found with every resource of the kind that there is in the
	// account and region that the lister was made for; obs is nil where the
	// cloud lists names only. It returns an error unless it has read the list
	// to its end.
	List(ctx context.Context, found func(name string, obs *Obs)) error
}

// Scope is what one list covers, for one kind.
type Scope struct {
	Account string // the cloud's own word for it: account, project, subscription
	Region  string
}

// Query asks for one resource.
type Query[Obs any] struct {
	Scope Scope
	// Name is the external name, as Lister calls it.
	Name string
	// MaxAge is how long ago the resource may have been looked at. What is in
	// flight is looked at more often than what is at rest.
	MaxAge time.Duration
	// Lister lists the scope.
	Lister Lister[Obs]
	// Get looks at this one resource and returns nil if there is certainly none.
	Get func(ctx context.Context) (*Obs, error)
}

// Inventory is that of one kind. It is safe for concurrent use.
type Inventory[Obs any] struct {
	mu      sync.Mutex
	shelves map[Scope]*shelf[Obs]
}

// New returns an empty inventory.
func New[Obs any]() *Inventory[Obs] {
	return &Inventory[Obs]{shelves: map[Scope]*shelf[Obs]{}}
}

// Observe returns what the cloud says of a resource, or nil if there is certainly
// none. The answer is shared: it must not be changed. An error means that it is
// not known.
func (i *Inventory[Obs]) Observe(ctx context.Context, q Query[Obs]) (*Obs, error) {
	s := i.shelf(q.Scope)
	since := time.Now().Add(-q.MaxAge)
	for {
		obs, next := s.look(q.Name, since)
		switch next {
		case answer:
			return obs, nil
		case get:
			return s.get(ctx, q)
		case list:
			if err := s.list(ctx, q); err != nil {
				return nil, err
			}
		case wait:
			if err := s.wait(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// Mutate calls do, which changes a resource in the cloud. Nothing that was looked
// at before it ended counts from then on, whether it succeeded or not.
func (i *Inventory[Obs]) Mutate(scope Scope, name string, do func() error) error {
	s := i.shelf(scope)
	s.mutating(name, 1)
	defer s.mutating(name, -1)
	return do()
}

// Hint says that a resource is not what it was, as an event of the cloud told:
// the next Observe looks at it, and at nothing else.
func (i *Inventory[Obs]) Hint(scope Scope, name string) {
	s := i.shelf(scope)
	s.mutating(name, 0)
}

func (i *Inventory[Obs]) shelf(scope Scope) *shelf[Obs] {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, ok := i.shelves[scope]
	if !ok {
		s = &shelf[Obs]{entries: map[string]entry[Obs]{}, changes: map[string]change{}}
		i.shelves[scope] = s
	}
	return s
}

// get looks at one resource and remembers what it was.
func (s *shelf[Obs]) get(ctx context.Context, q Query[Obs]) (*Obs, error) {
	began := s.begin()
	obs, err := q.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", q.Name, err)
	}
	latest, ok := s.keep(q.Name, entry[Obs]{obs: obs, began: began})
	if !ok {
		return nil, fmt.Errorf("looking at %s: %w", q.Name, ErrUnknown)
	}
	return latest, nil
}

// list reads the whole list, unless somebody else has begun to meanwhile.
func (s *shelf[Obs]) list(ctx context.Context, q Query[Obs]) error {
	began, ok, err := s.beginList()
	if !ok {
		return err
	}
	found := map[string]entry[Obs]{}
	err = q.Lister.List(ctx, func(name string, obs *Obs) { found[name] = entry[Obs]{obs: obs, began: began} })
	if err == nil {
		err = ctx.Err() // a lister may take an interrupted page for the last
	}
	if err != nil {
		err = fmt.Errorf("listing: %w", err)
	}
	s.endList(began, found, err, ctx.Err() != nil)
	return err
}

// wait waits until a list that is under way has ended.
func (s *shelf[Obs]) wait(ctx context.Context) error {
	select {
	case <-s.underWay():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a list: %w", ctx.Err())
	}
}
