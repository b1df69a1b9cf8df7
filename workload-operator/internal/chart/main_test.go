// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
)

// TestMain is also the process that renders.
func TestMain(m *testing.M) {
	if chart.IsChild(os.Args) {
		os.Exit(chart.Child(os.Stdin, os.Stdout, os.Exit))
	}
	os.Exit(m.Run())
}

// says fails the test unless err is a fault of that reason, with a text in it.
func says(t *testing.T, err error, reason, text string) {
	t.Helper()
	told, ok := errors.AsType[*fault.Error](err)
	if !ok || told.Reason != reason || !strings.Contains(told.Error(), text) {
		t.Errorf("want %s %q, got %v", reason, text, err)
	}
}
