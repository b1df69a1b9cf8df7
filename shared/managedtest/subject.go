// SPDX-License-Identifier: Apache-2.0

// Package managedtest is the conformance suite that every kind of managed
// resource runs, on a real Kubernetes API, with a clock of its own and with
// faults put into every write and every cloud call. What it checks is what the
// reconciler guarantees whatever the kind; a kind that breaks a law of
// managed.External fails here.
package managedtest

import (
	"time"

	"github.com/crossplaneio/crossplane/shared/managed"
)

// Cloud is what the suite needs of the fake cloud behind a kind. The fake keeps
// state and behaves; it takes time for what it is asked until Settle.
type Cloud interface {
	// Settle ends everything that is under way: creations, changes, deletions.
	Settle()
	// Names returns the external names of all resources of the kind that exist.
	Names() []string
	// Tags returns the tags of the resource called name.
	Tags(name string) map[string]string
	// Mutations returns how many calls that change something have taken effect.
	Mutations() int
	// Plant makes a usable resource with the given tags, fitting Subject.Object, as somebody else
	// would. name is a wish: where the cloud assigns names it may be ignored. It
	// returns the external name.
	Plant(name string, tags map[string]string) string
	// Vanish removes the resource called name behind everybody's back.
	Vanish(name string)
	// Drift changes something that Subject.Object sets, behind our back.
	Drift(name string)
	// Drifted reports whether what Drift changed still differs.
	Drifted(name string) bool
}

// PasswordCloud is implemented by the cloud of a kind with a password.
type PasswordCloud interface {
	// Password returns the password with which the resource called name lets
	// clients in.
	Password(name string) string
}

// IssuingCloud is implemented by the cloud of a kind whose credentials expire.
type IssuingCloud interface {
	// Accepts reports whether the resource called name lets clients in, at the
	// time now of the suite's clock, with these connection details.
	Accepts(name string, details map[string][]byte, now time.Time) bool
}

// Subject is a kind under test with a cloud of its own.
type Subject[MR managed.Resource, Obs any] struct {
	// Kind whose Connect leads to Cloud, whatever the provider is called.
	Kind managed.Kind[MR, Obs]
	// Cloud behind the kind, empty.
	Cloud Cloud
	// Object returns a valid object without a name, with every field set that
	// Cloud.Drift may change.
	Object func() MR
	// Change changes something in the spec that the cloud can change. Nil: there
	// is no such thing.
	Change func(mr MR)
	// Steps is how many things have to be made in the resource, after it, before it
	// is ready: each may cost one more write.
	Steps int
	// Changed reports whether the cloud's resource called name has what Change set.
	Changed func(name string) bool
}
