// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observedCluster is a cluster as aCluster wants it.
func observedCluster() *container.Cluster {
	return &container.Cluster{
		Name: "shop", Status: running, CurrentMasterVersion: "1.33.4-gke.100", Network: "shop", Subnetwork: "apps", LabelFingerprint: "f1",
		Locations: []string{"europe-west1-c", "europe-west1-b"}, ReleaseChannel: &container.ReleaseChannel{Channel: "REGULAR"},
		ControlPlaneEndpointsConfig: &container.ControlPlaneEndpointsConfig{IpEndpointsConfig: &container.IPEndpointsConfig{
			Enabled: true, EnablePublicEndpoint: true, PublicEndpoint: "192.0.2.7", PrivateEndpoint: "10.0.0.2",
			AuthorizedNetworksConfig: &container.MasterAuthorizedNetworksConfig{Enabled: true, CidrBlocks: []*container.CidrBlock{{CidrBlock: "192.0.2.0/24", DisplayName: "office"}}},
		}},
		IpAllocationPolicy: &container.IPAllocationPolicy{ClusterSecondaryRangeName: "pods", ServicesIpv4CidrBlock: "10.8.0.0/20", ClusterIpv4CidrBlock: "10.4.0.0/14"},
		LoggingConfig:      logging([]string{"SYSTEM_COMPONENTS", "WORKLOADS"}),
		MonitoringConfig:   monitoring([]string{"SYSTEM_COMPONENTS"}),
		DatabaseEncryption: &container.DatabaseEncryption{State: "DECRYPTED"},
		MaintenancePolicy: &container.MaintenancePolicy{ResourceVersion: "r1", Window: &container.MaintenanceWindow{
			MaintenanceExclusions: map[string]container.TimeWindow{"sale": {StartTime: "2026-11-27T00:00:00Z"}},
			RecurringWindow: &container.RecurringTimeWindow{Recurrence: "FREQ=DAILY", Window: &container.TimeWindow{
				StartTime: "2026-01-03T02:00:00Z", EndTime: "2026-01-03T08:00:00Z",
			}},
		}},
		ResourceLabels: map[string]string{"team": "shop", contract.TagOwner: "me"},
		NodePools:      []*container.NodePool{{Name: "general", Version: "1.33.4-gke.100", Status: running}},
	}
}

// sent is what a step sends, as JSON shows it.
func sent(t *testing.T, s clusterStep) string {
	t.Helper()
	switch {
	case s.labels != nil:
		return wire(t, s.labels)
	case s.maintenance != nil:
		return wire(t, s.maintenance)
	case s.update != nil:
		return wire(t, s.update)
	}
	return s.removePool
}

