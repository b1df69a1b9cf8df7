// SPDX-License-Identifier: Apache-2.0

// Package gke manages the resources of Google Kubernetes Engine.
package gke

import (
	"context"
	"time"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// place is where a cluster is: a location and its name there.
type place struct{ location, cluster string }

// ClusterAPI is the part of the GKE API that clusters need, in one project.
type ClusterAPI interface {
	commonAPI
	CreateCluster(ctx context.Context, location string, cluster *container.Cluster) error
	UpdateCluster(ctx context.Context, at place, update *container.ClusterUpdate) error
	SetLabels(ctx context.Context, at place, request *container.SetLabelsRequest) error
	SetMaintenance(ctx context.Context, at place, policy *container.MaintenancePolicy) error
	DeleteCluster(ctx context.Context, at place) error
}

// PoolAPI is the part that node pools need.
type PoolAPI interface {
	commonAPI
	CreatePool(ctx context.Context, at place, pool *container.NodePool) error
	UpdatePool(ctx context.Context, at place, pool string, request *container.UpdateNodePoolRequest) error
	SetSize(ctx context.Context, at place, pool string, nodes int64) error
	SetAutoscaling(ctx context.Context, at place, pool string, autoscaling *container.NodePoolAutoscaling) error
	SetManagement(ctx context.Context, at place, pool string, management *container.NodeManagement) error
}

type commonAPI interface {
	operations
	Cluster(ctx context.Context, at place) (*container.Cluster, error)
	DeletePool(ctx context.Context, at place, pool string) error
}

type operations interface {
	// Operations returns those of a location that GKE remembers, in no order.
	Operations(ctx context.Context, location string) ([]*container.Operation, error)
}

// Tokens gives access tokens, by which an API server knows its clients.
type Tokens interface {
	// Issue returns a token of a service account, or of the Provider's own identity
	// where that is empty, and when it ends.
	Issue(ctx context.Context, serviceAccount string) (token string, expires time.Time, err error)
}

// client is the API by Google's own client.
type client struct {
	service *container.ProjectsLocationsService
	project string
}

func newClient(a *account.Account) client {
	return client{a.Container.Projects.Locations, a.Project}
}

func (c client) location(name string) string { return "projects/" + c.project + "/locations/" + name }

func (c client) path(at place) string { return c.location(at.location) + "/clusters/" + at.cluster }

func (c client) pool(at place, pool string) string { return c.path(at) + "/nodePools/" + pool }

// Cluster implements ClusterAPI and PoolAPI.
func (c client) Cluster(ctx context.Context, at place) (*container.Cluster, error) {
	return account.Do(ctx, "clusters.get", func(ctx context.Context) (*container.Cluster, error) {
		return c.service.Clusters.Get(c.path(at)).Context(ctx).Do()
	})
}

// CreateCluster implements ClusterAPI.
func (c client) CreateCluster(ctx context.Context, location string, cluster *container.Cluster) error {
	return start(ctx, "clusters.create", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.Create(c.location(location), &container.CreateClusterRequest{Cluster: cluster}).Context(ctx).Do()
	})
}

// UpdateCluster implements ClusterAPI.
func (c client) UpdateCluster(ctx context.Context, at place, update *container.ClusterUpdate) error {
	return start(ctx, "clusters.update", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.Update(c.path(at), &container.UpdateClusterRequest{Update: update}).Context(ctx).Do()
	})
}

// SetLabels implements ClusterAPI.
func (c client) SetLabels(ctx context.Context, at place, request *container.SetLabelsRequest) error {
	return start(ctx, "clusters.setResourceLabels", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.SetResourceLabels(c.path(at), request).Context(ctx).Do()
	})
}

// SetMaintenance implements ClusterAPI.
func (c client) SetMaintenance(ctx context.Context, at place, policy *container.MaintenancePolicy) error {
	return start(ctx, "clusters.setMaintenancePolicy", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.SetMaintenancePolicy(c.path(at), &container.SetMaintenancePolicyRequest{MaintenancePolicy: policy}).Context(ctx).Do()
	})
}

// DeleteCluster implements ClusterAPI.
func (c client) DeleteCluster(ctx context.Context, at place) error {
	return start(ctx, "clusters.delete", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.Delete(c.path(at)).Context(ctx).Do()
	})
}

// CreatePool implements PoolAPI.
func (c client) CreatePool(ctx context.Context, at place, pool *container.NodePool) error {
	return start(ctx, "nodePools.create", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.NodePools.Create(c.path(at), &container.CreateNodePoolRequest{NodePool: pool}).Context(ctx).Do()
	})
}

// UpdatePool implements PoolAPI.
func (c client) UpdatePool(ctx context.Context, at place, pool string, request *container.UpdateNodePoolRequest) error {
	return start(ctx, "nodePools.update", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.NodePools.Update(c.pool(at, pool), request).Context(ctx).Do()
	})
}

// SetSize implements PoolAPI.
func (c client) SetSize(ctx context.Context, at place, pool string, nodes int64) error {
	return start(ctx, "nodePools.setSize", func(ctx context.Context) (*container.Operation, error) {
		request := &container.SetNodePoolSizeRequest{NodeCount: nodes, ForceSendFields: []string{"NodeCount"}}
		return c.service.Clusters.NodePools.SetSize(c.pool(at, pool), request).Context(ctx).Do()
	})
}

// SetAutoscaling implements PoolAPI.
func (c client) SetAutoscaling(ctx context.Context, at place, pool string, autoscaling *container.NodePoolAutoscaling) error {
	return start(ctx, "nodePools.setAutoscaling", func(ctx context.Context) (*container.Operation, error) {
		request := &container.SetNodePoolAutoscalingRequest{Autoscaling: autoscaling}
		return c.service.Clusters.NodePools.SetAutoscaling(c.pool(at, pool), request).Context(ctx).Do()
	})
}

// SetManagement implements PoolAPI.
func (c client) SetManagement(ctx context.Context, at place, pool string, management *container.NodeManagement) error {
	return start(ctx, "nodePools.setManagement", func(ctx context.Context) (*container.Operation, error) {
		request := &container.SetNodePoolManagementRequest{Management: management}
		return c.service.Clusters.NodePools.SetManagement(c.pool(at, pool), request).Context(ctx).Do()
	})
}

// DeletePool implements ClusterAPI and PoolAPI.
func (c client) DeletePool(ctx context.Context, at place, pool string) error {
	return start(ctx, "nodePools.delete", func(ctx context.Context) (*container.Operation, error) {
		return c.service.Clusters.NodePools.Delete(c.pool(at, pool)).Context(ctx).Do()
	})
}

// Operations implements ClusterAPI and PoolAPI.
func (c client) Operations(ctx context.Context, location string) ([]*container.Operation, error) {
	list, err := account.Do(ctx, "operations.list", func(ctx context.Context) (*container.ListOperationsResponse, error) {
		return c.service.Operations.List(c.location(location)).Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	return list.Operations, nil
}

// start makes a call that begins an operation. What becomes of it is seen by
// looking at what it is about: nothing is kept of it here.
func start(ctx context.Context, operation string, call func(context.Context) (*container.Operation, error)) error {
	_, err := account.Do(ctx, operation, call)
	return err
}
