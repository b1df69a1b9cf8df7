// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Body is a resource as JSON has it.
type Body = map[string]any

// Call is one call of the API.
type Call struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   Body

	Caller string       // who calls, for the ledger
	Base   string       // the API's own address: https://host:port
	Effect local.Effect // what befalls the call

	at target
}

// Read finds out what the call is about. Service, operation and name are what
// rules and counts know it by, for example Microsoft.DBforMySQL,
// flexibleServers/write and the server's name.
func (c *Call) Read() (service, operation, name string, err error) {
	at, ok := parse(c.Method, c.Path)
	if !ok {
		return "unknown", "unknown", "", Refuse(http.StatusNotFound, "InvalidResourceType",
			"The resource type could not be found: %s.", c.Path)
	}
	c.at = at
	if at.rest != "" {
		return at.Provider, "locations/" + c.verb(), "", nil
	}
	return at.Service(), at.Kind() + "/" + c.verb(), at.Path(), nil
}

// Subscription is the one that the call is about.
func (c *Call) Subscription() string { return c.at.Subscription }

// verb is the last part of the action that a role must allow.
func (c *Call) verb() string {
	switch c.Method {
	case http.MethodPut, http.MethodPatch:
		return "write"
	case http.MethodDelete:
		return "delete"
	case http.MethodPost:
		return c.at.action + "/action"
	default:
		return "read"
	}
}

// Action is what a role must allow, for example
// Microsoft.DBforMySQL/flexibleServers/write.
func (c *Call) Action() string { return c.at.Type() + "/" + c.verb() }

// Scope is the ID that the action is asked for.
func (c *Call) Scope() string { return c.at.String() }

// Answer is what a call is answered with.
type Answer struct {
	Status int
	Header http.Header
	Body   any
}

// Refuse returns an error in the API's terms.
func Refuse(status int, code, format string, args ...any) error {
	return &local.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Text returns the text at a path of keys, or "".
func Text(b Body, keys ...string) string {
	s, _ := Value(b, keys...).(string)
	return s
}

// Number returns the number at a path of keys, and whether there is one.
func Number(b Body, keys ...string) (int, bool) {
	switch n := Value(b, keys...).(type) {
	case float64:
		return int(n), true
	case int:
		return n, true
	default:
		return 0, false
	}
}

// Value returns what is at a path of keys, or nil.
func Value(b Body, keys ...string) any {
	var v any = b
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// Set puts a value at a path of keys.
func Set(b Body, v any, keys ...string) {
	for _, k := range keys[:len(keys)-1] {
		next, ok := b[k].(map[string]any)
		if !ok {
			next = Body{}
			b[k] = next
		}
		b = next
	}
	b[keys[len(keys)-1]] = v
}

// Default puts a value at a path of keys where there is none.
func Default(b Body, v any, keys ...string) {
	if Value(b, keys...) == nil {
		Set(b, v, keys...)
	}
}

// Copy returns a copy that shares nothing.
func Copy(b Body) Body {
	out := make(Body, len(b))
	for k, v := range b {
		if m, ok := v.(map[string]any); ok {
			v = Copy(m)
		}
		out[k] = v
	}
	return out
}

// Merge returns b with change applied as a JSON merge patch.
func Merge(b, change Body) Body {
	out := Copy(b)
	for k, v := range change {
		old, _ := out[k].(map[string]any)
		switch m, isMap := v.(map[string]any); {
		case v == nil:
			delete(out, k)
		case isMap && k != "tags": // tags are replaced as a whole
			out[k] = Merge(old, m)
		default:
			out[k] = v
		}
	}
	return out
}
