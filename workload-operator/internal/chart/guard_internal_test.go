// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// TestGuard: a source somewhere in the world leads nobody to servers of this
// machine; one that is on this machine may be on another port of it, too.
func TestGuard(t *testing.T) {
	t.Parallel()
	here := httptest.NewServer(http.NotFoundHandler())
	defer here.Close()
	address := strings.TrimPrefix(here.URL, "http://")
	far := guard{source: Source{Name: "charts"}, home: &url.URL{Scheme: "https", Host: "charts.example.org"}}
	for _, place := range []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1), "169.254.169.254:80", "[::1]:80", "[::ffff:127.0.0.1]:80", "0.0.0.0:80"} {
		c, err := far.dial(t.Context(), "tcp", place)
		if err == nil {
			_ = c.Close()
		}
		if told, ok := errors.AsType[*fault.Error](err); !ok || told.Reason != v1alpha1.ReasonChartSourceInvalid {
			t.Errorf("%s: want it refused, got %v", place, err)
		}
	}
	near := guard{source: far.source, home: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}}
	c, err := near.dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatalf("a source of a test: %v", err)
	}
	_ = c.Close()
	for _, place := range []string{"169.254.169.254:80", strings.Replace(address, "127.0.0.1", "0.0.0.0", 1)} {
		if err := near.refuseLocal("tcp", place, nil); err == nil {
			t.Errorf("a source on this machine leads to %s", place)
		}
	}
}

// TestDiscreetInTime: whoever writes both the values and the error does not get to
// keep the operator busy with looking for the one in the other.
func TestDiscreetInTime(t *testing.T) {
	t.Parallel()
	short := make([]string, 0, 40_000)
	for i := range cap(short) {
		short = append(short, strconv.FormatInt(int64(i)+1300, 36))
	}
	values, err := json.Marshal(map[string]any{"a": short})
	if err != nil || len(values) > MaxValues {
		t.Fatal(err, len(values))
	}
	began := time.Now()
	c := NewCensor(values)
	for range 100 { // objects that are refused in one pass
		_ = c.Discreet(strings.Repeat("100 ", maxScanned/4))
	}
	if got := c.Discreet(strings.Repeat("100 ", 1<<14)); got != tooLong {
		t.Errorf("got %q", got)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

// TestDiscreet: a value is left out of a message however it is quoted.
func TestDiscreet(t *testing.T) {
	t.Parallel()
	const values = `{"a": "s3cret \"x\"", "b": [{"c": "ab"}], "n": 12345, "t": true, "e": ""}`
	for message, want := range map[string]string{
		`it is s3cret "x" here`:           `it is *** here`,
		`it is "s3cret \"x\"" here`:       `it is "***" here`,
		`it is czNjcmV0ICJ4Ig==, 12345`:   `it is ***, ***`,
		`about ab, and "ab"`:              `about ***, and "***"`,
		"two\nlines, \xff true":           `two lines, true`,
		strings.Repeat("x", 2*maxMessage): strings.Repeat("x", maxMessage/3) + " ... " + strings.Repeat("x", maxMessage/3*2),
	} {
		if got := NewCensor([]byte(values)).Discreet(message); got != want {
			t.Errorf("%q: want %q, got %q", message, want, got)
		}
	}
}
