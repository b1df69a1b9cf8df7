// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/compute/v1"
	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Where the tests' clusters are.
const (
	region = "projects/" + project + "/locations/europe-west1"
	shop   = region + "/clusters/shop"
	jobs   = shop + "/nodePools/jobs"
)

func (w *world) clusters() *container.ProjectsLocationsClustersService {
	return w.container.Projects.Locations.Clusters
}

// newCluster is a small cluster.
func newCluster(name string, edits ...func(*container.Cluster)) *container.CreateClusterRequest {
	c := &container.Cluster{
		Name: name, InitialClusterVersion: "1.32", ResourceLabels: map[string]string{"team": "shop"},
		NodePools: []*container.NodePool{{Name: "first", InitialNodeCount: 1}},
	}
	for _, edit := range edits {
		edit(c)
	}
	return &container.CreateClusterRequest{Cluster: c}
}

// cluster makes a small cluster and waits for it.
func (w *world) cluster(t *testing.T, name string, edits ...func(*container.Cluster)) *container.Cluster {
	t.Helper()
	op := must(w.clusters().Create(region, newCluster(name, edits...)).Do())(t)
	w.ended(t, op)
	return must(w.clusters().Get(region + "/clusters/" + name).Do())(t)
}

// ended waits for an operation, which has to succeed.
func (w *world) ended(t *testing.T, op *container.Operation) {
	t.Helper()
	var now *container.Operation
	eventually(t, op.OperationType+" is done", func() bool {
		now = must(w.container.Projects.Locations.Operations.Get(region + "/operations/" + op.Name).Do())(t)
		return now.Status == "DONE"
	})
	if now.Error != nil {
		t.Fatalf("%s: %+v", op.OperationType, now.Error)
	}
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never so: ", what)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestLifeOfACluster(t *testing.T) {
	w := start(t)
	w.slow(t)
	op := must(w.clusters().Create(region, newCluster("shop")).Do())(t)
	if op.OperationType != "CREATE_CLUSTER" || op.Status != "RUNNING" || !strings.HasSuffix(op.TargetLink, shop) {
		t.Errorf("operation: %+v", op)
	}
	if c := must(w.clusters().Get(shop).Do())(t); c.Status != "PROVISIONING" || c.Endpoint != "" || c.CurrentMasterVersion != "1.32.6-gke.1100" {
		t.Errorf("while it is made: %+v", c)
	}
	wantReason(t, second(w.clusters().Create(region, newCluster("shop")).Do()), http.StatusConflict, "alreadyExists")
	wantReason(t, second(w.clusters().Delete(shop).Do()), http.StatusBadRequest, "failedPrecondition")
	w.advance(t)
	w.ended(t, op)
	c := must(w.clusters().Get(shop).Do())(t)
	ip := c.ControlPlaneEndpointsConfig.IpEndpointsConfig
	if c.Status != "RUNNING" || c.Endpoint == "" || !ip.EnablePublicEndpoint || ip.PublicEndpoint != c.Endpoint || len(c.Locations) != 3 || c.ReleaseChannel.Channel != "REGULAR" {
		t.Errorf("made: %+v, %+v", c, ip)
	}
	if p := c.NodePools[0]; p.Status != "RUNNING" || p.Config.MachineType != "e2-medium" || p.Version != c.CurrentMasterVersion {
		t.Errorf("its pool: %+v", p)
	}
	must(w.clusters().Update(shop, &container.UpdateClusterRequest{Update: &container.ClusterUpdate{DesiredMasterVersion: "1.33"}}).Do())(t)
	if c := must(w.clusters().Get(shop).Do())(t); c.Status != "RECONCILING" || c.CurrentMasterVersion != "1.32.6-gke.1100" {
		t.Errorf("while it is upgraded: %s, %s", c.Status, c.CurrentMasterVersion)
	}
	w.advance(t)
	if c := must(w.clusters().Get(shop).Do())(t); c.Status != "RUNNING" || c.CurrentMasterVersion != "1.33.4-gke.1200" {
		t.Errorf("upgraded: %s, %s", c.Status, c.CurrentMasterVersion)
	}
	must(w.clusters().Delete(shop).Do())(t)
	if c := must(w.clusters().Get(shop).Do())(t); c.Status != "STOPPING" {
		t.Errorf("while it is deleted: %s", c.Status)
	}
	w.advance(t)
	wantReason(t, second(w.clusters().Get(shop).Do()), http.StatusNotFound, "notFound")
	if live := must(w.Live(t.Context()))(t); len(live) > 0 {
		t.Errorf("left: %v", live)
	}
}

