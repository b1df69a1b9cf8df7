// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

func named(name string, priority int32, age time.Duration) *contract.Application {
	a := &contract.Application{}
	a.Namespace, a.Name = "shop", name
	a.CreationTimestamp = metav1.NewTime(time.Unix(1_800_000_000, 0).Add(-age))
	a.Spec.Placement = &workload.Placement{Priority: priority}
	return a
}

// TestTheOrder is by priority, then age, then name; each is there once, with the
// priority that it has last.
func TestTheOrder(t *testing.T) {
	q := newQueue()
	for _, a := range []*contract.Application{
		named("young", 0, time.Minute), named("old", 0, time.Hour), named("twin", 0, time.Hour), named("vip", 5, 0), named("least", -1, time.Hour),
		named("young", 0, time.Minute), named("risen", 0, 0), named("risen", 9, 0),
	} {
		q.add(a)
	}
	var got []string
	for key, ok := q.next(); ok; key, ok = q.next() {
		got = append(got, key.Name)
	}
	if want := "[risen vip old twin young least]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestFacts: prices by class, and the median of the times that a class's resources
// took, the newest of them.
func TestFacts(t *testing.T) {
	f := newFacts()
	f.price(map[string]float64{"a": 0.5})
	took := func(class string, seconds int, seen bool) {
		before := &contract.Managed{}
		now := &contract.Managed{Status: v1alpha1.ManagedStatus{FirstReadyTime: new(metav1.NewTime(time.Unix(int64(1000+seconds), 0)))}}
		now.CreationTimestamp = metav1.NewTime(time.Unix(1000, 0))
		now.Annotations = map[string]string{claimapi.AnnotationClass: class}
		if seen {
			before = now
		}
		f.managed(before, now)
	}
	for _, seconds := range []int{10, 1000, 30} {
		took("a", seconds, false)
	}
	took("a", 5000, true) // is no news
	took("b", -5, false)  // no time goes backwards
	f.managed(nil, nil)
	o := f.fill([]plan.Option{{Class: "a"}, {Class: "b"}})
	if *o[0].HourlyCost != 0.5 || *o[0].ReadyIn != 30*time.Second || o[1].HourlyCost != nil || o[1].ReadyIn != nil {
		t.Errorf("got %+v", o)
	}
	for range remembered {
		took("a", 60, false)
	}
	if o := f.fill([]plan.Option{{Class: "a"}}); *o[0].ReadyIn != time.Minute || len(f.took["a"]) != remembered {
		t.Errorf("got %v of %d", *o[0].ReadyIn, len(f.took["a"]))
	}
}

// TestPrices are numbers that are not negative.
func TestPrices(t *testing.T) {
	got, err := pricesIn(&corev1.ConfigMap{Data: map[string]string{"a": "0.12", "b": "3"}})
	if err != nil || got["a"] != 0.12 || got["b"] != 3 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "cheap", "-1", "NaN", "Inf"} {
		if _, err := pricesIn(&corev1.ConfigMap{Data: map[string]string{"a": bad}}); err == nil {
			t.Errorf("%q is a price", bad)
		}
	}
}

// TestOneTimer is set for each application, for the earliest time that is asked for.
func TestOneTimer(t *testing.T) {
	b, key, rang := &inbox{}, types.NamespacedName{Name: "a"}, make(chan struct{}, 9)
	for range 3 {
		b.after(20*time.Millisecond, key, func() { rang <- struct{}{} })
		b.after(time.Hour, key, func() { rang <- struct{}{} })
	}
	<-rang
	time.Sleep(50 * time.Millisecond)
	if again, _, _ := b.take(); !again[key] || len(rang) != 0 || len(b.timers) != 0 {
		t.Errorf("%v, and %d more times", again, len(rang))
	}
}

// TestSupposedIsDocumented: what is supposed of a chart that says nothing is told to
// people as it is.
func TestSupposedIsDocumented(t *testing.T) {
	for _, path := range []string{"docs/placement.md", "docs/reference/workload-operator.md", "CHANGELOG.md"} {
		content, err := os.ReadFile("../../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(content), "<br />", " ")
		want := supposedCPU + " of cpu, " + supposedMemory + " of memory and one pod"
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s does not say %s", path, want)
		}
	}
}
