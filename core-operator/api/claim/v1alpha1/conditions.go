// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Reasons of a claim's conditions that are core's own. A claim that waits for
// its managed resource has that resource's reason instead.
const (
	// The life of a claim.
	ReasonBound      = "Bound"
	ReasonPending    = "Pending"
	ReasonCreating   = "Creating"
	ReasonBinding    = "Binding"
	ReasonDeleting   = "Deleting"
	ReasonApplied    = "Applied"
	ReasonFallback   = "TryingNextOption"
	ReasonWorkload   = "WaitingForWorkload"
	ReasonRelocating = "Relocating"
	ReasonProtected  = "DeletionProtected"

	// Choosing a class.
	ReasonClassNotFound     = "ClassNotFound"
	ReasonClassKindMismatch = "ClassKindMismatch"
	ReasonClassNotAllowed   = "ClassNotAllowed"
	ReasonClassNotReady     = "ClassNotReady"
	ReasonNoClass           = "NoClass"
	ReasonRevisionNotFound  = "RevisionNotFound"

	// Choosing a resource that exists.
	ReasonNoResource        = "NoResource"
	ReasonResourceAmbiguous = "ResourceAmbiguous"
	ReasonResourceMismatch  = "ResourceMismatch"
	ReasonResourceTaken     = "ResourceTaken"
	ReasonResourceNotReady  = "ResourceNotReady"

	// Rendering.
	ReasonRenderFailed        = "RenderFailed"
	ReasonRejected            = "ResourceRejected"
	ReasonFieldOwnedByOther   = "FieldOwnedByOther"
	ReasonNameTaken           = "NameTaken"
	ReasonPrimaryChanged      = "PrimaryChanged"
	ReasonForbidden           = "OperatorForbidden"
	ReasonRestoreNotSupported = "RestoreNotSupported"
	ReasonRestoreNotAllowed   = "RestoreNotAllowed"

	// What became of the resource.
	ReasonResourceLost     = "ResourceLost"
	ReasonResourceDeleting = "ResourceDeleting"
	ReasonRestoreNeeded    = "RestoreNeeded"
	ReasonKindNotInstalled = "OperatorNotInstalled"

	// Publishing.
	ReasonSecretConflict      = "SecretConflict"
	ReasonSecretForbidden     = "SecretForbidden"
	ReasonTemplateInvalid     = "ConnectionTemplateInvalid"
	ReasonConnectionMissing   = "ConnectionMissing"
	ReasonConnectionForbidden = "ConnectionForbidden"
)

// FinalizerClaim keeps a claim until what was made for it is gone, or is let go
// on purpose.
const FinalizerClaim = "crossplane.io/claim"

// Annotations on what core makes for a claim. They survive backup and restore, so
// that a claim which is bound to it again goes on as before.
const (
	// AnnotationClass names the class that the resource was made by.
	AnnotationClass = "crossplane.io/class"
	// AnnotationRevision names the revision of the class that it was rendered with.
	AnnotationRevision = "crossplane.io/rendered-revision"
	// AnnotationRole is the name that the class gives the resource.
	AnnotationRole = "crossplane.io/class-resource"
)

// AnnotationIdentity holds the namespace, name and uid under which core first
// saw a claim. A claim that carries another uid under its own name was restored
// from a backup: its resource exists somewhere, and no new one is made in its
// place.
const AnnotationIdentity = "crossplane.io/claim-identity"
