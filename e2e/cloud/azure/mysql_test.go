// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"net"
	"net/http"
	"strconv"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/mysql/armmysqlflexibleservers/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// dial logs in as an application would: over TLS, verified.
func (w *world) dial(t *testing.T, s armmysqlflexibleservers.Server, password, db string) *sql.DB {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.ca)
	c := mysql.NewConfig()
	c.Net, c.User, c.Passwd, c.DBName = "tcp", *s.Properties.AdministratorLogin, password, db
	c.Addr = net.JoinHostPort(*s.Properties.FullyQualifiedDomainName, strconv.Itoa(int(*s.Properties.DatabasePort)))
	c.TLS = &tls.Config{RootCAs: roots, ServerName: *s.Properties.FullyQualifiedDomainName, MinVersion: tls.VersionTLS12}
	conn := sql.OpenDB(must(mysql.NewConnector(c))(t))
	t.Cleanup(func() { check(t, conn.Close()) })
	return conn
}

func (w *world) database(t *testing.T, server, name string) {
	t.Helper()
	must(w.mysql.NewDatabasesClient().BeginCreateOrUpdate(t.Context(), "rg", server, name, armmysqlflexibleservers.Database{}, nil))(t)
}

func TestServerServesClients(t *testing.T) {
	w := start(t)
	s := w.create(t, "orders")
	w.database(t, "orders", "app")
	check(t, w.dial(t, s, "Correct-h0rse", "app").PingContext(t.Context()))
	if w.dial(t, s, "wrong", "app").PingContext(t.Context()) == nil {
		t.Error("logged in with a wrong password")
	}
	if got := *s.Properties.FullVersion; got != "8.4.5" {
		t.Errorf("8.4 runs as %s", got)
	}
	if got := *s.Location; got != "West Europe" {
		t.Errorf("the region is written as %s", got)
	}
}

func TestPasswordIsChanged(t *testing.T) {
	w := start(t)
	s := w.create(t, "orders")
	w.slow(t)
	must(w.mysql.NewServersClient().BeginUpdate(t.Context(), "rg", "orders", armmysqlflexibleservers.ServerForUpdate{
		Properties: &armmysqlflexibleservers.ServerPropertiesForUpdate{AdministratorLoginPassword: new("Battery-st4ple")},
	}, nil))(t)
	if got := w.state(t, "orders"); got != "Updating" {
		t.Errorf("state %s", got)
	}
	check(t, w.dial(t, s, "Correct-h0rse", "").PingContext(t.Context()))
	w.advance(t)
	check(t, w.dial(t, s, "Battery-st4ple", "").PingContext(t.Context()))
	if w.dial(t, s, "Correct-h0rse", "").PingContext(t.Context()) == nil {
		t.Error("the old password still works")
	}
}

