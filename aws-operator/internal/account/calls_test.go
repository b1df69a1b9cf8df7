// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
)

func TestFamiliesOfCalls(t *testing.T) {
	for call, want := range map[[2]string]string{
		{"RDS", "DescribeDBInstances"}:    "rds",
		{"RDS", "CreateDBInstance"}:       "rds",
		{"EC2", "DescribeSecurityGroups"}: "ec2-describe",
		{"EC2", "CreateSecurityGroup"}:    "ec2",
		{"STS", "GetCallerIdentity"}:      "sts",
	} {
		got := family(call[0], call[1])
		if l := limits(budget.Key{Family: got}); got != want || l.Rate <= 0 || l.Burst < 1 {
			t.Errorf("%v: got %s with %+v, want %s", call, got, l, want)
		}
	}
}

// calls reads how many calls were counted.
func calls(t *testing.T, operation, outcome string) (n float64) {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "crossplane_cloud_calls_total" && labels["operation"] == operation && labels["outcome"] == outcome && labels["service"] == "STS" {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

func TestCallsAreCountedByOutcome(t *testing.T) {
	w := newWorld(t, keys("AKIANN"))
	ok, refused := calls(t, "GetCallerIdentity", "OK"), calls(t, "GetCallerIdentity", string(fault.Permission))
	if _, err := w.verify(t.Context(), aProvider(bySecret())); err != nil {
		t.Fatal(err)
	}
	w.sts.keys = nil
	if _, err := w.verify(t.Context(), aProvider(bySecret())); err == nil {
		t.Fatal("the key is not known any more")
	}
	if calls(t, "GetCallerIdentity", "OK") != ok+1 || calls(t, "GetCallerIdentity", string(fault.Permission)) != refused+1 {
		t.Error("one call succeeded and one was refused")
	}
}

func TestAThrottledAccountIsLeftInPeace(t *testing.T) {
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sent++
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`))
	}))
	t.Cleanup(server.Close)
	w := newWorld(t, keys("AKIANN"), ready(aProvider(bySecret()), metav1.ConditionTrue, contract.ReasonVerified, ""))
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	for range 3 {
		_, err := w.verify(t.Context(), aProvider(bySecret()))
		if f := fault.Of(err); f == nil || f.Class != fault.Throttled || f.RetryAfter < time.Minute {
			t.Errorf("error: %v", err)
		}
	}
	if sent != 1 {
		t.Errorf("%d calls, though AWS asked for an hour of peace", sent)
	}
}