func wire(t *testing.T, v interface{ MarshalJSON() ([]byte, error) }) string {
	t.Helper()
	text, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// clusterCase is a change of the spec, and what it comes to.
type clusterCase struct {
	change        func(*v1alpha1.GKEClusterParameters)
	fields, fixed []string
	sent          []string
}

func TestPlanCluster(t *testing.T) {
	type parameters = v1alpha1.GKEClusterParameters
	network := func(cidr, name string) []v1alpha1.AuthorizedNetwork {
		return []v1alpha1.AuthorizedNetwork{{CIDR: cidr, Name: name}}
	}
	planned(t, map[string]clusterCase{
		"in order": {},
		"closed": {
			change: func(p *parameters) { p.EndpointPublicAccess, p.AuthorizedNetworks = new(false), nil }, fields: []string{"endpointPublicAccess"},
			sent: []string{`{"desiredControlPlaneEndpointsConfig":{"ipEndpointsConfig":{"authorizedNetworksConfig":{"cidrBlocks":[{"cidrBlock":"192.0.2.0/24","displayName":"office"}],"enabled":true},` +
				`"enablePublicEndpoint":false,"enabled":true,"globalAccess":false}}}`},
		},
		"another network, from everywhere": {
			change: func(p *parameters) {
				p.AuthorizedNetworks, p.EndpointGlobalAccess = network("198.51.100.0/24", ""), new(true)
			}, fields: []string{"endpointGlobalAccess", "authorizedNetworks"},
			sent: []string{`{"desiredControlPlaneEndpointsConfig":{"ipEndpointsConfig":{"authorizedNetworksConfig":{` +
				`"cidrBlocks":[{"cidrBlock":"198.51.100.0/24"}],"enabled":true,"gcpPublicCidrsAccessEnabled":false},` +
				`"enablePublicEndpoint":true,"enabled":true,"globalAccess":true}}}`},
		},
		"another name": {
			change: func(p *parameters) { p.AuthorizedNetworks = network("192.0.2.0/24", "home") },
			fields: []string{"authorizedNetworks"},
			sent:   []string{"home"},
		},
		"endpoint left alone": {change: func(p *parameters) { p.EndpointPublicAccess, p.AuthorizedNetworks = nil, nil }},
		"private nodes": {
			change: func(p *parameters) { p.PrivateNodes = new(true) },
			fields: []string{"privateNodes"},
			sent:   []string{`{"desiredDefaultEnablePrivateNodes":true}`},
		},
		"public nodes":   {change: func(p *parameters) { p.PrivateNodes = new(false) }},
		"the same zones": {change: func(p *parameters) { p.NodeLocations = []string{"europe-west1-b", "europe-west1-c"} }},
		"another zone": {
			change: func(p *parameters) { p.NodeLocations = []string{"europe-west1-d"} },
			fields: []string{"nodeLocations"},
			sent:   []string{`{"desiredLocations":["europe-west1-d"]}`},
		},
		"no channel": {
			change: func(p *parameters) { p.ReleaseChannel = "UNSPECIFIED" },
			fields: []string{"releaseChannel"},
			sent:   []string{`{"desiredReleaseChannel":{"channel":"UNSPECIFIED"}}`},
		},
		"identities": {
			change: func(p *parameters) { p.WorkloadPool = "p.svc.id.goog" },
			fields: []string{"workloadPool"},
			sent:   []string{`{"desiredWorkloadIdentityConfig":{"workloadPool":"p.svc.id.goog"}}`},
		},
		"a key": {
			change: func(p *parameters) { p.DatabaseEncryptionKey = "k" },
			fields: []string{"databaseEncryptionKey"},
			sent:   []string{`{"desiredDatabaseEncryption":{"keyName":"k","state":"ENCRYPTED"}}`},
		},
	})
}

func TestPlanServicesAndVersions(t *testing.T) {
	type parameters = v1alpha1.GKEClusterParameters
	planned(t, map[string]clusterCase{
		"the same logs": {change: func(p *parameters) { p.LoggingComponents = []string{"WORKLOADS", "SYSTEM_COMPONENTS"} }},
		"no logs and metrics": {
			change: func(p *parameters) { p.LoggingComponents, p.MonitoringComponents = []string{}, []string{} },
			fields: []string{"loggingComponents", "monitoringComponents"},
			sent:   []string{`{"desiredLoggingConfig":{"componentConfig":{"enableComponents":[]}}}`, `{"desiredMonitoringConfig":{"componentConfig":{"enableComponents":[]}}}`},
		},
		"the same time": {change: func(p *parameters) {
			p.MaintenanceWindow = &v1alpha1.MaintenanceWindow{StartTime: "2026-01-03T03:00:00+01:00", EndTime: "2026-01-03T08:00:00Z", Recurrence: "FREQ=DAILY"}
		}},
		"another time": {change: func(p *parameters) {
			p.MaintenanceWindow = &v1alpha1.MaintenanceWindow{StartTime: "2026-01-03T02:00:00Z", EndTime: "2026-01-03T08:00:00Z", Recurrence: "FREQ=WEEKLY;BYDAY=SA"}
		}, fields: []string{"maintenanceWindow"}, sent: []string{`{"resourceVersion":"r1","window":{"maintenanceExclusions":{"sale":{"startTime":"2026-11-27T00:00:00Z"}},` +
			`"recurringWindow":{"recurrence":"FREQ=WEEKLY;BYDAY=SA","window":{"endTime":"2026-01-03T08:00:00Z","startTime":"2026-01-03T02:00:00Z"}}}}`}},
		"another label": {
			change: func(p *parameters) { p.ResourceLabels = map[string]v1alpha1.ResourceLabel{"team": "web"} },
			fields: []string{"resourceLabels"},
			sent:   []string{`{"labelFingerprint":"f1","resourceLabels":{"crossplane-owner":"me","team":"web"}}`},
		},
		"a later minor": {
			change: func(p *parameters) { p.Version = "1.35" },
			fields: []string{"version"},
			sent:   []string{`{"desiredMasterVersion":"1.34"}`},
		},
		"a later patch": {
			change: func(p *parameters) { p.Version = "1.33.5-gke.7" },
			fields: []string{"version"},
			sent:   []string{`{"desiredMasterVersion":"1.33.5-gke.7"}`},
		},
		"upgraded by GKE":       {change: func(p *parameters) { p.Version = "1.32" }},
		"no version":            {change: func(p *parameters) { p.Version = "" }},
		"the network by a path": {change: func(p *parameters) { p.Network = "projects/p/global/networks/shop" }},
		"another place": {change: func(p *parameters) {
			p.Network, p.Subnetwork, p.Autopilot = "default", "projects/p/regions/r/subnetworks/web", new(true)
		}, fixed: []string{"autopilot (false → true)", "network (shop → default)", "subnetwork (apps → projects/p/regions/r/subnetworks/web)"}},
		"the same ranges": {change: func(p *parameters) {
			p.IPAllocation = &v1alpha1.IPAllocation{ClusterSecondaryRangeName: "pods", ServicesIPv4CIDR: "/20"}
		}},
		"other ranges": {change: func(p *parameters) {
			p.IPAllocation = &v1alpha1.IPAllocation{ClusterIPv4CIDR: "/16", ServicesSecondaryRangeName: "services"}
		}, fixed: []string{"ipAllocation.servicesSecondaryRangeName (none → services)", "ipAllocation.clusterIPv4CIDR (10.4.0.0/14 → /16)"}},
	})
}

func planned(t *testing.T, cases map[string]clusterCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := aCluster().Spec.ForProvider
			if tc.change != nil {
				tc.change(&want)
			}
			steps, fields := planCluster(want, observedCluster())
			if diff := cmp.Diff(tc.fields, []string(fields)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.fixed, fixedCluster(want, observedCluster())); diff != "" {
				t.Error(diff)
			}
			if len(steps) != len(tc.sent) {
				t.Fatalf("%d steps, want %d", len(steps), len(tc.sent))
			}
			for i, s := range steps {
				if got := sent(t, s); got != tc.sent[i] && !strings.Contains(got, tc.sent[i]) {
					t.Errorf("sent %s, want %s", got, tc.sent[i])
				}
			}
		})
	}
}