func TestServerTakesItsTime(t *testing.T) {
	w := start(t)
	w.slow(t)
	poller := must(w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", "orders", aServer(), nil))(t)
	poll(t, poller.Poll)
	if poller.Done() || w.state(t, "orders") != "Starting" {
		t.Errorf("done %v, state %s", poller.Done(), w.state(t, "orders"))
	}
	_, err := w.mysql.NewServersClient().BeginUpdate(t.Context(), "rg", "orders", armmysqlflexibleservers.ServerForUpdate{Tags: map[string]*string{}}, nil)
	wantCode(t, err, "ServerIsBusy")
	w.advance(t)
	poll(t, poller.Poll)
	if !poller.Done() || w.state(t, "orders") != "Ready" {
		t.Errorf("done %v, state %s", poller.Done(), w.state(t, "orders"))
	}
	must(w.mysql.NewServersClient().BeginDelete(t.Context(), "rg", "orders", nil))(t)
	if got := w.state(t, "orders"); got != "Dropping" {
		t.Errorf("state %s", got)
	}
	w.advance(t)
	_, err = w.mysql.NewServersClient().Get(t.Context(), "rg", "orders", nil)
	wantCode(t, err, "ResourceNotFound")
}

func TestServerIsChecked(t *testing.T) {
	w := start(t)
	type server = armmysqlflexibleservers.Server
	tests := map[string]struct {
		code   string
		change func(*server)
	}{
		"a login that is reserved": {"InvalidParameterValue", func(s *server) { s.Properties.AdministratorLogin = new("admin") }},
		"a password too simple":    {"PasswordNotComplex", func(s *server) { s.Properties.AdministratorLoginPassword = new("aaaaaaaaaaaaa") }},
		"a version there is not":   {"InvalidParameterValue", func(s *server) { s.Properties.Version = new(armmysqlflexibleservers.ServerVersion("9.9")) }},
		"storage too small":        {"InvalidParameterValue", func(s *server) { s.Properties.Storage.StorageSizeGB = new(int32(5)) }},
		"a size of another tier":   {"InvalidSku", func(s *server) { s.SKU.Name = new("Standard_D2ds_v4") }},
		"no such region":           {"LocationNotAvailableForResourceType", func(s *server) { s.Location = new("atlantis") }},
		"two zones of a small one": {"InvalidParameterValue", func(s *server) {
			s.Properties.HighAvailability = &armmysqlflexibleservers.HighAvailability{Mode: new(armmysqlflexibleservers.HighAvailabilityModeZoneRedundant)}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := aServer()
			test.change(&in)
			_, err := w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", "orders", in, nil)
			wantCode(t, err, test.code)
		})
	}
	if live := must(w.Live(t.Context()))(t); len(live) != 1 {
		t.Errorf("what was refused exists: %v", live)
	}
}

func TestNamesAreGlobal(t *testing.T) {
	w := start(t)
	w.create(t, "orders")
	w.group(t, "other")
	_, err := w.mysql.NewServersClient().BeginCreate(t.Context(), "other", "orders", aServer(), nil)
	wantCode(t, err, "ServerNameAlreadyExists")
	check(t, w.Ask(t.Context(), "tenancy", map[string]any{"takenNames": []string{"contoso"}}))
	_, err = w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", "contoso", aServer(), nil)
	wantCode(t, err, "ServerNameAlreadyExists")
	_, err = w.mysql.NewServersClient().BeginCreate(t.Context(), "nowhere", "x-y-z", aServer(), nil)
	wantCode(t, err, "ResourceGroupNotFound")
}

func TestCreateOnly(t *testing.T) {
	w := start(t)
	w.create(t, "orders")
	only := policy.WithHTTPHeader(t.Context(), http.Header{"If-None-Match": {"*"}})
	_, err := w.mysql.NewServersClient().BeginCreate(only, "rg", "orders", aServer(), nil)
	wantCode(t, err, "PreconditionFailed")
}

func TestStorageNeverShrinks(t *testing.T) {
	w := start(t)
	w.create(t, "orders", func(s *armmysqlflexibleservers.Server) { s.Properties.Storage.StorageSizeGB = new(int32(64)) })
	for size, code := range map[int32]string{32: "InvalidParameterValue", 128: ""} {
		_, err := w.mysql.NewServersClient().BeginUpdate(t.Context(), "rg", "orders", armmysqlflexibleservers.ServerForUpdate{
			Properties: &armmysqlflexibleservers.ServerPropertiesForUpdate{Storage: &armmysqlflexibleservers.Storage{StorageSizeGB: &size}},
		}, nil)
		wantCode(t, err, code)
	}
	s := w.get(t, "orders")
	if *s.Properties.Storage.StorageSizeGB != 128 || *s.Tags["team"] != "blue" {
		t.Errorf("storage %d GiB, tags %v", *s.Properties.Storage.StorageSizeGB, s.Tags)
	}
}

func TestDeletedServerIsRestored(t *testing.T) {
	w := start(t)
	s := w.create(t, "orders")
	w.database(t, "orders", "app")
	db := w.dial(t, s, "Correct-h0rse", "app")
	for _, statement := range []string{"CREATE TABLE notes (note TEXT)", "INSERT INTO notes VALUES ('kept')"} {
		must(db.ExecContext(t.Context(), statement))(t)
	}
	must(w.mysql.NewServersClient().BeginDelete(t.Context(), "rg", "orders", nil))(t)
	_, err := w.mysql.NewServersClient().Get(t.Context(), "rg", "orders", nil)
	wantCode(t, err, "ResourceNotFound")

	from := func(in *armmysqlflexibleservers.Server) {
		in.Properties = &armmysqlflexibleservers.ServerProperties{
			CreateMode: new(armmysqlflexibleservers.CreateModePointInTimeRestore), SourceServerResourceID: s.ID,
			RestorePointInTime: s.Properties.Backup.EarliestRestoreDate,
		}
	}
	again := w.create(t, "orders-2", from)
	var note string
	check(t, w.dial(t, again, "Correct-h0rse", "app").QueryRowContext(t.Context(), "SELECT note FROM notes").Scan(&note))
	if note != "kept" {
		t.Errorf("the restored server holds %q", note)
	}
	check(t, w.Advance(t.Context(), 6*24*60*60*1e9))
	w.login(t, w.secret(t, "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b", "secretlocal"))
	in := aServer()
	from(&in)
	_, err = w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", "orders-3", in, nil)
	wantCode(t, err, "SourceServerNotFound")
}

func TestListsComeInPages(t *testing.T) {
	w := start(t)
	for i := range 101 {
		in := aServer()
		must(w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", "s-"+strconv.Itoa(i), in, nil))(t)
	}
	var sizes []int
	for pager := w.mysql.NewServersClient().NewListByResourceGroupPager("rg", nil); pager.More(); {
		sizes = append(sizes, len(must(pager.NextPage(t.Context()))(t).Value))
	}
	if diff := cmp.Diff([]int{100, 1}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestGroupTakesAllWithIt(t *testing.T) {
	w := start(t)
	w.create(t, "orders")
	w.database(t, "orders", "app")
	must(w.groups.BeginDelete(t.Context(), "rg", nil))(t)
	if live := must(w.Live(t.Context()))(t); len(live) > 0 {
		t.Errorf("left: %v", live)
	}
	if there := must(w.groups.CheckExistence(t.Context(), "rg", nil))(t); there.Success {
		t.Error("the group is still there")
	}
}

func TestPowers(t *testing.T) {
	w := start(t)
	servers := w.mysql.NewServersClient()
	w.fault(t, local.Rule{Service: "Microsoft.DBforMySQL", Operation: "flexibleServers/write", Count: 1, Effect: local.Effect{LostResponse: true}})
	if _, err := servers.BeginCreate(t.Context(), "rg", "orders", aServer(), nil); err == nil {
		t.Error("the answer arrived")
	}
	if got := w.state(t, "orders"); got != "Ready" {
		t.Errorf("what was asked for did not take effect: %s", got)
	}
	target := local.Target{Kind: "flexibleServers", ID: "orders"}
	check(t, w.Force(t.Context(), target, "Disabled"))
	if got := w.state(t, "orders"); got != "Disabled" {
		t.Errorf("state %s", got)
	}
	check(t, w.Force(t.Context(), target, ""))
	check(t, w.Change(t.Context(), target, map[string]any{"sku": map[string]any{"name": "Standard_B2s"}}))
	if got := *w.get(t, "orders").SKU.Name; got != "Standard_B2s" {
		t.Errorf("size %s", got)
	}
	w.settings(t, local.Settings{Quotas: map[string]int{"Microsoft.DBforMySQL:servers": 1}})
	_, err := servers.BeginCreate(t.Context(), "rg", "more", aServer(), nil)
	wantCode(t, err, "QuotaExceeded")
	w.settings(t, local.Settings{Throttle: map[string]local.Rate{"Microsoft.DBforMySQL:flexibleServers/read": {PerSecond: 0.001, Burst: 1}}})
	w.get(t, "orders")
	_, err = servers.Get(t.Context(), "rg", "orders", nil)
	wantCode(t, err, "TooManyRequests")
	check(t, w.Ask(context.Background(), "tenancy", map[string]any{"policies": []any{map[string]any{"name": "no-databases", "type": "Microsoft.DBforMySQL/*"}}}))
	_, err = servers.BeginCreate(t.Context(), "rg", "more", aServer(), nil)
	wantCode(t, err, "RequestDisallowedByPolicy")
}