func TestWhatClustersCannotBeMade(t *testing.T) {
	w := start(t)
	w.cluster(t, "pilot", func(c *container.Cluster) { c.NodePools, c.Autopilot = nil, &container.Autopilot{Enabled: true} })
	type edit = func(*container.Cluster)
	for name, tc := range map[string]struct {
		edit   edit
		status int
		reason string
	}{
		"a name with capitals":         {func(c *container.Cluster) { c.Name = "Shop" }, http.StatusBadRequest, "badRequest"},
		"no nodes":                     {func(c *container.Cluster) { c.NodePools = nil }, http.StatusBadRequest, "badRequest"},
		"an empty pool":                {func(c *container.Cluster) { c.NodePools[0].InitialNodeCount = 0 }, http.StatusBadRequest, "badRequest"},
		"no such version":              {func(c *container.Cluster) { c.InitialClusterVersion = "1.7" }, http.StatusBadRequest, "badRequest"},
		"no such network":              {func(c *container.Cluster) { c.Network = "none" }, http.StatusBadRequest, "badRequest"},
		"no such machine":              {func(c *container.Cluster) { c.NodePools[0].Config = &container.NodeConfig{MachineType: "m5.large"} }, http.StatusBadRequest, "badRequest"},
		"a zone far away":              {func(c *container.Cluster) { c.Locations = []string{"us-central1-a"} }, http.StatusBadRequest, "badRequest"},
		"a field that is not modelled": {func(c *container.Cluster) { c.EnableTpu = true }, http.StatusBadRequest, "parseError"},
		"pools and Autopilot":          {func(c *container.Cluster) { c.Autopilot = &container.Autopilot{Enabled: true} }, http.StatusBadRequest, "badRequest"},
		"one too many": {func(*container.Cluster) {
			w.settings(t, local.Settings{Quotas: map[string]int{"container:clusters": 1}})
		}, http.StatusForbidden, "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, second(w.clusters().Create(region, newCluster("shop", tc.edit)).Do()), tc.status, tc.reason)
			w.settings(t, local.Settings{Quotas: map[string]int{"container:clusters": 0}})
		})
	}
	w.change(t, iam.Change{Email: iam.DefaultEmail, Deny: &[]string{"container.clusters.*"}})
	wantReason(t, second(w.clusters().Get(shop).Do()), http.StatusForbidden, "forbidden")
}

func TestClustersChangeOneThingAtATime(t *testing.T) {
	w := start(t)
	c := w.cluster(t, "shop")
	update := func(u *container.ClusterUpdate) error {
		return second(w.clusters().Update(shop, &container.UpdateClusterRequest{Update: u}).Do())
	}
	for name, u := range map[string]*container.ClusterUpdate{
		"nothing":     {},
		"two fields":  {DesiredMasterVersion: "1.33", DesiredLocations: []string{"europe-west1-b"}},
		"two minors":  {DesiredMasterVersion: "1.34"},
		"back":        {DesiredMasterVersion: "1.31"},
		"other zones": {DesiredLocations: []string{"us-central1-a"}},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, update(u), http.StatusBadRequest, "badRequest") })
	}
	for _, version := range []string{"1.33", "1.34"} {
		check(t, update(&container.ClusterUpdate{DesiredMasterVersion: version}))
		must(w.clusters().Get(shop).Do())(t)
	}
	wantReason(t, update(&container.ClusterUpdate{DesiredMasterVersion: "1.35"}), http.StatusBadRequest, "badRequest") // its pool would be left behind

	labels := &container.SetLabelsRequest{ResourceLabels: map[string]string{"team": "other"}, LabelFingerprint: "stale"}
	wantReason(t, second(w.clusters().SetResourceLabels(shop, labels).Do()), http.StatusPreconditionFailed, "conditionNotMet")
	labels.LabelFingerprint = c.LabelFingerprint
	w.ended(t, must(w.clusters().SetResourceLabels(shop, labels).Do())(t))
	window := &container.MaintenancePolicy{Window: &container.MaintenanceWindow{RecurringWindow: &container.RecurringTimeWindow{
		Recurrence: "FREQ=DAILY", Window: &container.TimeWindow{StartTime: "2026-01-03T02:00:00Z", EndTime: "2026-01-03T08:00:00Z"},
	}}}
	for _, status := range []int{0, http.StatusPreconditionFailed} { // the second time it has a version
		reason := map[int]string{http.StatusPreconditionFailed: "conditionNotMet"}[status]
		wantReason(t, second(w.clusters().SetMaintenancePolicy(shop, &container.SetMaintenancePolicyRequest{MaintenancePolicy: window}).Do()), status, reason)
	}
	closed := &container.IPEndpointsConfig{Enabled: true, ForceSendFields: []string{"EnablePublicEndpoint"}}
	check(t, update(&container.ClusterUpdate{DesiredControlPlaneEndpointsConfig: &container.ControlPlaneEndpointsConfig{IpEndpointsConfig: closed}}))
	c = must(w.clusters().Get(shop).Do())(t)
	if ip := c.ControlPlaneEndpointsConfig.IpEndpointsConfig; ip.EnablePublicEndpoint || ip.PublicEndpoint != "" || c.ResourceLabels["team"] != "other" ||
		c.MaintenancePolicy.Window.RecurringWindow.Recurrence != "FREQ=DAILY" {
		t.Errorf("got %+v, %v, %+v", ip, c.ResourceLabels, c.MaintenancePolicy)
	}
}

