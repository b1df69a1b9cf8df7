// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// dashboard is what the test needs to know of Grafana's format.
type dashboard struct {
	Panels []struct {
		Title   string `json:"title"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

var (
	metricName = regexp.MustCompile(`\b(?:crossplane|controller_runtime|workqueue|rest_client|process)_\w+`)
	labelNames = regexp.MustCompile(`by \(([^)]*)\)`)
	labelMatch = regexp.MustCompile(`(\w+)(?:=~|!~|!=|=)"`)
)

func TestDashboardShowsWhatIsServed(t *testing.T) {
	must(t, grantWidgets())
	must(t, cluster.InstallCRDs(t.Context(), crdFile))
	t.Cleanup(func() { removeCRD(t) })
	must(t, cluster.Client.Create(t.Context(), widget("g")))
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "the object is reconciled", func() bool { return kind.hasSeen("g") })
	must(t, claimCensus(kind).Register())
	metrics.CloudCall("aws", "rds", "DescribeDBInstances", time.Second, errors.New("refused"))
	metrics.Pass("Widget", "Idle")
	metrics.FirstReady("Widget", time.Minute)
	served := op.metrics(t)

	used := 0
	for title, exprs := range queries(t) {
		for _, expr := range exprs {
			for _, name := range metricName.FindAllString(expr, -1) {
				used++
				checkServed(t, served, title, name, labelsOf(expr))
			}
		}
	}
	if used < 23 {
		t.Errorf("the test found %d uses of metrics in the dashboard and the alerts: fewer than there are", used)
	}
}

// queries returns those of the dashboard's panels, and of the alerts in the charts.
func queries(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, panel := range readDashboard(t).Panels {
		for _, target := range panel.Targets {
			found["panel "+panel.Title] = append(found["panel "+panel.Title], target.Expr)
		}
	}
	paths, err := kubetest.Paths("charts/common/templates/monitoring.yaml")
	must(t, err)
	template, err := os.ReadFile(paths[0])
	must(t, err)
	for line := range strings.Lines(string(template)) {
		if _, expr, isExpr := strings.Cut(line, "expr: "); isExpr {
			found["alerts"] = append(found["alerts"], expr)
		}
	}
	return found
}

// checkServed wants a series of that name that has all of the labels, those
// excepted that the collector of metrics adds.
func checkServed(t *testing.T, served, panel, name string, labels []string) {
	t.Helper()
	series := regexp.MustCompile(`(?m)^` + name + `(?:\{.*\})? .*$`).FindString(served)
	if series == "" {
		t.Errorf("%s: no metric %s is served", panel, name)
		return
	}
	for _, label := range labels {
		if label != "job" && label != "instance" && !strings.Contains(series, label+`="`) {
			t.Errorf("%s: metric %s has no label %s: %s", panel, name, label, series)
		}
	}
}

// labelsOf returns the labels that an expression with one metric, or several of
// the same labels, speaks of.
func labelsOf(expr string) []string {
	var labels []string
	for _, m := range labelNames.FindAllStringSubmatch(expr, -1) {
		labels = append(labels, strings.Split(strings.ReplaceAll(m[1], " ", ""), ",")...)
	}
	for _, m := range labelMatch.FindAllStringSubmatch(expr, -1) {
		labels = append(labels, m[1])
	}
	return labels
}

// claimCensus counts widgets as if they were claims: only core has claims.
func claimCensus(kind *widgets) *metrics.Census {
	return metrics.NewClaimCensus(kind.cache, metrics.Counted{Kind: "Widget", NewList: newWidgets, Conditions: widgetConditions})
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	paths, err := kubetest.Paths("docs/dashboards/crossplane.json")
	must(t, err)
	content, err := os.ReadFile(paths[0])
	must(t, err)
	var d dashboard
	must(t, json.Unmarshal(content, &d))
	return d
}
