// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types. Ready and Synced are for people and are always present,
// Ready first. Reconciling and Stalled are present only while they are True, as
// kstatus wants it.
const (
	// ConditionReady says that the resource can be used.
	ConditionReady = "Ready"

	// ConditionSynced says that the last look brought the spec and the cloud
	// together, or found them so.
	ConditionSynced = "Synced"

	// ConditionReconciling says that work is under way.
	ConditionReconciling = "Reconciling"

	// ConditionStalled says that work cannot go on until somebody changes something.
	ConditionStalled = "Stalled"
)

// Reasons of the conditions of managed resources. ActorOf says who can act on each.
const (
	// ReasonPending: not looked at yet. The schema's default.
	ReasonPending = "Pending"

	// The life of a resource.
	ReasonCreating  = "Creating"
	ReasonAvailable = "Available"
	ReasonUpdating  = "Updating"
	ReasonDeleting  = "Deleting"
	ReasonInSync    = "InSync"

	// What the cloud says of its state.
	ReasonUnavailable  = "Unavailable"  // not usable just now; the cloud is at work on it
	ReasonCloudFailed  = "CloudFailed"  // failed; the cloud will not repair it
	ReasonUnknownState = "UnknownState" // a state that this version does not know: progressing
	ReasonStopped      = "Stopped"      // switched off by somebody

	// What a call to the cloud was answered with.
	ReasonThrottled         = "Throttled"
	ReasonCloudUnreachable  = "CloudUnreachable"
	ReasonConflict          = "Conflict"
	ReasonDependency        = "DependencyNotReady"
	ReasonQuotaExceeded     = "QuotaExceeded"
	ReasonCapacity          = "CapacityUnavailable"
	ReasonPermissionDenied  = "PermissionDenied"
	ReasonInvalid           = "RejectedByCloud"
	ReasonGone              = "Gone"
	ReasonResourceVanished  = "ResourceVanished" // it was Ready, and now the cloud has none
	ReasonDeletionProtected = "DeletionProtected"

	// What stands in the way on our side.
	ReasonProviderNotFound      = "ProviderNotFound"
	ReasonProviderNotReady      = "ProviderNotReady"
	ReasonCredentialsMissing    = "CredentialsMissing"
	ReasonCredentialsMalformed  = "CredentialsMalformed"
	ReasonCredentialsRefused    = "CredentialsRefused"
	ReasonReferenceNotReady     = "ReferenceNotReady"
	ReasonImmutableFieldChanged = "ImmutableFieldChanged"
	ReasonForeignResource       = "ForeignResource"  // the name is taken by something that is not ours
	ReasonAdoptionRequired      = "AdoptionRequired" // nobody's: ours only after crossplane.io/import: adopt
	ReasonExternalNotFound      = "ExternalNotFound" // to be imported or observed, and not there
	ReasonCRDRemoved            = "CRDRemoved"       // the CRD is being removed: the cloud resource is kept
	ReasonPaused                = "Paused"           // by annotation
	ReasonSecretConflict        = "SecretConflict"   // the connection secret's name is taken by another object
	ReasonInvalidExternalName   = "InvalidName"      // the external name is not one that the cloud can have
)

// Actor says who can do something about a condition.
type Actor string

// The actors.
const (
	ActorNone          Actor = ""              // nothing needs to be done
	ActorDeveloper     Actor = "Developer"     // whoever wrote the claim
	ActorAdministrator Actor = "Administrator" // whoever wrote the class, the provider or the managed resource
	ActorCloud         Actor = "Cloud"         // the cloud is expected to recover by itself
)
