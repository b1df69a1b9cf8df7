// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"archive/tar"
	"fmt"
	"strings"
	"testing"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart/charttest"
)

// TestRefusals: what can't be rendered, in words that help, and without the values.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const values = `{"password": "hunter2-hunter2", "pin": 4711, "text": "line one\nline two"}`
	for name, tc := range map[string]struct {
		files charttest.Files
		says  string
	}{
		"fail":         {charttest.Files{"templates/a.yaml": `{{ fail (printf "no: %s %v" .Values.password .Values.pin) }}`}, "no: *** ***"},
		"base64":       {charttest.Files{"templates/a.yaml": `{{ fail (b64enc .Values.password) }}`}, "***"},
		"a line of it": {charttest.Files{"templates/a.yaml": `{{ fail (index (splitList "\n" .Values.text) 1) }}`}, "***"},
		"half of it":   {charttest.Files{"templates/a.yaml": `a: [{{ .Values.password }}` + "\n b"}, "templates/a.yaml"},
		"a syntax":     {charttest.Files{"templates/a.yaml": `{{ if }}`}, "missing value for if"},
		"no object":    {charttest.Files{"templates/a.yaml": `{{ .Values.password }}`}, "something that is no object"},
		"schema":       {charttest.Files{"values.schema.json": `{"properties": {"password": {"maxLength": 3}}}`}, "values.schema.json of chart it wants"},
		"schema in it": {charttest.Files{
			"values.yaml": "sub: {x: 1}", "charts/sub/Chart.yaml": "{apiVersion: v2, name: sub, version: 1.0.0}",
			"charts/sub/values.schema.json": `{"properties": {"x": {"type": "string"}}}`,
		}, "values.schema.json of chart sub wants"},
		"a dependency": {charttest.Files{
			"Chart.yaml": "{apiVersion: v2, name: it, version: 1.0.0, dependencies: [{name: redis, version: 1.x.x, repository: 'file:///etc'}]}",
		}, "depends on chart redis, which is not packed"},
		"a library":     {charttest.Files{"Chart.yaml": "{apiVersion: v2, name: it, version: 1.0.0, type: library}"}, "a library for other charts"},
		"Kubernetes":    {charttest.Files{"Chart.yaml": "{apiVersion: v2, name: it, version: 1.0.0, kubeVersion: '>=1.99.0'}"}, "wants Kubernetes >=1.99.0"},
		"another chart": {charttest.Files{"Chart.yaml": "{apiVersion: v2, name: that, version: 1.0.0}"}, "chart that 1.0.0, not it 1.0.0"},
		"no chart":      {charttest.Files{"Chart.yaml": "}{"}, "it can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart.Render(t.Context(), request(tc.files, values))
			says(t, err, workload.ReasonChartInvalid, tc.says)
			for _, secret := range []string{"hunter2", "4711", "line two", "aHVudGVyMi"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("a value is told: %v", err)
				}
			}
		})
	}
}

