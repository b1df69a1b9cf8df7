// SPDX-License-Identifier: Apache-2.0

// Package rest is the server's side of AWS's REST-JSON protocol: what is asked
// stands in the method and the path, its parameters in the path, the query and a
// JSON body.
package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Route says which requests ask for an operation. Pattern is the path, with
// names in braces for the segments that are parameters.
type Route struct {
	Method, Pattern string
	Operation       string
	Handler         Handler
}

// Handler answers a request with a value that encoding/json can write. It runs
// in the cloud's Do.
type Handler func(r *query.Request, p Parameters) (any, error)

// Parameters are a request's, as they came.
type Parameters struct {
	Path  map[string]string
	Query url.Values
	Body  []byte
}

// Name names what a request is about: the innermost thing in its path or, where
// it makes one, in its body.
func (p Parameters) Name() string {
	var made struct {
		Name          string `json:"name"`
		NodegroupName string `json:"nodegroupName"`
		PrincipalArn  string `json:"principalArn"`
	}
	_ = json.Unmarshal(p.Body, &made) // what is no JSON names nothing
	return cmp.Or(p.Path["nodegroupName"], p.Path["principalArn"], made.NodegroupName, made.PrincipalArn,
		p.Path["name"], p.Path["clusterName"], p.Path["resourceArn"], made.Name)
}

// Routes are the operations of a service.
type Routes []Route

// Match finds the operation that a request asks for, and its parameters but for
// the body.
func (rs Routes) Match(r *http.Request) (Route, Parameters, bool) {
	for _, route := range rs {
		if route.Method != r.Method {
			continue
		}
		if values, ok := match(route.Pattern, r.URL.EscapedPath()); ok {
			return route, Parameters{Path: values, Query: r.URL.Query()}, true
		}
	}
	return Route{}, Parameters{}, false
}

// match compares segment by segment: what a parameter holds may have slashes in
// it, which are escaped.
func match(pattern, path string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	values := map[string]string{}
	for i, segment := range want {
		name, parameter := strings.CutPrefix(segment, "{")
		if !parameter {
			if segment != have[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return nil, false
		}
		values[strings.TrimSuffix(name, "}")] = value
	}
	return values, true
}

// Operation makes a handler of a function of typed parameters. In's fields with
// the tag `path:"..."` or `query:"..."` are filled from there, the others by
// encoding/json from the body.
func Operation[In, Out any](f func(*query.Request, *In) (*Out, error)) Handler {
	return func(r *query.Request, p Parameters) (any, error) {
		in := new(In)
		if err := p.decode(in); err != nil {
			return nil, err
		}
		return f(r, in)
	}
}

// decode refuses a member of the body that In lacks: what is not modelled is not
// silently ignored.
func (p Parameters) decode(into any) error {
	if len(bytes.TrimSpace(p.Body)) > 0 {
		d := json.NewDecoder(bytes.NewReader(p.Body))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			return invalid("The request can't be read by the local cloud: %s", err)
		}
	}
	return p.fillAll(reflect.ValueOf(into).Elem())
}

// fillAll fills a struct's fields, those of embedded structs included.
func (p Parameters) fillAll(v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		fill := func() error { return p.fill(field, v.Field(i)) }
		if field.Anonymous {
			fill = func() error { return p.fillAll(v.Field(i)) }
		}
		if err := fill(); err != nil {
			return err
		}
	}
	return nil
}

func (p Parameters) fill(field reflect.StructField, v reflect.Value) error {
	if name := field.Tag.Get("path"); name != "" {
		v.SetString(p.Path[name])
		return nil
	}
	name := field.Tag.Get("query")
	values := p.Query[name]
	if name == "" || len(values) == 0 {
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(values[0])
	case reflect.Int32:
		n, err := strconv.ParseInt(values[0], 10, 32)
		if err != nil {
			return invalid("%s must be an integer.", name)
		}
		v.SetInt(n)
	case reflect.Slice:
		v.Set(reflect.ValueOf(values))
	default:
		return invalid("The local cloud can't read %s.", name)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return &local.Error{Code: "InvalidParameterException", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}