// Google's other customers are not let in, though they would be by default.
func TestWhoIsLetInByGoogleIsDrift(t *testing.T) {
	c := observedCluster()
	ipOf(c).AuthorizedNetworksConfig.GcpPublicCidrsAccessEnabled = true
	if _, fields := planCluster(aCluster().Spec.ForProvider, c); len(fields) != 1 || fields[0] != "authorizedNetworks" {
		t.Errorf("got %v", fields)
	}
}

func TestANewClusterIsClosed(t *testing.T) {
	c := describe(v1alpha1.GKEClusterParameters{Location: "europe-west1"}, managed.Intent{Name: "shop", Tags: map[string]string{contract.TagOwner: "Me"}})
	want := `{"controlPlaneEndpointsConfig":{"ipEndpointsConfig":{"enablePublicEndpoint":false,"enabled":true}},"ipAllocationPolicy":{"useIpAliases":true},"name":"shop",` +
		`"nodePools":[{"config":{"diskSizeGb":20,"diskType":"pd-standard","machineType":"e2-medium","resourceLabels":{"crossplane-owner":"me"}},"initialNodeCount":1,"name":"crossplane-initial"}],` +
		`"resourceLabels":{"crossplane-owner":"me"}}`
	if diff := cmp.Diff(want, wire(t, c)); diff != "" {
		t.Error(diff)
	}
	c = describe(v1alpha1.GKEClusterParameters{Autopilot: new(true)}, managed.Intent{Name: "shop"})
	if len(c.NodePools) > 0 || !c.Autopilot.Enabled {
		t.Errorf("got %+v", c)
	}
}

