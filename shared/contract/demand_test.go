// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestRequests: what an application asks for is counted from its manifests as a
// scheduler counts pods, unless its placement says it.
func TestRequests(t *testing.T) {
	const pod = `{"containers": [{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}, {"resources": {"limits": {"cpu": "1"}}}]}`
	const one = `"containers": [{"resources": {"requests": {"cpu": "1"}}}]`
	const whole = `{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}`
	ofX := `"status": {"estimated": {"of": "` + ChartDigest([]byte(`{"name": "x"}`)) + `", `
	manifest := func(kind, spec string) string {
		return `{"manifests": [{"apiVersion": "` + kind + `", "metadata": {"name": "x"}, "spec": ` + spec + `}]}`
	}
	for name, test := range map[string]struct {
		spec              string
		cpu, memory, pods string
	}{
		"a pod":                      {manifest(`v1", "kind": "Pod`, pod), "1500m", "1Gi", "1"},
		"a deployment":               {manifest(`apps/v1", "kind": "Deployment`, `{"replicas": 3, "template": {"spec": `+pod+`}}`), "4500m", "3Gi", "3"},
		"of one replica":             {manifest(`apps/v1", "kind": "StatefulSet`, `{"template": {"spec": `+pod+`}}`), "1500m", "1Gi", "1"},
		"scaled to nothing":          {manifest(`apps/v1", "kind": "Deployment`, `{"replicas": 0, "template": {"spec": `+pod+`}}`), "0", "0", "0"},
		"a job":                      {manifest(`batch/v1", "kind": "Job`, `{"parallelism": 2, "template": {"spec": `+pod+`}}`), "3", "2Gi", "2"},
		"a cron job":                 {manifest(`batch/v1", "kind": "CronJob`, `{"jobTemplate": {"spec": {"template": {"spec": `+pod+`}}}}`), "1500m", "1Gi", "1"},
		"a large init container":     {manifest(`v1", "kind": "Pod`, `{`+one+`, "initContainers": [{"resources": {"requests": {"cpu": "2"}}}]}`), "2", "0", "1"},
		"a sidecar":                  {manifest(`v1", "kind": "Pod`, `{`+one+`, "initContainers": [{"restartPolicy": "Always", "resources": {"requests": {"cpu": "2"}}}]}`), "3", "0", "1"},
		"overhead":                   {manifest(`v1", "kind": "Pod`, `{"containers": [], "overhead": {"cpu": "250m"}}`), "250m", "0", "1"},
		"several manifests":          {`{"manifests": [` + whole + `, {"apiVersion": "v1", "kind": "Service"}, ` + whole + `]}`, "3", "2Gi", "2"},
		"what placement says":        {`{"placement": {"requests": {"cpu": "7"}}, "manifests": [{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}]}`, "7", "0", "0"},
		"a chart":                    {`{"chart": {"name": "x"}, "manifests": [{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}]}`, "", "", ""},
		"a chart that was estimated": {`{"chart": {"name": "x"}, "manifests": [` + whole + `]}, ` + ofX + `"requests": {"cpu": "2", "pods": "4"}}}`, "3500m", "1Gi", "5"},
		"another chart's estimate":   {`{"chart": {"name": "x"}}, "status": {"estimated": {"of": "` + ChartDigest([]byte(`{"name": "y"}`)) + `", "requests": {"cpu": "2"}}}`, "", "", ""},
		"a chart nobody can tell of": {`{"chart": {"name": "x"}}, ` + ofX + `"reason": "ChartInvalid"}}`, "", "", ""},
		"requests, and an estimate":  {`{"chart": {"name": "x"}, "placement": {"requests": {"cpu": "1"}}}, ` + ofX + `"requests": {"cpu": "2", "pods": "4"}}}`, "1", "0", "0"},
		"a chart, and requests":      {`{"chart": {"name": "x"}, "placement": {"requests": {"memory": "1Gi"}}}`, "0", "1Gi", "0"},
		"no pods":                    {`{"manifests": [{"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": {"spec": ` + pod + `}}}]}`, "", "", ""},
		"nonsense":                   {`{"manifests": [{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": "many"}}, {"apiVersion": "v1", "kind": "Pod", "spec": 7}]}`, "", "", ""},
		"a number nobody can mean":   {manifest(`v1", "kind": "Pod`, `{"containers": [{"resources": {"requests": {"memory": "1Gi", "cpu": "1e999999999"}}}]}`), "", "", ""},
		"a fraction nobody can mean": {manifest(`v1", "kind": "Pod`, `{"containers": [{"resources": {"limits" : {"cpu": "-1.5E-10000"}}}], "overhead": {"cpu": "1e9"}}`), "", "", ""},
		"what merely looks like one": {manifest(`v1", "kind": "Pod`, `{"containers": [{"env": [{"name": "sha", "value": "1e9999999"}], "resources": {"requests": {"cpu": "1e3"}}}]}`), "1e3", "0", "1"},
		"a kind of that name":        {`{"manifests": [{"apiVersion": "example.org/v1", "kind": "Deployment", "spec": {"template": {"spec": ` + pod + `}}}]}`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := &Application{}
			if err := json.Unmarshal([]byte(`{"spec": `+test.spec+`}`), a); err != nil {
				t.Fatal(err)
			}
			a, ok := a.DeepCopyObject().(*Application)
			if !ok {
				t.Fatal("want a copy of the same type")
			}
			got := a.Requests()
			if (got == nil) != (test.cpu == "") {
				t.Fatalf("want it to be known or not as the table says: %v", got)
			}
			if got == nil {
				return
			}
			for what, want := range map[string]string{"cpu": test.cpu, "memory": test.memory, "pods": test.pods} {
				if have := got[what]; have.Cmp(resource.MustParse(want)) != 0 {
					t.Errorf("%s: want %s, got %s", what, want, have.String())
				}
			}
		})
	}
}

