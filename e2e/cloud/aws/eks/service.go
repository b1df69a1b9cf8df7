// SPDX-License-Identifier: Apache-2.0

// Package eks is the local AWS's Elastic Kubernetes Service: clusters, managed
// node groups and access entries, with their states, rules and errors. The API
// servers behind its endpoints are real ones, of package kubernetes.
package eks

import (
	"log/slog"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// serviceName is the service's name in ARNs, ledgers and quotas.
const serviceName = "eks"

// The kinds of what there is, in ledgers.
const (
	kindCluster     = "Cluster"
	kindNodegroup   = "Nodegroup"
	kindAccessEntry = "AccessEntry"
)

// Network is what the service needs to know of EC2.
type Network interface {
	GroupVPC(s query.Scope, id string) (string, bool)
	Subnet(s query.Scope, id string) (ec2.Subnet, bool)
	AddGroup(s query.Scope, vpcID, name, description string) string
	RemoveGroup(s query.Scope, id string)
}

// Roles is what the service needs to know of IAM's roles.
type Roles interface {
	Trusts(arn, service string) bool
}

// Servers runs the API servers behind the endpoints.
type Servers interface {
	Start(id string, authenticate kubernetes.Authenticate, ready func(kubernetes.Endpoint, error))
	Keep(id string, want kubernetes.Content)
	Stop(id string)
	Clear()
}

// Service answers EKS's operations.
type Service struct {
	cloud   *local.Cloud
	network Network
	roles   Roles
	keys    *iam.Keys
	servers Servers
	log     *slog.Logger
	regions map[query.Scope]*region
}

// region is what an account has in a region.
type region struct {
	scope    query.Scope
	clusters local.Table[*cluster]
	agenda   local.Agenda[*work] // when something has a step to end
}

// New returns a service without a cluster.
func New(cloud *local.Cloud, network Network, roles Roles, keys *iam.Keys, servers Servers, log *slog.Logger) *Service {
	return &Service{cloud: cloud, network: network, roles: roles, keys: keys, servers: servers, log: log, regions: map[query.Scope]*region{}}
}

// Routes returns the operations by method and path.
func (s *Service) Routes() rest.Routes {
	return rest.Routes{
		{Method: "POST", Pattern: "/clusters", Operation: "CreateCluster", Handler: rest.Operation(s.createCluster)},
		{Method: "GET", Pattern: "/clusters", Operation: "ListClusters", Handler: rest.Operation(s.listClusters)},
		{Method: "GET", Pattern: "/clusters/{name}", Operation: "DescribeCluster", Handler: rest.Operation(s.describeCluster)},
		{Method: "DELETE", Pattern: "/clusters/{name}", Operation: "DeleteCluster", Handler: rest.Operation(s.deleteCluster)},
		{Method: "POST", Pattern: "/clusters/{name}/update-config", Operation: "UpdateClusterConfig", Handler: rest.Operation(s.updateConfig)},
		{Method: "POST", Pattern: "/clusters/{name}/updates", Operation: "UpdateClusterVersion", Handler: rest.Operation(s.updateVersion)},
		{Method: "GET", Pattern: "/clusters/{name}/updates/{updateId}", Operation: "DescribeUpdate", Handler: rest.Operation(s.describeUpdate)},

		{Method: "POST", Pattern: "/clusters/{clusterName}/node-groups", Operation: "CreateNodegroup", Handler: rest.Operation(s.createNodegroup)},
		{Method: "GET", Pattern: "/clusters/{clusterName}/node-groups", Operation: "ListNodegroups", Handler: rest.Operation(s.listNodegroups)},
		{Method: "GET", Pattern: nodegroupPath, Operation: "DescribeNodegroup", Handler: rest.Operation(s.describeNodegroup)},
		{Method: "DELETE", Pattern: nodegroupPath, Operation: "DeleteNodegroup", Handler: rest.Operation(s.deleteNodegroup)},
		{Method: "POST", Pattern: nodegroupPath + "/update-config", Operation: "UpdateNodegroupConfig", Handler: rest.Operation(s.updateNodegroup)},
		{Method: "POST", Pattern: nodegroupPath + "/update-version", Operation: "UpdateNodegroupVersion", Handler: rest.Operation(s.updateNodegroupVersion)},

		{Method: "POST", Pattern: "/clusters/{clusterName}/access-entries", Operation: "CreateAccessEntry", Handler: rest.Operation(s.createEntry)},
		{Method: "GET", Pattern: "/clusters/{clusterName}/access-entries", Operation: "ListAccessEntries", Handler: rest.Operation(s.listEntries)},
		{Method: "GET", Pattern: entryPath, Operation: "DescribeAccessEntry", Handler: rest.Operation(s.describeEntry)},
		{Method: "POST", Pattern: entryPath, Operation: "UpdateAccessEntry", Handler: rest.Operation(s.updateEntry)},
		{Method: "DELETE", Pattern: entryPath, Operation: "DeleteAccessEntry", Handler: rest.Operation(s.deleteEntry)},
		{Method: "POST", Pattern: entryPath + "/access-policies", Operation: "AssociateAccessPolicy", Handler: rest.Operation(s.associate)},
		{Method: "GET", Pattern: entryPath + "/access-policies", Operation: "ListAssociatedAccessPolicies", Handler: rest.Operation(s.listAssociated)},
		{Method: "DELETE", Pattern: entryPath + "/access-policies/{policyArn}", Operation: "DisassociateAccessPolicy", Handler: rest.Operation(s.disassociate)},

		{Method: "POST", Pattern: "/tags/{resourceArn}", Operation: "TagResource", Handler: rest.Operation(s.tag)},
		{Method: "DELETE", Pattern: "/tags/{resourceArn}", Operation: "UntagResource", Handler: rest.Operation(s.untag)},
		{Method: "GET", Pattern: "/tags/{resourceArn}", Operation: "ListTagsForResource", Handler: rest.Operation(s.listTags)},
	}
}

const (
	nodegroupPath = "/clusters/{clusterName}/node-groups/{nodegroupName}"
	entryPath     = "/clusters/{clusterName}/access-entries/{principalArn}"
)

// in returns what the account has in the region, as it is by now.
func (s *Service) in(scope query.Scope) *region {
	r, ok := s.regions[scope]
	if !ok {
		r = &region{scope: scope}
		s.regions[scope] = r
	}
	s.settle(r)
	return r
}

// find returns a cluster that there is, hidden or not.
func (s *Service) find(scope query.Scope, name string) (*region, *cluster, error) {
	here := s.in(scope)
	c, ok := here.clusters.Get(name)
	if !ok {
		return nil, nil, notFound("No cluster found for name: %s.", name)
	}
	return here, c, nil
}

// record notes a change that took effect.
func (s *Service) record(r *query.Request, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: r.Region, Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}

// publish tells everybody of a state.
func (s *Service) publish(here *region, kind, id, state string) {
	s.cloud.Events.Publish(local.Resource{Service: serviceName, Region: here.scope.Region, Kind: kind, ID: id, State: state})
}

func arn(scope query.Scope, resource string) string {
	return "arn:aws:eks:" + scope.Region + ":" + scope.Account + ":" + resource
}
