// SPDX-License-Identifier: Apache-2.0

package compute

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// operation is an operation of Compute Engine.
type operation struct {
	Kind          string           `json:"kind"`
	ID            string           `json:"id"`
	Name          string           `json:"name"`
	OperationType string           `json:"operationType"`
	Status        string           `json:"status"`
	Progress      int              `json:"progress"`
	TargetLink    string           `json:"targetLink"`
	User          string           `json:"user"`
	InsertTime    string           `json:"insertTime"`
	EndTime       string           `json:"endTime,omitempty"`
	Error         *operationErrors `json:"error,omitempty"`
	SelfLink      string           `json:"selfLink"`
}

type operationErrors struct {
	Errors []operationError `json:"errors"`
}

type operationError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// begin starts an operation on what target names. One that a fault befalls, of
// the operation "operation.insert" and so on, is begun and fails, and undone is
// called.
func (s *Service) begin(r *rest.Request, p *project, typ, target string, takes local.Action, done, undone func()) *operation {
	id := target[strings.LastIndex(target, "/")+1:]
	effect := s.cloud.Faults.Strike(local.Call{Account: p.id, Service: serviceName, Operation: "operation." + typ, Name: id})
	return s.launch(r, p, typ, target, takes, outcome{effect.Error, done, undone})
}

// outcome is what becomes of an operation: done or, if there is an error, undone.
type outcome struct {
	err          *local.Error
	done, undone func()
}

func (s *Service) launch(r *rest.Request, p *project, typ, target string, takes local.Action, o outcome) *operation {
	name := "operation-" + number()
	op := &operation{
		Kind: "compute#operation", ID: number(), Name: name, OperationType: typ, Status: "PENDING", User: r.Caller,
		TargetLink: r.Base + "/compute/v1/projects/" + p.id + "/global/" + target, InsertTime: s.now(),
		SelfLink: r.Base + "/compute/v1/projects/" + p.id + "/global/operations/" + name,
	}
	p.operations = append(p.operations, op)
	answer := *op
	op.Status = "RUNNING"
	s.agenda.After(takes, func() {
		op.Status, op.Progress, op.EndTime = "DONE", 100, s.now()
		then := o.done
		if o.err != nil {
			op.Error = &operationErrors{[]operationError{{o.err.Code, o.err.Message}}}
			then = o.undone
		}
		if then != nil {
			then()
		}
	})
	return &answer
}

func (s *Service) now() string { return s.cloud.Clock.Now().Format(time.RFC3339Nano) }

func (s *Service) getOperation(r *rest.Request) (any, error) {
	for _, op := range s.in(r.Project).operations {
		if op.Name == r.Path("name") {
			return op, nil
		}
	}
	return nil, notFound("projects/" + r.Project + "/global/operations/" + r.Path("name"))
}

// listOperations lists the latest first. It knows the filter
// targetLink="LINK".
func (s *Service) listOperations(r *rest.Request) (any, error) {
	filter := strings.ReplaceAll(r.Query.Get("filter"), " ", "")
	target, known := strings.CutPrefix(filter, `targetLink="`)
	if !known && filter != "" {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid", "Invalid value for field 'filter': '%s'.", filter)
	}
	target = strings.TrimSuffix(target, `"`)
	items := []*operation{}
	for _, op := range slices.Backward(s.in(r.Project).operations) {
		if target == "" || op.TargetLink == target {
			items = append(items, op)
		}
	}
	return map[string]any{"kind": "compute#operationList", "items": items}, nil
}
