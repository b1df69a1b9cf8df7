// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// cases is how many random worlds each property is tried on.
const cases = 2000

// forAll tries a property on random worlds; it says what is wrong, or "".
func forAll(t *testing.T, holds func(d dice, w *world, app plan.Workload) string) {
	t.Helper()
	d := roll(t)
	for i := range cases {
		w, app := d.world(), d.app("app")
		if d.one(4) && len(w.placed) > 0 { // one that has a place is decided again
			app.UID = w.placed[0].UID
		}
		if wrong := holds(d, w, app); wrong != "" {
			t.Fatalf("case %d: %s\ntargets: %s\nplaced: %s\napplication: %s", i, wrong, show(w.targets), show(w.placed), show(app))
		}
	}
}

func show(v any) string {
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(out)
}

// TestNoRuleIsBroken: each candidate is judged as a reader of the rules would, and
// what is chosen is one of those that would do.
func TestNoRuleIsBroken(t *testing.T) {
	forAll(t, func(_ dice, w *world, app plan.Workload) string { return judgedRight(w, app) })
}

// judgedRight compares a decision, and its explanation, with the rules.
func judgedRight(w *world, app plan.Workload) string {
	state := w.state()
	d := state.Plan(app, noon)
	want, feasible := map[string]int32{}, 0
	for i := range w.targets {
		switch reason := w.verdict(&app, &w.targets[i]); reason {
		case "-":
		case "":
			feasible++
		default:
			want[reason]++
		}
	}
	got := map[string]int32{}
	for _, r := range d.Rejected {
		got[r.Reason] = r.Count
	}
	if diff := cmp.Diff(want, got); diff != "" || feasible != d.Feasible || (feasible > 0) != (d.Target != "") {
		return fmt.Sprintf("%d would do, decided is %q of %d, and -by the rules +by the planner:\n%s", feasible, d.Target, d.Feasible, diff)
	}
	if !slices.IsSortedFunc(d.Rejected, func(a, b workload.Rejection) int { return cmpStrings(a.Reason, b.Reason) }) {
		return fmt.Sprintf("the reasons are not in order: %v", d.Rejected)
	}
	if d.Target == "" {
		return ""
	}
	if reason := w.verdict(&app, w.target(d.Target)); reason != "" {
		return fmt.Sprintf("%s was chosen, which is rejected for %s", d.Target, reason)
	}
	if stays := w.target(app.Current); stays != nil && w.verdict(&app, stays) == "" && d.Target != app.Current {
		return fmt.Sprintf("moved to %s without need", d.Target)
	}
	for _, v := range state.Explain(app, noon) {
		if reason := w.verdict(&app, w.target(v.Target)); reason != v.Reason {
			return fmt.Sprintf("%s is explained to be rejected for %q, which is %q", v.Target, v.Reason, reason)
		}
	}
	return ""
}

func cmpStrings(a, b string) int {
	return lower(b, a)
}

// TestBruteForce compares with the best of all whole decisions, each of which is
// made and scored for itself.
func TestBruteForce(t *testing.T) {
	decided := 0
	forAll(t, func(_ dice, w *world, app plan.Workload) string {
		d := w.state().Plan(app, noon)
		if d.Target == "" {
			return ""
		}
		decided++
		best := w.best(&app)
		scores := w.scores(&app, best)
		highest, chosen := int64(-1<<62), -1
		for i := range best {
			highest = max(highest, total(scores[i]))
			if best[i].target.Name == d.Target {
				chosen = i
			}
		}
		if chosen < 0 || len(best) != d.Feasible {
			return fmt.Sprintf("%s is none of the %d best sets; %d would do", d.Target, len(best), d.Feasible)
		}
		for i, c := range d.Claims {
			want := plan.Choice{Location: best[chosen].location(&app, i)}
			if app.Claims[i].At == nil {
				want.Class = best[chosen].option(&app, i).Class
			}
			if c != want {
				return fmt.Sprintf("claim %d: %+v, and best is %+v", i, c, want)
			}
		}
		for name, v := range scores[chosen] {
			if got := termOf(d.Terms, name); got != v {
				return fmt.Sprintf("%s is %d, decided %d", name, v, got)
			}
		}
		if total(scores[chosen]) != d.Score {
			return fmt.Sprintf("%s has the score %d, decided %d", d.Target, total(scores[chosen]), d.Score)
		}
		if d.Score < highest && d.Target != app.Current {
			return fmt.Sprintf("%s has the score %d, and the best is %d", d.Target, d.Score, highest)
		}
		return nothingNearer(w, &app, d)
	})
	if decided < 200 {
		t.Errorf("only %d cases had a decision", decided)
	}
}

