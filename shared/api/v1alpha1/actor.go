// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ActorOf says who can act on a condition with this reason of a managed resource
// or a Provider.
func ActorOf(reason string) Actor {
	switch reason {
	case ReasonPending, ReasonCreating, ReasonAvailable, ReasonUpdating, ReasonDeleting, ReasonInSync,
		ReasonVerified:
		return ActorNone
	case ReasonUnavailable, ReasonUnknownState, ReasonThrottled, ReasonCloudUnreachable, ReasonConflict,
		ReasonDependency, ReasonCapacity, ReasonGone:
		return ActorCloud
	default:
		return ActorAdministrator
	}
}