func TestNodesAreNotLeftBehind(t *testing.T) {
	f := newFakeGKE()
	e, mr := cluster{api: f, now: time.Now}, aCluster()
	mr.Spec.ForProvider.Version = "1.34"
	c := observedCluster()
	c.NodePools = append(c.NodePools, &container.NodePool{Name: "old", Version: "1.31.1-gke.1"}, &container.NodePool{Name: "older", Version: "1.32.1-gke.1"})
	err := e.Update(t.Context(), mr, c)
	if got := fault.Of(account.Classify(err)); got == nil || got.Class != fault.Dependency || !strings.HasSuffix(got.Error(), ": old") {
		t.Errorf("got %v", err)
	}
}

func TestAClusterWaitsForItsNodePools(t *testing.T) {
	f := newFakeGKE()
	clusters{f}.Plant("shop", nil)
	c := observedCluster()
	c.NodePools = append(c.NodePools, &container.NodePool{Name: "auto", Autoscaling: &container.NodePoolAutoscaling{Autoprovisioned: true}},
		&container.NodePool{Name: initialPoolName, Config: &container.NodeConfig{ResourceLabels: map[string]string{contract.TagOwner: "me"}}})
	e, mr := cluster{api: f}, aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	err := e.Delete(t.Context(), mr, c)
	if got := fault.Of(account.Classify(err)); got == nil || got.Class != fault.Dependency || !strings.HasSuffix(got.Error(), ": general") {
		t.Errorf("got %v", err)
	}
	c.NodePools = c.NodePools[1:]
	if err := e.Delete(t.Context(), mr, c); err != nil || f.clusters["shop"].Status != stopping {
		t.Errorf("of its own pools: %v", err)
	}
	c.NodePools, c.Autopilot = observedCluster().NodePools, &container.Autopilot{Enabled: true}
	if pools := othersPools(c); len(pools) > 0 {
		t.Errorf("of Autopilot: %v", pools)
	}
}

// The pool that a cluster came with goes before it is ready; another's stays.
func TestTheInitialPoolIsOurs(t *testing.T) {
	c := observedCluster()
	c.NodePools = []*container.NodePool{{Name: initialPoolName, Config: &container.NodeConfig{ResourceLabels: map[string]string{contract.TagOwner: "them"}}}}
	e := cluster{}
	if a := e.Assess(aCluster(), c); len(a.Drift) > 0 || a.State != managed.Available {
		t.Errorf("another's: %+v", a)
	}
	c.NodePools[0].Config.ResourceLabels[contract.TagOwner] = "me"
	if a := e.Assess(aCluster(), c); len(a.Drift) != 1 || a.State != managed.Creating {
		t.Errorf("ours: %+v", a)
	}
}

