// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestChartDigest: who reads an application as a whole, who reads a part of it and who
// reads it without knowing its type come by the same digest, and another chart has another.
func TestChartDigest(t *testing.T) {
	t.Parallel()
	const spec = `{"version": "1.2.3", "name": "shop", "sourceRef": {"name": "s"}, "hooks": "Omit", "releaseName": "r",
		"configMapRef": {"name": "m", "key": "k"}, "values": {"b": {"z": 1, "a": [1.0, 2.5, 1e6, 12345678901, null, true]}, "a": "<&>"}}`
	var whole workload.Chart
	var part Application
	var loose map[string]any
	for _, into := range []any{&whole} {
		if err := json.Unmarshal([]byte(spec), into); err != nil {
			t.Fatal(err)
		}
	}
	application := []byte(`{"spec": {"chart": ` + spec + `}}`)
	if err := json.Unmarshal(application, &part); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(application, &loose); err != nil {
		t.Fatal(err)
	}
	var converted Application
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(loose, &converted); err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(&whole)
	if err != nil {
		t.Fatal(err)
	}
	want := ChartDigest([]byte(spec))
	for from, got := range map[string]string{"the whole": ChartDigest(content), "a part": part.Spec.Chart.Digest, "no type": converted.Spec.Chart.Digest} {
		if got != want {
			t.Errorf("from %s: got %s, want %s", from, got, want)
		}
	}
	for _, other := range []string{`{}`, `{"name": "shop"}`, `{"name": "shop", "values": {}}`, `{"name": "shop", "values": {"a": 1}}`, `{"name": "shop", "values": {"a": "1"}}`, `no JSON`} {
		if ChartDigest([]byte(other)) == want {
			t.Errorf("%s passes for it", other)
		}
		want = ChartDigest([]byte(other))
	}
}

// TestEstimate: what is of another chart than the spec has is none; and looking at an
// application without a chart finds none.
func TestEstimate(t *testing.T) {
	t.Parallel()
	a := &Application{}
	a.Status.Estimated = &workload.EstimatedRequests{Of: ChartDigest([]byte(`{"name": "x"}`))}
	if a.Estimate() != nil || a.Unstated() {
		t.Error("it has no chart")
	}
	a.Spec.Chart = &Chart{Digest: ChartDigest([]byte(`{"name": "y"}`))}
	if a.Estimate() != nil || !a.Unstated() {
		t.Error("its chart is another one")
	}
	a.Spec.Chart = &Chart{Digest: a.Status.Estimated.Of}
	if e := a.DeepCopyObject().(*Application).Estimate(); e == nil || e == a.Status.Estimated { //nolint:errcheck // what it is
		t.Errorf("want a copy of it, got %v", e)
	}
}
