// SPDX-License-Identifier: Apache-2.0

// Package query is the server's side of AWS's Query protocol and of EC2's
// variant of it: form-encoded requests, XML answers.
package query

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Scope is where a resource lives: names are unique within it.
type Scope struct {
	Account string
	Region  string
}

// Request is a call whose caller is known and may make it.
type Request struct {
	Scope
	ID        string
	Service   string
	Operation string
	Caller    string       // the ARN of the caller
	CallerID  string       // its unique ID
	Name      string       // what it is about, where the path says so
	Form      *Form        // the parameters of a form
	Effect    local.Effect // what faults do to it
}

// Handler answers a request with a struct that encoding/xml can write. It runs
// in the cloud's Do.
type Handler func(*Request) (any, error)

// Operation makes a handler of a function of typed parameters. In's fields are
// filled from the parameters of the same name; see Form.Decode.
func Operation[In, Out any](f func(*Request, *In) (*Out, error)) Handler {
	return func(r *Request) (any, error) {
		in := new(In)
		if err := r.Form.Decode(in); err != nil {
			return nil, err
		}
		return f(r, in)
	}
}

// Empty is the answer of operations that answer nothing.
type Empty struct{}
