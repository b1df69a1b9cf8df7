// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/api/compute/v1"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// +kubebuilder:rbac:groups=network.gcp.crossplane.io,resources=networks;serviceconnections,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=network.gcp.crossplane.io,resources=networks/status;serviceconnections/status,verbs=patch
// +kubebuilder:rbac:groups=network.gcp.crossplane.io,resources=networks/finalizers;serviceconnections/finalizers,verbs=update

// VPCAPI is the part of Compute Engine that networks need.
type VPCAPI interface {
	operations
	Network(ctx context.Context, name string) (*compute.Network, error)
	InsertNetwork(ctx context.Context, network *compute.Network) error
	PatchNetwork(ctx context.Context, name string, patch *compute.Network) error
	DeleteNetwork(ctx context.Context, name string) error
}

// Network returns the kind Network. A network's name is ours to choose, so
// creating it twice is harmless.
func Network(accounts Accounts) managed.Kind[*v1alpha1.Network, compute.Network] {
	return managed.Kind[*v1alpha1.Network, compute.Network]{
		New:      func() *v1alpha1.Network { return &v1alpha1.Network{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.Network) (managed.External[*v1alpha1.Network, compute.Network], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return network{newClient(a), time.Now}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.Network, owner string) string { return account.Name(mr.Name, owner, longestName) },
		ValidName: validName,
	}
}

// network is managed.External for networks of one project.
type network struct {
	api VPCAPI
	now func() time.Time
}

// Observe implements managed.External.
func (e network) Observe(ctx context.Context, mr *v1alpha1.Network, _ managed.Identity) (*compute.Network, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	n, err := e.api.Network(ctx, name)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	return n, err
}

// Assess implements managed.External.
func (e network) Assess(mr *v1alpha1.Network, n *compute.Network) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = v1alpha1.NetworkObservation{ID: strconv.FormatUint(n.Id, 10), SelfLink: n.SelfLink}
	_, drift := planNetwork(want, n)
	var fixed diff.Fields
	diff.Fixed(&fixed, "autoCreateSubnetworks", want.AutoCreateSubnetworks, &n.AutoCreateSubnetworks)
	diff.Fixed(&fixed, "mtu", want.MTU, &n.Mtu)
	return managed.Assessment{
		Name:     n.Name,
		Tags:     tagsOf(n.Description),
		State:    managed.Available,
		Message:  "there",
		Drift:    drift,
		Fixed:    fixed,
		Location: &contract.Location{Provider: "gcp"},
	}
}

func planNetwork(want v1alpha1.NetworkParameters, n *compute.Network) (*compute.Network, diff.Fields) {
	var d diff.Fields
	patch, have := &compute.Network{}, ""
	if n.RoutingConfig != nil {
		have = n.RoutingConfig.RoutingMode
	}
	if want.RoutingMode != "" && want.RoutingMode != have {
		d, patch.RoutingConfig = append(d, "routingMode"), &compute.NetworkRoutingConfig{RoutingMode: want.RoutingMode}
	}
	return patch, d
}

// Create implements managed.External.
func (e network) Create(ctx context.Context, mr *v1alpha1.Network, in managed.Intent) (*compute.Network, error) {
	if err := failedCreation(ctx, e.api, "networks", in.Name, e.now()); err != nil {
		return nil, err
	}
	want := mr.Spec.ForProvider
	n := &compute.Network{
		Name: in.Name, Description: mark(in.Tags), ForceSendFields: []string{"AutoCreateSubnetworks"},
		AutoCreateSubnetworks: want.AutoCreateSubnetworks != nil && *want.AutoCreateSubnetworks,
	}
	if want.RoutingMode != "" {
		n.RoutingConfig = &compute.NetworkRoutingConfig{RoutingMode: want.RoutingMode}
	}
	if want.MTU != nil {
		n.Mtu = *want.MTU
	}
	return nil, e.api.InsertNetwork(ctx, n)
}

// Update implements managed.External.
func (e network) Update(ctx context.Context, mr *v1alpha1.Network, n *compute.Network) error {
	patch, _ := planNetwork(mr.Spec.ForProvider, n)
	return e.api.PatchNetwork(ctx, n.Name, patch)
}

// Delete implements managed.External.
func (e network) Delete(ctx context.Context, _ *v1alpha1.Network, n *compute.Network) error {
	return e.api.DeleteNetwork(ctx, n.Name)
}

// Network implements VPCAPI.
func (c client) Network(ctx context.Context, name string) (*compute.Network, error) {
	return account.Do(ctx, "networks.get", func(ctx context.Context) (*compute.Network, error) {
		return c.compute.Networks.Get(c.project, name).Context(ctx).Do()
	})
}

// InsertNetwork implements VPCAPI.
func (c client) InsertNetwork(ctx context.Context, n *compute.Network) error {
	return start(ctx, "networks.insert", func(ctx context.Context) (*compute.Operation, error) {
		return c.compute.Networks.Insert(c.project, n).Context(ctx).Do()
	})
}

// PatchNetwork implements VPCAPI.
func (c client) PatchNetwork(ctx context.Context, name string, patch *compute.Network) error {
	return start(ctx, "networks.patch", func(ctx context.Context) (*compute.Operation, error) {
		return c.compute.Networks.Patch(c.project, name, patch).Context(ctx).Do()
	})
}

// DeleteNetwork implements VPCAPI.
func (c client) DeleteNetwork(ctx context.Context, name string) error {
	return start(ctx, "networks.delete", func(ctx context.Context) (*compute.Operation, error) {
		return c.compute.Networks.Delete(c.project, name).Context(ctx).Do()
	})
}

func validName(name string) error {
	if len(name) > longestName || !validNames.MatchString(name) {
		return fault.New(fault.Invalid, contract.ReasonInvalidExternalName,
			"%q is not 1 to %d lower-case letters, digits and hyphens that begin with a letter", name, longestName)
	}
	return nil
}
