// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// running is an instance as Cloud SQL describes it.
func running(edits ...func(*Observed)) *Observed {
	o := &Observed{hasDatabase: true, DatabaseInstance: &sqladmin.DatabaseInstance{
		Name: "orders", State: stateRunnable, Region: "europe-west1", DatabaseVersion: "MYSQL_8_4", DatabaseInstalledVersion: "MYSQL_8_4_4",
		GceZone: "europe-west1-b", IpAddresses: []*sqladmin.IpMapping{{Type: "PRIMARY", IpAddress: "203.0.113.7"}, {Type: "PRIVATE", IpAddress: "10.1.0.3"}},
		ServerCaCert: &sqladmin.SslCert{Cert: "PEM"},
		Settings: &sqladmin.Settings{
			SettingsVersion: 7, Tier: "db-custom-1-3840", Edition: "ENTERPRISE", AvailabilityType: "ZONAL", ActivationPolicy: "ALWAYS",
			DataDiskSizeGb: 20, DataDiskType: "PD_SSD", StorageAutoResize: new(true), UserLabels: map[string]string{"team": "shop"},
			IpConfiguration: &sqladmin.IpConfiguration{Ipv4Enabled: true, SslMode: "ENCRYPTED_ONLY", ServerCaMode: "GOOGLE_MANAGED_INTERNAL_CA"},
			BackupConfiguration: &sqladmin.BackupConfiguration{
				Enabled: true, BinaryLogEnabled: true, StartTime: "04:00", BackupRetentionSettings: &sqladmin.BackupRetentionSettings{RetentionUnit: "COUNT", RetainedBackups: 7},
			},
			DatabaseFlags: []*sqladmin.DatabaseFlags{{Name: "max_connections", Value: "200"}},
		},
	}}
	for _, edit := range edits {
		edit(o)
	}
	return o
}

type params = v1alpha1.CloudSQLInstanceParameters

