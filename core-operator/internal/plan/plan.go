// SPDX-License-Identifier: Apache-2.0

// Package plan decides where an application runs, and with it where the claims
// that it uses are satisfied. It is pure: what it knows is what it is given, it
// reads no clock and no API, and the same input gives the same decision. The
// scheduler, the preview, the fall-back to other classes and the simulation of
// pools all call it.
package plan

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// Target is a cluster that applications can be placed on; or, in a simulation, one
// that a pool could make.
type Target struct {
	Name     string
	Labels   map[string]string
	Location v1alpha1.Location
	Zones    []string
	Taints   []workload.Taint
	// Unschedulable: no more applications are placed there.
	Unschedulable bool
	// Ready: it was reached and can be used.
	Ready bool
	// UnreachableSince is since when it has not answered; nil while it does.
	UnreachableSince *time.Time
	// Allowed says whose applications may run there.
	Allowed *v1alpha1.BindableBy
	// Allocatable is what its nodes offer; nil where it is unknown, and then no
	// limit. Foreign is what others than our applications ask for.
	Allocatable, Foreign map[string]resource.Quantity
	// HourlyCost of the cluster; nil: unknown.
	HourlyCost *float64
	// Pool is the pool that could make it, and ReadyIn how long that takes; empty
	// for targets that exist.
	Pool    string
	ReadyIn time.Duration
}

// Workload is an application to be placed.
type Workload struct {
	Name            types.NamespacedName
	UID             types.UID
	Labels          map[string]string
	NamespaceLabels map[string]string
	// Placement is what the developer says of it; nil: anywhere.
	Placement *workload.Placement
	// Only is the one target that it may run on; empty: any.
	Only string
	// Requests are what it says that it takes of a target. Where neither that nor what
	// it was seen to take is known, it is placed without regard to capacity.
	Requests map[string]resource.Quantity
	// Measured is what it was seen to take; nil where nothing was. Of each resource the
	// greater one of the two counts.
	Measured map[string]resource.Quantity
	// Current is the target that it is on; empty: none. It stays there while it may.
	Current string
	// Claims that it uses.
	Claims []Claim
}

// takes is what counts of what it says and of what was seen.
func (w *Workload) takes() map[string]resource.Quantity { return contract.Most(w.Requests, w.Measured) }

// Claim is a claim that an application uses.
type Claim struct {
	UID         types.UID
	Group, Kind string
	Name        string
	// At is where it is and stays, for it may hold data; nil: it is still open.
	At *v1alpha1.Location
	// Near: the application has to be in the same region of the same cloud as At.
	Near bool
	// Cluster is the one target from which it can be reached; empty: not so.
	Cluster string
	// Options are the classes that can satisfy it, where it is open.
	Options []Option
}

// Option is a class that could satisfy a claim.
type Option struct {
	Class    string
	Provider string
	// Regions in which it can; empty: in the target's own, if that is of this
	// provider.
	Regions []string
	// Near: the application has to be in the same region of the same cloud.
	Near bool
	// Priority among the options, as the administrator sees it.
	Priority int32
	// Failed are the regions in which it was tried in vain, and why: QuotaExceeded for
	// example. Empty region: wherever the class has no region of its own.
	Failed map[string]string
	// HourlyCost, and how long it takes until it can be used; nil: unknown.
	HourlyCost *float64
	ReadyIn    *time.Duration
}

// Decision says where an application runs, and why there.
type Decision struct {
	// Target is where; empty: nowhere.
	Target string
	// Pool that has to make the target first; empty for a target that exists.
	Pool string
	// Claims has what was decided for each of the workload's, in their order; nil
	// where there is no target.
	Claims []Choice
	// Score, and what it is made of, in a fixed order.
	Score int64
	Terms []workload.ScoreTerm
	// Feasible counts the candidates that would do, Rejected the others by reason, in
	// the order of the reasons' names.
	Feasible int
	Rejected []workload.Rejection
	// Examples tell of some that were rejected, 20 at most: NAME: why not.
	Examples []string
}

// Choice is where a claim is, or shall be, satisfied.
type Choice struct {
	// Class that was chosen; empty where the claim is where it is.
	Class    string
	Location v1alpha1.Location
}

// Verdict says of one candidate whether an application could be placed there.
type Verdict struct {
	Target string
	// Reason why it is rejected, and in words; empty where it would do.
	Reason, Message string
	// Score, its terms and what would become of the claims, where it would do.
	Score  int64
	Terms  []workload.ScoreTerm
	Claims []Choice
}

// Reasons why a candidate is rejected. Targets that the application's namespace may
// not use are not even counted: they are nobody's business there.
const (
	ReasonOtherTarget      = "OtherTarget"      // the application names another one
	ReasonSelector         = "Selector"         // targetSelector
	ReasonProvider         = "Provider"         // providers
	ReasonRegion           = "Region"           // regions
	ReasonZone             = "Zone"             // zones
	ReasonNotReady         = "NotReady"         // it can't be used just now
	ReasonUnreachable      = "Unreachable"      // for longer than the application tolerates
	ReasonUnschedulable    = "Unschedulable"    // an administrator closed it
	ReasonTaint            = "Taint"            // one that is not tolerated
	ReasonCapacity         = "Capacity"         // too little is left
	ReasonAffinity         = "Affinity"         // a required term is not met
	ReasonAntiAffinity     = "AntiAffinity"     // an application there does not want this one, or this one it
	ReasonSpread           = "Spread"           // a required spread would not be kept
	ReasonDataElsewhere    = "DataElsewhere"    // a claim that it uses has its data elsewhere
	ReasonNoClass          = "NoClass"          // no class can satisfy a claim for a workload there
	ReasonOptionsExhausted = "OptionsExhausted" // all that could were tried in vain
)
