// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// TestZRights comes last: in all that befell, no operator was refused anything for
// want of a right, and there is no right that none of it was for.
func TestZRights(t *testing.T) {
	log := world.Audit()
	if err := log.Settle(t.Context(), 500*time.Millisecond); err != nil {
		t.Log(err) // polls go on: what is missing is a moment's
	}
	requests, err := log.Since(0)
	if err != nil {
		t.Fatal(err)
	}
	own := requests.Where(func(r audit.Request) bool {
		for _, name := range world.Operators() {
			if r.User == stack.User(name) {
				return true
			}
		}
		return false
	})
	t.Logf("%d requests of operators, of which %d are reads", len(own), len(own.Of(audit.Read)))
	for _, r := range own {
		if r.Forbidden {
			t.Errorf("forbidden: %s", r)
		}
	}
	if flag.Lookup("test.run").Value.String() == "" {
		checkUnused(t, own)
	}
}

func checkUnused(t *testing.T, requests audit.Requests) {
	t.Helper()
	rights, err := world.Rights()
	if err != nil {
		t.Fatal(err)
	}
	if len(rights) < 200 {
		t.Errorf("found %d rights: fewer than there are", len(rights))
	}
	unused := stack.Unused(rights, requests)
	t.Logf("%d rights, %d of them not used here", len(rights), len(unused))
	needed := map[string]int{}
	for _, r := range unused {
		at := slices.IndexFunc(unusedRights(), func(e excuse) bool { return e.fits(r, rights) })
		if at < 0 {
			t.Errorf("never used: %s", r)
			continue
		}
		needed[unusedRights()[at].why]++
	}
	for _, e := range unusedRights() {
		t.Logf("%3d: %s", needed[e.why], e.why)
		if needed[e.why] == 0 {
			t.Errorf("nothing needs the excuse that %s", e.why)
		}
	}
	for name := range listed() {
		if !slices.ContainsFunc(unused, func(r stack.Right) bool { return r.String() == name }) {
			t.Errorf("%s is used, or not given: take it off the list", name)
		}
	}
}
