// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Live lists what exists.
func (s *Service) Live() []local.Resource {
	out := []local.Resource{}
	for _, here := range s.places {
		for _, c := range here.clusters.All() {
			out = append(out, local.Resource{Service: serviceName, Region: here.location, Kind: kindCluster, ID: c.Name, State: c.state()})
			for _, p := range c.pools.All() {
				out = append(out, local.Resource{Service: serviceName, Region: here.location, Kind: kindNodePool, ID: p.id(c), State: p.state()})
			}
		}
	}
	return out
}

// Has says whether control requests about a kind are for this service.
func Has(kind string) bool { return kind == kindCluster || kind == kindNodePool }

// Force puts a cluster or a node pool into a state, or lets it out of it.
func (s *Service) Force(t local.Target, state string) error {
	c, p, err := s.target(t)
	if err != nil {
		return err
	}
	if p != nil {
		p.forced = state
		s.publish(c, kindNodePool, p.id(c), p.state())
		return nil
	}
	c.forced = state
	s.publish(c, kindCluster, c.Name, c.state())
	return nil
}

// Alter changes what the API shows of a cluster or a node pool, at once and past
// all rules, as somebody else with the right to it might have.
func (s *Service) Alter(t local.Target, fields map[string]any) error {
	c, p, err := s.target(t)
	if err != nil {
		return err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("reading the fields: %w", err)
	}
	if p != nil {
		next, err := rest.Merge(&p.NodePool, text)
		if err != nil {
			return fmt.Errorf("changing the node pool: %w", err)
		}
		p.NodePool = *next
	} else {
		next, err := rest.Merge(&c.Cluster, text)
		if err != nil {
			return fmt.Errorf("changing the cluster: %w", err)
		}
		c.Cluster = *next
	}
	s.refresh(c)
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: c.Location, Kind: t.Kind, ID: t.ID, Action: local.Updated, Operation: "change", Caller: "control",
	})
	return nil
}

// target finds what a control request names; p is nil where that is a cluster.
func (s *Service) target(t local.Target) (c *cluster, p *pool, err error) {
	name, of, _ := strings.Cut(t.ID, "/")
	for _, here := range s.places {
		c, ok := here.clusters.Get(name)
		if !ok || t.Region != "" && t.Region != here.location {
			continue
		}
		if p, there := c.pools.Get(of); there && t.Kind == kindNodePool {
			return c, p, nil
		}
		if t.Kind == kindCluster && of == "" {
			return c, nil, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: %s %s", local.ErrNoTarget, t.Kind, t.ID)
}