// nothingNearer: no whole decision at all has more claims nearer, unless it is on a
// cluster that does not exist, or the application is where it is.
func nothingNearer(w *world, app *plan.Workload, d plan.Decision) string {
	if d.Target == app.Current {
		return ""
	}
	for _, s := range w.sets(app) {
		sum := int64(0)
		for i := range app.Claims {
			sum += int64(s.nearness(app, i))
		}
		if s.target.Pool == d.Pool && 5000*sum > termOf(d.Terms, "colocation") {
			return fmt.Sprintf("on %s the claims would be nearer: %d", s.target.Name, 5000*sum)
		}
	}
	return ""
}

func total(terms map[string]int64) int64 {
	sum := int64(0)
	for _, v := range terms {
		sum += v
	}
	return sum
}

func termOf(terms []workload.ScoreTerm, name string) int64 {
	for _, t := range terms {
		if t.Name == name {
			return t.Value
		}
	}
	return 0
}

// TestOrderIsNoInfluence tells a State the same in another order, and by detours.
func TestOrderIsNoInfluence(t *testing.T) {
	forAll(t, func(d dice, w *world, app plan.Workload) string {
		want := w.state().Plan(app, noon)
		s := plan.NewState()
		for i := range w.placed {
			s.Place(d.app(string(w.placed[i].UID)), d.targetName(), nil)
		}
		s.SetTarget(d.target("gone"))
		for _, i := range d.Perm(len(w.targets)) {
			s.SetTarget(d.target(w.targets[i].Name))
			s.SetTarget(w.targets[i])
		}
		s.Place(d.app("gone"), d.targetName(), nil)
		s.Plan(d.app("other"), noon)
		for _, i := range d.Perm(len(w.placed)) {
			s.Place(w.placed[i].Workload, w.placed[i].on, nil)
		}
		s.Remove("gone")
		s.RemoveTarget("gone")
		return cmp.Diff(want, s.Plan(app, noon))
	})
}

// TestMoreRoomHarmsNobody: who has a place with little room has one with more.
func TestMoreRoomHarmsNobody(t *testing.T) {
	forAll(t, func(d dice, w *world, app plan.Workload) string {
		p := placementOf(&app)
		required := slices.ContainsFunc(p.Spread, func(s workload.Spread) bool { return s.Required })
		if required || (p.AntiAffinity != nil && len(p.AntiAffinity.Required) > 0) || w.state().Plan(app, noon).Target == "" {
			return ""
		}
		more := &world{targets: slices.Clone(w.targets), placed: w.placed}
		for i := range more.targets {
			t := &more.targets[i]
			t.Allocatable = maps.Clone(t.Allocatable)
			for name, q := range t.Allocatable {
				q.Add(*resource.NewQuantity(int64(d.IntN(3)), resource.DecimalSI))
				t.Allocatable[name] = q
			}
			if d.one(6) {
				t.Allocatable = nil
			}
		}
		if more.state().Plan(app, noon).Target == "" {
			return "with more room there is no place: " + show(more.targets)
		}
		return ""
	})
}

