// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindInstance is the kind of instances in ledgers.
const kindInstance = "Instance"

// The states that instances enter by themselves (the API's reference of
// instances, under state).
const (
	runnable      = "RUNNABLE"
	pendingCreate = "PENDING_CREATE"
	pendingDelete = "PENDING_DELETE"
	maintenance   = "MAINTENANCE"
	failed        = "FAILED"
)

// instance is an instance: what the API shows and what it does not.
type instance struct {
	wire.DatabaseInstance

	databaseID string // of the server behind it
	databases  local.Table[*wire.Database]
	busy       *wire.Operation // what is under way, if anything
	forced     string          // a state that somebody forced it into
}

// view returns the instance as the API shows it now.
func (i *instance) view() *wire.DatabaseInstance {
	out := i.DatabaseInstance
	out.RootPassword = ""
	out.State = i.state()
	return &out
}

func (i *instance) state() string {
	if i.forced != "" {
		return i.forced
	}
	return i.State
}

// enter takes the instance to another state, and tells its database and
// everybody else.
func (s *Service) enter(i *instance, state string) {
	i.State = state
	s.changed(i)
}

func (s *Service) changed(i *instance) {
	s.databases.Open(i.databaseID, i.state() == runnable && i.Settings.ActivationPolicy != "NEVER")
	s.cloud.Events.Publish(local.Resource{Service: serviceName, Region: i.Region, Kind: kindInstance, ID: i.Name, State: i.state()})
}

// find returns an instance that there is, hidden or not.
func (p *project) find(name string) (*instance, error) {
	i, ok := p.instances.Get(name)
	if !ok {
		return nil, noInstance()
	}
	return i, nil
}

func (s *Service) get(r *rest.Request) (any, error) {
	i, err := s.in(r.Project).find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(i.SelfLink) {
		return nil, noInstance()
	}
	return i.view(), nil
}

// mostInstances is how many instances a page has at most.
const mostInstances = 500

func (s *Service) list(r *rest.Request) (any, error) {
	page, next, err := rest.Page(r, "maxResults", mostInstances, s.in(r.Project).instances.All(), func(i *instance) string { return i.Name })
	if err != nil {
		return nil, err
	}
	out := &wire.InstancesListResponse{Kind: "sql#instancesList", NextPageToken: next}
	for _, i := range page {
		if !s.cloud.Veil.Hides(i.SelfLink) {
			out.Items = append(out.Items, i.view())
		}
	}
	return out, nil
}

func (s *Service) restart(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	s.databases.Restart(i.databaseID)
	return s.begin(r, p, i, work{typ: "RESTART", takes: local.Reboot, meanwhile: maintenance}), nil
}

// free says why nothing can be done with the instance just now.
func (i *instance) free() error {
	switch {
	case i.busy != nil:
		return rest.Refuse(http.StatusConflict, "operationInProgress",
			"Operation failed because another operation was already in progress. Try your request after the current operation is complete.")
	case i.state() != runnable:
		return rest.Refuse(http.StatusConflict, "invalidState", "The instance or operation is not in an appropriate state to handle the request.")
	}
	return nil
}

func noInstance() error {
	return rest.Refuse(http.StatusNotFound, "instanceDoesNotExist", "The Cloud SQL instance does not exist.")
}

func invalid(format string, args ...any) error {
	return rest.Refuse(http.StatusBadRequest, "invalid", "Invalid request: "+format, args...)
}
