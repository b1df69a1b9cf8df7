// SPDX-License-Identifier: Apache-2.0

package local

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDelays(t *testing.T) {
	tests := map[string]struct {
		delays map[string]Duration
		want   map[Action]time.Duration
	}{
		"none": {nil, map[Action]time.Duration{Create: 0, Backup: 0}},
		"by default": {
			map[string]Duration{DefaultDelay: Duration(8 * time.Second)},
			map[Action]time.Duration{Create: 8 * time.Second, Delete: 8 * time.Second, Reboot: 4 * time.Second, Backup: 2 * time.Second},
		},
		"one's own": {
			map[string]Duration{DefaultDelay: Duration(8 * time.Second), "backup": 0, "create": Duration(time.Second)},
			map[Action]time.Duration{Create: time.Second, Modify: 8 * time.Second, Backup: 0, Optimize: 2 * time.Second},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := NewSettingsStore(Settings{Delays: tc.delays})
			got := map[Action]time.Duration{}
			for action := range tc.want {
				got[action] = s.Delay(action)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsChangeKeyByKey(t *testing.T) {
	s := NewSettingsStore(Settings{Quotas: map[string]int{"a": 1, "b": 2}, Hidden: &Visibility{Reads: 1}})
	s.Change(Settings{Quotas: map[string]int{"b": 3}})
	want := Settings{Quotas: map[string]int{"a": 1, "b": 3}, Hidden: &Visibility{Reads: 1}, Delays: map[string]Duration{}, Throttle: map[string]Rate{}}
	if diff := cmp.Diff(want, s.Get()); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	s.Get().Quotas["a"] = 100
	if s.Exceeds("a", 2) != true || s.Exceeds("a", 1) || s.Exceeds("unlimited", 1000) {
		t.Error("quotas do not hold")
	}
	s.reset()
	if s.Exceeds("b", 2) || !s.Exceeds("b", 3) {
		t.Error("a reset does not bring the first settings back")
	}
}

func TestThrottleIsPerAccountRegionAndLimit(t *testing.T) {
	c := New(Settings{Throttle: map[string]Rate{"db": {PerSecond: 0.0001, Burst: 1}, "db:List": {PerSecond: 0.0001, Burst: 2}}})
	call := func(account, region, operation string) bool {
		return c.Throttle.Allows(Call{Account: account, Region: region, Service: "db", Operation: operation})
	}
	got := []bool{
		call("1", "x", "Get"), call("1", "x", "Get"), call("1", "x", "Put"), // one limit for all but List
		call("2", "x", "Get"), call("1", "y", "Get"), // others' own
		call("1", "x", "List"), call("1", "x", "List"), call("1", "x", "List"),
	}
	if diff := cmp.Diff([]bool{true, false, false, true, true, true, true, false}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFaultsAddUp(t *testing.T) {
	f := &Faults{}
	f.Add(Rule{Service: "db", Effect: Effect{Delay: Duration(time.Second)}})
	f.Add(Rule{Operation: "Put", Effect: Effect{Delay: Duration(time.Second), LostResponse: true}})
	f.Add(Rule{ID: "mine", Name: "a[", Effect: Effect{LostResponse: true}}) // a bad pattern matches nothing
	if diff := cmp.Diff(Effect{Delay: Duration(2 * time.Second), LostResponse: true}, f.Strike(Call{Service: "db", Operation: "Put", Name: "x"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.Add(Rule{ID: "mine", Effect: Effect{Error: &Error{Code: "No"}}})
	if got := f.Strike(Call{Service: "other"}); got.Error == nil || len(f.List()) != 3 {
		t.Errorf("a rule did not take the place of the one with its ID: %+v", f.List())
	}
}

func TestVeilLifts(t *testing.T) {
	c := New(Settings{})
	c.HideNew("plain", Effect{})
	c.HideNew("both", Effect{Hide: &Visibility{Reads: 1, Duration: Duration(time.Minute)}})
	if c.Veil.Hides("plain") || c.Veil.Hides("unknown") {
		t.Error("what nobody hid is hidden")
	}
	c.Veil.Hides("both")
	if !c.Veil.Hides("both") {
		t.Error("visible after the reads, before the time")
	}
	c.Clock.Advance(time.Minute)
	if c.Veil.Hides("both") {
		t.Error("still hidden")
	}
}

func TestEvents(t *testing.T) {
	e := &Events{clock: &Clock{}}
	var told []string
	cancel := e.Subscribe(func(ev Event) { told = append(told, ev.ID) })
	e.Publish(Resource{ID: "a"})
	cancel()
	e.Publish(Resource{ID: "b"})
	if diff := cmp.Diff([]string{"a"}, told); diff != "" {
		t.Errorf("a subscriber was told (-want +got):\n%s", diff)
	}
	if since := e.Since(1); len(since) != 1 || since[0].ID != "b" {
		t.Errorf("since the first: %v", since)
	}
	for range 3 * eventsKept {
		e.Publish(Resource{ID: "c"})
	}
	if n := len(e.Since(0)); n < eventsKept || n > 2*eventsKept {
		t.Errorf("%d events are kept", n)
	}
	if n := len(e.Since(3 * eventsKept)); n != 2 {
		t.Errorf("%d events since the last but one, want 2", n)
	}
}

func TestTable(t *testing.T) {
	var table Table[int]
	for i, name := range []string{"c", "a", "b", "a"} {
		table.Put(name, i)
	}
	table.Delete("c")
	table.Delete("nobody")
	if diff := cmp.Diff([]int{3, 2}, table.All()); diff != "" || table.Len() != 2 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type emptyBackend struct{ Backend }

func (emptyBackend) Force(Target, string) error { return ErrNoTarget }
func (emptyBackend) Alter(Target, map[string]any) error {
	return errors.New("no such field")
}

func TestControlRefusals(t *testing.T) {
	tests := map[string]struct {
		method, path, body string
		want               int
	}{
		"unknown field":      {"POST", "settings", `{"delay": "2s"}`, http.StatusBadRequest},
		"not a duration":     {"POST", "settings", `{"delays": {"create": "soon"}}`, http.StatusBadRequest},
		"not JSON":           {"POST", "faults", `nothing`, http.StatusBadRequest},
		"not a number":       {"GET", "ledger?since=yesterday", "", http.StatusBadRequest},
		"nothing there":      {"POST", "force-state", `{"kind": "x", "id": "y", "state": "z"}`, http.StatusNotFound},
		"not changeable":     {"POST", "change", `{"kind": "x", "id": "y", "fields": {}}`, http.StatusBadRequest},
		"another method":     {"PUT", "settings", `{}`, http.StatusMethodNotAllowed},
		"nothing to control": {"GET", "nothing", "", http.StatusNotFound},
		"an empty change":    {"POST", "settings", "", http.StatusOK},
		"no entries":         {"GET", "ledger", "", http.StatusOK},
	}
	handler := New(Settings{}).Control(emptyBackend{})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tc.method, ControlPath+tc.path, strings.NewReader(tc.body)))
			if w.Code != tc.want {
				t.Errorf("got %d: %s", w.Code, w.Body)
			}
		})
	}
}

func TestDurationInJSON(t *testing.T) {
	text, err := json.Marshal(Duration(1500 * time.Millisecond))
	if err != nil || string(text) != `"1.5s"` {
		t.Errorf("got %s, %v", text, err)
	}
}
