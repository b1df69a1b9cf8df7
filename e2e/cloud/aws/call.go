// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sigv4"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sts"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostBody is more than any request of these protocols has, in bytes.
const mostBody = 1 << 20

// latency is how long the quickest call takes. No answer of AWS is quicker, and
// the SDK relies on that: it closes a request's body once it has the answer,
// and a connection whose body is closed before it was seen to end is dropped
// with the answer half read.
const latency = 5 * time.Millisecond

// call answers one call of an AWS API.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	req, out, err := s.do(r)
	time.Sleep(latency - time.Since(began))
	outcome := local.OutcomeOK
	switch refused := new(local.Error); {
	case errors.As(err, &refused):
		outcome = refused.Code
		s.refuse(w, req, refused)
	case err != nil:
		outcome = "InternalFailure"
		s.refuse(w, req, &local.Error{Code: outcome, Message: err.Error(), Status: http.StatusInternalServerError})
	case req.Effect.LostResponse:
		outcome = local.OutcomeLost
		s.lose(w)
	default:
		s.answer(w, req, out)
	}
	s.cloud.Calls.Add(req.Service, req.Operation, outcome)
	s.log.Debug("call", "service", req.Service, "operation", req.Operation, "name", name(req),
		"outcome", outcome, "milliseconds", time.Since(began).Milliseconds())
}

// do finds out what is asked by whom, and does it unless something speaks
// against it. The request it returns is never nil.
func (s *Server) do(r *http.Request) (*query.Request, any, error) {
	req := &query.Request{ID: requestID(), Service: "unknown", Operation: "unknown", Form: &query.Form{}}
	body, err := readBody(req, r)
	if err != nil {
		return req, nil, err
	}
	key, err := s.authenticate(req, r, body)
	if err != nil {
		return req, nil, err
	}
	handler, err := s.handler(req, r, body)
	if err != nil {
		return req, nil, err
	}
	if err := key.Authorize(req.Service, req.Operation); err != nil {
		return req, nil, err
	}
	if err := s.withstand(req); err != nil {
		return req, nil, err
	}
	var out any
	s.cloud.Do(func() { out, err = handler(req) })
	return req, out, err
}

func (s *Server) authenticate(req *query.Request, r *http.Request, body []byte) (iam.Key, error) {
	header := r.Header.Get("Authorization")
	if header == "" && req.Operation == sts.Unsigned {
		req.Service, req.Scope = "sts", query.Scope{Region: defaultRegion}
		return iam.Key{}, nil
	}
	if header == "" {
		return iam.Key{}, iam.Missing(req.Service)
	}
	auth, err := sigv4.Parse(header)
	if err != nil {
		return iam.Key{}, &local.Error{Code: "IncompleteSignature", Message: "The Authorization header is not complete.", Status: http.StatusBadRequest}
	}
	req.Service = auth.Service
	key, err := s.keys.Authenticate(r, body, auth, s.cloud.Clock.Now())
	if err != nil {
		return iam.Key{}, fmt.Errorf("authenticating: %w", err)
	}
	req.Scope = query.Scope{Account: key.Account, Region: auth.Region}
	req.Caller, req.CallerID = key.ARN, key.UserID
	return key, checkRegion(auth.Service, auth.Region)
}

func (s *Server) handler(req *query.Request, r *http.Request, body []byte) (query.Handler, error) {
	svc, ok := s.services[req.Service]
	if !ok {
		return nil, &local.Error{Code: "UnknownService", Message: "The local AWS has no service " + req.Service + ".", Status: http.StatusNotFound}
	}
	if svc.routes != nil {
		return route(svc.routes, req, r, body)
	}
	h, ok := svc.operations[req.Operation]
	if !ok {
		return nil, &local.Error{Code: "InvalidAction", Message: "The action " + req.Operation + " is not valid for this web service.", Status: http.StatusBadRequest}
	}
	return h, nil
}

// route finds the operation of a service that has it in the path.
func route(routes rest.Routes, req *query.Request, r *http.Request, body []byte) (query.Handler, error) {
	found, parameters, ok := routes.Match(r)
	if !ok {
		return nil, &local.Error{Code: "UnknownOperationException", Message: "The local AWS does not know " + r.Method + " " + r.URL.Path + ".", Status: http.StatusNotFound}
	}
	parameters.Body = body
	req.Operation, req.Name = found.Operation, parameters.Name()
	return func(req *query.Request) (any, error) { return found.Handler(req, parameters) }, nil
}

// withstand lets throttles and faults have their turn.
func (s *Server) withstand(req *query.Request) error {
	c := local.Call{Account: req.Account, Region: req.Region, Service: req.Service, Operation: req.Operation, Name: name(req)}
	if !s.cloud.Throttle.Allows(c) {
		e := s.services[req.Service].throttled
		return &e
	}
	req.Effect = s.cloud.Faults.Strike(c)
	time.Sleep(time.Duration(req.Effect.Delay))
	if e := req.Effect.Error; e != nil {
		refusal := *e
		if refusal.Status == 0 {
			refusal.Status = http.StatusBadRequest
		}
		return &refusal
	}
	return nil
}

// readBody reads the request's body and, unless it is JSON, the form in it.
func readBody(req *query.Request, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBody))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return body, nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &local.Error{Code: "MalformedQueryString", Message: "The request cannot be parsed.", Status: http.StatusBadRequest}
	}
	req.Form, req.Operation = query.NewForm(values), values.Get("Action")
	return body, nil
}

// named are the parameters that name what a call is about, the most telling
// first.
func named() []string {
	return []string{
		"DBInstanceIdentifier", "TargetDBInstanceIdentifier", "DBSnapshotIdentifier", "DBSubnetGroupName", "DBParameterGroupName", "ResourceName",
		"GroupId", "GroupName", "SubnetId", "VpcId", "ResourceId.1", "GroupId.1", "RoleName", "RoleArn",
	}
}

func name(req *query.Request) string {
	if req.Name != "" {
		return req.Name
	}
	for _, path := range named() {
		if v := req.Form.Get(path); v != "" {
			return v
		}
	}
	return ""
}

// requestID returns a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
