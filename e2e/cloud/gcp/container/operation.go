// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// work is what an operation does.
type work struct {
	typ    string // as the API names it: CREATE_CLUSTER, UPGRADE_NODES
	target string // path below the cluster, empty for itself
	takes  local.Action
	kept   func() bool // keeps it going though its time is over
	done   func()
	failed func(fault local.Error)
}

// begin starts an operation: a cluster has one at a time. One that a fault befalls,
// of the operation "operation.CREATE_CLUSTER" and so on, is begun and fails.
func (s *Service) begin(r *rest.Request, here *location, c *cluster, w work) *wire.Operation {
	at := fmt.Sprintf("%s/v1/projects/%s/locations/%s", r.Base, here.project, here.location)
	name := fmt.Sprintf("operation-%d-%s", s.cloud.Clock.Now().UnixMilli(), c.id[:8]+fmt.Sprint(len(here.operations)))
	op := &wire.Operation{
		Name: name, OperationType: w.typ, Status: "RUNNING", Location: here.location, StartTime: s.now(),
		TargetLink: at + "/clusters/" + c.Name + w.target, SelfLink: at + "/operations/" + name,
	}
	here.operations = append(here.operations, op)
	c.busy = op
	effect := s.cloud.Faults.Strike(local.Call{Account: here.project, Service: serviceName, Operation: "operation." + w.typ, Name: c.Name + strings.TrimPrefix(w.target, "/nodePools")})
	due := false
	c.settle = func() {
		if !due || w.kept != nil && w.kept() {
			return
		}
		s.end(c, op, w, effect.Error)
	}
	s.agenda.After(w.takes, func() {
		due = true
		if c.busy == op {
			c.settle()
		}
	})
	answer := *op
	return &answer
}

func (s *Service) end(c *cluster, op *wire.Operation, w work, fault *local.Error) {
	op.Status, op.EndTime = "DONE", s.now()
	c.busy, c.settle = nil, nil
	if fault == nil {
		w.done()
	} else {
		op.Error = &wire.Status{Code: canonical(fault.Code), Message: fault.Message}
		if w.failed != nil {
			w.failed(*fault)
		}
	}
	s.refresh(c)
	s.publish(c, kindCluster, c.Name, c.state())
}

// canonical is the number that google.rpc.Code has for a name.
func canonical(name string) int64 {
	codes := map[string]int64{
		"INVALID_ARGUMENT": 3, "NOT_FOUND": 5, "PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8, "GCE_STOCKOUT": 8, "GCE_QUOTA_EXCEEDED": 8,
		"FAILED_PRECONDITION": 9, "UNAVAILABLE": 14,
	}
	if code, ok := codes[name]; ok {
		return code
	}
	return 13
}

func (s *Service) getOperation(r *rest.Request) (any, error) {
	for _, op := range s.in(r).operations {
		if op.Name == r.Path("name") {
			seen := *op // which goes on while this is written
			return &seen, nil
		}
	}
	return nil, notFound("%s", r.Path("name"))
}

func (s *Service) listOperations(r *rest.Request) (any, error) {
	out := &wire.ListOperationsResponse{}
	for _, op := range s.in(r).operations {
		seen := *op
		out.Operations = append(out.Operations, &seen)
	}
	return out, nil
}