func TestPlan(t *testing.T) {
	for name, tc := range map[string]struct {
		want  params
		have  func(*Observed)
		drift []string
		sent  string // the request, without the version of the settings
	}{
		"nothing said":    {},
		"as it is":        {want: params{Tier: "db-custom-1-3840", Edition: "ENTERPRISE", DatabaseVersion: "MYSQL_8_4", DataDiskSizeGb: new(int64(20)), DatabaseName: "orders"}},
		"grown by itself": {want: params{DataDiskSizeGb: new(int64(10))}},
		"tier":            {want: params{Tier: "db-custom-2-7680"}, drift: []string{"tier"}, sent: `{"settings":{"tier":"db-custom-2-7680"}}`},
		"disk":            {want: params{DataDiskSizeGb: new(int64(30))}, drift: []string{"dataDiskSizeGb"}, sent: `{"settings":{"dataDiskSizeGb":"30"}}`},
		"growth off":      {want: params{StorageAutoResize: new(false)}, drift: []string{"storageAutoResize"}, sent: `{"settings":{"storageAutoResize":false}}`},
		"standby":         {want: params{AvailabilityType: "REGIONAL"}, drift: []string{"availabilityType"}, sent: `{"settings":{"availabilityType":"REGIONAL"}}`},
		"protection":      {want: params{DeletionProtectionEnabled: new(true)}, drift: []string{"deletionProtectionEnabled"}, sent: `{"settings":{"deletionProtectionEnabled":true}}`},
		"no protection":   {want: params{DeletionProtectionEnabled: new(false)}},
		"protection lifted": {
			want: params{DeletionProtectionEnabled: new(false)}, have: func(o *Observed) { o.Settings.DeletionProtectionEnabled = true },
			drift: []string{"deletionProtectionEnabled"}, sent: `{"settings":{"deletionProtectionEnabled":false}}`,
		},
		"flags as they are": {want: params{DatabaseFlags: []v1alpha1.DatabaseFlag{{Name: "max_connections", Value: "200"}}}},
		"other flags": {
			want: params{DatabaseFlags: []v1alpha1.DatabaseFlag{{Name: "a", Value: "on"}}}, drift: []string{"databaseFlags"},
			sent: `{"settings":{"databaseFlags":[{"name":"a","value":"on"}]}}`,
		},
		"no flags":           {want: params{DatabaseFlags: []v1alpha1.DatabaseFlag{}}, drift: []string{"databaseFlags"}, sent: `{"settings":{"databaseFlags":[]}}`},
		"window":             {want: params{MaintenanceWindow: &v1alpha1.MaintenanceWindow{Day: 7}}, drift: []string{"maintenanceWindow"}, sent: `{"settings":{"maintenanceWindow":{"day":7,"hour":0}}}`},
		"a label more":       {want: params{UserLabels: map[string]v1alpha1.LabelValue{"env": "test"}}, drift: []string{"userLabels"}, sent: `{"settings":{"userLabels":{"env":"test","team":"shop"}}}`},
		"labels of others":   {want: params{UserLabels: map[string]v1alpha1.LabelValue{"team": "shop"}}},
		"an upgrade":         {want: params{DatabaseVersion: "MYSQL_9_7", AllowMajorVersionUpgrade: new(true)}, drift: []string{"databaseVersion"}, sent: `{"databaseVersion":"MYSQL_9_7","settings":{}}`},
		"an upgrade unasked": {want: params{DatabaseVersion: "MYSQL_9_7"}},
		"its database":       {want: params{DatabaseName: "orders"}, have: func(o *Observed) { o.hasDatabase = false }, drift: []string{"databaseName"}},
		"no database yet":    {want: params{DatabaseName: "orders"}, have: func(o *Observed) { o.hasDatabase, o.State = false, stateCreating }},
		"who is let in": {
			want:  params{IPConfiguration: &v1alpha1.IPConfiguration{AuthorizedNetworks: []v1alpha1.AuthorizedNetwork{{CIDR: "203.0.113.0/24", Name: "office"}}}},
			drift: []string{"ipConfiguration.authorizedNetworks"},
			sent: `{"settings":{"ipConfiguration":{"authorizedNetworks":[{"name":"office","value":"203.0.113.0/24"}],` +
				`"ipv4Enabled":true,"serverCaMode":"GOOGLE_MANAGED_INTERNAL_CA","sslMode":"ENCRYPTED_ONLY"}}}`,
		},
		"nobody is let in": {
			want:  params{IPConfiguration: &v1alpha1.IPConfiguration{AuthorizedNetworks: []v1alpha1.AuthorizedNetwork{}}},
			have:  func(o *Observed) { o.ip().AuthorizedNetworks = []*sqladmin.AclEntry{{Value: "0.0.0.0/0"}} },
			drift: []string{"ipConfiguration.authorizedNetworks"},
			sent:  `{"settings":{"ipConfiguration":{"authorizedNetworks":[],"ipv4Enabled":true,"serverCaMode":"GOOGLE_MANAGED_INTERNAL_CA","sslMode":"ENCRYPTED_ONLY"}}}`,
		},
		"a private address, no public one": {
			want:  params{IPConfiguration: &v1alpha1.IPConfiguration{IPv4Enabled: new(false), PrivateNetwork: "nets"}},
			drift: []string{"ipConfiguration.ipv4Enabled", "ipConfiguration.privateNetwork"},
			sent: `{"settings":{"ipConfiguration":{"authorizedNetworks":[],"ipv4Enabled":false,"privateNetwork":"projects/p/global/networks/nets",` +
				`"serverCaMode":"GOOGLE_MANAGED_INTERNAL_CA","sslMode":"ENCRYPTED_ONLY"}}}`,
		},
		"backups": {
			want:  params{BackupConfiguration: &v1alpha1.BackupConfiguration{RetainedBackups: new(int64(14))}},
			drift: []string{"backupConfiguration.retainedBackups"},
			sent: `{"settings":{"backupConfiguration":{"backupRetentionSettings":{"retainedBackups":14,"retentionUnit":"COUNT"},` +
				`"binaryLogEnabled":true,"enabled":true,"startTime":"04:00"}}}`,
		},
		"no log any more": {
			want:  params{BackupConfiguration: &v1alpha1.BackupConfiguration{PointInTimeRecoveryEnabled: new(false)}},
			drift: []string{"backupConfiguration.pointInTimeRecoveryEnabled"},
			sent: `{"settings":{"backupConfiguration":{"backupRetentionSettings":{"retainedBackups":7,"retentionUnit":"COUNT"},` +
				`"binaryLogEnabled":false,"enabled":true,"startTime":"04:00"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) { checkPlan(t, tc.want, tc.have, tc.drift, tc.sent) })
	}
}

// checkPlan compares what differs, and the request without the version of the
// settings, with what is expected.
func checkPlan(t *testing.T, want params, have func(*Observed), fields []string, request string) {
	t.Helper()
	o := running()
	if have != nil {
		have(o)
	}
	patch, drift := instance{project: "p"}.plan(want, o)
	if !slices.Equal(drift, fields) {
		t.Errorf("drift: got %v, want %v", drift, fields)
	}
	sent := ""
	if patch != nil {
		if patch.Settings.SettingsVersion != 7 {
			t.Errorf("made from version %d", patch.Settings.SettingsVersion)
		}
		patch.Settings.SettingsVersion = 0
		sent = string(wire(patch))
	}
	if sent != request {
		t.Errorf("request: got %s, want %s", sent, request)
	}
}

// TestPlanOfRangesOfObjects shows that ranges that are objects of their own are
// neither drift nor taken away.
func TestPlanOfRangesOfObjects(t *testing.T) {
	for name, tc := range map[string]struct {
		want  params
		have  func(*Observed)
		drift []string
		sent  string // the request, without the version of the settings
	}{
		"ranges that are objects of their own stay": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{AuthorizedNetworks: []v1alpha1.AuthorizedNetwork{{CIDR: "203.0.113.0/24"}}}},
			have: func(o *Observed) {
				o.ip().AuthorizedNetworks = []*sqladmin.AclEntry{{Value: "192.0.2.0/24", Name: "crossplane-a-1"}, {Value: "0.0.0.0/0", Name: "me"}}
			},
			drift: []string{"ipConfiguration.authorizedNetworks"},
			sent: `{"settings":{"ipConfiguration":{"authorizedNetworks":[{"value":"203.0.113.0/24"},{"name":"crossplane-a-1","value":"192.0.2.0/24"}],` +
				`"ipv4Enabled":true,"serverCaMode":"GOOGLE_MANAGED_INTERNAL_CA","sslMode":"ENCRYPTED_ONLY"}}}`,
		},
		"ranges that are objects of their own are no drift": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{AuthorizedNetworks: []v1alpha1.AuthorizedNetwork{}}},
			have: func(o *Observed) {
				o.ip().AuthorizedNetworks = []*sqladmin.AclEntry{{Value: "192.0.2.0/24", Name: "crossplane-a-1"}}
			},
		},
		"ranges are not said": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{}},
			have: func(o *Observed) {
				o.ip().AuthorizedNetworks = []*sqladmin.AclEntry{{Value: "192.0.2.0/24", Name: "crossplane-a-1"}, {Value: "198.51.100.0/24"}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) { checkPlan(t, tc.want, tc.have, tc.drift, tc.sent) })
	}
}

func TestFixed(t *testing.T) {
	for name, tc := range map[string]struct {
		want params
		have func(*Observed)
		says string
	}{
		"as it is":              {want: params{DatabaseVersion: "MYSQL_8_4", DataDiskType: "PD_SSD", DataDiskSizeGb: new(int64(20))}},
		"the version in full":   {want: params{DatabaseVersion: "MYSQL_8_4_4"}},
		"back":                  {want: params{DatabaseVersion: "MYSQL_8_0"}, says: "databaseVersion (MYSQL_8_4 → MYSQL_8_0: Cloud SQL can't go back)"},
		"an upgrade unasked":    {want: params{DatabaseVersion: "MYSQL_9_7"}, says: "databaseVersion (MYSQL_8_4 → MYSQL_9_7: needs allowMajorVersionUpgrade)"},
		"an upgrade":            {want: params{DatabaseVersion: "MYSQL_9_7", AllowMajorVersionUpgrade: new(true)}},
		"ten is more than nine": {want: params{DatabaseVersion: "MYSQL_10_0", AllowMajorVersionUpgrade: new(true)}, have: func(o *Observed) { o.DatabaseVersion = "MYSQL_9_7" }},
		"grown by itself":       {want: params{DatabaseVersion: "MYSQL_8_4", DataDiskSizeGb: new(int64(10))}},
		"a smaller disk": {
			want: params{DatabaseVersion: "MYSQL_8_4", DataDiskSizeGb: new(int64(10))}, have: func(o *Observed) { o.Settings.StorageAutoResize = new(false) },
			says: "dataDiskSizeGb (20 → 10: a disk can't shrink)",
		},
		"another disk": {want: params{DatabaseVersion: "MYSQL_8_4", DataDiskType: "PD_HDD"}, says: "dataDiskType (PD_SSD → PD_HDD)"},
		"network by its number": {
			want: params{DatabaseVersion: "MYSQL_8_4", IPConfiguration: &v1alpha1.IPConfiguration{PrivateNetwork: "nets"}},
			have: func(o *Observed) { o.ip().PrivateNetwork = "projects/123/global/networks/nets" },
		},
		"another network": {
			want: params{DatabaseVersion: "MYSQL_8_4", IPConfiguration: &v1alpha1.IPConfiguration{PrivateNetwork: "nets"}},
			have: func(o *Observed) { o.ip().PrivateNetwork = "projects/p/global/networks/other" },
			says: "ipConfiguration.privateNetwork (projects/p/global/networks/other → projects/p/global/networks/nets)",
		},
		"Private Service after":  {want: params{DatabaseVersion: "MYSQL_8_4", IPConfiguration: &v1alpha1.IPConfiguration{PSCEnabled: new(true)}}, says: "ipConfiguration.pscEnabled (false → true)"},
		"no Private Service yet": {want: params{DatabaseVersion: "MYSQL_8_4", IPConfiguration: &v1alpha1.IPConfiguration{PSCEnabled: new(false)}}},
	} {
		t.Run(name, func(t *testing.T) {
			o := running()
			if tc.have != nil {
				tc.have(o)
			}
			if got := strings.Join(instance{project: "p"}.fixed(tc.want, o), "; "); got != tc.says {
				t.Errorf("got %q, want %q", got, tc.says)
			}
		})
	}
}

// TestDescribe: what is not said is safe, whatever Cloud SQL's defaults are.
func TestDescribe(t *testing.T) {
	in := managed.Intent{Name: "orders-1", Tags: map[string]string{"crossplane-hub": "h", "crossplane-owner": "o", "crossplane-name": "Orders"}}
	for name, tc := range map[string]struct {
		want params
		ip   string
	}{
		"nothing said": {ip: `{"ipv4Enabled":true,"serverCaMode":"GOOGLE_MANAGED_CAS_CA","sslMode":"ENCRYPTED_ONLY"}`},
		"a private network": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{PrivateNetwork: "nets"}},
			ip:   `{"ipv4Enabled":false,"privateNetwork":"projects/p/global/networks/nets","serverCaMode":"GOOGLE_MANAGED_CAS_CA","sslMode":"ENCRYPTED_ONLY"}`,
		},
		"private and public": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{IPv4Enabled: new(true), PrivateNetwork: "nets"}},
			ip:   `{"ipv4Enabled":true,"privateNetwork":"projects/p/global/networks/nets","serverCaMode":"GOOGLE_MANAGED_CAS_CA","sslMode":"ENCRYPTED_ONLY"}`,
		},
		"Private Service": {
			want: params{IPConfiguration: &v1alpha1.IPConfiguration{PSCEnabled: new(true)}},
			ip:   `{"ipv4Enabled":false,"pscConfig":{"pscEnabled":true},"serverCaMode":"GOOGLE_MANAGED_CAS_CA","sslMode":"ENCRYPTED_ONLY"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := instance{project: "p"}.describe(tc.want, in)
			text, err := got.Settings.IpConfiguration.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.ip, string(text)); diff != "" {
				t.Error(diff)
			}
			if got.Settings.UserLabels["crossplane-name"] != "orders" || got.Settings.UserLabels["crossplane-owner"] != "o" {
				t.Errorf("labels: %v", got.Settings.UserLabels)
			}
		})
	}
}