func newPool(edits ...func(*container.NodePool)) *container.CreateNodePoolRequest {
	p := &container.NodePool{Name: "jobs", InitialNodeCount: 2, Locations: []string{"europe-west1-b"}, Config: &container.NodeConfig{
		MachineType: "e2-standard-2", Labels: map[string]string{"pool": "jobs"}, ResourceLabels: map[string]string{"team": "shop"},
		Taints: []*container.NodeTaint{{Key: "only", Value: "jobs", Effect: "NO_SCHEDULE"}},
	}}
	for _, edit := range edits {
		edit(p)
	}
	return &container.CreateNodePoolRequest{NodePool: p}
}

func TestLifeOfANodePool(t *testing.T) {
	w := start(t)
	w.cluster(t, "shop", func(c *container.Cluster) { c.InitialClusterVersion = "1.33.2-gke.1100" })
	w.slow(t)
	pools := func() *container.ProjectsLocationsClustersNodePoolsService { return w.clusters().NodePools }
	get := func() *container.NodePool { return must(pools().Get(jobs).Do())(t) }
	must(pools().Create(shop, newPool()).Do())(t)
	if p := get(); p.Status != "PROVISIONING" || p.Version != "1.33.2-gke.1100" || p.Config.DiskType != "pd-balanced" {
		t.Errorf("while it is made: %+v", p)
	}
	wantReason(t, second(pools().Create(shop, newPool()).Do()), http.StatusConflict, "alreadyExists")
	wantReason(t, second(pools().SetSize(jobs, &container.SetNodePoolSizeRequest{NodeCount: 3}).Do()), http.StatusBadRequest, "failedPrecondition")
	w.advance(t)
	for _, step := range []struct {
		ask func() error
		so  func(*container.NodePool) bool
	}{
		{func() error {
			return second(pools().SetSize(jobs, &container.SetNodePoolSizeRequest{NodeCount: 3}).Do())
		}, func(p *container.NodePool) bool { return p.InitialNodeCount == 3 }},
		{func() error {
			return second(pools().SetAutoscaling(jobs, &container.SetNodePoolAutoscalingRequest{Autoscaling: &container.NodePoolAutoscaling{Enabled: true, TotalMinNodeCount: 1, TotalMaxNodeCount: 9}}).Do())
		}, func(p *container.NodePool) bool { return p.Autoscaling != nil && p.Autoscaling.TotalMaxNodeCount == 9 }},
		{func() error {
			return second(pools().Update(jobs, &container.UpdateNodePoolRequest{Labels: &container.NodeLabels{Labels: map[string]string{"tier": "back"}}}).Do())
		}, func(p *container.NodePool) bool {
			return len(p.Config.Labels) == 1 && p.Config.Labels["tier"] == "back"
		}},
	} {
		check(t, step.ask())
		if p := get(); p.Status != "RECONCILING" || step.so(p) {
			t.Errorf("while it changes: %+v", p)
		}
		w.advance(t)
		if p := get(); p.Status != "RUNNING" || !step.so(p) {
			t.Errorf("changed: %+v", p)
		}
	}
	wantReason(t, second(pools().Update(jobs, &container.UpdateNodePoolRequest{NodeVersion: "1.34"}).Do()), http.StatusBadRequest, "badRequest") // newer than the control plane
	wantReason(t, second(pools().SetManagement(jobs, &container.SetNodePoolManagementRequest{Management: &container.NodeManagement{AutoRepair: true}}).Do()), http.StatusBadRequest, "badRequest")
	must(pools().Delete(jobs).Do())(t)
	w.advance(t)
	wantReason(t, second(pools().Get(jobs).Do()), http.StatusNotFound, "notFound")
}

