// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// FinalizerClusterPool keeps a pool until its clusters are gone.
const FinalizerClusterPool = "crossplane.io/clusterpool"

// AnnotationPoolUID on a claim that a pool made holds the pool's uid.
const AnnotationPoolUID = "crossplane.io/pool-uid"

// AnnotationPoolRegion on a claim that a pool made holds the only region of its class in
// which it may be satisfied: that of the pool's template.
const AnnotationPoolRegion = "crossplane.io/pool-region"

// Reasons of the conditions of pools.
const (
	// ReasonAvailable: as many clusters as min says can be used.
	ReasonAvailable = "Available"
	// ReasonScaling: clusters are being made or removed.
	ReasonScaling = "Scaling"
	// ReasonInSync: nothing keeps the pool from having as many as are needed.
	ReasonInSync = "InSync"
	// ReasonMaxReached: another cluster is needed, and there are as many as there may be.
	ReasonMaxReached = "MaxReached"
	// ReasonBudgetReached: another cluster is needed, and would cost too much.
	ReasonBudgetReached = "BudgetReached"
	// ReasonTemplateFailed: another cluster is needed, and the cloud could not provide it.
	ReasonTemplateFailed = "TemplateFailed"
	// ReasonClassUnusable: the class of a template can't make clusters for the pool.
	ReasonClassUnusable = "ClassUnusable"
	// ReasonNamespaceMissing: the namespace for the claims is not there.
	ReasonNamespaceMissing = "NamespaceMissing"
	// ReasonScheduleInvalid: a schedule can't be understood, and does not count.
	ReasonScheduleInvalid = "ScheduleInvalid"
	// ReasonDeleting: the pool is being deleted, and waits for its clusters.
	ReasonDeleting = "Deleting"
	// ReasonClaimRefused: the API server did not take the claim of a template.
	ReasonClaimRefused = "ClaimRefused"
)

// Reasons of events on pools.
const (
	// ReasonClusterMade: a cluster is being made.
	ReasonClusterMade = "ClusterMade"
	// ReasonClusterReady: a cluster can be used.
	ReasonClusterReady = "ClusterReady"
	// ReasonClusterLost: somebody else removed a cluster.
	ReasonClusterLost = "ClusterLost"
	// ReasonClusterRemoved: a cluster is gone.
	ReasonClusterRemoved = "ClusterRemoved"
	// ReasonClusterDraining: the applications on a cluster are moved away.
	ReasonClusterDraining = "ClusterDraining"
	// ReasonClusterKept: a cluster that was drained stays after all.
	ReasonClusterKept = "ClusterKept"
)
