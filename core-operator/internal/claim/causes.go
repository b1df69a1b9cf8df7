// SPDX-License-Identifier: Apache-2.0

package claim

import (
	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// cause is what a reason means to somebody who wrote a claim: one sentence, who
// can act, and whether all stands still until then.
type cause struct {
	says    string
	actor   v1alpha1.Actor
	stalled bool
}

const (
	nobody        = v1alpha1.ActorNone
	developer     = v1alpha1.ActorDeveloper
	administrator = v1alpha1.ActorAdministrator
	cloud         = v1alpha1.ActorCloud
)

// causeOf returns what a reason of core's own means.
func causeOf(reason string) cause {
	if c, known := ownCauses[reason]; known {
		return c
	}
	return resourceCause(reason)
}

// resourceCause returns what a reason of a managed resource means.
func resourceCause(reason string) cause {
	if c, known := resourceCauses[reason]; known {
		return c
	}
	return cause{says: "The resource can't be used: " + reason, actor: v1alpha1.ActorOf(reason)}
}

// ownCauses are the reasons that core gives.
var ownCauses = map[string]cause{ //nolint:gochecknoglobals // a table
	claimapi.ReasonCreating:   {"The resource is being created", nobody, false},
	claimapi.ReasonBinding:    {"The resource is being bound", nobody, false},
	claimapi.ReasonDeleting:   {"The claim is being released", nobody, false},
	claimapi.ReasonFallback:   {"The cloud could not provide this; the next option is being tried", nobody, false},
	claimapi.ReasonWorkload:   {"The place is decided together with the workload that uses this claim", developer, false},
	claimapi.ReasonRelocating: {"Nothing has used this yet, and the workload goes elsewhere: so does this", nobody, false},
	v1alpha1.ReasonInUse:      {"An application uses the claim; it goes when that does, or no longer uses it", developer, false},
	claimapi.ReasonProtected:  {"The claim is protected: set spec.deletionProtection to false to let it go", developer, true},

	claimapi.ReasonClassNotFound:     {"The class does not exist", developer, false},
	claimapi.ReasonClassKindMismatch: {"The class is for claims of another kind", developer, true},
	claimapi.ReasonClassNotAllowed:   {"This namespace may not use the class", developer, true},
	claimapi.ReasonClassNotReady:     {"The class can't be used as it is now", administrator, false},
	claimapi.ReasonNoClass:           {"No class fits this claim", developer, false},
	claimapi.ReasonRevisionNotFound:  {"The revision of the class that is asked for can't be used", developer, true},

	claimapi.ReasonNoResource:        {"No resource fits this claim that this namespace may bind", administrator, false},
	claimapi.ReasonResourceAmbiguous: {"Several kinds of resources have this name: add the group", developer, true},
	claimapi.ReasonResourceMismatch:  {"The resource does not offer what this claim asks for", developer, true},
	claimapi.ReasonResourceTaken:     {"The resource is bound to another claim", developer, false},
	claimapi.ReasonResourceNotReady:  {"The resource can be bound once it is ready", cloud, false},

	claimapi.ReasonRenderFailed:        {"The class can't make this claim's resources", administrator, true},
	claimapi.ReasonRejected:            {"What the class makes of this claim was refused", developer, true},
	claimapi.ReasonFieldOwnedByOther:   {"Somebody else took fields that the class sets; all others are applied", administrator, true},
	claimapi.ReasonNameTaken:           {"A resource of the name that this claim needs exists and is not this claim's", administrator, true},
	claimapi.ReasonPrimaryChanged:      {"This revision of the class makes another kind of resource; the claim can't change over", administrator, true},
	claimapi.ReasonForbidden:           {"Core may not make this kind of resource", administrator, false},
	claimapi.ReasonRestoreNotSupported: {"The class does not restore: it would make an empty database", developer, true},
	claimapi.ReasonRestoreNotAllowed:   {"Only what was a database of this namespace can be restored", developer, true},

	claimapi.ReasonResourceLost:     {"The resource that this claim was bound to is gone; no empty one takes its place", administrator, true},
	claimapi.ReasonResourceDeleting: {"The resource is being deleted, and not because of this claim", administrator, false},
	claimapi.ReasonRestoreNeeded:    {"A claim of this name had a resource before; no empty one takes its place", administrator, true},
	claimapi.ReasonKindNotInstalled: {"The operator of the resource is not installed", administrator, false},
	reasonOperatorNotRunning:        {"The operator of the resource is not running", administrator, false},

	claimapi.ReasonSecretConflict:      {"The connection secret's name is taken by a secret that is not this claim's", developer, true},
	claimapi.ReasonSecretForbidden:     {"Core may not read and write secrets in this namespace", administrator, true},
	claimapi.ReasonTemplateInvalid:     {"The connectionTemplate has faults", developer, true},
	claimapi.ReasonConnectionMissing:   {"The resource's connection details are not there yet", cloud, false},
	claimapi.ReasonConnectionForbidden: {"Core may not read the resource's connection secret", administrator, true},
}

// resourceCauses are the reasons of managed resources, as a developer should
// hear them.
var resourceCauses = map[string]cause{ //nolint:gochecknoglobals // a table
	v1alpha1.ReasonUpdating:     {"The resource is being changed", nobody, false},
	v1alpha1.ReasonUnavailable:  {"The resource can't be used just now; the cloud is at work on it", cloud, false},
	v1alpha1.ReasonCloudFailed:  {"The cloud says that the resource has failed", administrator, true},
	v1alpha1.ReasonUnknownState: {"The resource is in a state that this version does not know", cloud, false},
	v1alpha1.ReasonStopped:      {"Somebody stopped the resource", administrator, false},

	v1alpha1.ReasonThrottled:         {"The cloud limits how often it may be asked", cloud, false},
	v1alpha1.ReasonCloudUnreachable:  {"The cloud can't be reached", cloud, false},
	v1alpha1.ReasonConflict:          {"The cloud is busy with the resource", cloud, false},
	v1alpha1.ReasonDependency:        {"The resource waits for something else in the cloud", cloud, false},
	v1alpha1.ReasonQuotaExceeded:     {"The account's quota is used up", administrator, false},
	v1alpha1.ReasonCapacity:          {"The cloud has no capacity left there", cloud, false},
	v1alpha1.ReasonPermissionDenied:  {"The provider's identity may not do what is needed", administrator, false},
	v1alpha1.ReasonInvalid:           {"The cloud refuses what this claim asks for", developer, true},
	v1alpha1.ReasonGone:              {"The resource is not in the cloud any more", administrator, false},
	v1alpha1.ReasonResourceVanished:  {"The resource is not in the cloud any more; no empty one takes its place", administrator, true},
	v1alpha1.ReasonDeletionProtected: {"The resource is protected against deletion", administrator, false},

	v1alpha1.ReasonProviderNotFound:      {"The provider that the class names does not exist", administrator, false},
	v1alpha1.ReasonProviderNotReady:      {"The provider is not ready", administrator, false},
	v1alpha1.ReasonCredentialsMissing:    {"The provider's credentials are missing", administrator, false},
	v1alpha1.ReasonCredentialsMalformed:  {"The provider's credentials can't be read", administrator, false},
	v1alpha1.ReasonCredentialsRefused:    {"The cloud, or the cluster, refuses the operator's credentials", administrator, false},
	v1alpha1.ReasonReferenceNotReady:     {"The resource waits for another one that it refers to", administrator, false},
	v1alpha1.ReasonImmutableFieldChanged: {"This can't be changed any more once the resource exists", developer, true},
	v1alpha1.ReasonForeignResource:       {"The name is taken in the cloud by something that is not ours", administrator, true},
	v1alpha1.ReasonAdoptionRequired:      {"The resource exists in the cloud and was not adopted", administrator, true},
	v1alpha1.ReasonExternalNotFound:      {"The cloud does not have the resource that is to be used", administrator, true},
	v1alpha1.ReasonCRDRemoved:            {"The operator of the resource is being removed; the cloud resource is kept", administrator, true},
	v1alpha1.ReasonPaused:                {"An administrator paused the resource", administrator, false},
	v1alpha1.ReasonSecretConflict:        {"The secret for the connection details is another object's", administrator, true},
	v1alpha1.ReasonInvalidExternalName:   {"The resource has a name that the cloud can't have", administrator, true},

	workload.ReasonUnreachable:         {"The cluster does not answer", cloud, false},
	workload.ReasonKubeconfigMissing:   {"A kubeconfig of the cluster is missing", administrator, false},
	workload.ReasonKubeconfigMalformed: {"A kubeconfig of the cluster can't be read", administrator, true},
	workload.ReasonKubeconfigRefused:   {"A kubeconfig of the cluster wants something that is not done here", administrator, true},
	workload.ReasonRightsMissing:       {"The operator may not do its work on the cluster", administrator, false},
	workload.ReasonClusterChanged:      {"A kubeconfig leads to another cluster than before", administrator, true},
	workload.ReasonClustersDiffer:      {"The kubeconfigs do not lead to one cluster, as far as can be told", administrator, true},
	workload.ReasonIdentityShared:      {"The cluster's kubeconfigs are of one identity, and have to be of two", administrator, true},
	workload.ReasonIdentityUnknown:     {"The cluster can't tell whose its kubeconfigs are", administrator, true},
}
