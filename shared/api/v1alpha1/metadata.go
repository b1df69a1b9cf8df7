// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Annotations of the contract.
const (
	// AnnotationExternalName holds the cloud's name of a resource. It is written
	// by the provider operator, before the first cloud call where we choose the
	// name, or by an administrator who imports an existing resource.
	AnnotationExternalName = "crossplane.io/external-name"

	// AnnotationOwnerID holds the identity under which a resource is owned in
	// the cloud: the first uid of the object. It is kept by backup and restore,
	// so that a restored object still owns what it made.
	AnnotationOwnerID = "crossplane.io/owner-id"

	// AnnotationCreateRequested holds the time (RFC 3339) of a create call whose
	// outcome is unknown. It is used only for names that the cloud assigns.
	AnnotationCreateRequested = "crossplane.io/create-requested-at"

	// AnnotationImport with the value ImportAdopt makes a cloud resource that
	// nobody owns ours. It goes with AnnotationExternalName.
	AnnotationImport = "crossplane.io/import"

	// AnnotationOnCRDRemoval decides what becomes of the cloud resource of an
	// object that is deleted because its CRD is being removed: OnCRDRemovalOrphan
	// or OnCRDRemovalDelete. Absent: nothing is deleted and the object waits.
	AnnotationOnCRDRemoval = "crossplane.io/on-crd-removal"

	// AnnotationPaused with the value "true" stops all changes to an object's
	// cloud resource until it is removed.
	AnnotationPaused = "crossplane.io/paused"

	// AnnotationReconcileRequestedAt asks for a look at the cloud now. Any new
	// value asks once; status.lastHandledReconcileAt answers with that value.
	AnnotationReconcileRequestedAt = "crossplane.io/reconcile-requested-at"

	// AnnotationRotatePasswordRequestedAt asks for a new password. Any new value
	// asks once; status.lastHandledRotationAt answers with that value when the
	// cloud has applied the new password.
	AnnotationRotatePasswordRequestedAt = "crossplane.io/rotate-password-requested-at" //nolint:gosec // G101: the name of an annotation, not a credential

	// AnnotationPasswordSentAt, on a managed resource's own secret, holds the time
	// (RFC 3339) at which the cloud accepted password-next.
	AnnotationPasswordSentAt = "crossplane.io/password-sent-at"

	// AnnotationRotation, on a managed resource's own secret, holds the value of
	// the request that password-next was made for.
	AnnotationRotation = "crossplane.io/rotation"

	// AnnotationConnectionRevision, on a managed resource's own secret, counts the
	// contents that the secret has had; status.connectionRevision follows it.
	AnnotationConnectionRevision = "crossplane.io/connection-revision"

	// AnnotationRenewAt, on a managed resource's own secret, holds the time (RFC
	// 3339) at which credentials that expire are renewed.
	AnnotationRenewAt = "crossplane.io/renew-at"

	// AnnotationIssuedFor, on a managed resource's own secret, holds a digest of
	// what credentials that expire were issued on; others are issued when it changes.
	AnnotationIssuedFor = "crossplane.io/issued-for"

	// AnnotationClassRevision on a claim names the revision of its class that it
	// wants to be rendered with.
	AnnotationClassRevision = "crossplane.io/class-revision"
)

// Values of the annotations above.
const (
	ImportAdopt        = "adopt"
	OnCRDRemovalOrphan = "orphan"
	OnCRDRemovalDelete = "delete"
	PausedTrue         = "true"
)

// Labels of the contract.
const (
	// LabelContract marks the CRDs that take part, with a value that says as what.
	LabelContract = "crossplane.io/contract"

	// ContractManaged is the value of LabelContract on CRDs of managed resources.
	ContractManaged = "managed"

	// ContractClaim is the value of LabelContract on CRDs of claims.
	ContractClaim = "claim"

	// ContractApplication is the value of LabelContract on the CRD of applications.
	ContractApplication = "application"

	// ContractTarget is the value of LabelContract on the CRD of targets.
	ContractTarget = "target"

	// ContractPool is the value of LabelContract on the CRD of cluster pools.
	ContractPool = "pool"

	// LabelOperator on such a CRD names the operator that serves it, for example
	// "aws-operator". The operator holds a Lease of this name while it runs.
	LabelOperator = "crossplane.io/operator"

	// LabelOffers on the CRD of a managed kind names the claim kind that its
	// resources can satisfy, where other operators have to know: KubernetesCluster.
	LabelOffers = "crossplane.io/offers"

	// LabelClaimUID on whatever core makes for a claim holds the claim's uid.
	LabelClaimUID = "crossplane.io/claim-uid"

	// LabelPool on a claim that a cluster pool made holds the pool's name. Nothing is
	// granted for it: the pool's status says which claims are the pool's.
	LabelPool = "crossplane.io/pool"
)

// FinalizerManaged keeps a managed resource until its cloud resource is proven
// to be gone, or is let go on purpose.
const FinalizerManaged = "crossplane.io/managed"

// Tags that say in the cloud who owns a resource. The keys are valid as AWS
// tags, Azure tags and Google Cloud labels alike.
const (
	// TagHub holds the identity of the control plane: the uid of its kube-system
	// namespace.
	TagHub = "crossplane-hub"

	// TagOwner holds the object's owner id (AnnotationOwnerID).
	TagOwner = "crossplane-owner"

	// TagName holds the object's name, for people who look at the cloud's console.
	TagName = "crossplane-name"
)