// TestArchives: a package is files in one folder, and not too many.
func TestArchives(t *testing.T) {
	t.Parallel()
	regular := func(name, content string) (tar.Header, string) {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: 0o644}, content
	}
	chartfile, text := regular("it/Chart.yaml", about)
	pack := func(h tar.Header, content string) []byte {
		return charttest.PackEntries([]tar.Header{chartfile, h}, []string{text, content})
	}
	bomb, zeros := regular("it/zeros", strings.Repeat("\x00", 40<<20))
	inner := charttest.Files{"Chart.yaml": "{apiVersion: v2, name: sub, version: 1.0.0}", "zeros": zeros}.Pack("sub")
	for name, tc := range map[string]struct {
		archive      []byte
		reason, says string
	}{
		"no archive":     {[]byte("hello"), workload.ReasonChartInvalid, "no packaged chart"},
		"cut off":        {pack(regular("it/a", strings.Repeat("abc", 100)))[:150], workload.ReasonChartInvalid, "can't be unpacked"},
		"up":             {pack(regular("it/../../etc/passwd", "x")), workload.ReasonChartInvalid, "outside of its folder"},
		"absolute":       {pack(regular("/etc/passwd", "x")), workload.ReasonChartInvalid, "outside of its folder"},
		"another system": {pack(regular(`it/..\..\a`, "x")), workload.ReasonChartInvalid, "outside of its folder"},
		"a link":         {pack(tar.Header{Name: "it/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, ""), workload.ReasonChartInvalid, "a link or a device"},
		"a hard link":    {pack(tar.Header{Name: "it/a", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}, ""), workload.ReasonChartInvalid, "a link or a device"},
		"a device":       {pack(tar.Header{Name: "it/a", Typeflag: tar.TypeChar}, ""), workload.ReasonChartInvalid, "a link or a device"},
		"a bomb":         {pack(bomb, zeros), workload.ReasonChartTooLarge, "more than 32 MiB"},
		"a bomb in it":   {pack(regular("it/charts/sub-1.0.0.tgz", string(inner))), workload.ReasonChartInvalid, "larger than the maximum size"},
		"many files":     {manyFiles(), workload.ReasonChartTooLarge, "4000 files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(charttest.Files{}, "")
			r.Archive = tc.archive
			_, err := chart.Render(t.Context(), r)
			says(t, err, tc.reason, tc.says)
		})
	}
}

func manyFiles() []byte {
	var entries []tar.Header
	for range 4100 {
		entries = append(entries, tar.Header{Name: "it/files/a", Typeflag: tar.TypeReg})
	}
	return charttest.PackEntries(entries, make([]string, len(entries)))
}

// TestBombs: what takes too much is ended in bounded time, and this process with
// all that it does lives on.
func TestBombs(t *testing.T) {
	t.Parallel()
	var values strings.Builder
	values.WriteString(`{"a": "` + strings.Repeat("x", 200<<10) + `"}`)
	for name, tc := range map[string]struct {
		template, values string
		reason, says     string
	}{
		"endless":            {`{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`, "", workload.ReasonChartTooLarge, "more than 20s"},
		"include of itself":  {`{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, "", workload.ReasonChartInvalid, "more than 4 KiB and is not told"},
		"template of itself": {`{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`, "", workload.ReasonChartInvalid, "exceeded maximum template depth"},
		"tpl of itself":      {`{{ define "b" }}{{ tpl "{{ include \"b\" . }}" . }}{{ end }}{{ include "b" . }}`, "", workload.ReasonChartTooLarge, "of memory"},
		"huge output":        {of(`{a: "{{ range until 9000 }}{{ repeat 1000 "x" }}{{ end }}"}`), "", workload.ReasonChartTooLarge, "4 MiB"},
		"many objects":       {`{{ range until 501 }}` + of(`{}`) + "\n---\n" + `{{ end }}`, "", workload.ReasonChartTooLarge, "500 objects"},
		"a huge text":        {`{{ repeat 1000000000 "xxxxxxxxxx" }}`, "", workload.ReasonChartTooLarge, "of memory"},
		"ever more":          {`{{ $l := list }}{{ range until 100000 }}{{ $l = append $l (repeat 100000 "x") }}{{ end }}{{ len $l }}`, "", workload.ReasonChartTooLarge, "of memory"},
		"values that grow":   {`{{ $l := list }}{{ range until 100000 }}{{ $l = append $l (repeat 100 $.Values.a) }}{{ end }}{{ len $l }}`, values.String(), workload.ReasonChartTooLarge, "of memory"},
		"aliases":            {aliases(), "", workload.ReasonChartInvalid, "aliasing"},
		"too many values":    {"", `{"a": "` + strings.Repeat("x", 300<<10) + `"}`, workload.ReasonChartTooLarge, "spec.chart.values has more than 256 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := chart.Render(t.Context(), request(charttest.Files{"templates/a.yaml": tc.template}, tc.values))
			says(t, err, tc.reason, tc.says)
			if took := time.Since(began); took > 40*time.Second {
				t.Errorf("it took %s", took)
			}
			t.Logf("refused after %s", time.Since(began).Round(time.Millisecond))
		})
	}
}

// aliases is YAML in which each line is nine times the one before.
func aliases() string {
	text := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for name := 'b'; name < 'h'; name++ {
		text += fmt.Sprintf("%c: &%c [%s]\n", name, name, strings.Repeat(fmt.Sprintf(",*%c", name-1), 9)[1:])
	}
	return text
}
