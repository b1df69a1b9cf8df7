// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"strings"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/servicenetworking/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// path is a network as Service Networking wants it: with the project's number.
func (c client) path(network string) string {
	return "projects/" + c.number + "/global/networks/" + network
}

func lastPart(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// Range implements ConnectionAPI.
func (c client) Range(ctx context.Context, name string) (*compute.Address, error) {
	return account.Do(ctx, "globalAddresses.get", func(ctx context.Context) (*compute.Address, error) {
		return c.compute.GlobalAddresses.Get(c.project, name).Context(ctx).Do()
	})
}

// InsertRange implements ConnectionAPI.
func (c client) InsertRange(ctx context.Context, network string, reserved *compute.Address) error {
	reserved.Network = c.compute.BasePath + "projects/" + c.project + "/global/networks/" + network
	return start(ctx, "globalAddresses.insert", func(ctx context.Context) (*compute.Operation, error) {
		return c.compute.GlobalAddresses.Insert(c.project, reserved).Context(ctx).Do()
	})
}

// DeleteRange implements ConnectionAPI.
func (c client) DeleteRange(ctx context.Context, name string) error {
	return start(ctx, "globalAddresses.delete", func(ctx context.Context) (*compute.Operation, error) {
		return c.compute.GlobalAddresses.Delete(c.project, name).Context(ctx).Do()
	})
}

// Connection implements ConnectionAPI.
func (c client) Connection(ctx context.Context, network string) (*servicenetworking.Connection, error) {
	list, err := account.Do(ctx, "services.connections.list", func(ctx context.Context) (*servicenetworking.ListConnectionsResponse, error) {
		return c.networking.Services.Connections.List(services).Network(c.path(network)).Context(ctx).Do()
	})
	if err != nil || len(list.Connections) == 0 {
		return nil, err
	}
	return list.Connections[0], nil
}

// Connect implements ConnectionAPI.
func (c client) Connect(ctx context.Context, network string, ranges []string) error {
	request := &servicenetworking.Connection{Network: c.path(network), ReservedPeeringRanges: ranges}
	return begin(ctx, "services.connections.create", func(ctx context.Context) (*servicenetworking.Operation, error) {
		return c.networking.Services.Connections.Create(services, request).Context(ctx).Do()
	})
}

// every is the name of the one connection that a network has to a service.
const every = services + "/connections/-"

// Reconnect implements ConnectionAPI.
func (c client) Reconnect(ctx context.Context, network string, ranges []string) error {
	request := &servicenetworking.Connection{Network: c.path(network), ReservedPeeringRanges: ranges}
	return begin(ctx, "services.connections.patch", func(ctx context.Context) (*servicenetworking.Operation, error) {
		return c.networking.Services.Connections.Patch(every, request).UpdateMask("reservedPeeringRanges").Force(true).Context(ctx).Do()
	})
}

// Disconnect implements ConnectionAPI.
func (c client) Disconnect(ctx context.Context, network string) error {
	request := &servicenetworking.DeleteConnectionRequest{ConsumerNetwork: c.path(network)}
	name := services + "/connections/servicenetworking-googleapis-com"
	return begin(ctx, "services.connections.deleteConnection", func(ctx context.Context) (*servicenetworking.Operation, error) {
		return c.networking.Services.Connections.DeleteConnection(name, request).Context(ctx).Do()
	})
}

// begin is start for operations that may have failed by the time they are told.
func begin(ctx context.Context, operation string, call func(context.Context) (*servicenetworking.Operation, error)) error {
	op, err := account.Do(ctx, operation, call)
	if err != nil || op.Error == nil {
		return err
	}
	return account.OperationFault(operation, "", op.Error.Message)
}
