// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Class tells requests that change the users' objects from those that do not.
type Class string

// The classes of requests.
const (
	// Write creates, changes or deletes an object.
	Write Class = "Write"
	// Event records an event.
	Event Class = "Event"
	// Lease keeps a lease, as leader election and heartbeats do.
	Lease Class = "Lease"
	// Read gets, lists or watches objects.
	Read Class = "Read"
	// Review asks about identities and permissions, or for a token: nothing is stored.
	Review Class = "Review"
)

// Request is one request that the API server answered, whatever the answer.
type Request struct {
	// User is who asked, or who was impersonated.
	User string
	// Verb is create, update, patch, delete or deletecollection; of users whose reads are recorded
	// also get, list or watch.
	Verb string
	// Group, Resource and Subresource say what was asked for; Group is empty for Kubernetes' core.
	Group, Resource, Subresource string
	// Namespace and Name of the object; a generated name is missing from a create request.
	Namespace, Name string
	// Code is the HTTP status of the answer.
	Code int
	// Forbidden says that the user had no right to ask. Admission forbids other things.
	Forbidden bool
	// Time is when the API server received the request.
	Time time.Time
}

// Class returns the request's class.
func (r Request) Class() Class {
	switch {
	case r.Verb == "get", r.Verb == "list", r.Verb == "watch":
		return Read
	case r.Resource == "events":
		return Event
	case r.Group == "coordination.k8s.io" && r.Resource == "leases":
		return Lease
	case r.Group == "authorization.k8s.io", r.Group == "authentication.k8s.io", r.Subresource == "token":
		return Review
	default:
		return Write
	}
}

// Failed says whether the API server refused the request.
func (r Request) Failed() bool {
	return r.Code >= http.StatusBadRequest
}

// Target returns what was asked for, as RBAC rules write it: RESOURCE.GROUP/SUBRESOURCE.
func (r Request) Target() string {
	target := r.Resource
	if r.Group != "" {
		target += "." + r.Group
	}
	if r.Subresource != "" {
		target += "/" + r.Subresource
	}
	return target
}

// String returns the request in one line.
func (r Request) String() string {
	object := strings.Trim(r.Namespace+"/"+r.Name, "/")
	return fmt.Sprintf("%s %s %s %s: %d", r.User, r.Verb, r.Target(), object, r.Code)
}

// Requests are some of those recorded, in the order of their answers.
type Requests []Request

// Where returns the requests for which a condition holds.
func (rs Requests) Where(holds func(Request) bool) Requests {
	return slices.DeleteFunc(slices.Clone(rs), func(r Request) bool { return !holds(r) })
}

// By returns the requests of one user.
func (rs Requests) By(user string) Requests {
	return rs.Where(func(r Request) bool { return r.User == user })
}

// Of returns the requests of one class.
func (rs Requests) Of(class Class) Requests {
	return rs.Where(func(r Request) bool { return r.Class() == class })
}

// Key is what Count tells apart.
type Key struct {
	// User is who asked.
	User string
	// Class of the request.
	Class Class
	// Verb of the request.
	Verb string
	// Target is what was asked for: RESOURCE.GROUP/SUBRESOURCE.
	Target string
}

// Count returns how many requests there are by user, class, verb and target.
func (rs Requests) Count() map[Key]int {
	counts := make(map[Key]int)
	for _, r := range rs {
		counts[Key{User: r.User, Class: r.Class(), Verb: r.Verb, Target: r.Target()}]++
	}
	return counts
}