// TestWithPromisesWhatIsDone: what is decided beside hypothetical targets is decided
// again once they are there, and meanwhile nothing has changed.
func TestWithPromisesWhatIsDone(t *testing.T) {
	forAll(t, func(d dice, w *world, app plan.Workload) string {
		s := w.state()
		before := s.Plan(app, noon)
		extra := []plan.Target{d.target("x1"), d.target("x2")}
		promised := s.With(extra...).Plan(app, noon)
		if diff := cmp.Diff(before, s.Plan(app, noon)); diff != "" {
			return "the State has changed: " + diff
		}
		for _, t := range extra {
			s.SetTarget(t)
		}
		return cmp.Diff(promised, s.Plan(app, noon))
	})
}

// TestStatesApart walks at random: states come from others, each goes its own way,
// and each has to say what one says that was told its world in one go.
func TestStatesApart(t *testing.T) {
	d := roll(t)
	type branch struct {
		state *plan.State
		world *world
	}
	branches := []branch{{state: plan.NewState(), world: &world{}}}
	for step := range 3 * cases {
		b := &branches[d.IntN(len(branches))]
		switch d.IntN(6) {
		case 0, 1:
			t := d.target(d.targetName())
			b.state.SetTarget(t)
			b.world.targets = append(slices.DeleteFunc(b.world.targets, func(o plan.Target) bool { return o.Name == t.Name }), t)
		case 2:
			name := d.targetName()
			b.state.RemoveTarget(name)
			b.world.targets = slices.DeleteFunc(b.world.targets, func(o plan.Target) bool { return o.Name == name })
		case 3, 4:
			r := resident{Workload: d.app(fmt.Sprint("p", d.IntN(12))), on: d.targetName()}
			b.state.Place(r.Workload, r.on, nil)
			b.world.leave(r.Workload)
			b.world.placed = append(b.world.placed, r)
		case 5:
			gone := d.app(fmt.Sprint("p", d.IntN(12)))
			b.state.Remove(gone.UID)
			b.world.leave(gone)
		}
		if d.one(10) {
			extra := d.target(d.targetName())
			other := branch{state: b.state.With(extra), world: &world{targets: slices.Clone(b.world.targets), placed: slices.Clone(b.world.placed)}}
			other.world.targets = append(slices.DeleteFunc(other.world.targets, func(o plan.Target) bool { return o.Name == extra.Name }), extra)
			if branches = append(branches, other); len(branches) > 4 {
				branches = branches[1:]
			}
		}
		app := d.app("app")
		for i := range branches {
			if diff := cmp.Diff(branches[i].world.state().Plan(app, noon), branches[i].state.Plan(app, noon)); diff != "" {
				t.Fatalf("step %d, branch %d of %d: -told in one go +walked\n%s", step, i, len(branches), diff)
			}
		}
	}
}

// TestStatesInGoroutines: one that came from another is used beside it. The maps of
// Go themselves complain if the two shared one that is written to.
func TestStatesInGoroutines(t *testing.T) {
	d := roll(t)
	w := d.world()
	s := w.state()
	var wait sync.WaitGroup
	for i := range 8 {
		other, d := s.With(d.target(fmt.Sprint("x", i))), diceOf(uint64(i))
		wait.Go(func() {
			for step := range 200 {
				app := d.app(fmt.Sprint("p", step%12))
				other.Place(app, other.Plan(app, noon).Target, nil)
			}
		})
		for step := range 50 {
			s.Place(d.app(fmt.Sprint("q", step%7)), d.targetName(), nil)
		}
	}
	wait.Wait()
	for i := range 7 {
		s.Remove(types.UID(fmt.Sprint("q", i)))
	}
	app := d.app("app")
	if diff := cmp.Diff(w.state().Plan(app, noon), s.Plan(app, noon)); diff != "" {
		t.Errorf("-as it was told +as it became\n%s", diff)
	}
}

func (w *world) leave(app plan.Workload) {
	w.placed = slices.DeleteFunc(w.placed, func(r resident) bool { return r.UID == app.UID })
}

