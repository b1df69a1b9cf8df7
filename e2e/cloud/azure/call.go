// SPDX-License-Identifier: Apache-2.0

package azure

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostBody is more than any request has, in bytes.
const mostBody = 4 << 20

// throttleWait is how long a caller that was too quick is told to wait, in seconds.
const throttleWait = "2"

// called is what is counted of a call.
type called struct{ service, operation, name string }

// call answers one call of the Resource Manager.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	c := &arm.Call{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Base: "https://" + r.Host,
	}
	what, answer, err := s.do(c, r)
	outcome := local.OutcomeOK
	switch refused := new(local.Error); {
	case errors.As(err, &refused):
		outcome = refused.Code
		s.refuse(w, refused)
	case err != nil:
		outcome = "InternalServerError"
		s.refuse(w, &local.Error{Code: outcome, Message: err.Error(), Status: http.StatusInternalServerError})
	case c.Effect.LostResponse:
		outcome = local.OutcomeLost
		s.lose(w)
	default:
		write(w, answer)
	}
	s.cloud.Calls.Add(what.service, what.operation, outcome)
	s.log.Debug("call", "service", what.service, "operation", what.operation, "name", what.name,
		"outcome", outcome, "milliseconds", time.Since(began).Milliseconds())
}

// do finds out what is asked by whom, and does it unless something speaks
// against it.
func (s *Server) do(c *arm.Call, r *http.Request) (called, *arm.Answer, error) {
	var what called
	var err error
	if what.service, what.operation, what.name, err = c.Read(); err != nil {
		return what, nil, err
	}
	app, err := s.directory.Authenticate(r.Header.Get("Authorization"))
	if err != nil {
		return what, nil, err
	}
	c.Caller = app.ID
	if err := app.Authorize(c.Action(), c.Scope()); err != nil {
		return what, nil, err
	}
	if err := s.withstand(c, what); err != nil {
		return what, nil, err
	}
	if c.Body, err = read(r); err != nil {
		return what, nil, err
	}
	var answer *arm.Answer
	s.cloud.Do(func() { answer, err = s.manager.Do(c) })
	return what, answer, err
}

// withstand lets throttles and faults have their turn.
func (s *Server) withstand(c *arm.Call, what called) error {
	call := local.Call{Account: c.Subscription(), Service: what.service, Operation: what.operation, Name: what.name}
	if !s.cloud.Throttle.Allows(call) {
		return arm.Refuse(http.StatusTooManyRequests, "TooManyRequests",
			"The request is being throttled as the limit has been reached for operation type - %s.", what.operation)
	}
	c.Effect = s.cloud.Faults.Strike(call)
	time.Sleep(time.Duration(c.Effect.Delay))
	if e := c.Effect.Error; e != nil {
		refusal := *e
		if refusal.Status == 0 {
			refusal.Status = http.StatusBadRequest
		}
		return &refusal
	}
	return nil
}

func read(r *http.Request) (arm.Body, error) {
	b := arm.Body{}
	text, err := io.ReadAll(io.LimitReader(r.Body, mostBody))
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &b)
	}
	if err != nil {
		return nil, arm.Refuse(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
	}
	return b, nil
}

// refuse answers with an error as the Resource Manager writes it.
func (s *Server) refuse(w http.ResponseWriter, e *local.Error) {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", throttleWait)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+e.Code+`"`)
	}
	w.Header().Set("X-Ms-Failure-Cause", "gateway")
	write(w, &arm.Answer{Status: e.Status, Body: map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message}}})
}

// lose drops the connection, so that the caller never learns what became of
// its call.
func (s *Server) lose(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.log.Error("cannot drop a connection", "error", err)
		return
	}
	// The caller must see a broken connection: that is the point.
	_ = conn.Close()
}

func write(w http.ResponseWriter, a *arm.Answer) {
	h := w.Header()
	maps.Copy(h, a.Header)
	h.Set("X-Ms-Request-Id", arm.UUID())
	h.Set("X-Ms-Correlation-Request-Id", arm.UUID())
	h.Set("X-Ms-Ratelimit-Remaining-Subscription-Reads", "249")
	h.Set("X-Ms-Ratelimit-Remaining-Subscription-Writes", "199")
	if a.Body == nil {
		w.WriteHeader(a.Status)
		return
	}
	local.WriteJSON(w, a.Status, a.Body)
}
