// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// ping logs in to an instance with the certificate that the API hands out.
func ping(t *testing.T, i *sqladmin.DatabaseInstance, database, password string) error {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(i.ServerCaCert.Cert)) {
		t.Fatal("no certificate")
	}
	host := i.IpAddresses[0].IpAddress
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName, c.Timeout = "root", password, "tcp", host+":3306", database, 5*time.Second
	c.TLS = &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12}
	connector, err := mysql.NewConnector(c)
	check(t, err)
	db := sql.OpenDB(connector)
	defer func() { check(t, db.Close()) }()
	return db.PingContext(t.Context())
}

func TestLifeOfAnInstance(t *testing.T) {
	w := start(t)
	w.slow(t)
	op := must(w.sql.Instances.Insert(project, newInstance("orders")).Do())(t)
	if i := w.get(t, "orders"); i.State != "PENDING_CREATE" || len(i.IpAddresses) > 0 || i.RootPassword != "" {
		t.Errorf("while it is made: %s, %v", i.State, i.IpAddresses)
	}
	_, err := w.sql.Databases.Insert(project, "orders", &sqladmin.Database{Name: "shop"}).Do()
	wantReason(t, err, http.StatusConflict, "operationInProgress")
	w.advance(t)
	w.done(t, op)
	i := w.get(t, "orders")
	if i.State != "RUNNABLE" || i.DatabaseInstalledVersion != "MYSQL_8_4_4" || i.Settings.SettingsVersion != 1 || i.Settings.DataDiskSizeGb != 10 || i.Settings.UserLabels["team"] != "shop" {
		t.Errorf("made: %s, %+v", i.State, i.Settings)
	}
	must(w.sql.Databases.Insert(project, "orders", &sqladmin.Database{Name: "shop"}).Do())(t)
	_, err = w.sql.Databases.Get(project, "orders", "shop").Do()
	wantReason(t, err, http.StatusNotFound, "databaseDoesNotExist")
	w.advance(t)
	must(w.sql.Databases.Get(project, "orders", "shop").Do())(t)
	check(t, ping(t, i, "shop", "correct-horse"))
	if ping(t, i, "shop", "wrong") == nil {
		t.Error("any password will do")
	}
	must(w.sql.Users.Update(project, "orders", &sqladmin.User{Password: "battery-staple"}).Name("root").Host("%").Do())(t)
	check(t, ping(t, i, "shop", "correct-horse"))
	w.advance(t)
	check(t, ping(t, i, "shop", "battery-staple"))
	if ping(t, i, "shop", "correct-horse") == nil {
		t.Error("the old password still lets clients in")
	}
	must(w.sql.Instances.Delete(project, "orders").Do())(t)
	if i := w.get(t, "orders"); i.State != "PENDING_DELETE" {
		t.Errorf("while it is deleted: %s", i.State)
	}
	w.advance(t)
	_, err = w.sql.Instances.Get(project, "orders").Do()
	wantReason(t, err, http.StatusNotFound, "instanceDoesNotExist")
	_, err = w.sql.Instances.Insert(project, newInstance("orders")).Do()
	wantReason(t, err, http.StatusConflict, "instanceAlreadyExists")
	check(t, w.Advance(t.Context(), 8*24*time.Hour))
	w.advance(t)
	must(w.sql.Instances.Insert(project, newInstance("orders")).Do())(t)
}

func TestPostgres(t *testing.T) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) == 0 {
		if _, err := os.Stat("/usr/local/bin/postgres"); err != nil && os.Getenv("CROSSPLANE_REQUIRE_POSTGRES") == "" {
			t.Skip("PostgreSQL is not installed")
		}
	}
	w := start(t)
	i := w.create(t, "reports", func(in *sqladmin.DatabaseInstance) { in.DatabaseVersion = "POSTGRES_17" })
	w.done(t, must(w.sql.Databases.Insert(project, "reports", &sqladmin.Database{Name: "sales"}).Do())(t))
	ca := filepath.Join(t.TempDir(), "ca.pem")
	check(t, os.WriteFile(ca, []byte(i.ServerCaCert.Cert), 0o600))
	db := must(sql.Open("pgx", fmt.Sprintf("host=%s user=postgres password=correct-horse dbname=sales sslmode=verify-full sslrootcert=%s", i.IpAddresses[0].IpAddress, ca)))(t)
	defer func() { check(t, db.Close()) }()
	check(t, db.PingContext(t.Context()))
}

