// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart/charttest"
)

const about = "{apiVersion: v2, name: it, version: 1.0.0}"

func request(files charttest.Files, values string) chart.Request {
	if files["Chart.yaml"] == "" {
		files["Chart.yaml"] = about
	}
	return chart.Request{
		Archive: files.Pack("it"), Name: "it", Version: "1.0.0", Release: "mine", Namespace: "shop", Values: []byte(values),
		KubeVersion: "v1.35.2-gke.100", APIVersions: []string{"v1", "batch/v1", "batch/v1/Job"},
	}
}

// of returns a ConfigMap whose data is a template.
func of(data string) string {
	return "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: " + data + "}"
}

// TestRender: what templates see, and what becomes of the files.
func TestRender(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files  charttest.Files
		values string
		want   string // the data of the first object
	}{
		"the release": {charttest.Files{"templates/a.yaml": of(`{name: {{ .Release.Name }}, ns: {{ .Release.Namespace }}, i: "{{ .Release.IsInstall }}"}`)}, "", `{"name":"mine","ns":"shop","i":"true"}`},
		"the cluster": {charttest.Files{
			"templates/a.yaml": of(`{v: {{ .Capabilities.KubeVersion.Version }}, job: "{{ .Capabilities.APIVersions.Has "batch/v1/Job" }}", none: "{{ .Capabilities.APIVersions.Has "a/v1" }}"}`),
		}, "", `{"v":"v1.35.2-gke.100","job":"true","none":"false"}`},
		"values":       {charttest.Files{"values.yaml": "{a: 1, b: {c: x}}", "templates/a.yaml": of(`{a: "{{ .Values.a }}", c: {{ .Values.b.c }}}`)}, `{"a": 10000000}`, `{"a":"10000000","c":"x"}`},
		"no cluster":   {charttest.Files{"templates/a.yaml": of(`{name: "{{ len (lookup "v1" "Secret" "" "") }}"}`)}, "", `{"name":"0"}`},
		"no names":     {charttest.Files{"templates/a.yaml": of(`{name: "{{ getHostByName "localhost" }}"}`)}, "", `{"name":""}`},
		"a part of it": {charttest.Files{"templates/_a.tpl": `{{ define "x" }}w{{ end }}`, "templates/NOTES.txt": "read me", "templates/a.yaml": of(`{x: {{ include "x" . }}}`)}, "", `{"x":"w"}`},
		"a chart in it": {charttest.Files{"Chart.yaml": "{apiVersion: v2, name: it, version: 1.0.0, dependencies: [{name: sub, version: 1.0.0, condition: sub.on}]}",
			"charts/sub/Chart.yaml": "{apiVersion: v2, name: sub, version: 1.0.0}", "charts/sub/templates/a.yaml": of(`{x: {{ .Values.x }}}`)}, `{"sub": {"on": true, "x": "z"}}`, `{"x":"z"}`},
		"a big number": {charttest.Files{"templates/a.yaml": of(`{x: 9007199254740993}`)}, "", `{"x":9007199254740993}`},
		"a list":       {charttest.Files{"templates/a.yaml": "{apiVersion: v1, kind: List, items: [" + of("{x: w}") + "]}"}, "", `{"x":"w"}`},
		"a schema elsewhere": {charttest.Files{
			"values.schema.json": `{"properties": {"a": {"$ref": "file:///etc/passwd"}, "b": {"$ref": "http://127.0.0.1:1/x"}, "c": {"type": "string"}}}`,
			"templates/a.yaml":   of(`{c: {{ .Values.c }}}`),
		}, `{"a": 1, "b": 2, "c": "d"}`, `{"c":"d"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := chart.Render(t.Context(), request(tc.files, tc.values))
			if err != nil || len(rendered) == 0 {
				t.Fatalf("nothing was rendered: %v", err)
			}
			var got struct {
				Data json.RawMessage `json:"data"`
			}
			if err := json.Unmarshal(rendered[0], &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(compact(t, tc.want), compact(t, string(got.Data))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSupposed: where the cluster is not known yet, it makes no difference which one the
// chart wants, and templates see what Helm supposes that a cluster serves.
func TestSupposed(t *testing.T) {
	t.Parallel()
	r := request(charttest.Files{
		"Chart.yaml":       "{apiVersion: v2, name: it, version: 1.0.0, kubeVersion: '>=1.99.0'}",
		"templates/a.yaml": of(`{v: {{ .Capabilities.KubeVersion.Version }}, apps: "{{ .Capabilities.APIVersions.Has "apps/v1" }}", none: "{{ .Capabilities.APIVersions.Has "a/v1" }}"}`),
	}, "")
	r.APIVersions, r.Supposed = nil, true
	rendered, err := chart.Render(t.Context(), r)
	if err != nil || !strings.Contains(string(rendered[0]), `{"apps":"true","none":"false","v":"v1.35.2-gke.100"}`) {
		t.Errorf("got %s, %v", rendered, err)
	}
}

// compact writes JSON in one order, with its numbers as they are.
func compact(t *testing.T, text string) string {
	t.Helper()
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestHooks: nobody gets a part of a chart without knowing.
func TestHooks(t *testing.T) {
	t.Parallel()
	hook := func(name, moments string) string {
		return "{apiVersion: batch/v1, kind: Job, metadata: {name: " + name + ", annotations: {helm.sh/hook: '" + moments + "'}}}\n---\n"
	}
	file := of("{}") + "\n---\n" + hook("test", "test-success") + hook("back", "pre-rollback") + hook("old", "crd-install")
	made, removed := hook("made", "pre-install, post-upgrade"), hook("removed", "pre-delete")
	for name, tc := range map[string]struct {
		file  string
		hooks workload.HookPolicy
		want  string
		says  string
	}{
		"none that matters": {file, "", "crd a old", ""},
		"refused":           {file + made, "", "", "Job made is a hook (pre-install, post-upgrade)"},
		"refused, removal":  {file + removed, "", "", "Job removed is a hook (pre-delete)"},
		"left out":          {file + made + removed, workload.HooksOmit, "crd a old", ""},
		"applied":           {file + made + removed, workload.HooksApply, "crd a old made", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(charttest.Files{"templates/a.yaml": tc.file, "crds/z.yaml": "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: crd}}"}, "")
			r.Hooks = tc.hooks
			rendered, err := chart.Render(t.Context(), r)
			if tc.says != "" {
				says(t, err, workload.ReasonChartInvalid, tc.says)
				return
			}
			var names []string
			for _, raw := range rendered {
				_, name, _ := strings.Cut(string(raw), `"name":"`)
				name, _, _ = strings.Cut(name, `"`)
				names = append(names, name)
			}
			if got := strings.Join(names, " "); err != nil || got != tc.want {
				t.Errorf("want %s, got %s %v", tc.want, got, err)
			}
			if !strings.Contains(string(rendered[0]), `"helm.sh/resource-policy":"keep"`) {
				t.Errorf("a kind goes with the application: %s", rendered[0])
			}
		})
	}
}
