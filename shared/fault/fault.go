// SPDX-License-Identifier: Apache-2.0

// Package fault classifies what went wrong. The class alone decides how long to
// wait, which reason a condition gets and who can act on it; the cloud's own
// words go into the message.
package fault

import (
	"errors"
	"fmt"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Class says what kind of failure an error is, whatever cloud it comes from.
type Class string

// The classes.
const (
	Transient  Class = "Transient"  // worth trying again soon: network, 5xx, unknown
	Throttled  Class = "Throttled"  // too many calls
	Conflict   Class = "Conflict"   // the cloud is busy with this resource, or it changed meanwhile
	Dependency Class = "Dependency" // something else has to be there, or to go, first
	Quota      Class = "Quota"      // a limit of the account
	Capacity   Class = "Capacity"   // the cloud has no more of this here
	Permission Class = "Permission" // the identity may not do this
	Invalid    Class = "Invalid"    // the request can never succeed as it is
	Gone       Class = "Gone"       // the resource is not there
	Exists     Class = "Exists"     // the name is taken
)

// Error is an error with what is known of it.
type Error struct {
	// Class decides back-off, reason and actor.
	Class Class
	// Reason overrides the reason that the class gives; one of v1alpha1.Reason*.
	Reason string
	// Code is the cloud's own code, for metrics and messages.
	Code string
	// RetryAfter is how long the cloud asked us to wait; 0 if it did not say.
	RetryAfter time.Duration
	// Err is what happened, in the cloud's or our words. It holds no secret.
	Err error
}

// New returns an Error of our own making, with a reason and a message for the
// person who can act.
func New(class Class, reason, format string, args ...any) *Error {
	return &Error{Class: class, Reason: reason, Err: fmt.Errorf(format, args...)} //nolint:err113 // the message is for a person; identity is class and reason
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap implements the errors package's convention.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the Error in err's chain; an error without one is Transient.
// It returns nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: Transient, Err: err}
}

// Is reports whether err is of class c.
func Is(err error, c Class) bool {
	return err != nil && Of(err).Class == c
}

// ConditionReason returns the reason that a condition about e gets.
func (e *Error) ConditionReason() string {
	if e.Reason != "" {
		return e.Reason
	}
	switch e.Class {
	case Throttled:
		return v1alpha1.ReasonThrottled
	case Conflict:
		return v1alpha1.ReasonConflict
	case Dependency:
		return v1alpha1.ReasonDependency
	case Quota:
		return v1alpha1.ReasonQuotaExceeded
	case Capacity:
		return v1alpha1.ReasonCapacity
	case Permission:
		return v1alpha1.ReasonPermissionDenied
	case Invalid:
		return v1alpha1.ReasonInvalid
	case Gone:
		return v1alpha1.ReasonGone
	case Exists:
		return v1alpha1.ReasonForeignResource
	case Transient:
	}
	return v1alpha1.ReasonCloudUnreachable
}

// Terminal reports whether trying again without a change by somebody is
// pointless: such an object is Stalled, and looked at seldom.
func (e *Error) Terminal() bool { return e.Class == Invalid }
