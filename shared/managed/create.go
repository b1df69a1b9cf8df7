// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// fresh reports whether certainly nothing was ever asked of the cloud for mr, so
// that a creation under a name of our own needs no look before.
func (r *Reconciler[MR, Obs]) fresh(mr MR) bool {
	return !hasFinalizer(mr) && ExternalName(mr) == "" && r.kind.Naming == Chosen && !isPaused(mr)
}

// absent decides what it means that the cloud has no resource for mr.
func (r *Reconciler[MR, Obs]) absent(ctx context.Context, ext External[MR, Obs], mr MR) outcome {
	spec, status := mr.Managed()
	switch {
	case spec.ObserveOnly(), status.FirstReadyTime == nil && r.imported(mr):
		return refused(v1alpha1.ReasonExternalNotFound, "the cloud has no resource named %q", ExternalName(mr))
	case status.FirstReadyTime != nil && r.kind.HoldsData:
		return refused(v1alpha1.ReasonResourceVanished,
			"%q was ready at %s and is not there any more; it is not replaced by an empty one: restore it under this name, or delete this object",
			ExternalName(mr), status.FirstReadyTime.UTC().Format(time.RFC3339))
	case isPaused(mr):
		return outcome{step: paused}
	}
	if wait := r.settling(mr); wait > 0 {
		return outcome{step: creating, note: "waiting for the cloud to show what it was asked to create"}
	}
	return r.create(ctx, ext, mr)
}

// imported reports whether mr's external name was given to it, and is not one
// that it could make a resource under.
func (r *Reconciler[MR, Obs]) imported(mr MR) bool {
	return wantsAdoption(mr) || r.kind.Naming == Assigned && ExternalName(mr) != "" && !hasFinalizer(mr)
}

// settling is for how much longer the outcome of an earlier create call counts
// as unknown.
func (r *Reconciler[MR, Obs]) settling(mr MR) time.Duration {
	asked, open := createRequested(mr)
	if !open {
		return 0
	}
	return r.kind.Settle - r.env.Clock.Now().Sub(asked)
}

// create records what it is about to do, then asks the cloud. Whatever crashes
// when, the same call is made again with the same name, token, tags and
// password, or what it made is found.
func (r *Reconciler[MR, Obs]) create(ctx context.Context, ext External[MR, Obs], mr MR) outcome {
	if err := r.recordIntent(ctx, mr); err != nil {
		return failed("record what is about to be created", err)
	}
	password, err := r.initialPassword(ctx, mr)
	if err != nil {
		return failed("store the password", err)
	}
	id := r.identity(mr)
	obs, err := ext.Create(ctx, mr, Intent{Name: ExternalName(mr), Token: id.Owner, Tags: id.Tags(), Password: password})
	if err = r.classify(err); fault.Is(err, fault.Exists) {
		return outcome{step: creating, note: "the cloud says that " + ExternalName(mr) + " exists; looking whose it is"}
	}
	if err != nil {
		return failed("create", err)
	}
	if obs == nil {
		return outcome{step: creating, note: "asked for"}
	}
	seen := ext.Assess(mr, obs)
	if err := r.recordName(ctx, mr, seen.Name); err != nil {
		return failed("record the external name", err)
	}
	return r.judge(ext, mr, seen, outcome{step: creating, note: seen.Message})
}
