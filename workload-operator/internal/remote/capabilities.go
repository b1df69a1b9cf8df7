// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/client-go/discovery"
)

// APIVersions returns what the cluster serves, as Helm's templates ask for it: each
// apiVersion, and each with each of its kinds.
func (c *Connection) APIVersions(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	_, lists, err := discovery.ToDiscoveryInterfaceWithContext(c.looks.Discovery()).ServerGroupsAndResourcesWithContext(ctx)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) { // one API whose server is down hides no other
		return nil, fmt.Errorf("asking for the APIs of the target: %w", err)
	}
	var versions []string
	for _, list := range lists {
		versions = append(versions, list.GroupVersion)
		for _, resource := range list.APIResources {
			versions = append(versions, list.GroupVersion+"/"+resource.Kind)
		}
	}
	slices.Sort(versions)
	return slices.Compact(versions), nil
}