func TestWhatPoolsCannotBeMade(t *testing.T) {
	w := start(t)
	w.cluster(t, "shop")
	w.settings(t, local.Settings{Quotas: map[string]int{"container:nodes": 5}}) // the cluster has 3
	for name, tc := range map[string]struct {
		edit   func(*container.NodePool)
		status int
		reason string
	}{
		"too many nodes": {func(p *container.NodePool) { p.InitialNodeCount = 3 }, http.StatusForbidden, "forbidden"},
		"too new":        {func(p *container.NodePool) { p.Version = "1.33" }, http.StatusBadRequest, "badRequest"},
		"no upper bound": {func(p *container.NodePool) {
			p.Autoscaling = &container.NodePoolAutoscaling{Enabled: true, MinNodeCount: 1}
		}, http.StatusBadRequest, "badRequest"},
		"nothing upgrades": {func(p *container.NodePool) { p.Management = &container.NodeManagement{AutoRepair: true} }, http.StatusBadRequest, "badRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, second(w.clusters().NodePools.Create(shop, newPool(tc.edit)).Do()), tc.status, tc.reason)
		})
	}
	must(w.clusters().NodePools.Create(shop, newPool()).Do())(t)
}

func TestOperationsOfClustersFail(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Service: "container", Operation: "operation.CREATE_CLUSTER", Count: 1, Effect: local.Effect{Error: &local.Error{Code: "GCE_STOCKOUT", Message: "no more machines"}}})
	op := must(w.clusters().Create(region, newCluster("shop")).Do())(t)
	var c *container.Cluster
	eventually(t, "it is in ERROR", func() bool { c = must(w.clusters().Get(shop).Do())(t); return c.Status == "ERROR" })
	if len(c.Conditions) != 1 || c.Conditions[0].Code != "GCE_STOCKOUT" {
		t.Errorf("got %+v", c.Conditions)
	}
	if now := must(w.container.Projects.Locations.Operations.Get(region + "/operations/" + op.Name).Do())(t); now.Error == nil || now.Error.Code != 8 {
		t.Errorf("got %+v", now)
	}
	w.ended(t, must(w.clusters().Delete(shop).Do())(t))
	w.cluster(t, "shop")
	w.fault(t, local.Rule{Service: "container", Operation: "operation.UPGRADE_MASTER", Count: 1, Effect: local.Effect{Error: &local.Error{Code: "FAILED_PRECONDITION", Message: "not now"}}})
	must(w.clusters().Update(shop, &container.UpdateClusterRequest{Update: &container.ClusterUpdate{DesiredMasterVersion: "1.33"}}).Do())(t)
	all := must(w.container.Projects.Locations.Operations.List(region).Do())(t).Operations
	if last := all[len(all)-1]; last.Error == nil || last.Error.Message != "not now" || last.EndTime == "" {
		t.Errorf("got %+v", last)
	}
	if c := must(w.clusters().Get(shop).Do())(t); c.Status != "RUNNING" || c.CurrentMasterVersion != "1.32.6-gke.1100" {
		t.Errorf("got %s, %s", c.Status, c.CurrentMasterVersion)
	}
}

func TestClustersAreForcedAndChanged(t *testing.T) {
	w := start(t)
	w.cluster(t, "shop")
	check(t, w.Force(t.Context(), local.Target{Kind: "Cluster", ID: "shop"}, "DEGRADED"))
	check(t, w.Force(t.Context(), local.Target{Kind: "NodePool", ID: "shop/first"}, "RUNNING_WITH_ERROR"))
	check(t, w.Change(t.Context(), local.Target{Kind: "NodePool", ID: "shop/first"}, map[string]any{"config": map[string]any{"machineType": "n2-standard-8"}}))
	check(t, w.Change(t.Context(), local.Target{Kind: "Cluster", ID: "shop"}, map[string]any{"currentMasterVersion": "1.33.4-gke.1200"}))
	c := must(w.clusters().Get(shop).Do())(t)
	if p := c.NodePools[0]; c.Status != "DEGRADED" || c.CurrentMasterVersion != "1.33.4-gke.1200" || p.Status != "RUNNING_WITH_ERROR" || p.Config.MachineType != "n2-standard-8" {
		t.Errorf("got %+v, %+v", c, p)
	}
	if w.Force(t.Context(), local.Target{Kind: "NodePool", ID: "shop/none"}, "ERROR") == nil {
		t.Error("a pool that is not there was forced")
	}
	live := must(w.Live(t.Context()))(t)
	if !slices.ContainsFunc(live, func(r local.Resource) bool { return r.Kind == "NodePool" && r.ID == "shop/first" }) {
		t.Errorf("got %v", live)
	}
}

func TestANetworkWithAClusterStays(t *testing.T) {
	w := start(t)
	must(w.compute.Networks.Insert(project, &compute.Network{Name: "apps"}).Do())(t)
	must(w.compute.Networks.Get(project, "apps").Do())(t)
	w.cluster(t, "shop", func(c *container.Cluster) { c.Network = "apps" })
	wantReason(t, second(w.compute.Networks.Delete(project, "apps").Do()), http.StatusBadRequest, "resourceInUseByAnotherResource")
}
