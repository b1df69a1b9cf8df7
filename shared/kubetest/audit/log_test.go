// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const core = "system:serviceaccount:crossplane-system:core-operator"

// line is a record as the API server writes it, with more in it than is read.
func line(user, verb, group, resource, subresource, name string, code int) string {
	return fmt.Sprintf(`{"kind":"Event","level":"Metadata","auditID":"6c6d","stage":"ResponseComplete",`+
		`"requestURI":"/apis","verb":%q,"user":{"username":%q,"groups":["system:authenticated"]},`+
		`"objectRef":{"resource":%q,"namespace":"shop","name":%q,"apiGroup":%q,"apiVersion":"v1","subresource":%q},`+
		`"responseStatus":{"metadata":{},"code":%d},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z"}`+"\n",
		verb, user, resource, name, group, subresource, code)
}

func logWith(t *testing.T, content string) (audit.Log, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.log")
	add(t, path, content)
	return audit.Open(path), path
}

func add(t *testing.T, path, content string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func since(t *testing.T, log audit.Log, mark audit.Mark) audit.Requests {
	t.Helper()
	requests, err := log.Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	return requests
}

func TestCount(t *testing.T) {
	log, _ := logWith(t,
		line(core, "patch", "database.crossplane.io", "mysqlinstances", "status", "orders", 200)+
			line(core, "patch", "database.crossplane.io", "mysqlinstances", "status", "users", 409)+
			line(core, "create", "", "secrets", "", "orders", 201)+
			line(core, "create", "", "events", "", "", 201)+
			line(core, "patch", "events.k8s.io", "events", "", "x", 200)+
			line(core, "update", "coordination.k8s.io", "leases", "", "core", 200)+
			line(core, "create", "authorization.k8s.io", "selfsubjectaccessreviews", "", "", 201)+
			line("admin", "create", "", "serviceaccounts", "token", "core-operator", 201))
	want := map[audit.Key]int{
		{User: core, Class: audit.Write, Verb: "patch", Target: "mysqlinstances.database.crossplane.io/status"}:    2,
		{User: core, Class: audit.Write, Verb: "create", Target: "secrets"}:                                        1,
		{User: core, Class: audit.Event, Verb: "create", Target: "events"}:                                         1,
		{User: core, Class: audit.Event, Verb: "patch", Target: "events.events.k8s.io"}:                            1,
		{User: core, Class: audit.Lease, Verb: "update", Target: "leases.coordination.k8s.io"}:                     1,
		{User: core, Class: audit.Review, Verb: "create", Target: "selfsubjectaccessreviews.authorization.k8s.io"}: 1,
		{User: "admin", Class: audit.Review, Verb: "create", Target: "serviceaccounts/token"}:                      1,
	}
	if diff := cmp.Diff(want, since(t, log, 0).Count()); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsAreNarrowedDown(t *testing.T) {
	log, _ := logWith(t,
		line(core, "create", "", "secrets", "", "orders", 201)+
			line(core, "update", "", "secrets", "", "orders", 409)+
			line(core, "update", "coordination.k8s.io", "leases", "", "core", 200)+
			line("admin", "create", "", "secrets", "", "own", 201))
	writes := since(t, log, 0).By(core).Of(audit.Write)
	if len(writes) != 2 {
		t.Fatalf("got %v", writes)
	}
	failed := writes.Where(audit.Request.Failed)
	want := audit.Requests{{
		User: core, Verb: "update", Resource: "secrets", Namespace: "shop", Name: "orders", Code: 409,
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Error(diff)
	}
	if got := failed[0].String(); got != core+" update secrets shop/orders: 409" {
		t.Errorf("got %q", got)
	}
}

func TestSinceMark(t *testing.T) {
	whole := line("admin", "create", "", "secrets", "", "before", 201)
	next := line("admin", "create", "", "secrets", "", "after", 201)
	cases := map[string]struct {
		before, after string
		want          []string
	}{
		"an empty log":               {"", "", nil},
		"nothing new":                {whole, "", nil},
		"one more":                   {whole, next, []string{"after"}},
		"marked within a line":       {whole[:40], whole[40:] + next, []string{"after"}},
		"the last line is half done": {whole, next + next[:40], []string{"after"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			log, path := logWith(t, tc.before)
			mark, err := log.Mark()
			if err != nil {
				t.Fatal(err)
			}
			add(t, path, tc.after)
			var got []string
			for _, request := range since(t, log, mark) {
				got = append(got, request.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoLogYet(t *testing.T) {
	log := audit.Open(filepath.Join(t.TempDir(), "audit.log"))
	mark, err := log.Mark()
	if err != nil || mark != 0 {
		t.Errorf("mark %d, %v", mark, err)
	}
	if got := since(t, log, mark); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestImpersonatedUserIsCounted(t *testing.T) {
	log, _ := logWith(t, `{"verb":"create","user":{"username":"admin"},"impersonatedUser":{"username":"tenant"}}`+"\n")
	if got := since(t, log, 0)[0].User; got != "tenant" {
		t.Errorf("counted for %s", got)
	}
}

func TestUnreadableLog(t *testing.T) {
	log, _ := logWith(t, "no record\n")
	if _, err := log.Since(0); err == nil {
		t.Error("a line that is no record was read")
	}
}

func TestSettle(t *testing.T) {
	log, path := logWith(t, "")
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for range 5 {
			time.Sleep(20 * time.Millisecond)
			add(t, path, line("admin", "create", "", "secrets", "", "s", 201))
		}
	}()
	if err := log.Settle(t.Context(), 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	<-stop
	if got := len(since(t, log, 0)); got != 5 {
		t.Errorf("settled after %d of 5 requests", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.Settle(ended, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Reads are no writes, and what a user had no right to is told from what admission
// forbids.
func TestReadsAndRefusals(t *testing.T) {
	const refused = `{"verb":"list","user":{"username":"core"},"objectRef":{"resource":"events"},"responseStatus":{"code":403},` +
		`"annotations":{"authorization.k8s.io/decision":"forbid"}}` + "\n"
	log, _ := logWith(t, refused+line("core", "watch", "coordination.k8s.io", "leases", "", "", 200)+line("core", "create", "", "secrets", "", "s", 403))
	requests := since(t, log, 0)
	if got := requests.Of(audit.Read); len(got) != 2 {
		t.Errorf("reads: %v", got)
	}
	if got := requests.Where(func(r audit.Request) bool { return r.Forbidden }); len(got) != 1 || got[0].Verb != "list" {
		t.Errorf("for want of a right: %v", got)
	}
}

func TestPolicy(t *testing.T) {
	if strings.Contains(audit.Policy(), "watch") {
		t.Error("reads are recorded of nobody in particular")
	}
	with := audit.Policy("a", "b")
	reads := strings.Index(with, "verbs: [get, list, watch]\n  users: [\"a\", \"b\"]\n")
	if reads < 0 || reads > strings.Index(with, "level: None") {
		t.Errorf("the reads of two users are not recorded:\n%s", with)
	}
}
