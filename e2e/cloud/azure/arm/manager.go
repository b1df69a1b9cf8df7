// SPDX-License-Identifier: Apache-2.0

// Package arm is the local Azure's Resource Manager: resources of any type, with
// long-running operations, ETags, pages and errors as Azure has them. What is
// particular to a type is added to it; one that it does not know is kept as it
// is asked for.
package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Subscription is what a tenant pays for.
type Subscription struct {
	ID     string `json:"subscriptionId"`
	Name   string `json:"displayName"`
	Tenant string `json:"tenantId"`
}

// Manager holds all resources. It is used under the cloud's lock.
type Manager struct {
	cloud         *local.Cloud
	subscriptions []Subscription
	types         map[string]Type // by name in lower case
	resources     local.Table[*Resource]
	agenda        local.Agenda[*Resource] // when resources have a step to end
	operations    map[string]*operation
	policies      []Policy
}

// New returns a manager of empty subscriptions.
func New(cloud *local.Cloud, subscriptions ...Subscription) *Manager {
	m := &Manager{cloud: cloud, subscriptions: subscriptions, types: map[string]Type{}, operations: map[string]*operation{}}
	m.Add(m.groups())
	return m
}

// Add makes a type of resources known.
func (m *Manager) Add(t Type) { m.types[strings.ToLower(t.Name)] = t }

var apiVersions = regexp.MustCompile(`^20[0-9]{2}-[01][0-9]-[0-3][0-9](-preview|-privatepreview)?$`)

