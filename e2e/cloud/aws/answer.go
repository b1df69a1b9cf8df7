// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"net/http"
	"strconv"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func (s *Server) answer(w http.ResponseWriter, req *query.Request, out any) {
	body, err := s.services[req.Service].dialect.Answer(req.Operation, req.ID, out)
	if err != nil {
		s.refuse(w, req, &local.Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError})
		return
	}
	write(w, req, s.services[req.Service].dialect, http.StatusOK, body)
}

func (s *Server) refuse(w http.ResponseWriter, req *query.Request, e *local.Error) {
	var dialect query.Dialect = query.Plain{}
	if svc, ok := s.services[req.Service]; ok {
		dialect = svc.dialect
	}
	body, err := dialect.Refusal(req.ID, e)
	if err != nil {
		s.log.Error("cannot write a refusal", "error", err)
	}
	if dialect == (rest.JSON{}) {
		w.Header().Set("X-Amzn-Errortype", e.Code)
	}
	write(w, req, dialect, e.Status, body)
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

func write(w http.ResponseWriter, req *query.Request, dialect query.Dialect, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", dialect.ContentType())
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-Requestid", req.ID)
	w.WriteHeader(status)
	// A caller that has gone away is no fault of ours.
	_, _ = w.Write(body) //nolint:gosec // G705: XML or JSON for an SDK, escaped by its encoder
}
