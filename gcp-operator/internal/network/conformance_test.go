// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/servicenetworking/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/gcp-operator/generated/crds"))
}

// networks is the fake's networks as the conformance suite sees them.
type networks struct{ *fakeNetworks }

func (c networks) Names() []string                    { return names(c.networks) }
func (c networks) Vanish(name string)                 { delete(c.networks, name) }
func (c networks) Mutations() int                     { return c.mutations }
func (c networks) Tags(name string) map[string]string { return tagsOf(c.networks[name].Description) }
func (c networks) Drift(name string)                  { c.networks[name].RoutingConfig.RoutingMode = "GLOBAL" }

func (c networks) Drifted(name string) bool {
	return c.networks[name].RoutingConfig.RoutingMode == "GLOBAL"
}

func (c networks) Plant(name string, tags map[string]string) string {
	c.networks[name] = &compute.Network{
		Name: name, Description: planted(tags), RoutingConfig: &compute.NetworkRoutingConfig{RoutingMode: "REGIONAL"},
	}
	return name
}

// planted is a description as somebody else, or another of our objects, wrote it.
func planted(tags map[string]string) string {
	if tags[contract.TagOwner] == "" {
		return "somebody's"
	}
	return mark(tags)
}

func aNetwork() *v1alpha1.Network {
	return &v1alpha1.Network{Spec: v1alpha1.NetworkSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.NetworkParameters{RoutingMode: "REGIONAL"},
	}}
}

// clock is the time that failed operations are judged by.
func (f *fakeNetworks) clock() time.Time { return f.now }

func TestNetworkConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.Network, compute.Network] {
		f := newFake()
		kind := Network(nil)
		kind.Connect = func(context.Context, *v1alpha1.Network) (managed.External[*v1alpha1.Network, compute.Network], error) {
			return network{f, f.clock}, nil
		}
		return managedtest.Subject[*v1alpha1.Network, compute.Network]{Kind: kind, Cloud: networks{f}, Object: aNetwork}
	})
}

// links is the fake's reserved ranges and connections as the suite sees them.
type links struct{ *fakeNetworks }

func (c links) Names() []string                    { return names(c.ranges) }
func (c links) Mutations() int                     { return c.mutations }
func (c links) Tags(name string) map[string]string { return tagsOf(c.ranges[name].Description) }
func (c links) Drifted(name string) bool           { return !slices.Contains(c.used(), name) }

func (c links) used() []string {
	var all []string
	for _, one := range c.connections {
		all = append(all, one.ReservedPeeringRanges...)
	}
	return all
}

func (c links) Drift(string) {
	c.connections["net"] = &servicenetworking.Connection{ReservedPeeringRanges: []string{"another"}}
}

func (c links) Vanish(name string) {
	delete(c.ranges, name)
	delete(c.connections, "net")
}

func (c links) Plant(name string, tags map[string]string) string {
	c.ranges[name] = &compute.Address{
		Name: name, Description: planted(tags), Status: "RESERVED", PrefixLength: 16, Address: "10.1.0.0", Network: "projects/p/global/networks/net",
	}
	c.connections["net"] = &servicenetworking.Connection{ReservedPeeringRanges: []string{name}}
	return name
}

func aConnection() *v1alpha1.ServiceConnection {
	return &v1alpha1.ServiceConnection{Spec: v1alpha1.ServiceConnectionSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.ServiceConnectionParameters{Network: "net", PrefixLength: 16},
	}}
}

func linkKind(f *fakeNetworks) managed.Kind[*v1alpha1.ServiceConnection, Linked] {
	kind := ServiceConnection(nil)
	kind.Connect = func(context.Context, *v1alpha1.ServiceConnection) (managed.External[*v1alpha1.ServiceConnection, Linked], error) {
		return link{f, f.clock}, nil
	}
	return kind
}

func TestServiceConnectionConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.ServiceConnection, Linked] {
		f := newFake()
		return managedtest.Subject[*v1alpha1.ServiceConnection, Linked]{
			Kind: linkKind(f), Cloud: links{f}, Object: aConnection, Steps: 1, // the connection
		}
	})
}

func TestMark(t *testing.T) {
	id := managed.Identity{Hub: "0b5c", Owner: "7e1f", Name: "An.Object with spaces"}
	text := mark(id.Tags())
	if id.OwnerOf(tagsOf(text)) != managed.Ours {
		t.Errorf("our own description is not ours: %q", text)
	}
	if other := (managed.Identity{Hub: "0b5c", Owner: "another"}); other.OwnerOf(tagsOf(text)) != managed.Foreign {
		t.Errorf("another object's description is ours: %q", text)
	}
	if strings.Contains(text, "An.Object") {
		t.Errorf("a name that can end the mark: %q", text)
	}
	if got := id.OwnerOf(tagsOf("made by hand, a=b")); got != managed.Nobodys {
		t.Errorf("somebody's description: %s", got)
	}
}
