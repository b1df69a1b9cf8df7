// SPDX-License-Identifier: Apache-2.0

package workloads_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/bench"
	"github.com/crossplaneio/crossplane/e2e/bench/workloads"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// TestRun measures little. How long things take is nobody's promise here; what
// was done and counted is.
func TestRun(t *testing.T) {
	root, err := kubetest.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"hyperkube", "workload-operator"} {
		if _, err := os.Stat(filepath.Join(root, ".cache", "bin", program)); err != nil {
			t.Skip("run `make programs control-plane` first: ", err)
		}
	}
	out := &bytes.Buffer{}
	err = workloads.Run(t.Context(), workloads.Options{
		Targets: 4, Applications: 3, Rate: 20, Renewals: 4, Rest: time.Second, Dead: 2, Pairs: 1, Window: 600 * time.Millisecond,
		Out: out, Log: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]bench.Figure{}
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var f bench.Figure
		if err := json.Unmarshal(scanner.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		figures[f.Name] = f
		if f.Unit == "" || f.Conditions["targets"] != 4.0 || f.Conditions["applications"] != 12.0 {
			t.Errorf("got %+v", f)
		}
	}
	for name, want := range map[string]float64{"remote_writes_at_rest": 0, "hub_writes_at_rest": 0, "token_renewals": 4} {
		if f, there := figures[name]; !there || f.Value != want {
			t.Errorf("%s: want %g: %+v", name, want, f)
		}
	}
	for _, name := range []string{
		"propagation_p50_ms", "propagation_p99_ms", "applies_per_second", "operator_rss_mib",
		"propagation_p99_alive_ms", "propagation_p99_beside_dead_ms", "dead_targets_p99_ratio",
	} {
		if figures[name].Value <= 0 {
			t.Errorf("%s: want more than nothing: %+v", name, figures[name])
		}
	}
	if p50, p99 := figures["propagation_p50_ms"], figures["propagation_p99_ms"]; p50.Value > p99.Value || p99.Conditions["objectsReadBack"] != 12.0 {
		t.Errorf("got %+v and %+v", p50, p99)
	}
	if failed := figures["token_renewals"].Conditions["failedApplies"]; failed != 0.0 {
		t.Errorf("want no apply to fail for a renewed token: %v", failed)
	}
}
