// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/crossplaneio/crossplane/shared/fault"
)

func TestCloudCallOutcome(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"success":             {want: "OK"},
		"classified":          {err: fault.New(fault.Throttled, "", "slow down"), want: "Throttled"},
		"wrapped":             {err: errors.Join(errors.New("sending"), fault.New(fault.Gone, "", "no such thing")), want: "Gone"},
		"never heard of that": {err: errors.New("connection reset"), want: "Transient"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			CloudCall("aws", "test", name, 30*time.Millisecond, tc.err)
			calls := find(t, "crossplane_cloud_calls_total", map[string]string{"cloud": "aws", "service": "test", "operation": name, "outcome": tc.want})
			if got := calls.GetCounter().GetValue(); got != 1 {
				t.Errorf("calls with outcome %s: %v, want 1", tc.want, got)
			}
			seconds := find(t, "crossplane_cloud_call_seconds", map[string]string{"operation": name})
			if got := seconds.GetHistogram().GetSampleSum(); got != 0.03 {
				t.Errorf("seconds: %v, want 0.03", got)
			}
		})
	}
}

func TestPassesAndTimeToReady(t *testing.T) {
	t.Parallel()
	Pass("TestKind", "Updated")
	Pass("TestKind", "Updated")
	FirstReady("TestKind", 90*time.Second)
	if got := find(t, "crossplane_managed_passes_total", map[string]string{"kind": "TestKind", "result": "Updated"}).GetCounter().GetValue(); got != 2 {
		t.Errorf("passes: %v, want 2", got)
	}
	ready := find(t, "crossplane_managed_time_to_ready_seconds", map[string]string{"kind": "TestKind"}).GetHistogram()
	if ready.GetSampleCount() != 1 || ready.GetSampleSum() != 90 {
		t.Errorf("time to ready: %d samples, sum %v; want one of 90 seconds", ready.GetSampleCount(), ready.GetSampleSum())
	}
}

// find returns the one series of the operator's registry that has all of labels.
func find(t *testing.T, name string, labels map[string]string) *dto.Metric {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatalf("gathering: %v", err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && carries(m, labels) {
				return m
			}
		}
	}
	t.Fatalf("no series %s with %v", name, labels)
	return nil
}

func carries(m *dto.Metric, labels map[string]string) bool {
	found := 0
	for _, l := range m.GetLabel() {
		if v, ok := labels[l.GetName()]; ok && v == l.GetValue() {
			found++
		}
	}
	return found == len(labels)
}
