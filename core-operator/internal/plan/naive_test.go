// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// world is what a State is told, kept so that each rule can be looked up in it one
// by one, without any index. It is written after docs/placement.md, not after the
// planner.
type world struct {
	targets []plan.Target
	placed  []resident
}

type resident struct {
	plan.Workload

	on string
}

// state tells a State all of it.
func (w *world) state() *plan.State {
	s := plan.NewState()
	for i := range w.targets {
		s.SetTarget(w.targets[i])
	}
	for i := range w.placed {
		s.Place(w.placed[i].Workload, w.placed[i].on, nil)
	}
	return s
}

func (w *world) target(name string) *plan.Target {
	for i := range w.targets {
		if w.targets[i].Name == name {
			return &w.targets[i]
		}
	}
	return nil
}

// verdict is the reason why a target is rejected, "" where it would do, and "-"
// where it is no candidate.
func (w *world) verdict(app *plan.Workload, t *plan.Target) string {
	if !t.Allowed.Admits(app.Name.Namespace, app.NamespaceLabels) {
		return "-"
	}
	p := placementOf(app)
	only := app.Only
	if only == "" && p.Pin {
		only = app.Current
	}
	if only != "" {
		if t.Name != only {
			return plan.ReasonOtherTarget
		}
		return claimsVerdict(app, t)
	}
	if reason := lastingVerdict(app, t, t.Name == app.Current); reason != "" || t.Name == app.Current {
		return reason
	}
	switch {
	case t.UnreachableSince != nil:
		return plan.ReasonUnreachable
	case !t.Ready:
		return plan.ReasonNotReady
	case !w.affinityMet(app, t):
		return plan.ReasonAffinity
	case !w.antiAffinityMet(app, t):
		return plan.ReasonAntiAffinity
	case !w.spreadMet(app, t):
		return plan.ReasonSpread
	case !w.fits(app, t):
		return plan.ReasonCapacity
	}
	return ""
}

func placementOf(app *plan.Workload) *workload.Placement {
	if app.Placement == nil {
		return &workload.Placement{}
	}
	return app.Placement
}

// lastingVerdict is by rules that somebody has to change; staying is judged less
// strictly than coming.
func lastingVerdict(app *plan.Workload, t *plan.Target, stays bool) string {
	p := placementOf(app)
	switch {
	case len(p.Providers) > 0 && !slices.Contains(p.Providers, t.Location.Provider):
		return plan.ReasonProvider
	case len(p.Regions) > 0 && !slices.Contains(p.Regions, t.Location.Region):
		return plan.ReasonRegion
	case len(p.Zones) > 0 && !overlap(p.Zones, t.Zones):
		return plan.ReasonZone
	case !readable(p) || (p.TargetSelector != nil && !matches(p.TargetSelector, t.Labels)):
		return plan.ReasonSelector
	case t.Unschedulable && !stays:
		return plan.ReasonUnschedulable
	}
	for i := range t.Taints {
		repels := t.Taints[i].Effect == workload.TaintNoExecute || (t.Taints[i].Effect == workload.TaintNoSchedule && !stays)
		if repels && !tolerated(p.Tolerations, t.Taints[i]) {
			return plan.ReasonTaint
		}
	}
	if t.UnreachableSince != nil && !tolerated(withDefault(p.Tolerations), silence(*t.UnreachableSince)) {
		return plan.ReasonUnreachable
	}
	return claimsVerdict(app, t)
}

func overlap(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

// readable reports whether each selector can be read.
func readable(p *workload.Placement) bool {
	all := []*metav1.LabelSelector{p.TargetSelector}
	for _, a := range []*workload.Affinity{p.Affinity, p.AntiAffinity} {
		if a == nil {
			continue
		}
		for i := range a.Required {
			all = append(all, &a.Required[i].Selector)
		}
		for i := range a.Preferred {
			all = append(all, &a.Preferred[i].Selector)
		}
	}
	for i := range p.Spread {
		all = append(all, &p.Spread[i].Selector)
	}
	return !slices.ContainsFunc(all, func(s *metav1.LabelSelector) bool {
		_, err := metav1.LabelSelectorAsSelector(s)
		return err != nil
	})
}

func matches(s *metav1.LabelSelector, of map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(of))
}

