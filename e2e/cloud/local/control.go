// SPDX-License-Identifier: Apache-2.0

package local

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// ControlPath is where every local cloud is controlled.
const ControlPath = "/_control/"

// Target names a resource in a request to do something behind its owner's
// back. Region may be left out where the ID is found in one region only.
type Target struct {
	Region string `json:"region,omitempty"`
	Kind   string `json:"kind"`
	ID     string `json:"id"`
}

// ForceState asks for a state that the cloud would not enter by itself. An
// empty state ends it.
type ForceState struct {
	Target
	State string `json:"state"`
}

// Change asks for a change of a resource by somebody else: Fields are the
// resource's own, by the names that the cloud's API has for them.
type Change struct {
	Target
	Fields map[string]any `json:"fields"`
}

// Advance asks for the clock to be moved ahead.
type Advance struct {
	By Duration `json:"by"`
}

// ErrNoTarget says that there is nothing of that kind and ID.
var ErrNoTarget = errors.New("no such resource")

// Backend is what control needs of a provider. It is called outside Cloud.Do.
type Backend interface {
	// Live lists what exists now.
	Live() []Resource
	// Settle brings everything up to the clock's time.
	Settle()
	// Reset removes everything.
	Reset()
	// Force puts a resource into a state.
	Force(t Target, state string) error
	// Alter changes a resource behind its owner's back.
	Alter(t Target, fields map[string]any) error
}

// Control answers requests under ControlPath. The provider may add its own.
func (c *Cloud) Control(b Backend) *http.ServeMux {
	mux := http.NewServeMux()
	c.controlReads(mux, b)
	c.controlFaults(mux)
	mux.HandleFunc("POST /_control/reset", Answer(func(struct{}) (any, error) {
		b.Reset()
		c.reset()
		return struct{}{}, nil
	}))
	mux.HandleFunc("POST /_control/settings", Answer(func(s Settings) (any, error) {
		c.Settings.Change(s)
		return c.Settings.Get(), nil
	}))
	mux.HandleFunc("POST /_control/force-state", Answer(func(f ForceState) (any, error) {
		return nil, b.Force(f.Target, f.State)
	}))
	mux.HandleFunc("POST /_control/change", Answer(func(ch Change) (any, error) {
		return nil, b.Alter(ch.Target, ch.Fields)
	}))
	mux.HandleFunc("POST /_control/clock", Answer(func(a Advance) (any, error) {
		c.Clock.Advance(time.Duration(a.By))
		b.Settle()
		return map[string]time.Time{"now": c.Clock.Now()}, nil
	}))
	return mux
}

func (c *Cloud) controlReads(mux *http.ServeMux, b Backend) {
	mux.HandleFunc("GET /_control/ledger", since(func(seq int) any { return c.Ledger.Since(seq) }))
	mux.HandleFunc("GET /_control/events", since(func(seq int) any { return c.Events.Since(seq) }))
	mux.HandleFunc("GET /_control/calls", since(func(int) any { return c.Calls.List() }))
	mux.HandleFunc("GET /_control/live", since(func(int) any { return b.Live() }))
	mux.HandleFunc("GET /_control/settings", since(func(int) any { return c.Settings.Get() }))
}

func (c *Cloud) controlFaults(mux *http.ServeMux) {
	mux.HandleFunc("GET /_control/faults", since(func(int) any { return c.Faults.List() }))
	mux.HandleFunc("POST /_control/faults", Answer(func(r Rule) (any, error) {
		return map[string]string{"id": c.Faults.Add(r)}, nil
	}))
	mux.HandleFunc("DELETE /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		c.Faults.Clear()
		WriteJSON(w, http.StatusOK, struct{}{})
	})
	mux.HandleFunc("DELETE /_control/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		c.Faults.Remove(r.PathValue("id"))
		WriteJSON(w, http.StatusOK, struct{}{})
	})
}

// Answer makes a handler of a function from a JSON request to a JSON answer.
// An empty body is an empty request; an unknown field is an error.
func Answer[In any](f func(In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if r.ContentLength != 0 {
			d := json.NewDecoder(r.Body)
			d.DisallowUnknownFields()
			if err := d.Decode(&in); err != nil {
				WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
		}
		out, err := f(in)
		if err != nil {
			WriteJSON(w, status(err), map[string]string{"error": err.Error()})
			return
		}
		if out == nil {
			out = struct{}{}
		}
		WriteJSON(w, http.StatusOK, out)
	}
}

// WriteJSON answers with v as JSON.
func WriteJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The status line is out: a failure to write is the client's to notice.
	_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // what the types here hold can always be written
}

func since(f func(seq int) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		seq := 0
		if q := r.URL.Query().Get("since"); q != "" {
			n, err := strconv.Atoi(q)
			if err != nil {
				WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "since is not a number"})
				return
			}
			seq = n
		}
		WriteJSON(w, http.StatusOK, f(seq))
	}
}

func status(err error) int {
	if errors.Is(err, ErrNoTarget) {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}
