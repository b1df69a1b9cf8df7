// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"strings"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// The states that decide what is done (GKE API reference).
const (
	provisioning     = "PROVISIONING"
	running          = "RUNNING"
	reconciling      = "RECONCILING"
	stopping         = "STOPPING"
	failed           = "ERROR"
	degraded         = "DEGRADED"
	runningWithError = "RUNNING_WITH_ERROR"
)

// clusterStates maps every status that the API reference lists for a cluster but
// STATUS_UNSPECIFIED, which says nothing. One that is worked on works on; one that
// is degraded does not work as it should until somebody does something. GKE deletes
// one in ERROR by itself, sooner or later.
//
//nolint:gochecknoglobals // a table
var clusterStates = map[string]managed.State{
	provisioning: managed.Creating,
	running:      managed.Available,
	reconciling:  managed.Available,
	stopping:     managed.Deleting,
	failed:       managed.Failed,
	degraded:     managed.Unavailable,
}

// poolStates maps every status that it lists for a node pool. One that runs with an
// error is of use in part; a change may help it.
//
//nolint:gochecknoglobals // a table
var poolStates = map[string]managed.State{
	provisioning:     managed.Creating,
	running:          managed.Available,
	reconciling:      managed.Available,
	stopping:         managed.Deleting,
	failed:           managed.Failed,
	runningWithError: managed.Unavailable,
}

func clusterState(status string) managed.State { return stateIn(clusterStates, status) }

func poolState(status string) managed.State { return stateIn(poolStates, status) }

func stateIn(states map[string]managed.State, status string) managed.State {
	if s, ok := states[status]; ok {
		return s
	}
	return managed.Unknown
}

// conditionsOf returns what GKE says of a cluster or a pool, for people.
func conditionsOf(list []*container.StatusCondition) []v1alpha1.Condition {
	var out []v1alpha1.Condition
	for _, c := range list {
		out = append(out, v1alpha1.Condition{Code: codeOf(c), Message: c.Message})
	}
	return out
}

// codeOf is GKE's own code where it gives one; the canonical one says less.
func codeOf(c *container.StatusCondition) string {
	if c.Code == "" || c.Code == "UNKNOWN" {
		return c.CanonicalCode
	}
	return c.Code
}

// messageOf is GKE's word for a state, and what it says of it.
func messageOf(status string, conditions []v1alpha1.Condition) string {
	var b strings.Builder
	b.WriteString(status)
	for _, c := range conditions {
		b.WriteString("; " + c.Code)
		if c.Message != "" {
			b.WriteString(": " + c.Message)
		}
	}
	return b.String()
}

// failedCreation is why what is in ERROR could not be made, where that is a matter
// of quota or capacity: whoever waits for it can choose another place.
func failedCreation(doing string, conditions []*container.StatusCondition) error {
	for _, c := range conditions {
		if f := account.OperationFault(doing, codeOf(c), c.Message); f.Class == fault.Quota || f.Class == fault.Capacity {
			return f
		}
	}
	return nil
}
