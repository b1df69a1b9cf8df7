// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

var (
	errNoPath = errors.New("the path from the cluster to the database is not what it should be")
	errOpen   = errors.New("the path to the database is still open")
)

// door is how a cloud lets a cluster in at a database: the managed kind, and what
// it comes to in the cloud's ledger.
type door struct{ kind, entry, action string }

func (p place) door() door {
	return map[string]door{
		"aws":   {"securitygrouprules.network.aws.crossplane.io", "SecurityGroupRule", local.Created},
		"gcp":   {"cloudsqlauthorizednetworks.database.gcp.crossplane.io", "Instance", local.Updated},
		"azure": {"firewallrules.database.azure.crossplane.io", "firewallRules", local.Created},
	}[p.provider]
}

// showPath shows what opened the path in each cloud, as its ledger has it.
func showPath(ctx context.Context, s *show) error {
	for _, p := range places() {
		if err := s.awaitPath(ctx, p); err != nil {
			return err
		}
		if err := s.kubectl(ctx, "get", p.door().kind); err != nil {
			return err
		}
		entries, err := s.control[p.cloud].Ledger(ctx, 0)
		if err != nil {
			return fmt.Errorf("read the ledger: %w", err)
		}
		i := slices.IndexFunc(entries, func(e local.Entry) bool {
			return strings.Contains(e.Kind, p.door().entry) && e.Action == p.door().action
		})
		if i < 0 {
			return fmt.Errorf("%w: the ledger of %s has no %s", errNoPath, p.cloud, p.door().entry)
		}
		fmt.Fprintf(s.out, "  in the ledger of %s: %s %s %s\n", p.cloud, entries[i].Action, entries[i].Kind, entries[i].ID)
	}
	return nil
}

// awaitPath waits until just one object opens the path at a place, and is ready.
func (s *show) awaitPath(ctx context.Context, p place) error {
	return await(ctx, "the path on "+p.provider+" is open", func(ctx context.Context) (bool, error) {
		ready, err := s.query(ctx, "get", p.door().kind, "-o", `jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}`)
		if err != nil || ready != "True" {
			return false, errors.Join(fmt.Errorf("%w: %q", errNoPath, ready), err)
		}
		return true, nil
	})
}

// awaitClosed waits until nothing opens a path at a place any more.
func (s *show) awaitClosed(ctx context.Context, p place) error {
	return await(ctx, "the path on "+p.provider+" is closed", func(ctx context.Context) (bool, error) {
		open, err := s.query(ctx, "get", p.door().kind, "-o", "name")
		if err != nil || open != "" {
			return false, errors.Join(fmt.Errorf("%w: %s", errOpen, open), err)
		}
		return true, nil
	})
}