func TestWhatCannotBeMade(t *testing.T) {
	type in = sqladmin.DatabaseInstance
	for name, tc := range map[string]struct {
		edit   func(*in)
		status int
		reason string
		words  string
	}{
		"a name in capitals":  {func(i *in) { i.Name = "Orders" }, 400, "invalid", "instance name"},
		"a version that none": {func(i *in) { i.DatabaseVersion = "MYSQL_4_1" }, 400, "invalid", "databaseVersion"},
		"a region of none":    {func(i *in) { i.Region = "moon-west1" }, 400, "invalid", "region"},
		"no tier":             {func(i *in) { i.Settings.Tier = "" }, 400, "missingInput", "tier"},
		"another edition's":   {func(i *in) { i.Settings.Edition = "" }, 400, "invalid", "for (ENTERPRISE_PLUS) Edition"},
		"a tiny disk":         {func(i *in) { i.Settings.DataDiskSizeGb = 1 }, 400, "invalid", "Disk size"},
		"a label in capitals": {func(i *in) { i.Settings.UserLabels = map[string]string{"Team": "x"} }, 400, "invalid", "label"},
		"not reachable": {func(i *in) {
			i.Settings.IpConfiguration = &sqladmin.IpConfiguration{ForceSendFields: []string{"Ipv4Enabled"}}
		}, 400, "invalid", "At least one of Public IP"},
		"a network of none": {func(i *in) {
			i.Settings.IpConfiguration = &sqladmin.IpConfiguration{PrivateNetwork: "projects/" + project + "/global/networks/no"}
		}, 400, "invalid", "Network not found"},
		"a second of the name": {func(i *in) { i.Name = "first" }, 409, "instanceAlreadyExists", "already exists"},
		"too many":             {func(i *in) { i.Name = "third" }, 403, "quotaExceeded", "maximum number"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.create(t, "first")
			if tc.reason == "quotaExceeded" {
				w.settings(t, local.Settings{Quotas: map[string]int{"sqladmin:instances": 1}})
			}
			_, err := w.sql.Instances.Insert(project, newInstance("second", tc.edit)).Do()
			wantReason(t, err, tc.status, tc.reason)
			if err != nil && !strings.Contains(err.Error(), tc.words) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPatch(t *testing.T) {
	type set = sqladmin.Settings
	for name, tc := range map[string]struct {
		patch  *set
		status int
		reason string
		want   func(*sqladmin.DatabaseInstance) bool
	}{
		"a larger disk":    {patch: &set{DataDiskSizeGb: 20}, want: func(i *sqladmin.DatabaseInstance) bool { return i.Settings.DataDiskSizeGb == 20 }},
		"the same again":   {patch: &set{DataDiskSizeGb: 10}, want: func(i *sqladmin.DatabaseInstance) bool { return i.Settings.SettingsVersion == 2 }},
		"a smaller disk":   {patch: &set{DataDiskSizeGb: 9}, status: 400, reason: "invalid"},
		"another disk":     {patch: &set{DataDiskType: "PD_HDD"}, status: 400, reason: "invalid"},
		"as it was once":   {patch: &set{SettingsVersion: 99}, status: 412, reason: "staleData"},
		"as it is":         {patch: &set{SettingsVersion: 1, Tier: "db-custom-2-7680"}, want: func(i *sqladmin.DatabaseInstance) bool { return i.Settings.Tier == "db-custom-2-7680" }},
		"another label":    {patch: &set{UserLabels: map[string]string{"a": "b"}}, want: func(i *sqladmin.DatabaseInstance) bool { return len(i.Settings.UserLabels) == 2 }},
		"flags":            {patch: &set{DatabaseFlags: []*sqladmin.DatabaseFlags{{Name: "a", Value: "b"}}}, want: func(i *sqladmin.DatabaseInstance) bool { return len(i.Settings.DatabaseFlags) == 1 }},
		"no public IP":     {patch: &set{IpConfiguration: &sqladmin.IpConfiguration{ForceSendFields: []string{"Ipv4Enabled"}}}, status: 400, reason: "invalid"},
		"recovery without": {patch: &set{BackupConfiguration: &sqladmin.BackupConfiguration{PointInTimeRecoveryEnabled: true}}, status: 400, reason: "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.create(t, "orders")
			op, err := w.sql.Instances.Patch(project, "orders", &sqladmin.DatabaseInstance{Settings: tc.patch}).Do()
			wantReason(t, err, tc.status, tc.reason)
			if err != nil {
				return
			}
			w.done(t, op)
			if i := w.get(t, "orders"); !tc.want(i) || i.State != "RUNNABLE" {
				t.Errorf("got %s, %+v", i.State, i.Settings)
			}
		})
	}
}

func TestUpgrade(t *testing.T) {
	w := start(t)
	w.create(t, "orders", func(in *sqladmin.DatabaseInstance) { in.DatabaseVersion = "MYSQL_8_0" })
	w.done(t, must(w.sql.Instances.Patch(project, "orders", &sqladmin.DatabaseInstance{DatabaseVersion: "MYSQL_8_4"}).Do())(t))
	if i := w.get(t, "orders"); i.DatabaseInstalledVersion != "MYSQL_8_4_4" {
		t.Errorf("got %s", i.DatabaseInstalledVersion)
	}
	_, err := w.sql.Instances.Patch(project, "orders", &sqladmin.DatabaseInstance{DatabaseVersion: "MYSQL_8_0"}).Do()
	wantReason(t, err, http.StatusBadRequest, "invalid")
}

// TestOperationsFail: what Cloud SQL finds out while it works stands in the
// operation, and nowhere else.
func TestOperationsFail(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Operation: "operation.CREATE", Count: 1, Effect: local.Effect{Error: &local.Error{Code: "ZONE_RESOURCE_POOL_EXHAUSTED", Message: "no"}}})
	must(w.sql.Instances.Insert(project, newInstance("first")).Do())(t)
	if i := w.get(t, "first"); i.State != "FAILED" {
		t.Errorf("state: %s", i.State)
	}
	list := must(w.sql.Operations.List(project).Instance("first").Do())(t)
	if len(list.Items) != 1 || list.Items[0].Error == nil || list.Items[0].Error.Errors[0].Code != "ZONE_RESOURCE_POOL_EXHAUSTED" {
		t.Errorf("operations: %+v", list.Items)
	}
	must(w.sql.Instances.Delete(project, "first").Do())(t)
	w.create(t, "second")
	w.fault(t, local.Rule{Operation: "operation.UPDATE", Count: 1, Effect: local.Effect{Error: &local.Error{Code: "INTERNAL_ERROR", Message: "no"}}})
	must(w.sql.Instances.Patch(project, "second", &sqladmin.DatabaseInstance{Settings: &sqladmin.Settings{Tier: "db-custom-2-7680"}}).Do())(t)
	if i := w.get(t, "second"); i.State != "RUNNABLE" || i.Settings.Tier != "db-custom-1-3840" {
		t.Errorf("a change that failed: %s, %s", i.State, i.Settings.Tier)
	}
}

