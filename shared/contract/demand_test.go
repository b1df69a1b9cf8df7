// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

// TestRequests: what an application asks for is counted from its manifests as a
// scheduler counts pods, unless its placement says it.
func TestRequests(t *testing.T) {
	const pod = `{"containers": [{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}, {"resources": {"limits": {"cpu": "1"}}}]}`
	const one = `"containers": [{"resources": {"requests": {"cpu": "1"}}}]`
	const whole = `{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}`
	manifest := func(kind, spec string) string {
		return `{"manifests": [{"apiVersion": "` + kind + `", "metadata": {"name": "x"}, "spec": ` + spec + `}]}`
	}
	for name, test := range map[string]struct {
		spec              string
		cpu, memory, pods string
	}{
		"a pod":                  {manifest(`v1", "kind": "Pod`, pod), "1500m", "1Gi", "1"},
		"a deployment":           {manifest(`apps/v1", "kind": "Deployment`, `{"replicas": 3, "template": {"spec": `+pod+`}}`), "4500m", "3Gi", "3"},
		"of one replica":         {manifest(`apps/v1", "kind": "StatefulSet`, `{"template": {"spec": `+pod+`}}`), "1500m", "1Gi", "1"},
		"scaled to nothing":      {manifest(`apps/v1", "kind": "Deployment`, `{"replicas": 0, "template": {"spec": `+pod+`}}`), "0", "0", "0"},
		"a job":                  {manifest(`batch/v1", "kind": "Job`, `{"parallelism": 2, "template": {"spec": `+pod+`}}`), "3", "2Gi", "2"},
		"a cron job":             {manifest(`batch/v1", "kind": "CronJob`, `{"jobTemplate": {"spec": {"template": {"spec": `+pod+`}}}}`), "1500m", "1Gi", "1"},
		"a large init container": {manifest(`v1", "kind": "Pod`, `{`+one+`, "initContainers": [{"resources": {"requests": {"cpu": "2"}}}]}`), "2", "0", "1"},
		"a sidecar":              {manifest(`v1", "kind": "Pod`, `{`+one+`, "initContainers": [{"restartPolicy": "Always", "resources": {"requests": {"cpu": "2"}}}]}`), "3", "0", "1"},
		"overhead":               {manifest(`v1", "kind": "Pod`, `{"containers": [], "overhead": {"cpu": "250m"}}`), "250m", "0", "1"},
		"several manifests":      {`{"manifests": [` + whole + `, {"apiVersion": "v1", "kind": "Service"}, ` + whole + `]}`, "3", "2Gi", "2"},
		"what placement says":    {`{"placement": {"requests": {"cpu": "7"}}, "manifests": [{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}]}`, "7", "0", "0"},
		"a chart":                {`{"chart": {"name": "x"}, "manifests": [{"apiVersion": "v1", "kind": "Pod", "spec": ` + pod + `}]}`, "", "", ""},
		"a chart, and requests":  {`{"chart": {"name": "x"}, "placement": {"requests": {"memory": "1Gi"}}}`, "0", "1Gi", "0"},
		"no pods":                {`{"manifests": [{"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": {"spec": ` + pod + `}}}]}`, "", "", ""},
		"nonsense":               {`{"manifests": [{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": "many"}}, {"apiVersion": "v1", "kind": "Pod", "spec": 7}]}`, "", "", ""},
		"a kind of that name":    {`{"manifests": [{"apiVersion": "example.org/v1", "kind": "Deployment", "spec": {"template": {"spec": ` + pod + `}}}]}`, "", "", ""},
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
