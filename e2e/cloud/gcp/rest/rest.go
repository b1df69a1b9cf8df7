// SPDX-License-Identifier: Apache-2.0

// Package rest is what the local Google Cloud's services have in common: calls
// by method and path, answers and refusals in JSON.
package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Request is one call of an API.
type Request struct {
	Service   string // as Google names it: sqladmin, compute
	Operation string // as Google names it: instances.insert
	Project   string // that the call is about
	Caller    string // e-mail address of who calls
	Base      string // URL that the cloud is reached at

	Path   func(name string) string // the path's variables
	Query  url.Values
	Header http.Header
	Body   []byte

	Effect local.Effect // what befalls the call
}

// Handler does what a call asks for.
type Handler func(*Request) (any, error)

// Route is a method and a path, as http.ServeMux knows them, and what is done
// there. Google's own verbs follow the last name in a path, after a colon: the
// pattern has them not.
type Route struct {
	Pattern   string
	Verb      string
	Operation string
	Handler   Handler
}

// Service is one of Google Cloud's services.
type Service struct {
	Name   string
	Routes []Route
	// Open services ask for no access token.
	Open bool
}

// Read decodes the call's body. A field that is not modelled is refused by name,
// never ignored.
func Read[T any](r *Request) (*T, error) {
	if len(r.Body) == 0 {
		return new(T), nil
	}
	return strictly[T](r.Body)
}

func strictly[T any](text []byte) (*T, error) {
	v := new(T)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return nil, Refuse(http.StatusBadRequest, "parseError", "Parse Error: %v", err)
	}
	return v, nil
}

// Merge returns base with the call's body on top, as PATCH means it: objects are
// merged field by field, everything else is replaced (RFC 7396).
func Merge[T any](base *T, patch []byte) (*T, error) {
	text, err := json.Marshal(base)
	if err != nil {
		return nil, fmt.Errorf("reading what there is: %w", err)
	}
	var into, with map[string]any
	if err := json.Unmarshal(text, &into); err != nil {
		return nil, fmt.Errorf("reading what there is: %w", err)
	}
	if err := json.Unmarshal(patch, &with); err != nil {
		return nil, Refuse(http.StatusBadRequest, "parseError", "Parse Error: %v", err)
	}
	if text, err = json.Marshal(merge(into, with)); err != nil {
		return nil, fmt.Errorf("writing what shall be: %w", err)
	}
	return strictly[T](text)
}

func merge(into, with map[string]any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for key, value := range with {
		object, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isObject:
			have, _ := into[key].(map[string]any)
			into[key] = merge(have, object)
		default:
			into[key] = value
		}
	}
	return into
}

// Refuse returns a refusal with Google's reason for it.
func Refuse(status int, reason, format string, args ...any) error {
	return &local.Error{Code: reason, Message: fmt.Sprintf(format, args...), Status: status}
}