func TestDeletionProtectionIsKeptHere(t *testing.T) {
	e, mr := cluster{}, aCluster()
	if said := e.Assess(mr, observedCluster()).Protected; said != "" {
		t.Error(said)
	}
	mr.Spec.ForProvider.DeletionProtection = new(true)
	if a := e.Assess(mr, observedCluster()); a.Protected == "" || len(a.Drift) > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestAssessCluster(t *testing.T) {
	mr, c := aCluster(), observedCluster()
	c.MasterAuth = &container.MasterAuth{ClusterCaCertificate: "UEVN"}
	a := cluster{}.Assess(mr, c)
	want := map[string]string{
		"type": "kubernetes", "provider": "gcp", "endpoint": "https://192.0.2.7", "ca.crt": "PEM", "region": "europe-west1", "cluster": "shop",
	}
	if diff := cmp.Diff(want, a.Connection); diff != "" {
		t.Error(diff)
	}
	if a.Reach != contract.ReachInternet || a.Offers.Attributes["version"] != "1.33.4-gke.100" || a.Network.ID != "shop" || a.Network.CIDRs[0] != "10.4.0.0/14" {
		t.Errorf("got %+v", a)
	}
	ipOf(c).EnablePublicEndpoint = false
	if a := (cluster{}).Assess(mr, c); a.Reach != contract.ReachNetwork || a.Connection["endpoint"] != "https://10.0.0.2" {
		t.Errorf("a private one: %+v", a)
	}
	c.Status = provisioning
	if a := (cluster{}).Assess(mr, c); a.Connection != nil || a.Offers != nil || mr.Status.AtProvider.Endpoint != "" {
		t.Errorf("while it is made: %+v", a)
	}
	for location, want := range map[string]contract.Location{
		"europe-west1": {Provider: "gcp", Region: "europe-west1"}, "europe-west1-b": {Provider: "gcp", Region: "europe-west1", Zone: "europe-west1-b"},
	} {
		if got := *locationOf(location); got != want {
			t.Errorf("%s: %+v", location, got)
		}
	}
}

// What GKE began and could not do is not asked for again at once.
func TestAChangeThatFailedIsNotAskedForAgain(t *testing.T) {
	f := newFakeGKE()
	clusters{f}.Plant("shop", nil)
	e := cluster{api: f, now: func() time.Time { return f.now }}
	mr := aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	mr.Spec.ForProvider.Version, mr.Generation, mr.Status.ObservedGeneration = "1.34", 2, 2
	update := func() error {
		c, err := e.Observe(t.Context(), mr, managed.Identity{})
		if err != nil {
			t.Fatal(err)
		}
		return e.Update(t.Context(), mr, c)
	}
	f.failNext = &container.Status{Code: 8, Message: "GCE_STOCKOUT: no more machines"}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	before := f.mutations
	if got := fault.Of(account.Classify(update())); got == nil || got.Class != fault.Capacity || f.mutations != before {
		t.Errorf("got %v, after %d calls", got, f.mutations-before)
	}
	mr.Generation = 3
	if err := update(); err != nil || f.mutations != before+1 {
		t.Errorf("after the spec changed: %v", err)
	}
	f.Settle()
	mr.Spec.ForProvider.Version, mr.Generation = "1.35", 2
	f.failNext = &container.Status{Code: 9, Message: "not now"}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	f.now = f.now.Add(failedLately + time.Minute)
	if err := update(); err != nil {
		t.Errorf("some time later: %v", err)
	}
}

// Whoever waits for a cluster can choose another place where this one has no room.
func TestAFailedCreationIsTold(t *testing.T) {
	f := newFakeGKE()
	clusters{f}.Plant("shop", nil)
	f.clusters["shop"].Status = failed
	mr := aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	for code, want := range map[string]fault.Class{"GCE_STOCKOUT": fault.Capacity, "GCE_QUOTA_EXCEEDED": fault.Quota, "CA_EXPIRING": ""} {
		f.clusters["shop"].Conditions = []*container.StatusCondition{{Code: code, Message: "m"}}
		c, err := cluster{api: f}.Observe(t.Context(), mr, managed.Identity{})
		if c == nil || (want == "") != (err == nil) || err != nil && fault.Of(err).Class != want {
			t.Errorf("%s: %v, %v", code, c, err)
		}
	}
}

func TestErrorsOfGKE(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want fault.Class
	}{
		"taken":           {refuse(http.StatusConflict, "alreadyExists", "Already exists: c."), fault.Exists},
		"another at work": {refuse(http.StatusBadRequest, "failedPrecondition", "Cluster is running incompatible operation operation-1."), fault.Conflict},
		"another yet":     {refuse(http.StatusBadRequest, "failedPrecondition", "Operation o is currently operating on cluster c. Please wait and try again once it is done."), fault.Conflict},
		"not ready":       {refuse(http.StatusBadRequest, "failedPrecondition", "Network is not ready."), fault.Dependency},
		"no quota":        {refuse(http.StatusForbidden, "forbidden", `Insufficient regional quota to satisfy request: resource "CPUS".`), fault.Quota},
		"too many":        {refuse(http.StatusForbidden, "forbidden", "You cannot create more than 3 clusters in location x."), fault.Quota},
		"not allowed":     {refuse(http.StatusForbidden, "forbidden", `Required "container.clusters.create" permission(s).`), fault.Permission},
		"mistake":         {refuse(http.StatusBadRequest, "badRequest", "Master version \"1.7\" is unsupported."), fault.Invalid},
		"gone":            {refuse(http.StatusNotFound, "notFound", "Not found."), fault.Gone},
		"changed":         {refuse(http.StatusPreconditionFailed, "conditionNotMet", "mismatch"), fault.Conflict},
	} {
		if got := fault.Of(account.Classify(tc.err)).Class; got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestStates(t *testing.T) {
	for status, want := range map[string]managed.State{
		provisioning: managed.Creating, running: managed.Available, reconciling: managed.Available, stopping: managed.Deleting, failed: managed.Failed,
		degraded: managed.Unavailable, "STATUS_UNSPECIFIED": managed.Unknown, "ASLEEP": managed.Unknown,
	} {
		if got := clusterState(status); got != want {
			t.Errorf("cluster %s: %s", status, got)
		}
	}
	for status, want := range map[string]managed.State{
		provisioning: managed.Creating, running: managed.Available, reconciling: managed.Available, stopping: managed.Deleting, failed: managed.Failed,
		runningWithError: managed.Unavailable, "STATUS_UNSPECIFIED": managed.Unknown, "ASLEEP": managed.Unknown,
	} {
		if got := poolState(status); got != want {
			t.Errorf("pool %s: %s", status, got)
		}
	}
}

func TestConditionsAreTold(t *testing.T) {
	mr, c := aCluster(), observedCluster()
	c.Status, c.Conditions = degraded, []*container.StatusCondition{{Code: "CLOUD_KMS_KEY_ERROR", Message: "the key is disabled"}, {Code: "UNKNOWN", CanonicalCode: "INTERNAL"}}
	a := cluster{}.Assess(mr, c)
	if a.State != managed.Unavailable || a.Busy || a.Message != "DEGRADED; CLOUD_KMS_KEY_ERROR: the key is disabled; INTERNAL" || len(mr.Status.AtProvider.Conditions) != 2 {
		t.Errorf("got %+v", a)
	}
}

func TestVersions(t *testing.T) {
	for _, tc := range []struct {
		version, than string
		newer         bool
		next          string
	}{
		{"1.34", "1.33.4-gke.100", true, "1.34"},
		{"1.36", "1.33.4-gke.100", true, "1.34"},
		{"1.33", "1.33.4-gke.100", false, "1.33"},
		{"1.33.4", "1.33.4-gke.100", false, "1.33.4"},
		{"1.33.4-gke.200", "1.33.4-gke.100", true, "1.33.4-gke.200"},
		{"1.33.10", "1.33.9-gke.100", true, "1.33.10"},
		{"1.32.9", "1.33.4-gke.100", false, "1.32.9"},
		{"", "1.33.4-gke.100", false, ""},
		{"1.33", "", false, "1.33"},
	} {
		if got := newer(tc.version, tc.than); got != tc.newer {
			t.Errorf("%s newer than %s: %v", tc.version, tc.than, got)
		}
		if got := towards(tc.version, tc.than); tc.than != "" && got != tc.next {
			t.Errorf("from %s towards %s: %s", tc.than, tc.version, got)
		}
	}
}

func TestNames(t *testing.T) {
	for object, want := range map[string]string{
		"shop": "shop-12345678", "Shop.Prod": "shop-prod-12345678", "1st": "x-1st-12345678",
		strings.Repeat("a", 100): strings.Repeat("a", 31) + "-12345678",
	} {
		if got := chosenName(object, "12345678-abcd"); got != want || validName(got) != nil {
			t.Errorf("%s: %s, want %s", object, got, want)
		}
	}
	for _, bad := range []string{"", "-a", "a.b", "A", "a-", "1a", strings.Repeat("a", 41)} {
		if validName(bad) == nil {
			t.Errorf("%q is a name", bad)
		}
	}
}