// TestPodRequests: a pod is counted as the scheduler counts it, whether it is one
// that runs or the template of some, which a manifest has.
func TestPodRequests(t *testing.T) {
	const one, two = `{"resources": {"requests": {"cpu": "1"}}}`, `{"resources": {"requests": {"cpu": "2"}}}`
	const limited = `{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "250m"}}}`
	const sidecar = `{"restartPolicy": "Always", "resources": {"requests": {"cpu": "1500m"}}}`
	for name, test := range map[string]struct{ spec, cpu, memory string }{
		"nothing":                          {`{}`, "0", "0"},
		"containers add up":                {`{"containers": [` + one + `, ` + two + `]}`, "3", "0"},
		"a limit where nothing is asked":   {`{"containers": [` + limited + `]}`, "250m", "1Gi"},
		"a large init container":           {`{"containers": [` + one + `], "initContainers": [` + two + `]}`, "2", "0"},
		"a small init container":           {`{"containers": [` + two + `], "initContainers": [` + one + `]}`, "2", "0"},
		"init containers do not add up":    {`{"containers": [` + one + `], "initContainers": [` + two + `, ` + two + `]}`, "2", "0"},
		"a sidecar":                        {`{"containers": [` + one + `], "initContainers": [` + sidecar + `]}`, "2500m", "0"},
		"a sidecar before an init":         {`{"containers": [` + one + `], "initContainers": [` + sidecar + `, ` + two + `]}`, "3500m", "0"},
		"a sidecar after an init":          {`{"containers": [` + one + `], "initContainers": [` + two + `, ` + sidecar + `]}`, "2500m", "0"},
		"two sidecars around an init":      {`{"containers": [` + one + `], "initContainers": [` + sidecar + `, ` + two + `, ` + sidecar + `]}`, "4", "0"},
		"overhead":                         {`{"containers": [` + one + `], "overhead": {"cpu": "250m", "memory": "64Mi"}}`, "1250m", "64Mi"},
		"overhead of a large init":         {`{"containers": [` + one + `], "initContainers": [` + two + `], "overhead": {"cpu": "250m"}}`, "2250m", "0"},
		"the pod as a whole":               {`{"containers": [` + one + `, ` + limited + `], "resources": {"requests": {"cpu": "4"}}}`, "4", "1Gi"},
		"a limit of the pod as a whole":    {`{"containers": [` + one + `], "resources": {"limits": {"cpu": "4", "memory": "2Gi"}}}`, "1", "2Gi"},
		"the pod as a whole, and overhead": {`{"containers": [` + one + `], "resources": {"requests": {"cpu": "4"}}, "overhead": {"cpu": "1"}}`, "5", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			var live corev1.PodSpec
			if err := json.Unmarshal([]byte(test.spec), &live); err != nil {
				t.Fatal(err)
			}
			before := live.DeepCopy()
			var template Demand
			if err := json.Unmarshal([]byte(`{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": `+test.spec+`}}}`), &template); err != nil {
				t.Fatal(err)
			}
			for from, got := range map[string]map[string]resource.Quantity{"live": Named(PodRequests(&live)), "template": template.Requests} {
				for what, want := range map[string]string{"cpu": test.cpu, "memory": test.memory, "pods": "1"} {
					if have := got[what]; have.Cmp(resource.MustParse(want)) != 0 {
						t.Errorf("%s, %s: want %s, got %s", from, what, want, have.String())
					}
				}
			}
			if diff := cmp.Diff(before, &live); diff != "" {
				t.Errorf("counting changed the pod:\n%s", diff)
			}
		})
	}
}

// TestCountable: an amount that takes hours to be added to another asks for nothing,
// wherever a pod has it, and what is asked for beside it counts.
func TestCountable(t *testing.T) {
	const amounts = `"requests": {"cpu": "1e999999999", "memory": "1Gi"}, "limits": {"example.org/gpu": "1e31", "example.org/fpga": "1e30"}`
	for name, spec := range map[string]string{
		"a container":        `{"containers": [{"resources": {` + amounts + `}}]}`,
		"a sidecar":          `{"initContainers": [{"restartPolicy": "Always", "resources": {` + amounts + `}}]}`,
		"an init container":  `{"initContainers": [{"resources": {` + amounts + `}}]}`,
		"the pod as a whole": `{"resources": {` + amounts + `}}`,
		"overhead":           `{"overhead": {"cpu": "1e999999999", "memory": "1Gi", "example.org/fpga": "1e30"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var pod corev1.PodSpec
			if err := json.Unmarshal([]byte(spec), &pod); err != nil {
				t.Fatal(err)
			}
			total := corev1.ResourceList{}
			AddRequests(total, PodRequests(&pod))
			AddRequests(total, corev1.ResourceList{"cpu": resource.MustParse("1e999999999")}) // of a node
			want := corev1.ResourceList{"memory": resource.MustParse("1Gi"), "example.org/fpga": resource.MustParse("1e30"), "pods": resource.MustParse("1")}
			if len(total) != len(want) {
				t.Fatalf("got %v, want %v", slices.Sorted(maps.Keys(total)), slices.Sorted(maps.Keys(want)))
			}
			for name, quantity := range want {
				if have := total[name]; have.Cmp(quantity) != 0 {
					t.Errorf("%s: want %s, got %s", name, quantity.String(), have.String())
				}
			}
		})
	}
}