func TestBackups(t *testing.T) {
	w := start(t)
	old := w.create(t, "orders")
	w.done(t, must(w.sql.Databases.Insert(project, "orders", &sqladmin.Database{Name: "shop"}).Do())(t))
	check(t, ping(t, old, "shop", "correct-horse"))
	must(w.sql.Instances.Delete(project, "orders").EnableFinalBackup(true).FinalBackupDescription("last").FinalBackupTtlDays(9).Do())(t)
	list := must(w.sql.Backups.ListBackups("projects/" + project).Filter(`instance:orders`).Do())(t)
	if len(list.Backups) != 1 || list.Backups[0].Type != "FINAL" || list.Backups[0].TtlDays != 9 || list.Backups[0].Description != "last" {
		t.Fatalf("backups: %+v", list.Backups)
	}
	b := list.Backups[0]
	settings := newInstance("", func(in *sqladmin.DatabaseInstance) {
		in.RootPassword, in.Settings.UserLabels = "", map[string]string{"owner": "new"}
	})
	w.done(t, must(w.sql.Instances.RestoreBackup(project, "again", &sqladmin.InstancesRestoreBackupRequest{Backup: b.Name, RestoreInstanceSettings: settings}).Do())(t))
	i := w.get(t, "again")
	if i.Name != "again" || i.Settings.UserLabels["owner"] != "new" {
		t.Errorf("restored: %+v", i.Settings)
	}
	must(w.sql.Databases.Get(project, "again", "shop").Do())(t)
	check(t, ping(t, i, "shop", "correct-horse"))
	must(w.sql.Backups.DeleteBackup(b.Name).Do())(t)
	if _, err := w.sql.Backups.GetBackup(b.Name).Do(); err == nil {
		t.Error("deleted and still there")
	}
}

func TestDeletionProtection(t *testing.T) {
	w := start(t)
	w.create(t, "orders", func(in *sqladmin.DatabaseInstance) { in.Settings.DeletionProtectionEnabled = true })
	_, err := w.sql.Instances.Delete(project, "orders").Do()
	wantReason(t, err, http.StatusBadRequest, "invalid")
	off := &sqladmin.Settings{ForceSendFields: []string{"DeletionProtectionEnabled"}}
	w.done(t, must(w.sql.Instances.Patch(project, "orders", &sqladmin.DatabaseInstance{Settings: off}).Do())(t))
	must(w.sql.Instances.Delete(project, "orders").Do())(t)
}

// TestWhatIsNotModelled is refused by name, never ignored.
func TestWhatIsNotModelled(t *testing.T) {
	w := start(t)
	_, err := w.sql.Instances.Insert(project, newInstance("orders", func(in *sqladmin.DatabaseInstance) {
		in.Settings.InsightsConfig = &sqladmin.InsightsConfig{QueryInsightsEnabled: true}
	})).Do()
	wantReason(t, err, http.StatusBadRequest, "parseError")
	if err != nil && !strings.Contains(err.Error(), "insightsConfig") {
		t.Errorf("got %v", err)
	}
}

func TestPages(t *testing.T) {
	w := start(t)
	for n := range 7 {
		w.create(t, fmt.Sprintf("db-%d", n))
	}
	var seen []string
	check(t, w.sql.Instances.List(project).MaxResults(3).Pages(t.Context(), func(page *sqladmin.InstancesListResponse) error {
		for _, i := range page.Items {
			seen = append(seen, i.Name)
		}
		return nil
	}))
	if len(seen) != 7 || seen[0] != "db-0" || seen[6] != "db-6" {
		t.Errorf("got %v", seen)
	}
}
