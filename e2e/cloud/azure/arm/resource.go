// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"strconv"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Resource is one resource: what the API shows of it and what it does not.
type Resource struct {
	ID   ID
	Body Body // location, tags, sku, properties
	Own  any  // what its type keeps of it

	typ     Type
	etag    int
	created time.Time
	steps   []step
	forced  string
}

// step is a state that lasts until some time; then what it brings about is so.
type step struct {
	state string
	until time.Time
	done  func()
}

// State returns the state that something brought the resource into; "" while
// nothing is under way.
func (r *Resource) State() string {
	switch {
	case r.forced != "":
		return r.forced
	case len(r.steps) > 0:
		return r.steps[0].state
	default:
		return ""
	}
}

// Busy reports whether something is under way.
func (r *Resource) Busy() bool { return len(r.steps) > 0 }

// Created is when the resource was asked for.
func (r *Resource) Created() time.Time { return r.created }

// ETag changes with each change of the resource.
func (r *Resource) ETag() string { return `W/"` + strconv.Itoa(r.etag) + `"` }

// Replace puts another body in the place of the resource's, at once.
func (r *Resource) Replace(b Body) {
	r.Body = b
	r.etag++
}

// location is where the resource is, in the short form.
func (r *Resource) location() string { return short(Text(r.Body, "location")) }

// view returns the resource as the API shows it.
func (r *Resource) view() Body {
	b := Copy(r.Body)
	b["id"], b["name"], b["type"] = r.ID.String(), r.ID.Name(), r.ID.Type()
	if r.typ.View != nil {
		r.typ.View(r, b)
	}
	return b
}

// Type is what is particular to a type of resources. Functions may be nil.
type Type struct {
	Name string // Microsoft.DBforMySQL/flexibleServers
	// Regional: it has a location, in a resource group, and tags.
	Regional bool
	// Instant: creating and changing it takes no time, and deleting it does.
	Instant bool
	// Whole: a PUT says all that there is to be, and answers to it and to a PATCH
	// describe the resource.
	Whole bool
	// Creating, Updating and Deleting are the type's own words for these states.
	Creating, Updating, Deleting string

	// Create checks what is asked for and fills in what is left out.
	Create func(c *Call, r *Resource) error
	// Change checks a change; next is the body to be. It returns what is done
	// beside when the change has been made, if anything.
	Change func(c *Call, r *Resource, next Body) (func(), error)
	// Delete says whether the resource may be deleted.
	Delete func(c *Call, r *Resource) error
	// Gone is told that it was.
	Gone func(r *Resource)
	// View adds to a body what the API shows beside.
	View func(r *Resource, b Body)
	// Actions are what POST can ask for, Questions what it is answered at once.
	Actions   map[string]func(c *Call, r *Resource) error
	Questions map[string]func(c *Call, r *Resource) (any, error)
	// Kept says that what is under way can't end yet.
	Kept func(r *Resource) bool
	// Turned is told of each change of state.
	Turned func(r *Resource)
}

// Begin lets a resource be in a state for as long as an action takes.
func (m *Manager) Begin(r *Resource, a local.Action, state string, done func()) {
	until := m.cloud.Clock.Now()
	if !r.typ.Instant || a == local.Delete {
		until = until.Add(m.cloud.Settings.Delay(a))
	}
	r.steps = append(r.steps, step{state, until, done})
	m.agenda.Add(until, r)
	m.turned(r)
	time.AfterFunc(until.Sub(m.cloud.Clock.Now()), func() { m.cloud.Do(m.Settle) })
}

// Settle ends the steps whose time has come.
func (m *Manager) Settle() {
	now := m.cloud.Clock.Now()
	for r, due := m.agenda.Due(now); due; r, due = m.agenda.Due(now) {
		m.Advance(r)
	}
}

// Advance ends the steps of a resource whose time has come.
func (m *Manager) Advance(r *Resource) {
	for len(r.steps) > 0 && !m.cloud.Clock.Now().Before(r.steps[0].until) && !r.kept() {
		ended := r.steps[0]
		r.steps = r.steps[1:]
		if ended.done != nil {
			ended.done()
		}
		m.turned(r)
	}
}

func (r *Resource) kept() bool { return r.typ.Kept != nil && r.typ.Kept(r) }

// turned tells everybody of a resource's state.
func (m *Manager) turned(r *Resource) {
	if there, _ := m.resources.Get(r.ID.Key()); there != r {
		return
	}
	if r.typ.Turned != nil {
		r.typ.Turned(r)
	}
	m.cloud.Events.Publish(m.described(r))
}

func (m *Manager) described(r *Resource) local.Resource {
	return local.Resource{Service: r.ID.Service(), Region: r.location(), Kind: r.ID.Kind(), ID: r.ID.Path(), State: r.State()}
}
