// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"net/http"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// get answers with a resource, unless it does not show yet.
func (m *Manager) get(c *Call) (*Answer, error) {
	r, err := m.shown(c.at.ID)
	if err != nil {
		return nil, err
	}
	if c.Method == http.MethodHead {
		return &Answer{Status: http.StatusNoContent}, nil
	}
	return &Answer{Status: http.StatusOK, Header: http.Header{"Etag": {r.ETag()}}, Body: r.view()}, nil
}

// shown returns a resource as reads find it.
func (m *Manager) shown(id ID) (*Resource, error) {
	r, ok := m.Find(id)
	if !ok || m.cloud.Veil.Hides(id.Key()) {
		return nil, m.absent(id)
	}
	return r, nil
}

// absent says which part of an ID does not exist.
func (m *Manager) absent(id ID) error {
	if _, ok := m.Find(id.GroupID()); !ok {
		return Refuse(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", id.Group)
	}
	if parent, child := id.Parent(); child {
		if _, ok := m.Find(parent); !ok {
			return Refuse(http.StatusNotFound, "ParentResourceNotFound",
				"Can not perform requested operation on nested resource. Parent resource '%s' not found.", parent.Name())
		}
	}
	return Refuse(http.StatusNotFound, "ResourceNotFound",
		"The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		id.Type(), id.Path(), id.Group)
}

// put creates a resource, or changes the one that is there.
func (m *Manager) put(c *Call) (*Answer, error) {
	id, old := c.at.ID, (*Resource)(nil)
	if r, ok := m.Find(id); ok {
		old = r
	}
	if err := preconditions(c, old); err != nil {
		return nil, err
	}
	if old != nil {
		next := Merge(old.Body, c.Body)
		if old.typ.Whole {
			next = asked(c.Body)
		}
		return m.change(c, old, next, http.StatusOK)
	}
	if err := m.place(c); err != nil {
		return nil, err
	}
	r := &Resource{ID: id, Body: asked(c.Body), typ: m.typeOf(id), etag: 1, created: m.cloud.Clock.Now()}
	if err := m.allowed(r); err != nil {
		return nil, err
	}
	if r.typ.Create != nil {
		if err := r.typ.Create(c, r); err != nil {
			return nil, err
		}
	}
	m.resources.Put(id.Key(), r)
	m.cloud.HideNew(id.Key(), c.Effect)
	m.record(c, r, local.Created)
	m.Begin(r, local.Create, r.typ.Creating, nil)
	return m.accepted(c, r, http.StatusCreated), nil
}

// asked is what a body asks for: without what only the API says.
func asked(b Body) Body {
	out := Copy(b)
	for _, key := range []string{"id", "name", "type", "etag", "eTag", "systemData"} {
		delete(out, key)
	}
	return out
}

// place says whether a resource can be where it is asked for.
func (m *Manager) place(c *Call) error {
	id := c.at.ID
	if id.Type() == groupType {
		return checkLocation(c.Body, id)
	}
	group, ok := m.Find(id.GroupID())
	if !ok {
		return m.absent(id)
	}
	if group.State() == deleting {
		return Refuse(http.StatusConflict, "ResourceGroupBeingDeleted",
			"The resource group '%s' is in deprovisioning state and cannot perform this operation.", id.Group)
	}
	if parent, child := id.Parent(); child {
		if _, ok := m.Find(parent); !ok {
			return m.absent(id)
		}
	}
	if m.typeOf(id).Regional {
		return checkLocation(c.Body, id)
	}
	return nil
}

func preconditions(c *Call, r *Resource) error {
	match, none := c.Header.Get("If-Match"), c.Header.Get("If-None-Match")
	if match != "" && (r == nil || match != "*" && match != r.ETag()) || none == "*" && r != nil {
		return Refuse(http.StatusPreconditionFailed, "PreconditionFailed",
			"The condition specified using HTTP conditional header(s) is not met.")
	}
	return nil
}

func (m *Manager) patch(c *Call) (*Answer, error) {
	r, ok := m.Find(c.at.ID)
	if !ok {
		return nil, m.absent(c.at.ID)
	}
	if err := preconditions(c, r); err != nil {
		return nil, err
	}
	return m.change(c, r, Merge(r.Body, c.Body), http.StatusOK)
}

// change lets a resource become next.
func (m *Manager) change(c *Call, r *Resource, next Body, status int) (*Answer, error) {
	var beside func()
	if was, will := short(Text(r.Body, "location")), short(Text(next, "location")); was != will {
		return nil, Refuse(http.StatusConflict, "InvalidResourceLocation",
			"The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'.",
			r.ID.Name(), was, r.ID.Group, will)
	}
	if r.typ.Change != nil {
		var err error
		if beside, err = r.typ.Change(c, r, next); err != nil {
			return nil, err
		}
	}
	next["location"] = r.Body["location"]
	if next["location"] == nil {
		delete(next, "location")
	}
	m.record(c, r, local.Updated)
	m.Begin(r, local.Modify, r.typ.Updating, func() {
		r.Body = next
		r.etag++
		if beside != nil {
			beside()
		}
	})
	return m.accepted(c, r, status), nil
}

func (m *Manager) remove(c *Call) (*Answer, error) {
	r, ok := m.Find(c.at.ID)
	if !ok {
		if _, there := m.Find(c.at.GroupID()); !there {
			return nil, m.absent(c.at.ID)
		}
		return &Answer{Status: http.StatusNoContent}, nil
	}
	if err := preconditions(c, r); err != nil {
		return nil, err
	}
	if r.typ.Delete != nil {
		if err := r.typ.Delete(c, r); err != nil {
			return nil, err
		}
	}
	m.record(c, r, local.Deleted)
	r.steps = nil
	m.Begin(r, local.Delete, r.typ.Deleting, func() { m.drop(r) })
	return m.accepted(c, r, http.StatusAccepted), nil
}

// drop removes a resource with all that is below it.
func (m *Manager) drop(r *Resource) {
	below := m.under(r.ID.Key() + "/")
	m.forget(r)
	for _, b := range below {
		m.forget(b)
	}
}

func (m *Manager) forget(r *Resource) {
	if there, _ := m.Find(r.ID); there != r {
		return
	}
	m.resources.Delete(r.ID.Key())
	if r.typ.Gone != nil {
		r.typ.Gone(r)
	}
}

func (m *Manager) act(c *Call) (*Answer, error) {
	r, ok := m.Find(c.at.ID)
	if !ok {
		return nil, m.absent(c.at.ID)
	}
	for name, f := range r.typ.Actions {
		if strings.EqualFold(name, c.at.action) {
			if err := f(c, r); err != nil {
				return nil, err
			}
			m.record(c, r, local.Updated)
			return m.accepted(c, r, http.StatusAccepted), nil
		}
	}
	for name, f := range r.typ.Questions {
		if strings.EqualFold(name, c.at.action) {
			answer, err := f(c, r)
			return &Answer{Status: http.StatusOK, Body: answer}, err
		}
	}
	return nil, Refuse(http.StatusNotFound, "InvalidResourceType", "There is no action '%s' on type '%s'.", c.at.action, r.ID.Type())
}
