// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// answers is a Reader of what is there, by path: a body, or the status of a refusal.
type answers map[string]any

func (a answers) Get(_ context.Context, _, path, _ string, into any) error {
	switch there := a[path].(type) {
	case nil:
		return &azcore.ResponseError{StatusCode: http.StatusNotFound, ErrorCode: "ResourceNotFound"}
	case int:
		return &azcore.ResponseError{StatusCode: there, ErrorCode: map[int]string{http.StatusForbidden: "AuthorizationFailed"}[there]}
	default:
		content, err := json.Marshal(there)
		if err != nil {
			return err
		}
		return json.Unmarshal(content, into)
	}
}

func address(ip string) armtest.Body {
	return armtest.Body{"properties": armtest.Body{"ipAddress": ip}}
}

// outboundBy is a cluster with these public addresses, by load balancer and gateway.
func outboundBy(t *testing.T, balancer, gateway []string) *ClusterObservation {
	t.Helper()
	profile := func(ids []string) armtest.Body {
		var list []any
		for _, id := range ids {
			list = append(list, armtest.Body{"id": id})
		}
		return armtest.Body{"effectiveOutboundIPs": list}
	}
	content, err := json.Marshal(armtest.Body{"properties": armtest.Body{
		"networkProfile": armtest.Body{"podCidrs": []any{"10.244.0.0/16"}, "loadBalancerProfile": profile(balancer), "natGatewayProfile": profile(gateway)},
		"agentPoolProfiles": []any{
			armtest.Body{"name": "a"}, armtest.Body{"name": "b", "vnetSubnetID": "/subnets/nodes"},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	obs := &ClusterObservation{}
	if err := json.Unmarshal(content, &obs.ManagedCluster); err != nil {
		t.Fatal(err)
	}
	return obs
}

// TestEgress: the addresses are told that can be read; that one can't be looked at
// just now is an error, for the path from there must not close.
func TestEgress(t *testing.T) {
	there := answers{
		"/ip/1": address("203.0.113.9"), "/ip/2": address("203.0.113.10"), "/ip/6": address("2001:db8::1"),
		"/ip/none": address(""), "/ip/secret": http.StatusForbidden, "/ip/busy": http.StatusTooManyRequests,
	}
	for name, test := range map[string]struct {
		balancer, gateway, want []string
		class                   fault.Class
	}{
		"none":                    {nil, nil, nil, ""},
		"of a load balancer":      {[]string{"/ip/2", "/ip/1"}, nil, []string{"203.0.113.10/32", "203.0.113.9/32"}, ""},
		"of a gateway":            {nil, []string{"/ip/6"}, []string{"2001:db8::1/128"}, ""},
		"one is not there":        {[]string{"/ip/gone", "/ip/1"}, nil, []string{"203.0.113.9/32"}, ""},
		"one has no address yet":  {[]string{"/ip/none"}, nil, nil, ""},
		"one may not be read":     {[]string{"/ip/secret", "/ip/1"}, nil, []string{"203.0.113.9/32"}, ""},
		"one can't be read today": {[]string{"/ip/1", "/ip/busy"}, nil, nil, fault.Throttled},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := egressOf(t.Context(), there, outboundBy(t, test.balancer, test.gateway))
			if f := fault.Of(account.Classify(err)); (f == nil) != (test.class == "") || f != nil && f.Class != test.class {
				t.Fatalf("got %v", err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("want %v, got %v", test.want, got)
			}
		})
	}
}

func TestNetwork(t *testing.T) {
	obs := outboundBy(t, nil, nil)
	obs.Egress = []string{"203.0.113.9/32"}
	want := &contract.Network{ID: "/subnets/nodes", CIDRs: []string{"10.244.0.0/16"}, EgressCIDRs: obs.Egress}
	if diff := cmp.Diff(want, networkOf(obs)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := networkOf(&ClusterObservation{}); got != nil {
		t.Errorf("want nothing of a cluster that says nothing: %+v", got)
	}
}

// TestObserveAsksForAddresses of a cluster as it is in the cloud.
func TestObserveAsksForAddresses(t *testing.T) {
	c := armtest.New()
	e, mr := shop(t, c)
	b := planted("shop")
	const ip = "/resourcegroups/mc_rg_shop/providers/microsoft.network/publicipaddresses/out"
	armtest.Set(b, []any{armtest.Body{"id": inSub + ip}}, "properties", "networkProfile", "loadBalancerProfile", "effectiveOutboundIPs")
	c.Put(clusters+"shop", b)
	c.Put(ip, address("203.0.113.9"))
	if got := e.Assess(mr, observe(t, e, mr)).Network; got == nil || !slices.Equal(got.EgressCIDRs, []string{"203.0.113.9/32"}) {
		t.Errorf("got %+v", got)
	}
}
