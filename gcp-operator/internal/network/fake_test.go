// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/servicenetworking/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// fakeNetworks is Compute Engine and Service Networking that keep state and take
// time for what they are asked until Settle.
type fakeNetworks struct {
	mu          sync.Mutex
	networks    map[string]*compute.Network
	ranges      map[string]*compute.Address
	connections map[string]*servicenetworking.Connection
	latest      map[string]*compute.Operation // by kind and name
	pending     []func()
	mutations   int
	failNext    string // code of the error of the next operation
	now         time.Time
}

func newFake() *fakeNetworks {
	return &fakeNetworks{
		networks: map[string]*compute.Network{}, ranges: map[string]*compute.Address{}, now: time.Now(),
		connections: map[string]*servicenetworking.Connection{}, latest: map[string]*compute.Operation{},
	}
}

func refuse(status int, reason string) error {
	return &account.CallError{Operation: "test", Err: &googleapi.Error{Code: status, Message: reason, Errors: []googleapi.ErrorItem{{Reason: reason}}}}
}

func (f *fakeNetworks) begin(typ, kind, name string, finish func()) {
	f.mutations++
	op := &compute.Operation{OperationType: typ, Status: "RUNNING"}
	f.latest[kind+"/"+name] = op
	code := f.failNext
	f.failNext = ""
	f.pending = append(f.pending, func() {
		op.Status, op.EndTime = "DONE", f.now.Format(time.RFC3339)
		if code != "" {
			op.Error = &compute.OperationError{Errors: []*compute.OperationErrorErrors{{Code: code, Message: "no"}}}
			return
		}
		finish()
	})
}

// Settle ends everything that is under way.
func (f *fakeNetworks) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	pending := f.pending
	f.pending = nil
	for _, finish := range pending {
		finish()
	}
}

func (f *fakeNetworks) LastOperation(_ context.Context, kind, name string) (*compute.Operation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latest[kind+"/"+name], nil
}

func (f *fakeNetworks) Network(_ context.Context, name string) (*compute.Network, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, ok := f.networks[name]
	if !ok {
		return nil, refuse(http.StatusNotFound, "notFound")
	}
	seen := *n
	return &seen, nil
}

// InsertNetwork shows the network when its operation is done.
func (f *fakeNetworks) InsertNetwork(_ context.Context, n *compute.Network) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.networks[n.Name] != nil {
		return refuse(http.StatusConflict, "alreadyExists")
	}
	if n.RoutingConfig == nil {
		n.RoutingConfig = &compute.NetworkRoutingConfig{RoutingMode: "REGIONAL"}
	}
	f.begin("insert", "networks", n.Name, func() { f.networks[n.Name] = n })
	return nil
}

func (f *fakeNetworks) PatchNetwork(_ context.Context, name string, patch *compute.Network) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begin("patch", "networks", name, func() { f.networks[name].RoutingConfig = patch.RoutingConfig })
	return nil
}

func (f *fakeNetworks) DeleteNetwork(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.networks[name] == nil {
		return refuse(http.StatusNotFound, "notFound")
	}
	f.begin("delete", "networks", name, func() { delete(f.networks, name) })
	return nil
}

func (f *fakeNetworks) Range(_ context.Context, name string) (*compute.Address, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.ranges[name]
	if !ok {
		return nil, refuse(http.StatusNotFound, "notFound")
	}
	seen := *a
	return &seen, nil
}

func (f *fakeNetworks) InsertRange(_ context.Context, network string, reserved *compute.Address) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ranges[reserved.Name] != nil {
		return refuse(http.StatusConflict, "alreadyExists")
	}
	reserved.Network, reserved.Status, reserved.Address = "projects/p/global/networks/"+network, "RESERVING", "10.1.0.0"
	f.ranges[reserved.Name] = reserved
	f.begin("insert", "addresses", reserved.Name, func() { reserved.Status = "RESERVED" })
	return nil
}

func (f *fakeNetworks) DeleteRange(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.connections {
		if slices.Contains(c.ReservedPeeringRanges, name) {
			return refuse(http.StatusBadRequest, "resourceInUseByAnotherResource")
		}
	}
	f.begin("delete", "addresses", name, func() { delete(f.ranges, name) })
	return nil
}

func (f *fakeNetworks) Connection(_ context.Context, network string) (*servicenetworking.Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.connections[network]
	if !ok {
		return nil, nil // nil says that there is none
	}
	return &servicenetworking.Connection{Network: c.Network, ReservedPeeringRanges: slices.Clone(c.ReservedPeeringRanges)}, nil
}

func (f *fakeNetworks) Connect(_ context.Context, network string, ranges []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.connections[network] != nil {
		return refuse(http.StatusBadRequest, "FLOW_SN_DC_RESOURCE_PREVENTING_CREATE_CONNECTION")
	}
	f.begin("connect", "connections", network, func() {
		f.connections[network] = &servicenetworking.Connection{ReservedPeeringRanges: ranges}
	})
	return nil
}

func (f *fakeNetworks) Reconnect(_ context.Context, network string, ranges []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begin("reconnect", "connections", network, func() { f.connections[network].ReservedPeeringRanges = ranges })
	return nil
}

func (f *fakeNetworks) Disconnect(_ context.Context, network string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begin("disconnect", "connections", network, func() { delete(f.connections, network) })
	return nil
}

func names[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
