// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// aServer is a server as it was asked for by common and more.
func aServer() *Server {
	return &Server{
		Name: "orders", Location: "West Europe", State: stateReady, Version: "8.4", FullVersion: "8.4.5", SKU: "Standard_B1ms", Tier: "Burstable",
		Login: "crossplane", StorageGiB: new(int32(32)), IOPS: new(int32(360)), AutoGrow: new(false), HAMode: disabled, Zone: "1",
		RetentionDays: new(int32(7)), GeoRedundant: new(false), Public: new(true), Tags: map[string]string{"team": "blue", "other": "kept"},
	}
}

func aSpec() Spec {
	return Spec{ServerParameters: common(), Version: "8.4", StorageGiB: new(int32(32))}
}

func TestPlan(t *testing.T) {
	window := &v1alpha1.MaintenanceWindow{DayOfWeek: 1, StartHour: 2}
	bigger := v1alpha1.ServerSKU{Name: "Standard_D2ds_v4", Tier: "GeneralPurpose"}
	for name, tc := range map[string]struct {
		want   func(*Spec)
		have   func(*Server)
		change Change
		drift  diff.Fields
	}{
		"as it is":                    {},
		"nothing said":                {want: func(s *Spec) { *s = Spec{} }},
		"size":                        {want: func(s *Spec) { s.SKU = bigger }, change: Change{SKU: &bigger}, drift: diff.Fields{"sku"}},
		"more storage":                {want: func(s *Spec) { s.StorageGiB = new(int32(64)) }, change: Change{StorageGiB: new(int32(64))}, drift: diff.Fields{"storageGiB"}},
		"storage that grew by itself": {have: func(s *Server) { s.StorageGiB, s.AutoGrow = new(int32(64)), new(true) }},
		"version with its minor one":  {want: func(s *Spec) { s.Version = "8.0" }, have: func(s *Server) { s.Version = "8.0.21" }},
		"newer version":               {have: func(s *Server) { s.Version = "8.0.21" }, change: Change{Version: new("8.4")}, drift: diff.Fields{"version"}},
		"standby": {
			want:   func(s *Spec) { s.HighAvailability = &v1alpha1.HighAvailability{Mode: "SameZone"} },
			change: Change{HA: &v1alpha1.HighAvailability{Mode: "SameZone"}}, drift: diff.Fields{"highAvailability"},
		},
		"no standby where none is told": {
			want: func(s *Spec) { s.HighAvailability = &v1alpha1.HighAvailability{Mode: disabled} }, have: func(s *Server) { s.HAMode = "" },
		},
		"standby elsewhere": {
			want: func(s *Spec) {
				s.HighAvailability = &v1alpha1.HighAvailability{Mode: "ZoneRedundant", StandbyZone: "3"}
			},
			have:   func(s *Server) { s.HAMode, s.StandbyZone = "ZoneRedundant", "2" },
			change: Change{HA: &v1alpha1.HighAvailability{Mode: "ZoneRedundant", StandbyZone: "3"}}, drift: diff.Fields{"highAvailability"},
		},
		"zones after a failover": {
			want: func(s *Spec) {
				s.HighAvailability = &v1alpha1.HighAvailability{Mode: "ZoneRedundant", StandbyZone: "2"}
			},
			have: func(s *Server) { s.HAMode, s.Zone, s.StandbyZone = "ZoneRedundant", "2", "1" },
		},
		"backups":  {want: func(s *Spec) { s.RetentionDays = new(int32(30)) }, change: Change{RetentionDays: new(int32(30))}, drift: diff.Fields{"backupRetentionDays"}},
		"shut off": {want: func(s *Spec) { s.PublicNetworkAccess = new(false) }, change: Change{Public: new(false)}, drift: diff.Fields{"publicNetworkAccess"}},
		"tags, with those that Azure would drop": {
			want:   func(s *Spec) { s.Tags = map[string]v1alpha1.TagValue{"team": "red"} },
			change: Change{Tags: map[string]string{"team": "red", "other": "kept"}}, drift: diff.Fields{"tags"},
		},
		"window alone": {want: func(s *Spec) { s.MaintenanceWindow = window }, change: Change{Window: window}, drift: diff.Fields{"maintenanceWindow"}},
		"window waits for the rest": {
			want: func(s *Spec) { s.MaintenanceWindow, s.IOPS = window, new(int32(500)) }, change: Change{IOPS: new(int32(500))}, drift: diff.Fields{"iops", "maintenanceWindow"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := aSpec(), aServer()
			edit(tc.want, &want)
			edit(tc.have, have)
			change, drift := plan(want, have)
			if d := cmp.Diff(tc.change, change); d != "" {
				t.Errorf("change (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.drift, drift); d != "" {
				t.Errorf("drift (-want +got):\n%s", d)
			}
		})
	}
}

func edit[T any](f func(*T), of *T) {
	if f != nil {
		f(of)
	}
}

func TestFixed(t *testing.T) {
	for name, tc := range map[string]struct {
		want  func(*Spec)
		have  func(*Server)
		fixed string
	}{
		"as it is":             {},
		"less storage":         {want: func(s *Spec) { s.StorageGiB = new(int32(20)) }, fixed: "storageGiB (32 → 20: storage can't shrink)"},
		"less than it grew to": {want: func(s *Spec) { s.StorageGiB = new(int32(20)) }, have: func(s *Server) { s.AutoGrow = new(true) }},
		"older version":        {want: func(s *Spec) { s.Version = "8.0.21" }, fixed: "version (8.4 → 8.0.21: Azure can't go back)"},
		"other login":          {want: func(s *Spec) { s.AdministratorLogin = "boss" }, fixed: "administratorLogin (crossplane → boss)"},
		"login of the restored": {want: func(s *Spec) {
			s.AdministratorLogin, s.RestoreFrom = "boss", &v1alpha1.RestoreSource{SourceServerName: "old"}
		}},
		"other zone":            {want: func(s *Spec) { s.Zone = "2" }, fixed: "zone (1 → 2)"},
		"zone after a failover": {want: func(s *Spec) { s.Zone = "1" }, have: func(s *Server) { s.HAMode, s.Zone = "ZoneRedundant", "2" }},
		"backups elsewhere":     {want: func(s *Spec) { s.GeoRedundantBackup = new(true) }, fixed: "geoRedundantBackup (false → true)"},
		"other subnet":          {want: func(s *Spec) { s.DelegatedSubnetID = "/subnet" }, fixed: "delegatedSubnetID (none → /subnet)"},
		"subnet in other case":  {want: func(s *Spec) { s.DelegatedSubnetID = "/Subnet" }, have: func(s *Server) { s.Subnet = "/subnet" }},
		"other region":          {have: func(s *Server) { s.Location = "East US" }, fixed: "location (eastus → westeurope)"},
		"database that vanished": {
			have: func(s *Server) { s.Listed = true }, fixed: "databases (app was there and is gone: it is not replaced by an empty one)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := aSpec(), aServer()
			edit(tc.want, &want)
			edit(tc.have, have)
			if got := strings.Join(fixed(want, have, []string{"app"}), "; "); got != tc.fixed {
				t.Errorf("got %q, want %q", got, tc.fixed)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[string]struct{ young, old managed.State }{
		"Ready":        {managed.Available, managed.Available},
		"Updating":     {managed.Available, managed.Available},
		"Provisioning": {managed.Creating, managed.Creating},
		"Starting":     {managed.Creating, managed.Unavailable},
		"Stopping":     {managed.Creating, managed.Unavailable},
		"Restarting":   {managed.Creating, managed.Unavailable},
		"Stopped":      {managed.Stopped, managed.Stopped},
		"Disabled":     {managed.Stopped, managed.Stopped},
		"Dropping":     {managed.Deleting, managed.Deleting},
		"Inaccessible": {managed.Failed, managed.Failed},
		"Hovering":     {managed.Unknown, managed.Unknown},
	} {
		if young, old := stateOf(state, true), stateOf(state, false); young != want.young || old != want.old {
			t.Errorf("%s: %s while it was never ready, %s afterwards", state, young, old)
		}
	}
}

func TestAssess(t *testing.T) {
	mr := aMySQL()
	e := server[*v1alpha1.MySQLServer]{engine: mysqlEngine(), trust: "PEM"}
	have := aServer()
	have.Host, have.Port, have.Listed = "orders.example.org", 3306, true
	first := e.Assess(mr, have)
	if first.State != managed.Creating || len(first.Connection) > 0 || cmp.Diff([]string{"databases"}, first.Drift) != "" {
		t.Errorf("without its database: %+v", first)
	}
	have.Databases = []string{"mysql", "app"}
	second := e.Assess(mr, have)
	want := map[string]string{
		"type": "mysql", "provider": "azure", "host": "orders.example.org", "port": "3306", "username": "crossplane", "database": "app",
		"region": "westeurope", "tls": "true", "ca.crt": "PEM",
	}
	if d := cmp.Diff(want, second.Connection); d != "" || second.State != managed.Available || len(second.Drift) > 0 {
		t.Errorf("state %s, drift %v, connection (-want +got):\n%s", second.State, second.Drift, d)
	}
	if d := cmp.Diff([]string{"app"}, mr.Status.AtProvider.Databases); d != "" {
		t.Errorf("databases on record (-want +got):\n%s", d)
	}
	attributes := map[string]string{"engineVersion": "8.4.5", "storageGiB": "32", "highAvailability": "false", "databaseName": "app"}
	if d := cmp.Diff(attributes, second.Offers.Attributes); d != "" || second.Offers.Kind != "MySQLInstance" {
		t.Errorf("offers %s (-want +got):\n%s", second.Offers.Kind, d)
	}
}

func TestNames(t *testing.T) {
	const owner = "0123456789abcdef"
	for object, want := range map[string]string{
		"orders":                 "orders-01234567",
		"Shop.Orders":            "shop-orders-01234567",
		"-":                      "db-01234567",
		strings.Repeat("a", 253): strings.Repeat("a", 54) + "-01234567",
	} {
		got := serverName(object, owner)
		if got != want || validServerName(got) != nil {
			t.Errorf("%s: got %s, want %s: %v", object, got, want, validServerName(got))
		}
	}
	for _, name := range []string{"ab", "Orders", "a_b", "-ab", "ab-", strings.Repeat("a", 64)} {
		if validServerName(name) == nil {
			t.Errorf("%s passes for a name", name)
		}
	}
}
