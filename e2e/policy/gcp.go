// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// OfGCP are the permissions that a call to Google Cloud needs, as Google's references
// of Cloud SQL, Kubernetes Engine, Compute Engine and Service Networking have them. A
// call that is not known here needs one that no document allows: itself.
func OfGCP(c local.CallCount) []string {
	const update, use = "container.clusters.update", "compute.networks.use"
	switch c.Service {
	case "oauth2", "sts", "metadata": // tokens, for whoever has a key or is let in by the pool
		return nil
	}
	call := c.Service + "/" + c.Operation
	if change, ok := strings.CutPrefix(call, "container/nodePools."); ok && change != "get" && change != "list" {
		return []string{update}
	}
	needs := map[string][]string{
		"cloudresourcemanager/projects.get":                       {"resourcemanager.projects.get"},
		"iamcredentials/serviceAccounts.generateAccessToken":      {"iam.serviceAccounts.getAccessToken"},
		"sqladmin/instances.get":                                  {"cloudsql.instances.get"},
		"sqladmin/instances.insert":                               {"cloudsql.instances.create"},
		"sqladmin/instances.patch":                                {"cloudsql.instances.get", "cloudsql.instances.update"},
		"sqladmin/instances.delete":                               {"cloudsql.instances.delete"},
		"sqladmin/instances.restoreBackup":                        {"cloudsql.instances.restoreBackup", "cloudsql.backupRuns.get"},
		"sqladmin/databases.get":                                  {"cloudsql.databases.get"},
		"sqladmin/databases.insert":                               {"cloudsql.databases.create"},
		"sqladmin/users.update":                                   {"cloudsql.users.update"},
		"sqladmin/operations.list":                                {"cloudsql.instances.get", "cloudsql.instances.list"},
		"container/clusters.get":                                  {"container.clusters.get", "container.clusters.getCredentials"},
		"container/clusters.create":                               {"container.clusters.create", "iam.serviceAccounts.actAs"},
		"container/clusters.update":                               {update},
		"container/clusters.setResourceLabels":                    {update},
		"container/clusters.setMaintenancePolicy":                 {update},
		"container/clusters.delete":                               {"container.clusters.delete"},
		"container/nodePools.get":                                 {"container.clusters.get"},
		"container/nodePools.list":                                {"container.clusters.get"},
		"container/operations.list":                               {"container.operations.list"},
		"compute/networks.get":                                    {"compute.networks.get"},
		"compute/networks.insert":                                 {"compute.networks.create"},
		"compute/networks.patch":                                  {"compute.networks.update"},
		"compute/networks.delete":                                 {"compute.networks.delete"},
		"compute/globalAddresses.get":                             {"compute.globalAddresses.get"},
		"compute/globalAddresses.insert":                          {"compute.globalAddresses.createInternal", use},
		"compute/globalAddresses.delete":                          {"compute.globalAddresses.deleteInternal", use},
		"compute/globalOperations.list":                           {"compute.globalOperations.list"},
		"servicenetworking/services.connections.list":             {"servicenetworking.services.get"},
		"servicenetworking/services.connections.create":           {"servicenetworking.services.addPeering", use},
		"servicenetworking/services.connections.patch":            {"servicenetworking.services.addPeering", use},
		"servicenetworking/services.connections.deleteConnection": {"servicenetworking.services.deleteConnection"},
	}[call]
	if needs == nil {
		return []string{call}
	}
	return needs
}