// TestEqualsSpreadOut: applications that are alike do not all go to one of the
// targets that are alike.
func TestEqualsSpreadOut(t *testing.T) {
	s := plan.NewState()
	for i := range 10 {
		s.SetTarget(plan.Target{Name: fmt.Sprint("t", i), Ready: true, Allowed: &v1alpha1.BindableBy{Namespaces: []string{"shop"}}})
	}
	d := diceOf(1)
	counts := map[string]int{}
	for i := range 1000 {
		app := d.app(fmt.Sprint("app", i))
		counts[s.Plan(plan.Workload{Name: app.Name, UID: app.UID, NamespaceLabels: app.NamespaceLabels}, noon).Target]++
	}
	for i := range 10 {
		if n := counts[fmt.Sprint("t", i)]; n < 50 || n > 150 {
			t.Errorf("t%d has %d of 1000", i, n)
		}
	}
}

// TestExamples: twenty are told of, of each reason some, and the counts are of all.
func TestExamples(t *testing.T) {
	s := plan.NewState()
	for i := range 60 {
		s.SetTarget(plan.Target{Name: fmt.Sprintf("t%02d", i), Unschedulable: i%30 == 1, Allowed: &v1alpha1.BindableBy{Namespaces: []string{"shop"}}})
	}
	app := plan.Workload{Name: types.NamespacedName{Namespace: "shop", Name: "app"}}
	app.Placement = &workload.Placement{TargetSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"gpu": "yes"}}}
	d := s.Plan(app, noon)
	want := []workload.Rejection{{Reason: plan.ReasonSelector, Count: 60}}
	if diff := cmp.Diff(want, d.Rejected); diff != "" || len(d.Examples) != 20 || !strings.HasPrefix(d.Examples[19], "t19: ") {
		t.Errorf("%d examples, -want +got %s: %v", len(d.Examples), diff, d.Examples)
	}
	app.Placement = nil
	app.Claims = []plan.Claim{{Kind: "MySQLInstance", Name: "db"}}
	d = s.Plan(app, noon)
	want = []workload.Rejection{{Reason: plan.ReasonNoClass, Count: 58}, {Reason: plan.ReasonUnschedulable, Count: 2}}
	if diff := cmp.Diff(want, d.Rejected); diff != "" || len(d.Examples) != 20 {
		t.Errorf("%d examples, -want +got %s", len(d.Examples), diff)
	}
	for i, name := range []string{"t00", "t01", "t02", "t31", "t03"} {
		if !strings.HasPrefix(d.Examples[i], name+": ") {
			t.Errorf("example %d is %q, want one of %s", i, d.Examples[i], name)
		}
	}
}

// FuzzPlan decides on placements as they come, however wrong, in random worlds.
func FuzzPlan(f *testing.F) {
	f.Add(uint64(1), `{}`)
	f.Add(uint64(2), `{"regions":["r1"],"tolerations":[{"operator":"Exists","tolerationSeconds":9223372036854775807}],"pin":true}`)
	f.Add(uint64(3), `{"targetSelector":{"matchExpressions":[{"key":"app","operator":"NotIn","values":["a"]}]}}`)
	f.Add(uint64(4), `{"spread":[{"selector":{},"topology":"Region","maxSkew":-1,"required":true}]}`)
	f.Add(uint64(5), `{"antiAffinity":{"required":[{"selector":{"matchLabels":{"app":"a"}},"topology":"Planet"}]}}`)
	f.Fuzz(func(t *testing.T, seed uint64, placement string) {
		d := diceOf(seed)
		w, app := d.world(), d.app("app")
		var p workload.Placement
		if json.Unmarshal([]byte(placement), &p) != nil {
			return
		}
		app.Placement = &p
		if wrong := judgedRight(w, app); wrong != "" {
			t.Fatalf("%s\ntargets: %s\nplaced: %s\napplication: %s", wrong, show(w.targets), show(w.placed), show(app))
		}
		if err := plan.Check(app); err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
		w.placed = append(w.placed, resident{Workload: app, on: "t0"})
		if wrong := judgedRight(w, d.app("next")); wrong != "" {
			t.Fatalf("beside it: %s", wrong)
		}
	})
}
