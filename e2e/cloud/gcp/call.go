// SPDX-License-Identifier: Apache-2.0

package gcp

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostBody is more than any request of these APIs has, in bytes.
const mostBody = 4 << 20

// route makes the server answer the calls of a service.
func (s *Server) route(service rest.Service) {
	verbs := map[string]map[string]rest.Route{} // by pattern
	for _, route := range service.Routes {
		if route.Verb == "" {
			s.mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) { s.call(w, r, service, route) })
			continue
		}
		if verbs[route.Pattern] == nil {
			verbs[route.Pattern] = map[string]rest.Route{}
		}
		verbs[route.Pattern][route.Verb] = route
	}
	for pattern, routes := range verbs {
		last := strings.TrimSuffix(pattern[strings.LastIndexByte(pattern, '{')+1:], "}")
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			name, verb, _ := strings.Cut(r.PathValue(last), ":")
			route, ok := routes[verb]
			if !ok {
				http.NotFound(w, r)
				return
			}
			r.SetPathValue(last, name)
			s.call(w, r, service, route)
		})
	}
}

// call answers one call of an API.
func (s *Server) call(w http.ResponseWriter, r *http.Request, service rest.Service, route rest.Route) {
	began := time.Now()
	req, out, err := s.do(r, service, route)
	outcome := local.OutcomeOK
	switch refused := new(local.Error); {
	case errors.As(err, &refused):
		outcome = refused.Code
		rest.WriteRefusal(w, service.Name, refused)
	case err != nil:
		outcome = "backendError"
		rest.WriteRefusal(w, service.Name, &local.Error{Code: outcome, Message: err.Error(), Status: http.StatusInternalServerError})
	case req.Effect.LostResponse:
		outcome = local.OutcomeLost
		s.lose(w)
	default:
		rest.Write(w, http.StatusOK, out)
	}
	s.cloud.Calls.Add(service.Name, route.Operation, outcome)
	s.log.Debug("call", "service", service.Name, "operation", route.Operation, "name", name(r),
		"outcome", outcome, "milliseconds", time.Since(began).Milliseconds())
}

// do finds out what is asked by whom, and does it unless something speaks
// against it. The request it returns is never nil.
func (s *Server) do(r *http.Request, service rest.Service, route rest.Route) (*rest.Request, any, error) {
	req := &rest.Request{
		Service: service.Name, Operation: route.Operation, Project: r.PathValue("project"),
		Path: r.PathValue, Query: r.URL.Query(), Header: r.Header, Base: "http://" + r.Host,
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBody))
	if err != nil {
		return req, nil, fmt.Errorf("reading the request: %w", err)
	}
	req.Body = body
	if !service.Open {
		if req.Caller, err = s.accounts.Authenticate(r.Header); err != nil {
			return req, nil, fmt.Errorf("authenticating: %w", err)
		}
		if err := s.accounts.Authorize(req.Caller, req.Service, req.Operation, req.Project); err != nil {
			return req, nil, fmt.Errorf("authorizing: %w", err)
		}
	}
	if err := s.withstand(req, name(r)); err != nil {
		return req, nil, err
	}
	var out any
	s.cloud.Do(func() {
		s.agenda.Settle()
		out, err = route.Handler(req)
	})
	return req, out, err
}

// withstand lets throttles and faults have their turn.
func (s *Server) withstand(req *rest.Request, name string) error {
	c := local.Call{Account: cmp.Or(req.Project, req.Caller), Service: req.Service, Operation: req.Operation, Name: name}
	if !s.cloud.Throttle.Allows(c) {
		return rest.Refuse(http.StatusTooManyRequests, "rateLimitExceeded",
			"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service '%s.googleapis.com'.", req.Service)
	}
	req.Effect = s.cloud.Faults.Strike(c)
	time.Sleep(time.Duration(req.Effect.Delay))
	if e := req.Effect.Error; e != nil {
		return rest.Refuse(cmp.Or(e.Status, http.StatusBadRequest), e.Code, "%s", e.Message)
	}
	return nil
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

// pool names a node pool as ledgers do.
func pool(r *http.Request) string {
	if name := r.PathValue("pool"); name != "" {
		return r.PathValue("cluster") + "/" + name
	}
	return ""
}

// name is the most telling of what a path names.
func name(r *http.Request) string {
	return cmp.Or(r.PathValue("instance"), pool(r), r.PathValue("cluster"), r.PathValue("name"), r.PathValue("backup"), r.PathValue("account"), r.PathValue("project"))
}
