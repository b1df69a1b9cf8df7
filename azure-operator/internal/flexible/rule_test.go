// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"
	"sync"
	"testing"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

// marks remembers whom the rules were made for: they can't carry tags.
type marks struct {
	mu   sync.Mutex
	tags map[string]map[string]string
}

func (m *marks) of(name string) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tags[name]
}

func (m *marks) mark(name string, tags map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tags[name] = tags
}

// marking is an External that marks what it makes.
type marking struct {
	managed.External[*v1alpha1.FirewallRule, Rule]
	marks *marks
}

func (m marking) Create(ctx context.Context, mr *v1alpha1.FirewallRule, in managed.Intent) (*Rule, error) {
	m.marks.mark(in.Name, in.Tags)
	return m.External.Create(ctx, mr, in)
}

// rules is the firewall rules of one server as the conformance suite sees them.
type rules struct {
	armtest.View
	marks *marks
}

func (r rules) Tags(name string) map[string]string { return r.marks.of(name) }

// Plant makes a rule as somebody else would: of a server of theirs.
func (r rules) Plant(name string, tags map[string]string) string {
	r.Put(mysqlServers+"orders", armtest.Body{"name": "orders", "tags": asBody(tags), "properties": armtest.Body{"state": "Ready"}})
	return r.View.Plant(name, nil)
}

func asBody(tags map[string]string) armtest.Body {
	b := armtest.Body{}
	for k, v := range tags {
		b[k] = v
	}
	return b
}

func aRule() *v1alpha1.FirewallRule {
	return &v1alpha1.FirewallRule{Spec: v1alpha1.FirewallRuleSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.FirewallRuleParameters{
			ResourceGroupName: "rg", MySQLServerName: "orders", StartIPAddress: "10.0.0.1", EndIPAddress: "10.0.0.9",
		},
	}}
}

func TestRuleConformance(t *testing.T) {
	const prefix = mysqlServers + "orders/firewallrules/"
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.FirewallRule, Rule] {
		c, m := armtest.New(), &marks{tags: map[string]map[string]string{}}
		c.Put(mysqlServers+"orders", armtest.Body{"name": "orders", "properties": armtest.Body{"state": "Ready"}})
		view := armtest.View{
			Cloud: c, Prefix: prefix, Drifting: []string{"properties", "endIpAddress"}, To: "10.255.255.255",
			Planted: func(name string) armtest.Body {
				return armtest.Body{
					"id":         "/subscriptions/" + armtest.Subscription + prefix + name,
					"properties": armtest.Body{"startIpAddress": "10.0.0.1", "endIpAddress": "10.0.0.9"},
				}
			},
		}
		kind := FirewallRule(only{c})
		connect := kind.Connect
		kind.Connect = func(ctx context.Context, mr *v1alpha1.FirewallRule) (managed.External[*v1alpha1.FirewallRule, Rule], error) {
			ext, err := connect(ctx, mr)
			return marking{ext, m}, err
		}
		return managedtest.Subject[*v1alpha1.FirewallRule, Rule]{
			Kind: kind, Cloud: rules{view, m}, Object: aRule,
			Change: func(mr *v1alpha1.FirewallRule) { mr.Spec.ForProvider.EndIPAddress = "10.0.0.20" },
			Changed: func(name string) bool {
				return armtest.Get(c.At(prefix+name), "properties", "endIpAddress") == "10.0.0.20"
			},
		}
	})
}

func TestAddressesOfARange(t *testing.T) {
	type params = v1alpha1.FirewallRuleParameters
	for name, tc := range map[string]struct {
		want        params
		first, last string
	}{
		"both ends":   {params{StartIPAddress: "10.0.0.1", EndIPAddress: "10.0.0.9"}, "10.0.0.1", "10.0.0.9"},
		"a network":   {params{CIDR: "203.0.113.0/24"}, "203.0.113.0", "203.0.113.255"},
		"host bits":   {params{CIDR: "203.0.113.77/29"}, "203.0.113.72", "203.0.113.79"},
		"one address": {params{CIDR: "203.0.113.7/32"}, "203.0.113.7", "203.0.113.7"},
		"everything":  {params{CIDR: "0.0.0.0/0"}, "0.0.0.0", "255.255.255.255"},
	} {
		t.Run(name, func(t *testing.T) {
			if first, last := addresses(tc.want); first != tc.first || last != tc.last {
				t.Errorf("got %s to %s, want %s to %s", first, last, tc.first, tc.last)
			}
			mr := aRule()
			mr.Spec.ForProvider.CIDR, mr.Spec.ForProvider.StartIPAddress, mr.Spec.ForProvider.EndIPAddress = tc.want.CIDR, tc.want.StartIPAddress, tc.want.EndIPAddress
			if a := (rule{}).Assess(mr, &Rule{Start: tc.first, End: tc.last}); len(a.Drift) > 0 {
				t.Errorf("drift: %v", a.Drift)
			}
			if a := (rule{}).Assess(mr, &Rule{Start: tc.first, End: "198.51.100.9"}); len(a.Drift) != 1 {
				t.Errorf("drift: %v", a.Drift)
			}
		})
	}
}
