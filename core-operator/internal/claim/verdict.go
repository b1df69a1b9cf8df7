// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const (
	// staleDelay is how long a pass that met a newer version of an object waits
	// for the cache to see it, too.
	staleDelay = 500 * time.Millisecond
	// lagDelay is how long a pass waits for the cache to see core's own last write.
	lagDelay = 20 * time.Millisecond
	// lookAgain is how often a claim is looked at that nothing wakes; all that a
	// claim waits for wakes it by a watch, but secrets, which core must not watch,
	// and applications that use a claim which is deleted.
	lookAgain = 30 * time.Minute
	jitter    = 0.4
	// A claim that waits for one of these to come or go is looked at after a quarter
	// of the time that it has waited, within these bounds.
	soonest = 2 * time.Second
	latest  = time.Minute
)

// verdict is what a pass concludes about a claim. Conditions follow from it
// alone. The zero verdict concludes nothing: the next step is taken.
type verdict struct {
	ready   bool
	reason  string
	message string
	actor   v1alpha1.Actor
	stalled bool // nothing goes on until somebody acts
	working bool // ready, and a change is under way
	gone    bool // the claim is deleted: there is nothing to write a status on
	// later is after what time the claim is to be looked at, nothing being told
	// before; 0: it is told now.
	later time.Duration
}

func (v verdict) final() bool { return v.reason != "" || v.gone }

// requeue says when to look again, at the latest, at a claim that is usable or
// not since some time.
func (v verdict) requeue(waited time.Duration) reconcile.Result {
	if v.gone {
		return reconcile.Result{}
	}
	if v.later > 0 {
		return reconcile.Result{RequeueAfter: v.later}
	}
	low := handler.LowPriority
	switch v.reason {
	case claimapi.ReasonSecretConflict, claimapi.ReasonSecretForbidden, claimapi.ReasonConnectionMissing, claimapi.ReasonConnectionForbidden, v1alpha1.ReasonInUse:
		return reconcile.Result{RequeueAfter: min(max(waited/4, soonest), latest), Priority: &low}
	default:
		return reconcile.Result{RequeueAfter: wait.Jitter(lookAgain*8/10, jitter), Priority: &low}
	}
}

// stop returns the verdict for a reason: the sentence that goes with it, then
// what is particular to this claim.
func stop(reason, format string, args ...any) verdict {
	c := causeOf(reason)
	return verdict{reason: reason, actor: c.actor, stalled: c.stalled, message: sentences(c.says, fmt.Sprintf(format, args...))}
}

// because returns the verdict for a reason that a managed resource has. The
// cloud's own words stay there.
func because(reason string, m *contract.Managed) verdict {
	v := about(resourceCause(reason), reason, referenceTo(m))
	v.stalled = v.stalled || m.Condition(v1alpha1.ConditionStalled).Status == metav1.ConditionTrue
	return v
}

// about returns the verdict for a reason that concerns a managed resource.
func about(c cause, reason string, ref claimapi.ResourceReference) verdict {
	see := fmt.Sprintf("See: kubectl describe %s %s", resourceName(ref), ref.Name)
	return verdict{reason: reason, actor: c.actor, stalled: c.stalled, message: sentences(c.says, see)}
}

// resourceName is how kubectl names a kind without doubt.
func resourceName(ref claimapi.ResourceReference) string {
	kind := groupKind(ref)
	return strings.ToLower(kind.Kind) + "." + kind.Group
}

func sentences(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, strings.TrimSuffix(part, ".")+".")
		}
	}
	text := strings.Join(said, " ")
	if len(text) > maxMessage {
		return text[:maxMessage-3] + "..."
	}
	return text
}
