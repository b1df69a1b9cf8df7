// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"encoding/json"
	"fmt"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Uses says whether an instance is in the private network.
func (s *Service) Uses(project, network string) bool {
	for _, i := range s.in(project).instances.All() {
		if ip := i.Settings.IPConfiguration; ip != nil && ip.PrivateNetwork == network {
			return true
		}
	}
	return false
}

// Live lists what exists.
func (s *Service) Live() []local.Resource {
	out := []local.Resource{}
	for _, p := range s.projects {
		for _, i := range p.instances.All() {
			out = append(out, local.Resource{Service: serviceName, Region: i.Region, Kind: kindInstance, ID: i.Name, State: i.state()})
			for _, d := range i.databases.All() {
				out = append(out, local.Resource{Service: serviceName, Region: i.Region, Kind: kindDatabase, ID: i.Name + "/" + d.Name})
			}
		}
		for _, b := range p.backups.All() {
			out = append(out, local.Resource{Service: serviceName, Region: b.Location, Kind: kindBackup, ID: b.Name, State: b.State})
		}
	}
	return out
}

// Force puts an instance into a state, or lets it out of it.
func (s *Service) Force(t local.Target, state string) error {
	i, err := s.target(t)
	if err != nil {
		return err
	}
	i.forced = state
	s.changed(i)
	return nil
}

// Alter changes an instance at once and past all rules, as somebody else with
// the right to it might have. Fields are those of an instance in the API.
func (s *Service) Alter(t local.Target, fields map[string]any) error {
	i, err := s.target(t)
	if err != nil {
		return err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("reading the fields: %w", err)
	}
	next, err := rest.Merge(&i.DatabaseInstance, text)
	if err != nil {
		return fmt.Errorf("changing the instance: %w", err)
	}
	if err := s.apply(i, next); err != nil {
		return err
	}
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: i.Region, Kind: kindInstance, ID: i.Name, Action: local.Updated, Operation: "change", Caller: "control",
	})
	return nil
}

// target finds the instance that a control request names.
func (s *Service) target(t local.Target) (*instance, error) {
	for _, p := range s.projects {
		if i, ok := p.instances.Get(t.ID); ok && t.Kind == kindInstance && (t.Region == "" || t.Region == i.Region) {
			return i, nil
		}
	}
	return nil, fmt.Errorf("%w: %s %s", local.ErrNoTarget, t.Kind, t.ID)
}
