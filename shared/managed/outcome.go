// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"fmt"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// step is what a pass did.
type step string

const (
	rested   step = "rested"   // nothing to do
	creating step = "creating" // asked for the resource, or waits for it to appear
	updating step = "updating" // asked for a change, or waits for it to be done
	deleting step = "deleting" // asked for the deletion, or waits for it to be done
	paused   step = "paused"   // something was to do, and the object is paused
	gone     step = "gone"     // the finalizer is removed: there is no object any more
)

// outcome is what one pass found out and did. Conditions, status and the time
// of the next look follow from it alone.
type outcome struct {
	step step
	seen *Assessment  // nil if the cloud resource was not seen
	ours bool         // seen belongs to the object
	err  *fault.Error // what went wrong
	keys bool         // a client has all it needs: neither password nor token is missing
	note string       // what is waited for, where nothing was seen and nothing is wrong

	rotation   string    // the request for a new password that is carried out
	revision   int64     // of the connection secret's content, as counted on it
	renewal    time.Time // when credentials have to be renewed; zero if they do not expire
	secretName string    // of the connection secret; empty if the kind has none
}

// failed returns the outcome of a pass that err ended.
func failed(doing string, err error) outcome {
	return outcome{step: rested, err: explain(doing, err)}
}

// explain keeps what is known of err and says what was being done.
func explain(doing string, err error) *fault.Error {
	if err == nil {
		return nil
	}
	e := *fault.Of(err)
	e.Err = fmt.Errorf("%s: %w", doing, e.Err)
	return &e
}

// refused returns the outcome of a pass that must not go on, and why.
func refused(reason, format string, args ...any) outcome {
	return outcome{step: rested, err: fault.New(fault.Invalid, reason, format, args...)}
}

// stalled reports whether work cannot go on until somebody changes something.
// What was just changed may do so: storage that was full has room again.
func (o outcome) stalled() bool {
	switch {
	case o.err != nil:
		return o.err.Terminal()
	case o.step == deleting, o.step == updating, o.seen == nil:
		return false
	}
	return o.seen.State == Failed || o.seen.State == Stopped
}

// working reports whether work is under way, or will be when an error is over.
func (o outcome) working() bool {
	switch {
	case o.stalled() || o.step == paused:
		return false
	case o.err != nil || o.step != rested:
		return true
	default:
		return o.seen != nil && (o.seen.Busy || o.seen.State != Available)
	}
}

// ready reports whether the resource can be used, as far as was seen.
func (o outcome) ready() bool {
	return o.seen != nil && o.ours && o.keys && o.seen.State == Available && o.step != deleting
}

// words is a condition's reason and message.
type words struct{ reason, message string }

// sync gives the words of Synced, Reconciling and Stalled.
func (o outcome) sync() words {
	switch {
	case o.err != nil:
		return words{o.err.ConditionReason(), o.err.Error()}
	case o.step == paused:
		return words{v1alpha1.ReasonPaused, "Paused by the annotation " + v1alpha1.AnnotationPaused + "; remove it to go on"}
	case o.step == creating:
		return words{v1alpha1.ReasonCreating, o.note}
	case o.step == deleting:
		return words{v1alpha1.ReasonDeleting, o.note}
	case o.step == updating:
		return words{v1alpha1.ReasonUpdating, o.changing()}
	case o.seen != nil && o.stalled():
		return o.state()
	case o.working():
		return words{v1alpha1.ReasonUpdating, o.seen.Message}
	default:
		return words{v1alpha1.ReasonInSync, ""}
	}
}

// state gives the words of Ready: what the cloud says of the resource.
func (o outcome) state() words {
	switch {
	case o.step == deleting:
		return words{v1alpha1.ReasonDeleting, o.note}
	case o.seen == nil:
		return o.sync()
	case !o.keys && o.seen.State == Available:
		return words{v1alpha1.ReasonCreating, "waiting for its credentials"}
	}
	return words{stateReason(o.seen.State), o.seen.Message}
}

// changing says what is being changed.
func (o outcome) changing() string {
	if o.note != "" {
		return o.note
	}
	if o.seen == nil || len(o.seen.Drift) == 0 {
		return "changing"
	}
	return "changing " + strings.Join(o.seen.Drift, ", ")
}

func stateReason(s State) string {
	switch s {
	case Creating:
		return v1alpha1.ReasonCreating
	case Available:
		return v1alpha1.ReasonAvailable
	case Unavailable:
		return v1alpha1.ReasonUnavailable
	case Stopped:
		return v1alpha1.ReasonStopped
	case Failed:
		return v1alpha1.ReasonCloudFailed
	case Deleting:
		return v1alpha1.ReasonDeleting
	case Unknown:
	}
	return v1alpha1.ReasonUnknownState
}
