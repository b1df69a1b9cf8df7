// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// work is what an operation does.
type work struct {
	typ       string // as the API names it: CREATE, UPDATE
	takes     local.Action
	meanwhile string // the state that the instance is in; empty: the one that it has
	done      func() error
	failed    func() // what becomes of it if it fails
}

// begin starts an operation. One that a fault befalls, of the operation
// "operation.CREATE" and so on, is begun and fails.
func (s *Service) begin(r *rest.Request, p *project, i *instance, w work) *wire.Operation {
	id := uuid()
	op := &wire.Operation{
		Kind: "sql#operation", Name: id, OperationType: w.typ, Status: "PENDING", User: r.Caller, InsertTime: s.now(),
		TargetID: i.Name, TargetProject: p.id, TargetLink: i.SelfLink,
		SelfLink: r.Base + "/v1/projects/" + p.id + "/operations/" + id,
	}
	p.operations.Put(id, op)
	p.order = append(p.order, op)
	answer := *op
	op.Status, op.StartTime = "RUNNING", op.InsertTime
	i.busy = op
	if w.meanwhile != "" {
		s.enter(i, w.meanwhile)
	}
	effect := s.cloud.Faults.Strike(local.Call{Account: p.id, Service: serviceName, Operation: "operation." + w.typ, Name: i.Name})
	s.agenda.After(w.takes, func() { s.end(p, i, op, w, effect.Error) })
	return &answer
}

func (s *Service) end(p *project, i *instance, op *wire.Operation, w work, fault *local.Error) {
	op.Status, op.EndTime = "DONE", s.now()
	if there, _ := p.instances.Get(i.Name); there != i {
		return // deleted meanwhile
	}
	if i.busy == op {
		i.busy = nil
	}
	if fault == nil && w.done != nil {
		if err := w.done(); err != nil {
			fault = &local.Error{Code: "INTERNAL_ERROR", Message: err.Error()}
		}
	}
	if fault != nil {
		op.Error = &wire.OperationErrors{Kind: "sql#operationErrors", Errors: []*wire.OperationError{
			{Kind: "sql#operationError", Code: fault.Code, Message: fault.Message},
		}}
	}
	switch {
	case fault != nil && w.failed != nil:
		w.failed()
	case w.meanwhile != "" && i.State == w.meanwhile:
		s.enter(i, runnable)
	}
}

func (s *Service) getOperation(r *rest.Request) (any, error) {
	op, ok := s.in(r.Project).operations.Get(r.Path("name"))
	if !ok {
		return nil, rest.Refuse(http.StatusNotFound, "operationDoesNotExist", "The Cloud SQL operation does not exist.")
	}
	return op, nil
}

// mostOperations is how many operations a page has at most.
const mostOperations = 100

// listOperations lists the latest first.
func (s *Service) listOperations(r *rest.Request) (any, error) {
	out := &wire.OperationsListResponse{Kind: "sql#operationsList"}
	name, most := r.Query.Get("instance"), mostOperations
	if text := r.Query.Get("maxResults"); text != "" {
		if _, err := fmt.Sscan(text, &most); err != nil {
			return nil, invalid("maxResults is not a number")
		}
	}
	for _, op := range slices.Backward(s.in(r.Project).order) {
		if len(out.Items) == cmp.Or(most, mostOperations) {
			break
		}
		if name == "" || op.TargetID == name {
			out.Items = append(out.Items, op)
		}
	}
	return out, nil
}

// uuid returns a random UUID.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
