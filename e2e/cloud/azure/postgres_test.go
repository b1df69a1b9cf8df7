// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"os"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/postgresql/armpostgresqlflexibleservers/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

func aPostgres() armpostgresqlflexibleservers.Server {
	return armpostgresqlflexibleservers.Server{
		Location: new("westeurope"),
		SKU:      &armpostgresqlflexibleservers.SKU{Name: new("Standard_D2ds_v4"), Tier: new(armpostgresqlflexibleservers.SKUTierGeneralPurpose)},
		Properties: &armpostgresqlflexibleservers.ServerProperties{
			AdministratorLogin: new("boss"), AdministratorLoginPassword: new("Correct-h0rse"), CreateMode: new(armpostgresqlflexibleservers.CreateModeDefault),
			Version: new(armpostgresqlflexibleservers.PostgresMajorVersionSeventeen), Storage: &armpostgresqlflexibleservers.Storage{StorageSizeGB: new(int32(32))},
		},
	}
}

func (w *world) createPostgres(t *testing.T, name string, in armpostgresqlflexibleservers.Server) armpostgresqlflexibleservers.Server {
	t.Helper()
	poller := must(w.postgres.NewServersClient().BeginCreateOrUpdate(t.Context(), "rg", name, in, nil))(t)
	poll(t, poller.Poll)
	return must(poller.Result(t.Context()))(t).Server
}

// dialPostgres logs in as an application would, at the one port that there is.
func (w *world) dialPostgres(t *testing.T, s armpostgresqlflexibleservers.Server, db string) *sql.DB {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.ca)
	c := must(pgx.ParseConfig("host=" + *s.Properties.FullyQualifiedDomainName + " port=5432 user=boss password=Correct-h0rse dbname=" + db))(t)
	c.TLSConfig = &tls.Config{RootCAs: roots, ServerName: c.Host, MinVersion: tls.VersionTLS12}
	c.Fallbacks = nil
	conn := stdlib.OpenDB(*c)
	t.Cleanup(func() { _ = conn.Close() }) // its server may be gone
	return conn
}

// needPostgres skips a test where there is no PostgreSQL to run.
func (w *world) needPostgres(t *testing.T) {
	t.Helper()
	w.createPostgres(t, "probe", aPostgres())
	for _, db := range must(w.Databases(t.Context()))(t) {
		if db.Why != "" && db.Why != "no client has connected yet" && os.Getenv("CROSSPLANE_REQUIRE_POSTGRES") == "" {
			t.Skip(db.Why)
		}
	}
}

func TestPostgresServesClients(t *testing.T) {
	w := start(t)
	w.needPostgres(t)
	s := w.createPostgres(t, "stock", aPostgres())
	must(w.postgres.NewDatabasesClient().BeginCreate(t.Context(), "rg", "stock", "app", armpostgresqlflexibleservers.Database{}, nil))(t)
	db := w.dialPostgres(t, s, "app")
	for _, statement := range []string{"CREATE TABLE notes (note TEXT)", "INSERT INTO notes VALUES ('kept')"} {
		must(db.ExecContext(t.Context(), statement))(t)
	}
	if got := *s.Properties.MinorVersion; got != "6" {
		t.Errorf("17 runs as 17.%s", got)
	}

	must(w.postgres.NewServersClient().BeginDelete(t.Context(), "rg", "stock", nil))(t)
	again := aPostgres()
	again.Properties = &armpostgresqlflexibleservers.ServerProperties{
		CreateMode: new(armpostgresqlflexibleservers.CreateModeReviveDropped), SourceServerResourceID: s.ID,
		PointInTimeUTC: s.Properties.Backup.EarliestRestoreDate,
	}
	var note string
	row := w.dialPostgres(t, w.createPostgres(t, "stock-2", again), "app").QueryRowContext(t.Context(), "SELECT note FROM notes")
	check(t, row.Scan(&note))
	if note != "kept" {
		t.Errorf("the revived server holds %q", note)
	}
}

func TestPostgresIsChecked(t *testing.T) {
	w := start(t)
	type server = armpostgresqlflexibleservers.Server
	for name, test := range map[string]struct {
		code   string
		change func(*server)
	}{
		"storage of no step":       {"InvalidParameterValue", func(s *server) { s.Properties.Storage.StorageSizeGB = new(int32(40)) }},
		"a login that is reserved": {"InvalidParameterValue", func(s *server) { s.Properties.AdministratorLogin = new("pg_boss") }},
		"a version there is not":   {"InvalidParameterValue", func(s *server) { s.Properties.Version = new(armpostgresqlflexibleservers.PostgresMajorVersion("9")) }},
		"backups too short": {"InvalidParameterValue", func(s *server) {
			s.Properties.Backup = &armpostgresqlflexibleservers.Backup{BackupRetentionDays: new(int32(1))}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in := aPostgres()
			test.change(&in)
			_, err := w.postgres.NewServersClient().BeginCreateOrUpdate(t.Context(), "rg", "stock", in, nil)
			wantCode(t, err, test.code)
		})
	}
}

func TestFirewallRules(t *testing.T) {
	w := start(t)
	w.create(t, "orders")
	w.createPostgres(t, "stock", aPostgres())
	rules := w.postgres.NewFirewallRulesClient()
	rule := func(from, to string) armpostgresqlflexibleservers.FirewallRule {
		return armpostgresqlflexibleservers.FirewallRule{Properties: &armpostgresqlflexibleservers.FirewallRuleProperties{StartIPAddress: &from, EndIPAddress: &to}}
	}
	must(rules.BeginCreateOrUpdate(t.Context(), "rg", "stock", "office", rule("10.0.0.1", "10.0.0.9"), nil))(t)
	_, err := rules.BeginCreateOrUpdate(t.Context(), "rg", "stock", "upside-down", rule("10.0.0.9", "10.0.0.1"), nil)
	wantCode(t, err, "InvalidParameterValue")
	_, err = rules.BeginCreateOrUpdate(t.Context(), "rg", "orders", "elsewhere", rule("10.0.0.1", "10.0.0.9"), nil)
	wantCode(t, err, "ParentResourceNotFound")
	got := must(rules.Get(t.Context(), "rg", "stock", "office", nil))(t)
	if *got.Properties.EndIPAddress != "10.0.0.9" {
		t.Errorf("end %s", *got.Properties.EndIPAddress)
	}
	must(rules.BeginDelete(t.Context(), "rg", "stock", "office", nil))(t)
	_, err = rules.Get(t.Context(), "rg", "stock", "office", nil)
	wantCode(t, err, "ResourceNotFound")
}