// Do answers a call.
func (m *Manager) Do(c *Call) (*Answer, error) {
	m.Settle()
	version := c.Query.Get("api-version")
	if version == "" {
		return nil, Refuse(http.StatusBadRequest, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.")
	}
	if !apiVersions.MatchString(version) {
		return nil, Refuse(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid.", version)
	}
	at := slices.IndexFunc(m.subscriptions, func(s Subscription) bool { return strings.EqualFold(s.ID, c.at.Subscription) })
	if at < 0 {
		return nil, Refuse(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", c.at.Subscription)
	}
	switch {
	case c.at.rest != "":
		return m.outside(c)
	case c.at.many, c.at.all:
		return m.list(c)
	case c.at.Type() == subscriptionType:
		return m.subscription(c, m.subscriptions[at])
	}
	m.spell(&c.at.ID)
	switch c.Method {
	case http.MethodGet, http.MethodHead:
		return m.get(c)
	case http.MethodPut:
		return m.put(c)
	case http.MethodPatch:
		return m.patch(c)
	case http.MethodDelete:
		return m.remove(c)
	default:
		return m.act(c)
	}
}

func (m *Manager) subscription(c *Call, s Subscription) (*Answer, error) {
	if c.Method != http.MethodGet {
		return nil, Refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "Subscriptions are not changed here.")
	}
	return &Answer{Status: http.StatusOK, Body: Body{
		"id": "/subscriptions/" + s.ID, "subscriptionId": s.ID, "displayName": s.Name, "tenantId": s.Tenant, "state": "Enabled",
	}}, nil
}

// typeOf returns the type of an ID; a plain one where it is not known.
func (m *Manager) typeOf(id ID) Type {
	if t, ok := m.types[strings.ToLower(id.Type())]; ok {
		return t
	}
	return Type{Name: id.Type(), Regional: len(id.Names) == 1, Creating: "Creating", Updating: "Updating", Deleting: "Deleting", View: provisioned}
}

// spell writes the type as Azure does.
func (m *Manager) spell(id *ID) {
	t, ok := m.types[strings.ToLower(id.Type())]
	if !ok || id.Provider == "" {
		return
	}
	parts := strings.Split(t.Name, "/")
	id.Provider, id.Types = parts[0], parts[1:]
}

// provisioned shows the state as most types do.
func provisioned(r *Resource, b Body) {
	state := r.State()
	if state == "" {
		state = "Succeeded"
	}
	Set(b, state, "properties", "provisioningState")
}

// Find returns the resource of an ID.
func (m *Manager) Find(id ID) (*Resource, bool) { return m.resources.Get(id.Key()) }

// Children returns the resources of a type below a resource, by their kind.
func (m *Manager) Children(id ID, kind string) []*Resource {
	return m.under(id.Key() + "/" + strings.ToLower(kind) + "/")
}

// under returns the resources whose key begins with prefix, in order.
func (m *Manager) under(prefix string) []*Resource {
	names := m.resources.Names()
	from, _ := slices.BinarySearch(names, prefix)
	var out []*Resource
	for _, name := range names[from:] {
		if !strings.HasPrefix(name, prefix) {
			break
		}
		r, _ := m.resources.Get(name)
		out = append(out, r)
	}
	return out
}

// Count returns how many resources of a type there are in a region.
func (m *Manager) Count(typ, subscription, region string) int {
	n := 0
	for _, r := range m.resources.All() {
		if r.ID.Type() == typ && r.ID.Subscription == subscription && r.location() == region {
			n++
		}
	}
	return n
}

// Named returns the resource of a kind and name, or of a whole ID.
func (m *Manager) Named(t local.Target) (*Resource, error) {
	for _, r := range m.resources.All() {
		kind := t.Kind == "" || strings.EqualFold(t.Kind, r.ID.Kind()) || strings.EqualFold(t.Kind, r.ID.Type())
		if kind && (strings.EqualFold(t.ID, r.ID.Path()) || strings.EqualFold(t.ID, r.ID.String())) {
			return r, nil
		}
	}
	return nil, local.ErrNoTarget
}

// Force puts a resource into a state; "" lets it go.
func (m *Manager) Force(t local.Target, state string) error {
	r, err := m.Named(t)
	if err == nil {
		r.forced = state
		m.turned(r)
	}
	return err
}

// Alter changes a resource behind its owner's back, at once.
func (m *Manager) Alter(t local.Target, fields Body) error {
	r, err := m.Named(t)
	if err == nil {
		r.Body = Merge(r.Body, fields)
		r.etag++
		m.turned(r)
	}
	return err
}

// Live lists what exists.
func (m *Manager) Live() []local.Resource {
	m.Settle()
	out := make([]local.Resource, 0, m.resources.Len())
	for _, r := range m.resources.All() {
		out = append(out, m.described(r))
	}
	return out
}

// Reset removes everything.
func (m *Manager) Reset() {
	for _, r := range m.resources.All() {
		if r.typ.Gone != nil {
			r.typ.Gone(r)
		}
	}
	m.resources, m.agenda, m.policies = local.Table[*Resource]{}, local.Agenda[*Resource]{}, nil
	clear(m.operations)
}

// record notes a change that took effect.
func (m *Manager) record(c *Call, r *Resource, action string) {
	m.cloud.Ledger.Record(local.Entry{
		Service: r.ID.Service(), Region: r.location(), Kind: r.ID.Kind(), ID: r.ID.Path(), Action: action,
		Operation: r.ID.Kind() + "/" + c.verb(), Caller: c.Caller,
	})
}

// ByKey returns the resource whose ID has that key.
func (m *Manager) ByKey(key string) (*Resource, bool) { return m.resources.Get(key) }

// Make has a resource exist that a service itself makes, and Unmake ends it: neither
// is a call of anybody's.
func (m *Manager) Make(id ID, b Body) {
	m.resources.Put(id.Key(), &Resource{ID: id, Body: b, typ: m.typeOf(id), etag: 1, created: m.cloud.Clock.Now()})
}

// Unmake ends a resource that was made by Make, if it is there.
func (m *Manager) Unmake(id ID) { m.resources.Delete(id.Key()) }

// Adopt adds a child that came into being together with its parent.
func (m *Manager) Adopt(parent *Resource, kind, name string, b Body) {
	id := parent.ID
	id.Types, id.Names = append(slices.Clone(id.Types), kind), append(slices.Clone(id.Names), name)
	m.Make(id, b)
}
