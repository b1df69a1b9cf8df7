// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "github.com/crossplaneio/crossplane/shared/api/v1alpha1"

// Reasons of the conditions of targets and imported clusters. ActorOf says who can act on each.
const (
	// ReasonReachable: the cluster answers, and it is the one that it was.
	ReasonReachable = "Reachable"
	// ReasonUnreachable: the cluster does not answer.
	ReasonUnreachable = "Unreachable"
	// ReasonKubeconfigMissing: there is no such secret, or no such key in it.
	ReasonKubeconfigMissing = "KubeconfigMissing"
	// ReasonKubeconfigMalformed: what is there is no kubeconfig.
	ReasonKubeconfigMalformed = "KubeconfigMalformed"
	// ReasonKubeconfigRefused: the kubeconfig wants something that is not done here.
	ReasonKubeconfigRefused = "KubeconfigRefused"
	// ReasonCredentialsRefused: the cluster does not know the kubeconfig's user.
	ReasonCredentialsRefused = "CredentialsRefused"
	// ReasonRightsMissing: the cluster knows the user and does not let it do its work.
	ReasonRightsMissing = "RightsMissing"
	// ReasonClusterChanged: the kubeconfig leads to another cluster than before.
	ReasonClusterChanged = "ClusterChanged"
	// ReasonClustersDiffer: the two kubeconfigs of an imported cluster lead to two, or
	// nobody can tell that they do not.
	ReasonClustersDiffer = "ClustersDiffer"
	// ReasonIdentityShared: the two kubeconfigs of an imported cluster are of one
	// identity.
	ReasonIdentityShared = "IdentityShared"
	// ReasonIdentityUnknown: the cluster can't tell whose a kubeconfig is.
	ReasonIdentityUnknown = "IdentityUnknown"
	// ReasonHubRefused: it is the cluster of this control plane.
	ReasonHubRefused = "HubRefused"
)

// Reasons of the conditions of applications, beside those of a target.
const (
	// ReasonRunning: every object is as it shall be.
	ReasonRunning = "Running"
	// ReasonApplying: objects are being made or changed, or are at work.
	ReasonApplying = "Applying"
	// ReasonPruning: objects that are no longer wanted are being removed.
	ReasonPruning = "Pruning"
	// ReasonTargetPending: no target is named, and none was chosen yet.
	ReasonTargetPending = "TargetPending"
	// ReasonTargetForbidden: there is no such target for this namespace.
	ReasonTargetForbidden = "TargetForbidden"
	// ReasonTargetNotReady: the target can't be used just now.
	ReasonTargetNotReady = "TargetNotReady"
	// ReasonTargetUnreachable: the target does not answer.
	ReasonTargetUnreachable = "TargetUnreachable"
	// ReasonManifestInvalid: a manifest can't be applied by anybody.
	ReasonManifestInvalid = "ManifestInvalid"
	// ReasonNamespaceRefused: the namespace on the target is somebody else's.
	ReasonNamespaceRefused = "NamespaceRefused"
	// ReasonObjectRefused: the target does not take an object.
	ReasonObjectRefused = "ObjectRefused"
	// ReasonObjectFailed: an object's own controller says that it failed.
	ReasonObjectFailed = "ObjectFailed"
	// ReasonClaimMissing: a claim that is used is not there.
	ReasonClaimMissing = "ClaimMissing"
	// ReasonClaimNotReady: a claim that is used is not Bound yet.
	ReasonClaimNotReady = "ClaimNotReady"
	// ReasonSecretForbidden: the operator may not read what the application uses in
	// its namespace.
	ReasonSecretForbidden = "SecretForbidden"
	// ReasonChartForbidden: there is no such source of charts for this namespace.
	ReasonChartForbidden = "ChartForbidden"
	// ReasonChartSourceInvalid: the source can't be used as it is written.
	ReasonChartSourceInvalid = "ChartSourceInvalid"
	// ReasonChartMissing: the source has no such chart, or not in this version.
	ReasonChartMissing = "ChartMissing"
	// ReasonChartUnreachable: the source does not answer.
	ReasonChartUnreachable = "ChartUnreachable"
	// ReasonChartInvalid: the chart does not render with these values.
	ReasonChartInvalid = "ChartInvalid"
	// ReasonChartTooLarge: the chart, or rendering it, takes more than is allowed.
	ReasonChartTooLarge = "ChartTooLarge"
	// ReasonAbandoned: objects were left behind on a target that is gone, or did
	// not answer for too long. The reason of an event.
	ReasonAbandoned = "Abandoned"
	// ReasonTargetNameTaken: no target is made of a claimed cluster, because one of
	// its name is there. The reason of an event.
	ReasonTargetNameTaken = "TargetNameTaken"
)

