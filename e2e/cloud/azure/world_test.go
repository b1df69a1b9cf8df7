// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	sdkcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/mysql/armmysqlflexibleservers/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/postgresql/armpostgresqlflexibleservers/v5"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources/v3"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// world is a local Azure, its control and the SDK's own clients of it.
type world struct {
	*control.Client

	url      string
	ca       []byte
	http     *http.Client
	options  *arm.ClientOptions
	groups   *armresources.ResourceGroupsClient
	mysql    *armmysqlflexibleservers.ClientFactory
	postgres *armpostgresqlflexibleservers.ClientFactory
}

// start serves a local Azure in which everything is done at once.
func start(t *testing.T) *world {
	t.Helper()
	return startWith(t, program.Options{})
}

func startWith(t *testing.T, o program.Options) *world {
	t.Helper()
	cloud, err := azure.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(cloud)
	server.TLS = cloud.TLS()
	server.StartTLS()
	t.Cleanup(func() {
		server.Close()
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cloud.CA())
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	w := &world{Client: control.Over(trusting, server.URL), url: server.URL, ca: cloud.CA(), http: trusting}
	w.login(t, w.secret(t, entra.DefaultTenant, entra.DefaultClient, entra.DefaultSecret))
	w.group(t, "rg")
	return w
}

func (w *world) clientOptions() policy.ClientOptions {
	return policy.ClientOptions{
		Transport: w.http, Retry: policy.RetryOptions{MaxRetries: -1},
		Cloud: sdkcloud.Configuration{
			ActiveDirectoryAuthorityHost: w.url,
			Services: map[sdkcloud.ServiceName]sdkcloud.ServiceConfiguration{
				sdkcloud.ResourceManager: {Endpoint: w.url, Audience: "https://management.azure.com"},
			},
		},
	}
}

func (w *world) secret(t *testing.T, tenant, client, secret string) azcore.TokenCredential {
	t.Helper()
	return must(azidentity.NewClientSecretCredential(tenant, client, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: w.clientOptions(), DisableInstanceDiscovery: true,
	}))(t)
}

// login makes the clients use a credential.
func (w *world) login(t *testing.T, credential azcore.TokenCredential) {
	t.Helper()
	w.options = &arm.ClientOptions{ClientOptions: w.clientOptions(), DisableRPRegistration: true}
	w.groups = must(armresources.NewResourceGroupsClient(azure.DefaultSubscription, credential, w.options))(t)
	w.mysql = must(armmysqlflexibleservers.NewClientFactory(azure.DefaultSubscription, credential, w.options))(t)
	w.postgres = must(armpostgresqlflexibleservers.NewClientFactory(azure.DefaultSubscription, credential, w.options))(t)
}

func (w *world) group(t *testing.T, name string) {
	t.Helper()
	must(w.groups.CreateOrUpdate(t.Context(), name, armresources.ResourceGroup{Location: new("westeurope")}, nil))(t)
}

// aServer is a small MySQL server.
func aServer() armmysqlflexibleservers.Server {
	return armmysqlflexibleservers.Server{
		Location: new("westeurope"),
		SKU:      &armmysqlflexibleservers.MySQLServerSKU{Name: new("Standard_B1ms"), Tier: new(armmysqlflexibleservers.ServerSKUTierBurstable)},
		Tags:     map[string]*string{"team": new("blue")},
		Properties: &armmysqlflexibleservers.ServerProperties{
			AdministratorLogin: new("boss"), AdministratorLoginPassword: new("Correct-h0rse"),
			Version: new(armmysqlflexibleservers.ServerVersion("8.4")), Storage: &armmysqlflexibleservers.Storage{StorageSizeGB: new(int32(20))},
		},
	}
}

// create makes a MySQL server, changed as the test wants, and waits for it.
func (w *world) create(t *testing.T, name string, changes ...func(*armmysqlflexibleservers.Server)) armmysqlflexibleservers.Server {
	t.Helper()
	in := aServer()
	for _, change := range changes {
		change(&in)
	}
	poller := must(w.mysql.NewServersClient().BeginCreate(t.Context(), "rg", name, in, nil))(t)
	poll(t, poller.Poll)
	return must(poller.Result(t.Context()))(t).Server
}

func (w *world) get(t *testing.T, name string) armmysqlflexibleservers.Server {
	t.Helper()
	return must(w.mysql.NewServersClient().Get(t.Context(), "rg", name, nil))(t).Server
}

func (w *world) state(t *testing.T, name string) string {
	t.Helper()
	return string(*w.get(t, name).Properties.State)
}

// slow makes everything take so long that only advance lets it end.
func (w *world) slow(t *testing.T) {
	t.Helper()
	w.settings(t, local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(20 * time.Minute)}})
}

func (w *world) advance(t *testing.T) {
	t.Helper()
	check(t, w.Advance(t.Context(), 20*time.Minute))
}

func (w *world) settings(t *testing.T, s local.Settings) {
	t.Helper()
	must(w.Settings(t.Context(), s))(t)
}

func (w *world) fault(t *testing.T, r local.Rule) {
	t.Helper()
	must(w.AddFault(t.Context(), r))(t)
}

// wantCode checks that err is a refusal of that code, or nil where the code is
// empty.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *azcore.ResponseError
	switch {
	case code == "" && err != nil:
		t.Errorf("got error %v, want none", err)
	case code != "" && (!errors.As(err, &refusal) || refusal.ErrorCode != code):
		t.Errorf("got error %v, want %s", err, code)
	}
}

// poll asks once how a long-running operation is getting on.
func poll(t *testing.T, ask func(context.Context) (*http.Response, error)) {
	t.Helper()
	answer, err := ask(t.Context())
	check(t, err)
	check(t, answer.Body.Close())
}

// must ends the test if there is an error: must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
