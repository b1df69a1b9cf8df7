// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"strings"
)

// Resource types that belong to the manager itself.
const (
	subscriptionType = "Microsoft.Resources/subscriptions"
	groupType        = "Microsoft.Resources/resourceGroups"
)

// ID names a resource: of a subscription, mostly in a resource group, of a
// provider's type, perhaps as a child of another one. Azure compares IDs without
// regard to case.
type ID struct {
	Subscription string
	Group        string
	Provider     string
	Types        []string
	Names        []string
}

// String returns the ID as the API writes it.
func (id ID) String() string {
	var b strings.Builder
	b.WriteString("/subscriptions/" + id.Subscription)
	if id.Group != "" {
		b.WriteString("/resourceGroups/" + id.Group)
	}
	if id.Provider == "" {
		return b.String()
	}
	b.WriteString("/providers/" + id.Provider)
	for i, t := range id.Types {
		b.WriteString("/" + t)
		if i < len(id.Names) {
			b.WriteString("/" + id.Names[i])
		}
	}
	return b.String()
}

// Key is the same for all spellings of an ID.
func (id ID) Key() string { return strings.ToLower(id.String()) }

// Type returns the resource's type, for example
// Microsoft.DBforMySQL/flexibleServers/databases.
func (id ID) Type() string {
	switch {
	case id.Provider != "":
		return id.Provider + "/" + strings.Join(id.Types, "/")
	case id.Group != "":
		return groupType
	default:
		return subscriptionType
	}
}

// Service and Kind are the two parts of the type, which ledgers and rules know it by.
func (id ID) Service() string { service, _, _ := strings.Cut(id.Type(), "/"); return service }

// Kind is the type without its provider.
func (id ID) Kind() string { _, kind, _ := strings.Cut(id.Type(), "/"); return kind }

// Name is the resource's own name.
func (id ID) Name() string {
	switch {
	case len(id.Names) > 0:
		return id.Names[len(id.Names)-1]
	case id.Group != "":
		return id.Group
	default:
		return id.Subscription
	}
}

// Path is the names from the outermost resource on: server/database.
func (id ID) Path() string {
	if len(id.Names) == 0 {
		return id.Name()
	}
	return strings.Join(id.Names, "/")
}

// Parent returns the resource that this one is a child of, if there is one.
func (id ID) Parent() (ID, bool) {
	if len(id.Names) < 2 {
		return ID{}, false
	}
	id.Types, id.Names = id.Types[:len(id.Types)-1], id.Names[:len(id.Names)-1]
	return id, true
}

// GroupID returns the ID of the resource group.
func (id ID) GroupID() ID { return ID{Subscription: id.Subscription, Group: id.Group} }

// target is what a path leads to.
type target struct {
	ID

	// many: all resources of the type. all: all resources of the group.
	many, all bool
	// action is what POST asks for; rest is a path that belongs to no resource.
	action, rest string
}

// parse reads the path of a call. ok is false for one that no resource can have.
func parse(method, path string) (target, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 2 || !strings.EqualFold(parts[0], "subscriptions") {
		return target{}, false
	}
	t := target{ID: ID{Subscription: parts[1]}}
	parts = parts[2:]
	if len(parts) > 0 && strings.EqualFold(parts[0], "resourceGroups") {
		if len(parts) == 1 {
			t.many = true
			return t, true
		}
		t.Group, parts = parts[1], parts[2:]
	}
	if len(parts) == 1 && strings.EqualFold(parts[0], "resources") {
		t.all = true
		return t, t.Group != ""
	}
	if len(parts) == 0 {
		return t, true
	}
	if len(parts) < 3 || !strings.EqualFold(parts[0], "providers") {
		return t, false
	}
	return t.inside(method, parts[1], parts[2:])
}

// inside reads what follows the provider.
func (t target) inside(method, provider string, parts []string) (target, bool) {
	t.Provider = provider
	if strings.EqualFold(parts[0], "locations") {
		t.rest = strings.Join(parts, "/")
		return t, true
	}
	for i, part := range parts {
		switch {
		case i%2 == 1:
			t.Names = append(t.Names, part)
		case i == len(parts)-1 && method == "POST":
			t.action = part
		default:
			t.Types = append(t.Types, part)
		}
	}
	t.many = len(t.Types) > len(t.Names)
	return t, true
}