// ActorOf says who can act on a condition with this reason of a target or an
// application.
func ActorOf(reason string) v1alpha1.Actor {
	switch reason {
	case v1alpha1.ReasonPending, v1alpha1.ReasonDeleting, v1alpha1.ReasonInSync, ReasonReachable,
		ReasonRunning, ReasonApplying, ReasonPruning, ReasonTargetPending, ReasonPlaced, ReasonClusterComing,
		ReasonClaimNotReady: // the claim says who can act
		return v1alpha1.ActorNone
	case ReasonManifestInvalid, ReasonTargetForbidden, ReasonNamespaceRefused, ReasonObjectRefused, ReasonObjectFailed,
		ReasonClaimMissing, ReasonClaimUnsettled, ReasonPlacementInvalid, ReasonChartForbidden, ReasonChartMissing, ReasonChartInvalid, ReasonChartTooLarge, v1alpha1.ReasonPaused:
		return v1alpha1.ActorDeveloper
	case ReasonUnreachable, ReasonTargetUnreachable, ReasonChartUnreachable:
		return v1alpha1.ActorCloud
	default:
		return v1alpha1.ActorAdministrator
	}
}

// ConditionScheduled of an application is True once it was decided where it runs.
const ConditionScheduled = "Scheduled"

// Reasons of the condition Scheduled.
const (
	// ReasonPlaced: it was decided where the application runs.
	ReasonPlaced = "Placed"
	// ReasonNoTarget: there is no target that it could run on.
	ReasonNoTarget = "NoTarget"
	// ReasonClusterComing: a pool makes a cluster for it.
	ReasonClusterComing = "ClusterComing"
	// ReasonClaimUnsettled: a claim that it uses is not there, or can't be located yet.
	ReasonClaimUnsettled = "ClaimUnsettled"
	// ReasonPlacementInvalid: what spec.placement says can't be.
	ReasonPlacementInvalid = "PlacementInvalid"
	// ReasonCannotMove: it should run elsewhere and can't.
	ReasonCannotMove = "CannotMove"
)

// Finalizers of the two kinds.
const (
	// FinalizerTarget keeps a target for as long as an application has objects there.
	FinalizerTarget = "crossplane.io/target"
	// FinalizerApplication keeps an application until its objects are proven gone,
	// or are let go on purpose.
	FinalizerApplication = "crossplane.io/application"
)

// Labels and annotations of what is made on targets.
const (
	// LabelApplicationUID, on every object of an application, holds the
	// application's uid. An object without it is never changed or deleted.
	LabelApplicationUID = "crossplane.io/application-uid"
	// AnnotationApplication, beside it, says NAMESPACE/NAME, for people.
	AnnotationApplication = "crossplane.io/application"
	// AnnotationClaim, on a target that was made of a claim, says of which:
	// NAMESPACE/NAME.
	AnnotationClaim = "crossplane.io/claim"
	// AnnotationRestartedFor, on a pod template, changes with the content of the
	// secrets that the application uses.
	AnnotationRestartedFor = "crossplane.io/restarted-for"
	// AnnotationRendering, on the secret that keeps a rendered chart, says in brief
	// for what it was rendered.
	AnnotationRendering = "crossplane.io/rendering"
	// LabelHub, on a namespace, holds the identity of the control plane that made
	// it: the uid of its kube-system.
	LabelHub = "crossplane.io/hub"
	// LabelTenant, on a namespace, holds the namespace of that control plane whose
	// applications it is for.
	LabelTenant = "crossplane.io/tenant"
)
