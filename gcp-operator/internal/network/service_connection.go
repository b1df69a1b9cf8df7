// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/servicenetworking/v1"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// ConnectionAPI is the part of Compute Engine and Service Networking that
// connections need. Networks go by their names.
type ConnectionAPI interface {
	operations
	Range(ctx context.Context, name string) (*compute.Address, error)
	InsertRange(ctx context.Context, network string, reserved *compute.Address) error
	DeleteRange(ctx context.Context, name string) error
	// Connection returns the network's connection, nil if it has none.
	Connection(ctx context.Context, network string) (*servicenetworking.Connection, error)
	Connect(ctx context.Context, network string, ranges []string) error
	// Reconnect lets the network's connection use these ranges and no others.
	Reconnect(ctx context.Context, network string, ranges []string) error
	Disconnect(ctx context.Context, network string) error
}

// Linked is a reserved range and the connection that uses it, if any.
type Linked struct {
	*compute.Address

	connection *servicenetworking.Connection
}

// uses reports whether the connection uses the range.
func (l *Linked) uses() bool {
	return l.connection != nil && slices.Contains(l.connection.ReservedPeeringRanges, l.Name)
}

// ServiceConnection returns the kind ServiceConnection. What it owns is the
// reserved range, whose name is ours to choose; the connection is the
// network's, and ours is a share in it.
func ServiceConnection(accounts Accounts) managed.Kind[*v1alpha1.ServiceConnection, Linked] {
	return managed.Kind[*v1alpha1.ServiceConnection, Linked]{
		New:      func() *v1alpha1.ServiceConnection { return &v1alpha1.ServiceConnection{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.ServiceConnection) (managed.External[*v1alpha1.ServiceConnection, Linked], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return link{newClient(a), time.Now}, nil
		},
		Classify: account.Classify,
		Name: func(mr *v1alpha1.ServiceConnection, owner string) string {
			return account.Name(mr.Name, owner, longestName)
		},
		ValidName: validName,
		References: []managed.ReferenceField[*v1alpha1.ServiceConnection]{{
			Field:   "networkRef",
			To:      v1alpha1.GroupVersion.WithKind("Network"),
			Names:   func(mr *v1alpha1.ServiceConnection) []string { return managed.NameOf(mr.Spec.ForProvider.NetworkRef) },
			Resolve: func(mr *v1alpha1.ServiceConnection, names []string) { mr.Spec.ForProvider.Network = names[0] },
		}},
	}
}

// link is managed.External for connections of one project.
type link struct {
	api ConnectionAPI
	now func() time.Time
}

// Observe implements managed.External.
func (e link) Observe(ctx context.Context, mr *v1alpha1.ServiceConnection, _ managed.Identity) (*Linked, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	reserved, err := e.api.Range(ctx, name)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	l := &Linked{Address: reserved}
	l.connection, err = e.api.Connection(ctx, networkOf(mr, reserved))
	return l, err
}

// networkOf is the name of the network: what the range says of itself, also
// where the spec's reference leads nowhere any more.
func networkOf(mr *v1alpha1.ServiceConnection, reserved *compute.Address) string {
	if name := lastPart(reserved.Network); name != "" {
		return name
	}
	return mr.Spec.ForProvider.Network
}

// Assess implements managed.External.
func (e link) Assess(mr *v1alpha1.ServiceConnection, l *Linked) managed.Assessment {
	want := mr.Spec.ForProvider
	at := &mr.Status.AtProvider
	*at = v1alpha1.ServiceConnectionObservation{State: l.Status}
	if l.Address.Address != "" {
		at.Range = fmt.Sprintf("%s/%d", l.Address.Address, l.PrefixLength)
	}
	a := managed.Assessment{
		Name:     l.Name,
		Tags:     tagsOf(l.Description),
		Message:  l.Status,
		Location: &contract.Location{Provider: "gcp"},
	}
	switch reserved := l.Status == "RESERVED" || l.Status == "IN_USE"; {
	case !reserved:
		a.State = managed.Creating
	case l.uses():
		a.State, at.Peering = managed.Available, l.connection.Peering
	default:
		a.State, a.Message, a.Drift = unlinked(mr, l), "the network's connection does not use "+at.Range, []string{"network"}
	}
	if have := lastPart(l.Network); want.Network != "" && have != "" && have != want.Network {
		a.Fixed = append(a.Fixed, fmt.Sprintf("network (%s → %s)", have, want.Network))
	}
	if l.PrefixLength != want.PrefixLength {
		a.Fixed = append(a.Fixed, fmt.Sprintf("prefixLength (%d → %d)", l.PrefixLength, want.PrefixLength))
	}
	if want.Address != "" && want.Address != l.Address.Address {
		a.Fixed = append(a.Fixed, fmt.Sprintf("address (%s → %s)", l.Address.Address, want.Address))
	}
	return a
}

// unlinked is the state of a connection that does not use our range: what was
// made with it before goes on, as long as there is a connection at all.
func unlinked(mr *v1alpha1.ServiceConnection, l *Linked) managed.State {
	switch {
	case mr.Status.FirstReadyTime == nil:
		return managed.Creating
	case l.connection == nil:
		return managed.Unavailable
	}
	return managed.Available
}

// Create implements managed.External. It reserves the range; the connection
// follows once that is there.
func (e link) Create(ctx context.Context, mr *v1alpha1.ServiceConnection, in managed.Intent) (*Linked, error) {
	if err := failedCreation(ctx, e.api, "addresses", in.Name, e.now()); err != nil {
		return nil, err
	}
	want := mr.Spec.ForProvider
	return nil, e.api.InsertRange(ctx, want.Network, &compute.Address{
		Name: in.Name, Description: mark(in.Tags), Address: want.Address, PrefixLength: want.PrefixLength,
		Purpose: "VPC_PEERING", AddressType: "INTERNAL",
	})
}

// Update implements managed.External: it adds our range to what the network's
// connection uses, and makes the connection if there is none.
func (e link) Update(ctx context.Context, mr *v1alpha1.ServiceConnection, l *Linked) error {
	network := networkOf(mr, l.Address)
	if l.connection == nil {
		return e.api.Connect(ctx, network, []string{l.Name})
	}
	return e.api.Reconnect(ctx, network, append(slices.Clone(l.connection.ReservedPeeringRanges), l.Name))
}

// Delete implements managed.External. The connection goes with the last range
// that it uses; the range goes when nothing uses it.
func (e link) Delete(ctx context.Context, mr *v1alpha1.ServiceConnection, l *Linked) error {
	if !l.uses() {
		return e.api.DeleteRange(ctx, l.Name)
	}
	others := slices.DeleteFunc(slices.Clone(l.connection.ReservedPeeringRanges), func(s string) bool { return s == l.Name })
	if len(others) == 0 {
		return e.api.Disconnect(ctx, networkOf(mr, l.Address))
	}
	return e.api.Reconnect(ctx, networkOf(mr, l.Address), others)
}
