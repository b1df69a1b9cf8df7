// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/servicenetworking/v1"
	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestTokens(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil  func(*testing.T, *world)
		status int
		reason string
	}{
		"good": {spoil: func(*testing.T, *world) {}},
		"none": {func(t *testing.T, w *world) {
			t.Helper()
			w.login(t, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"}))
		}, 401, "authError"},
		"an hour later": {func(t *testing.T, w *world) {
			t.Helper()
			w.get(t, "orders")
			check(t, w.Advance(t.Context(), time.Hour))
		}, 401, "authError"},
		"account disabled": {func(t *testing.T, w *world) {
			t.Helper()
			w.get(t, "orders")
			w.change(t, iam.Change{Email: iam.DefaultEmail, Revoked: new(true)})
		}, 401, "authError"},
		"not allowed": {func(t *testing.T, w *world) {
			t.Helper()
			w.change(t, iam.Change{Email: iam.DefaultEmail, Deny: new([]string{"sqladmin.instances.*"})})
		}, 403, "notAuthorized"},
		"of another project": {func(t *testing.T, w *world) {
			t.Helper()
			w.change(t, iam.Change{Email: "eve@other.iam.gserviceaccount.com", Project: "other"})
			w.login(t, w.tokens(t, "eve@other.iam.gserviceaccount.com"))
		}, 403, "notAuthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.create(t, "orders")
			tc.spoil(t, w)
			_, err := w.sql.Instances.Get(project, "orders").Do()
			wantReason(t, err, tc.status, tc.reason)
		})
	}
}

// TestKeys: an assertion is good that is signed by the account's key, and no other.
func TestKeys(t *testing.T) {
	w := start(t)
	old := w.tokens(t, iam.DefaultEmail)
	w.change(t, iam.Change{Email: iam.DefaultEmail, Rotate: true})
	var refused *oauth2.RetrieveError
	if _, err := old.Token(); !errors.As(err, &refused) || !strings.Contains(string(refused.Body), "Invalid JWT Signature.") {
		t.Errorf("the old key: %v", err)
	}
	must(w.tokens(t, iam.DefaultEmail).Token())(t)
	w.change(t, iam.Change{Email: iam.DefaultEmail, Revoked: new(true)})
	if _, err := w.tokens(t, iam.DefaultEmail).Token(); err == nil {
		t.Error("a disabled account gets tokens")
	}
	w.change(t, iam.Change{Email: iam.DefaultEmail, Revoked: new(false)})
	must(w.tokens(t, iam.DefaultEmail).Token())(t)
}

func TestProject(t *testing.T) {
	w := start(t)
	got := must(w.projects.Projects.Get("projects/" + project).Do())(t)
	if got.ProjectId != project || got.Name != "projects/"+iam.Number(project) {
		t.Errorf("got %+v", got)
	}
	var refusal *googleapi.Error
	if _, err := w.projects.Projects.Get("projects/another").Do(); !errors.As(err, &refusal) || refusal.Code != http.StatusForbidden {
		t.Errorf("somebody else's project: %v", err)
	}
}

func TestThrottle(t *testing.T) {
	w := start(t)
	w.settings(t, local.Settings{Throttle: map[string]local.Rate{"sqladmin": {PerSecond: 0.001, Burst: 1}}})
	must(w.sql.Instances.List(project).Do())(t)
	_, err := w.sql.Instances.List(project).Do()
	wantReason(t, err, http.StatusTooManyRequests, "rateLimitExceeded")
}

func TestALostAnswer(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Operation: "instances.insert", Count: 1, Effect: local.Effect{LostResponse: true}})
	var broken *url.Error
	if _, err := w.sql.Instances.Insert(project, newInstance("orders")).Do(); !errors.As(err, &broken) {
		t.Errorf("got %v, want a broken connection", err)
	}
	w.get(t, "orders")
	ledger := must(w.Ledger(t.Context(), 0))(t)
	if len(ledger) != 1 || ledger[0].Kind != "Instance" || ledger[0].ID != "orders" || ledger[0].Action != local.Created || ledger[0].Caller != iam.DefaultEmail {
		t.Errorf("ledger: %+v", ledger)
	}
}

func TestHiddenForced(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Operation: "instances.insert", Effect: local.Effect{Hide: &local.Visibility{Reads: 1}}})
	must(w.sql.Instances.Insert(project, newInstance("orders")).Do())(t)
	_, err := w.sql.Instances.Get(project, "orders").Do()
	wantReason(t, err, http.StatusNotFound, "instanceDoesNotExist")
	target := local.Target{Kind: "Instance", ID: "orders"}
	check(t, w.Force(t.Context(), target, "SUSPENDED"))
	if i := w.get(t, "orders"); i.State != "SUSPENDED" {
		t.Errorf("forced: %s", i.State)
	}
	_, err = w.sql.Instances.Patch(project, "orders", &sqladmin.DatabaseInstance{Settings: &sqladmin.Settings{Tier: "db-custom-2-7680"}}).Do()
	wantReason(t, err, http.StatusConflict, "invalidState")
	check(t, w.Force(t.Context(), target, ""))
	check(t, w.Change(t.Context(), target, map[string]any{"settings": map[string]any{"dataDiskSizeGb": "40"}}))
	if i := w.get(t, "orders"); i.Settings.DataDiskSizeGb != 40 || i.State != "RUNNABLE" {
		t.Errorf("changed behind our back: %s, %d", i.State, i.Settings.DataDiskSizeGb)
	}
	check(t, w.Reset(t.Context()))
	if live := must(w.Live(t.Context()))(t); len(live) > 0 {
		t.Errorf("after a reset: %+v", live)
	}
}

