// SPDX-License-Identifier: Apache-2.0

package network

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/servicenetworking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// TestACreationThatFailed: Compute Engine says so in the operation only. It is
// told, and not asked for again at once.
func TestACreationThatFailed(t *testing.T) {
	f := newFake()
	e := network{f, f.clock}
	create := func() error {
		_, err := e.Create(t.Context(), aNetwork(), managed.Intent{Name: "nets-1"})
		return err
	}
	f.failNext = "QUOTA_EXCEEDED"
	if err := create(); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	before := f.mutations
	if err := create(); !fault.Is(err, fault.Quota) || f.mutations != before {
		t.Errorf("got %v, %d calls", err, f.mutations-before)
	}
	f.now = f.now.Add(time.Hour)
	if err := create(); err != nil || f.mutations == before {
		t.Errorf("an hour later: %v", err)
	}
	f.Settle()
	if f.networks["nets-1"] == nil {
		t.Error("not made")
	}
}

func TestNetworkFixed(t *testing.T) {
	have := &compute.Network{Name: "nets-1", AutoCreateSubnetworks: true, Mtu: 1460}
	for name, tc := range map[string]struct {
		want v1alpha1.NetworkParameters
		says string
	}{
		"nothing said":    {},
		"as it is":        {want: v1alpha1.NetworkParameters{AutoCreateSubnetworks: new(true), MTU: new(int64(1460))}},
		"no subnetworks":  {want: v1alpha1.NetworkParameters{AutoCreateSubnetworks: new(false)}, says: "autoCreateSubnetworks (true → false)"},
		"another MTU":     {want: v1alpha1.NetworkParameters{MTU: new(int64(8896))}, says: "mtu (1460 → 8896)"},
		"another routing": {want: v1alpha1.NetworkParameters{RoutingMode: "GLOBAL"}},
	} {
		t.Run(name, func(t *testing.T) {
			mr := aNetwork()
			mr.Spec.ForProvider = tc.want
			a := network{}.Assess(mr, have)
			if got := strings.Join(a.Fixed, "; "); got != tc.says {
				t.Errorf("got %q, want %q", got, tc.says)
			}
			if drifts := tc.want.RoutingMode != ""; drifts != slices.Equal(a.Drift, []string{"routingMode"}) {
				t.Errorf("drift: %v", a.Drift)
			}
		})
	}
}

// TestRangesShareAConnection: ours is added to those of others, and taken out
// again without them; the connection goes with the last.
func TestRangesShareAConnection(t *testing.T) {
	f := newFake()
	e := link{f, f.clock}
	f.connections["net"] = &servicenetworking.Connection{ReservedPeeringRanges: []string{"others"}}
	f.ranges["ours"] = &compute.Address{Name: "ours", Status: "RESERVED", Network: "projects/p/global/networks/net", PrefixLength: 16}
	mr := aConnection()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "ours"}
	look := func() *Linked {
		t.Helper()
		l, err := e.Observe(t.Context(), mr, managed.Identity{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	step := func(do func(*Linked) error, want ...string) {
		t.Helper()
		if err := do(look()); err != nil {
			t.Fatal(err)
		}
		f.Settle()
		var have []string
		if c := f.connections["net"]; c != nil {
			have = c.ReservedPeeringRanges
		}
		if !slices.Equal(have, want) {
			t.Errorf("ranges: got %v, want %v", have, want)
		}
	}
	update := func(l *Linked) error { return e.Update(t.Context(), mr, l) }
	remove := func(l *Linked) error { return e.Delete(t.Context(), mr, l) }
	if a := e.Assess(mr, look()); a.State != managed.Creating || len(a.Drift) != 1 {
		t.Errorf("before: %+v", a)
	}
	step(update, "others", "ours")
	if a := e.Assess(mr, look()); a.State != managed.Available || len(a.Drift) != 0 {
		t.Errorf("connected: %+v", a)
	}
	step(remove, "others")
	f.connections["net"].ReservedPeeringRanges = []string{"ours"}
	step(remove)
	step(remove)
	if look() != nil {
		t.Error("the range is still there")
	}
}

func TestLinkStates(t *testing.T) {
	used := &servicenetworking.Connection{Peering: "p", ReservedPeeringRanges: []string{"ours"}}
	for name, tc := range map[string]struct {
		status     string
		connection *servicenetworking.Connection
		ready      bool // it was before
		want       managed.State
	}{
		"being reserved":     {"RESERVING", nil, false, managed.Creating},
		"not connected yet":  {"RESERVED", nil, false, managed.Creating},
		"connected":          {"RESERVED", used, false, managed.Available},
		"in use":             {"IN_USE", used, true, managed.Available},
		"taken out":          {"RESERVED", &servicenetworking.Connection{}, true, managed.Available},
		"connection deleted": {"RESERVED", nil, true, managed.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			mr := aConnection()
			if tc.ready {
				mr.Status.FirstReadyTime = &metav1.Time{Time: time.Now()}
			}
			l := &Linked{Address: &compute.Address{Name: "ours", Status: tc.status, PrefixLength: 16, Address: "10.1.0.0"}, connection: tc.connection}
			if a := (link{}).Assess(mr, l); a.State != tc.want {
				t.Errorf("got %s, want %s", a.State, tc.want)
			}
		})
	}
}