func silence(since time.Time) workload.Taint {
	return workload.Taint{Key: workload.TaintUnreachable, Effect: workload.TaintNoExecute, TimeAdded: &metav1.Time{Time: since}}
}

// withDefault adds what is tolerated by who says nothing of it.
func withDefault(all []workload.Toleration) []workload.Toleration {
	for _, o := range all {
		if sameTaint(o, silence(noon)) {
			return all
		}
	}
	return append(slices.Clone(all), workload.Toleration{Key: workload.TaintUnreachable, Operator: workload.TolerationExists, TolerationSeconds: new(int64(300))})
}

func tolerated(all []workload.Toleration, t workload.Taint) bool {
	for _, o := range all {
		if !sameTaint(o, t) {
			continue
		}
		forever := t.Effect != workload.TaintNoExecute || o.TolerationSeconds == nil
		if forever || (t.TimeAdded != nil && noon.Sub(t.TimeAdded.Time).Seconds() < float64(*o.TolerationSeconds)) {
			return true
		}
	}
	return false
}

func sameTaint(o workload.Toleration, t workload.Taint) bool {
	if o.Effect != "" && o.Effect != t.Effect {
		return false
	}
	if o.Operator == workload.TolerationExists {
		return o.Key == "" || o.Key == t.Key
	}
	return o.Key != "" && o.Key == t.Key && o.Value == t.Value
}

// claimsVerdict tries every option of every claim.
func claimsVerdict(app *plan.Workload, t *plan.Target) string {
	for i := range app.Claims {
		if c := &app.Claims[i]; c.Cluster != "" && c.Cluster != t.Name {
			return plan.ReasonDataElsewhere
		}
	}
	for i := range app.Claims {
		c := &app.Claims[i]
		if c.At != nil {
			otherCloud := c.At.Provider != "" && c.At.Provider != t.Location.Provider
			otherRegion := c.At.Region != "" && c.At.Region != t.Location.Region
			if c.Near && (otherCloud || otherRegion) {
				return plan.ReasonDataElsewhere
			}
			continue
		}
		if len(usable(c, t, false)) == 0 {
			if len(usable(c, t, true)) == 0 {
				return plan.ReasonNoClass
			}
			return plan.ReasonOptionsExhausted
		}
	}
	return ""
}

// pickable is an option in one of its regions.
type pickable struct {
	option int
	region string
	// order among the class's regions.
	order int
}

// usable are the options of a claim for a target; those that failed, too, if asked.
func usable(c *plan.Claim, t *plan.Target, failed bool) []pickable {
	var out []pickable
	for i, o := range c.Options {
		if len(o.Regions) == 0 && o.Provider == t.Location.Provider {
			_, there := o.Failed[t.Location.Region]
			_, anywhere := o.Failed[""]
			if failed || (!there && !anywhere) {
				out = append(out, pickable{option: i, region: t.Location.Region})
			}
		}
		for order, region := range o.Regions {
			_, inVain := o.Failed[region]
			if (failed || !inVain) && (!o.Near || (o.Provider == t.Location.Provider && region == t.Location.Region)) {
				out = append(out, pickable{option: i, region: region, order: order})
			}
		}
	}
	return out
}

// others are the applications of the namespace that have a place on a known target.
func (w *world) others(app *plan.Workload) []resident {
	var out []resident
	for _, r := range w.placed {
		if r.UID != app.UID && r.Name.Namespace == app.Name.Namespace && w.target(r.on) != nil {
			out = append(out, r)
		}
	}
	return out
}

