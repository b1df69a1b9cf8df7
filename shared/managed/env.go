// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Env is what a kind's reconciler needs of the operator that it runs in.
type Env struct {
	// Kube reads through the manager's cache, secrets excepted, and writes.
	Kube client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Clock tells the time; tests replace it.
	Clock clock.PassiveClock
	// Events records transitions on the objects; nil for none.
	Events events.EventRecorder
	// Operator is the operator's name, the field manager of what it writes.
	Operator string
	// Hub is the identity of this control plane: the uid of its kube-system.
	Hub types.UID
	// FormerHubs are the identities of control planes that this one is the successor of: what belonged to
	// an object there becomes the same object's here, restored from a backup.
	FormerHubs []string
	// Namespace is the operator's own: of its credentials and of its Lease.
	Namespace string
	// ConnectionNamespace is where connection secrets are written.
	ConnectionNamespace string
	// Poll replaces the kinds' own poll interval, if not 0.
	Poll time.Duration
	// MaxConcurrent is how many objects of one kind are worked on at a time; 0: 10.
	MaxConcurrent int
}

// Controller is a kind, whatever its types: what an operator's list of kinds
// consists of. Kind implements it.
type Controller interface {
	// Object returns an empty object of the kind.
	Object() client.Object
	// SetupWithManager adds the kind's controller to mgr.
	SetupWithManager(mgr ctrl.Manager, env Env) error
}
