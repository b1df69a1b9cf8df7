// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// State is what the census counts an object as; every object has exactly one.
type State string

// The states, in the order in which they are tried.
const (
	StateDeleting State = "Deleting" // has a deletion timestamp
	StateStalled  State = "Stalled"  // waits for somebody, whether it is usable or not
	StateReady    State = "Ready"    // usable
	StatePending  State = "Pending"  // not looked at yet
	StateCreating State = "Creating" // never was usable so far
	StateNotReady State = "NotReady" // anything else that can't be used
)

// States lists all of them.
func States() []State {
	return []State{StateDeleting, StateStalled, StateReady, StatePending, StateCreating, StateNotReady}
}

// StateOf judges an object by its metadata and conditions.
func StateOf(obj metav1.Object, conditions []metav1.Condition) State {
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	switch {
	case !obj.GetDeletionTimestamp().IsZero():
		return StateDeleting
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled):
		return StateStalled
	case ready == nil || ready.Reason == v1alpha1.ReasonPending:
		return StatePending
	case ready.Status == metav1.ConditionTrue:
		return StateReady
	case ready.Reason == v1alpha1.ReasonCreating:
		return StateCreating
	default:
		return StateNotReady
	}
}

// Counted is a kind whose objects the census counts.
type Counted struct {
	// Kind is the value of the label.
	Kind string
	// NewList returns an empty list of the kind.
	NewList func() client.ObjectList
	// Conditions returns the conditions of an object of the list.
	Conditions func(client.Object) []metav1.Condition
}

// Census is a gauge of objects by kind and state, taken when it is asked for:
// nothing has to be kept level with the objects.
type Census struct {
	desc   *prometheus.Desc
	reader client.Reader
	kinds  []Counted
}

// NewManagedCensus returns the gauge crossplane_managed_resources over kinds.
// reader must be a cache: it is listed at every scrape, without copying.
func NewManagedCensus(reader client.Reader, kinds ...Counted) *Census {
	return newCensus("crossplane_managed_resources", "Managed resources by kind and state.", reader, kinds)
}

// NewClaimCensus returns the gauge crossplane_claims over kinds; see
// NewManagedCensus.
func NewClaimCensus(reader client.Reader, kinds ...Counted) *Census {
	return newCensus("crossplane_claims", "Claims by kind and state.", reader, kinds)
}

func newCensus(name, help string, reader client.Reader, kinds []Counted) *Census {
	desc := prometheus.NewDesc(name, help, []string{"kind", "state"}, nil)
	return &Census{desc: desc, reader: reader, kinds: kinds}
}

// Register adds the census to the operator's registry. It replaces an earlier
// one of the same name: that of a manager which has ended.
func (c *Census) Register() error {
	err := ctrlmetrics.Registry.Register(c)
	if dup, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		ctrlmetrics.Registry.Unregister(dup.ExistingCollector)
		err = ctrlmetrics.Registry.Register(c)
	}
	if err != nil {
		return fmt.Errorf("registering a census: %w", err)
	}
	return nil
}

// Describe implements prometheus.Collector.
func (c *Census) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// scrapeTimeout ends the listing of a cache that does not answer, for instance
// because it has not synced yet.
const scrapeTimeout = 2 * time.Second

// Collect implements prometheus.Collector. A kind that can't be listed now is
// left out: an absent series says more than a zero.
func (c *Census) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	for _, k := range c.kinds {
		counts, err := c.count(ctx, k)
		if err != nil {
			continue
		}
		for _, s := range States() {
			ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(counts[s]), k.Kind, string(s))
		}
	}
}

func (c *Census) count(ctx context.Context, k Counted) (map[State]int, error) {
	list := k.NewList()
	if err := c.reader.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing %s: %w", k.Kind, err)
	}
	counts := map[State]int{}
	err := meta.EachListItem(list, func(item runtime.Object) error {
		if obj, ok := item.(client.Object); ok {
			counts[StateOf(obj, k.Conditions(obj))]++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", k.Kind, err)
	}
	return counts, nil
}
