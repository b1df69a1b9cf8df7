// SPDX-License-Identifier: Apache-2.0

// Package metrics holds what operators count, under the same names in every
// operator, so that one dashboard serves all of them (docs/dashboards). Labels
// are kinds, states and operations, never names of objects: the number of series
// does not grow with the number of resources. All metrics are in
// controller-runtime's registry, which the operator serves.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/crossplaneio/crossplane/shared/fault"
)

// OutcomeOK is the outcome of a cloud call that succeeded; that of any other
// call is the class of its error.
const OutcomeOK = "OK"

//nolint:gochecknoglobals // metrics are registered once in a process, and never replaced
var (
	factory = promauto.With(ctrlmetrics.Registry)

	cloudCalls = factory.NewCounterVec(prometheus.CounterOpts{
		Name: "crossplane_cloud_calls_total",
		Help: "Calls sent to a cloud, retries included, by outcome: OK or the class of the error.",
	}, []string{"cloud", "service", "operation", "outcome"})

	cloudCallSeconds = factory.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "crossplane_cloud_call_seconds",
		Help:    "Seconds from sending a call to a cloud until its answer was read.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"cloud", "service", "operation"})

	passes = factory.NewCounterVec(prometheus.CounterOpts{
		Name: "crossplane_managed_passes_total",
		Help: "Passes over managed resources, by what came of them: a step or the class of an error.",
	}, []string{"kind", "result"})

	timeToReady = factory.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "crossplane_managed_time_to_ready_seconds",
		Help:    "Seconds from the creation of a managed resource until it was ready for the first time.",
		Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200},
	}, []string{"kind"})
)

// CloudCall counts one call to a cloud: each attempt that was sent, so that the
// counter agrees with the cloud's own. err is nil, or the error as the provider
// classified it (fault.Of decides the outcome).
func CloudCall(cloud, service, operation string, took time.Duration, err error) {
	outcome := OutcomeOK
	if err != nil {
		outcome = string(fault.Of(err).Class)
	}
	cloudCalls.WithLabelValues(cloud, service, operation, outcome).Inc()
	cloudCallSeconds.WithLabelValues(cloud, service, operation).Observe(took.Seconds())
}

// Pass counts one pass of the reconciler over a resource of kind. result is the
// step that it took or the class of the error that ended it: one of a few words.
func Pass(kind, result string) {
	passes.WithLabelValues(kind, result).Inc()
}

// FirstReady records how long after its creation a resource of kind was ready
// for the first time. It is called once in a resource's life.
func FirstReady(kind string, age time.Duration) {
	timeToReady.WithLabelValues(kind).Observe(age.Seconds())
}
