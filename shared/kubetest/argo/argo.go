// SPDX-License-Identifier: Apache-2.0

// Package argo says what Argo CD shows of an object of this project. Argo CD has
// rules of its own for all groups that end in crossplane.io, which nobody can turn
// off for us alone: so our conditions have to mean there what they mean elsewhere.
package argo

// The states that Argo CD shows.
const (
	Healthy     = "Healthy"
	Progressing = "Progressing"
	Degraded    = "Degraded"
)

// Health is the state that Argo CD shows of an object, by its rules for
// *.crossplane.io (resource_customizations in its repository): an object without
// status is healthy; conditions are judged in the order of their list, and the first
// of these decides: Synced or LastAsyncOperation that is False is degraded; Ready,
// Healthy, Offered or Established that is True is healthy. Everything else is
// progressing, for ever if need be.
func Health(object map[string]any) string {
	status, _ := object["status"].(map[string]any)
	if object["status"] == nil {
		return Healthy
	}
	list, _ := status["conditions"].([]any)
	for _, one := range list {
		c, _ := one.(map[string]any)
		switch c["type"] {
		case "LastAsyncOperation", "Synced":
			if c["status"] == "False" {
				return Degraded
			}
		case "Ready", "Healthy", "Offered", "Established":
			if c["status"] == "True" {
				return Healthy
			}
		}
	}
	return Progressing
}
