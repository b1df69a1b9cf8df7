// SPDX-License-Identifier: Apache-2.0

package imported

import (
	"cmp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// outcome is what one pass found out. Conditions, status and the next look follow
// from it and from the conditions before.
type outcome struct {
	seen  *v1alpha1.ImportedClusterObservation // nil where err is not
	given *ways                                // by which it was seen
	kept  managed.Kept                         // what is handed out
	err   *fault.Error
	// judged tells that err is about the cluster as it is handed out, and not about
	// a look that could not be taken.
	judged bool
}

// verdict says what people are told. A look that could not be taken does not make a
// cluster unready that was ready once: what was handed out is what it was.
func (o outcome) verdict(readyBefore bool) conditions.Verdict {
	if o.err == nil {
		return conditions.Verdict{
			Ready:  &conditions.Word{Status: metav1.ConditionTrue, Reason: contract.ReasonAvailable},
			Synced: conditions.Word{Status: metav1.ConditionTrue, Reason: contract.ReasonInSync},
		}
	}
	bad := conditions.Word{Status: metav1.ConditionFalse, Reason: o.err.ConditionReason(), Message: o.err.Error()}
	v := conditions.Verdict{Synced: bad, Working: true, Stalled: o.err.Terminal()}
	if o.judged || !readyBefore {
		v.Ready = &bad
	}
	return v
}

// conclude puts an outcome into the status of c. Times in it are of what happened,
// so that an unchanged look changes nothing.
func (o outcome) conclude(c *v1alpha1.ImportedCluster, connections string, now time.Time) {
	s := &c.Status
	s.Conditions = conditions.After(s.Conditions, o.verdict(s.FirstReadyTime != nil), c.Generation, now)
	s.ObservedGeneration = c.Generation
	if asked := c.Annotations[contract.AnnotationReconcileRequestedAt]; asked != "" {
		s.LastHandledReconcileAt = asked
	}
	if o.seen == nil {
		return
	}
	s.AtProvider = *o.seen
	s.Location, s.Network, s.Reach = c.Spec.Location, c.Spec.Network, cmp.Or(c.Spec.Reach, contract.ReachNetwork)
	s.Offers = &contract.Offer{Group: "compute.crossplane.io", Kind: "KubernetesCluster", Attributes: map[string]string{
		"version": strings.TrimPrefix(o.seen.Version, "v"), // as clouds, and so claims, have it
	}}
	s.Connection = o.given.public(c)
	s.ConnectionSecretRef = &contract.SecretReference{Namespace: connections, Name: o.kept.Name}
	s.ConnectionRevision = max(s.ConnectionRevision, o.kept.Revision)
	if s.FirstReadyTime == nil {
		s.FirstReadyTime = &metav1.Time{Time: now.Truncate(time.Second)}
	}
}