// together reports whether two targets are in one place.
func together(topology workload.Topology, a, b *plan.Target) bool {
	switch {
	case a.Name == b.Name:
		return true
	case topology == workload.TopologyRegion:
		return a.Location.Provider != "" && a.Location.Region != "" && a.Location.Provider == b.Location.Provider && a.Location.Region == b.Location.Region
	case topology == workload.TopologyProvider:
		return a.Location.Provider != "" && a.Location.Provider == b.Location.Provider
	default:
		return false
	}
}

// near counts those that a selector chooses and that are where a target is.
func (w *world) near(app *plan.Workload, s *metav1.LabelSelector, topology workload.Topology, t *plan.Target) int {
	n := 0
	for _, r := range w.others(app) {
		if matches(s, r.Labels) && together(topology, w.target(r.on), t) {
			n++
		}
	}
	return n
}

func (w *world) affinityMet(app *plan.Workload, t *plan.Target) bool {
	a := placementOf(app).Affinity
	if a == nil {
		return true
	}
	for i := range a.Required {
		s := &a.Required[i].Selector
		nobody := !slices.ContainsFunc(w.others(app), func(r resident) bool { return matches(s, r.Labels) })
		if nobody && matches(s, app.Labels) {
			continue
		}
		if w.near(app, s, a.Required[i].Topology, t) == 0 {
			return false
		}
	}
	return true
}

func (w *world) antiAffinityMet(app *plan.Workload, t *plan.Target) bool {
	if a := placementOf(app).AntiAffinity; a != nil {
		for i := range a.Required {
			if w.near(app, &a.Required[i].Selector, a.Required[i].Topology, t) > 0 {
				return false
			}
		}
	}
	for _, r := range w.others(app) {
		a := placementOf(&r.Workload).AntiAffinity
		if a == nil {
			continue
		}
		for i := range a.Required {
			if matches(&a.Required[i].Selector, app.Labels) && together(a.Required[i].Topology, w.target(r.on), t) {
				return false
			}
		}
	}
	return true
}

// skew is by how many more a target's place would have than the one with fewest.
func (w *world) skew(app *plan.Workload, s *workload.Spread, t *plan.Target) int {
	fewest := -1
	for i := range w.targets {
		other := &w.targets[i]
		if !other.Allowed.Admits(app.Name.Namespace, app.NamespaceLabels) || lastingVerdict(app, other, false) != "" {
			continue
		}
		if n := w.near(app, &s.Selector, s.Topology, other); fewest < 0 || n < fewest {
			fewest = n
		}
	}
	n := w.near(app, &s.Selector, s.Topology, t) - max(fewest, 0)
	if matches(&s.Selector, app.Labels) {
		n++
	}
	return n
}

func (w *world) spreadMet(app *plan.Workload, t *plan.Target) bool {
	p := placementOf(app)
	for i := range p.Spread {
		if p.Spread[i].Required && w.skew(app, &p.Spread[i], t) > max(int(p.Spread[i].MaxSkew), 1) {
			return false
		}
	}
	return true
}

func (w *world) fits(app *plan.Workload, t *plan.Target) bool {
	if t.Allocatable == nil {
		return true
	}
	for name, asked := range takes(app) {
		if left := w.left(app, t, name); left.Cmp(asked) < 0 && asked.Sign() > 0 {
			return false
		}
	}
	return true
}

// left is what others leave of a resource.
func (w *world) left(app *plan.Workload, t *plan.Target, name string) resource.Quantity {
	left := t.Allocatable[name].DeepCopy()
	left.Sub(t.Foreign[name])
	for _, r := range w.placed {
		if asked := takes(&r.Workload)[name]; r.on == t.Name && r.UID != app.UID && asked.Sign() > 0 {
			left.Sub(asked)
		}
	}
	return left
}

// takes is of each resource what an application says that it takes, or what it was
// seen to take if that is more.
func takes(app *plan.Workload) map[string]resource.Quantity {
	out := map[string]resource.Quantity{}
	for _, all := range []map[string]resource.Quantity{app.Requests, app.Measured} {
		for name, q := range all {
			if have, found := out[name]; !found || q.Cmp(have) > 0 {
				out[name] = q
			}
		}
	}
	return out
}
