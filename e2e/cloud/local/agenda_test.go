// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestAgenda(t *testing.T) {
	var agenda local.Agenda[string]
	at := time.Now()
	for _, minutes := range []int{3, 1, 2, 5} {
		agenda.Add(at.Add(time.Duration(minutes)*time.Minute), string(rune('0'+minutes)))
	}
	due := func(minutes int) []string {
		var all []string
		now := at.Add(time.Duration(minutes) * time.Minute)
		for what, ok := agenda.Due(now); ok; what, ok = agenda.Due(now) {
			all = append(all, what)
		}
		return all
	}
	for _, step := range []struct {
		minutes int
		want    []string
	}{{0, nil}, {3, []string{"1", "2", "3"}}, {4, nil}, {9, []string{"5"}}} {
		if diff := cmp.Diff(step.want, due(step.minutes)); diff != "" {
			t.Errorf("after %d minutes (-want +got):\n%s", step.minutes, diff)
		}
	}
	agenda.Add(at, "0")
	if agenda.Clear(); due(9) != nil {
		t.Error("cleared, and there is something")
	}
}