// TestPrivateNetwork makes a network, connects it, and puts an instance in it.
func TestPrivateNetwork(t *testing.T) {
	w := start(t)
	const services = "services/servicenetworking.googleapis.com"
	path := "projects/" + iam.Number(project) + "/global/networks/nets"
	op := must(w.compute.Networks.Insert(project, &compute.Network{Name: "nets", Description: "ours"}).Do())(t)
	if done := must(w.compute.GlobalOperations.Get(project, op.Name).Do())(t); done.Status != "DONE" || done.Error != nil {
		t.Fatalf("operation: %+v", done)
	}
	_, err := w.compute.Networks.Insert(project, &compute.Network{Name: "nets"}).Do()
	wantReason(t, err, http.StatusConflict, "alreadyExists")
	if n := must(w.compute.Networks.Get(project, "nets").Do())(t); n.Description != "ours" || n.RoutingConfig.RoutingMode != "REGIONAL" {
		t.Errorf("network: %+v", n)
	}
	private := func(in *sqladmin.DatabaseInstance) {
		in.Settings.IpConfiguration = &sqladmin.IpConfiguration{
			PrivateNetwork: "projects/" + project + "/global/networks/nets", ForceSendFields: []string{"Ipv4Enabled"},
		}
	}
	_, err = w.sql.Instances.Insert(project, newInstance("orders", private)).Do()
	wantReason(t, err, http.StatusBadRequest, "SERVICE_NETWORKING_NOT_ENABLED")
	must(w.compute.GlobalAddresses.Insert(project, &compute.Address{
		Name: "range", Purpose: "VPC_PEERING", AddressType: "INTERNAL", PrefixLength: 16, Network: "projects/" + project + "/global/networks/nets",
	}).Do())(t)
	connect := &servicenetworking.Connection{Network: path, ReservedPeeringRanges: []string{"range"}}
	connecting := must(w.networking.Services.Connections.Create(services, connect).Do())(t)
	if done := must(w.networking.Operations.Get(connecting.Name).Do())(t); !done.Done || done.Error != nil {
		t.Fatalf("operation: %+v", done)
	}
	if list := must(w.networking.Services.Connections.List(services).Network(path).Do())(t); len(list.Connections) != 1 || list.Connections[0].ReservedPeeringRanges[0] != "range" {
		t.Errorf("connections: %+v", list.Connections)
	}
	i := w.create(t, "orders", private)
	if len(i.IpAddresses) != 1 || i.IpAddresses[0].Type != "PRIVATE" {
		t.Errorf("addresses: %+v", i.IpAddresses)
	}
	_, err = w.compute.Networks.Delete(project, "nets").Do()
	wantReason(t, err, http.StatusBadRequest, "resourceInUseByAnotherResource")
	leave := &servicenetworking.DeleteConnectionRequest{ConsumerNetwork: path}
	if _, err := w.networking.Services.Connections.DeleteConnection(services+"/connections/x", leave).Do(); err == nil {
		t.Error("a connection in use can go")
	}
	must(w.sql.Instances.Delete(project, "orders").Do())(t)
	w.advance(t)
	must(w.networking.Services.Connections.DeleteConnection(services+"/connections/x", leave).Do())(t)
	w.advance(t)
	must(w.compute.GlobalAddresses.Delete(project, "range").Do())(t)
	w.advance(t)
	must(w.compute.Networks.Delete(project, "nets").Do())(t)
	if live := must(w.Live(t.Context()))(t); len(live) > 0 {
		t.Errorf("left: %+v", live)
	}
}

// TestNetworkQuota: Compute Engine notices only in the operation.
func TestNetworkQuota(t *testing.T) {
	w := start(t)
	w.settings(t, local.Settings{Quotas: map[string]int{"compute:networks": 1}})
	must(w.compute.Networks.Insert(project, &compute.Network{Name: "first"}).Do())(t)
	op := must(w.compute.Networks.Insert(project, &compute.Network{Name: "second"}).Do())(t)
	list := must(w.compute.GlobalOperations.List(project).Filter(`targetLink = "` + op.TargetLink + `"`).Do())(t)
	if len(list.Items) != 1 || list.Items[0].Error == nil || list.Items[0].Error.Errors[0].Code != "QUOTA_EXCEEDED" {
		t.Errorf("operations: %+v", list.Items)
	}
	_, err := w.compute.Networks.Get(project, "second").Do()
	wantReason(t, err, http.StatusNotFound, "notFound")
}
