// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const (
	// Prices is the name of the ConfigMap, in core's own namespace, that says what
	// classes cost an hour: by the name of each, a number such as 0.12, in the currency
	// in which the targets' hourlyCost is. It is optional, and read every pricesEvery.
	Prices      = "crossplane-prices"
	pricesEvery = time.Minute
	// remembered is of how many resources of a class the time until ready counts.
	remembered = 64
)

// +kubebuilder:rbac:groups="",resources=configmaps,resourceNames=crossplane-prices,verbs=get,namespace=crossplane-system

// facts are what is known of classes beside what administrators say there.
type facts struct {
	mu     sync.Mutex
	prices map[string]float64
	took   map[string][]time.Duration // the newest last
}

func newFacts() *facts { return &facts{took: map[string][]time.Duration{}} }

// timeToReady is what a class takes from the creation of its resource until that
// can be used for the first time.
var timeToReady = prometheus.NewHistogramVec(prometheus.HistogramOpts{ //nolint:gochecknoglobals // a metric
	Name: "crossplane_class_ready_seconds", Help: "Time from the creation of a class's primary resource until it was ready for the first time.",
	Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600},
}, []string{"class"})

// fill returns options with what is known of them.
func (f *facts) fill(options []plan.Option) []plan.Option {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range options {
		if price, known := f.prices[options[i].Class]; known {
			options[i].HourlyCost = &price
		}
		if took := f.took[options[i].Class]; len(took) > 0 {
			sorted := slices.Sorted(slices.Values(took))
			options[i].ReadyIn = &sorted[len(sorted)/2]
		}
	}
	return options
}

// managed takes note of how long a resource of a class took: of those that are
// there when core starts for the planner alone, the metric has had them.
func (f *facts) managed(before, now *contract.Managed) {
	if now == nil || now.Status.FirstReadyTime == nil || before != nil && before.Status.FirstReadyTime != nil {
		return
	}
	class := now.Annotations[claimapi.AnnotationClass]
	took := now.Status.FirstReadyTime.Sub(now.CreationTimestamp.Time)
	if class == "" || took < 0 {
		return
	}
	if before != nil {
		timeToReady.WithLabelValues(class).Observe(took.Seconds())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took[class] = append(f.took[class], took)
	f.took[class] = f.took[class][max(0, len(f.took[class])-remembered):]
}

// readPrices keeps the prices as they are in the ConfigMap until ctx ends.
func (s *Scheduler) readPrices(ctx context.Context) {
	ticker := time.NewTicker(pricesEvery)
	defer ticker.Stop()
	for {
		if prices, err := s.prices(ctx); err != nil && ctx.Err() == nil {
			s.log(ctx).Error(err, "can't read the prices", "configmap", Prices)
		} else {
			s.facts.price(prices)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Scheduler) prices(ctx context.Context) (map[string]float64, error) {
	table := &corev1.ConfigMap{}
	err := s.Live.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: Prices}, table)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // no prices
	}
	if err != nil {
		return nil, fmt.Errorf("reading ConfigMap %s: %w", Prices, err)
	}
	return pricesIn(table)
}

func pricesIn(table *corev1.ConfigMap) (map[string]float64, error) {
	out := map[string]float64{}
	for _, class := range slices.Sorted(maps.Keys(table.Data)) {
		price, err := strconv.ParseFloat(table.Data[class], 64)
		if err != nil || !(price >= 0) || math.IsInf(price, 0) {
			return nil, fmt.Errorf("ConfigMap %s: %s: %q is no price", Prices, class, table.Data[class]) //nolint:err113 // for people
		}
		out[class] = price
	}
	return out, nil
}

func (f *facts) price(prices map[string]float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prices = prices
}
