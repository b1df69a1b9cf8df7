// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
	"google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/container/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/servicenetworking/v1"
	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// project is the project of the default service account.
const project = iam.DefaultProject

// world is a local Google Cloud, its control and Google's own clients of it.
type world struct {
	*control.Client

	url        string
	sql        *sqladmin.Service
	compute    *compute.Service
	container  *container.Service
	networking *servicenetworking.APIService
	projects   *cloudresourcemanager.Service
}

// start serves a local Google Cloud in which everything is done at once.
func start(t *testing.T) *world {
	t.Helper()
	return startWith(t, program.Options{})
}

func startWith(t *testing.T, o program.Options) *world {
	t.Helper()
	cloud, err := gcp.New(o)
	check(t, err)
	server := httptest.NewServer(cloud)
	t.Cleanup(func() {
		server.Close()
		check(t, cloud.Close())
	})
	w := &world{Client: control.New(server.URL), url: server.URL}
	w.login(t, w.tokens(t, iam.DefaultEmail))
	return w
}

// tokens gives access tokens to whoever has the account's key as it is now.
func (w *world) tokens(t *testing.T, email string) oauth2.TokenSource {
	t.Helper()
	var key iam.KeyFile
	response, err := http.Get(w.url + "/_control/" + gcp.KeyFile + "?id=" + email)
	check(t, err)
	defer func() { check(t, response.Body.Close()) }()
	check(t, json.NewDecoder(response.Body).Decode(&key))
	config := jwt.Config{
		Email: key.ClientEmail, PrivateKey: []byte(key.PrivateKey), PrivateKeyID: key.PrivateKeyID, TokenURL: w.url + "/token",
		Scopes: []string{sqladmin.CloudPlatformScope},
	}
	return config.TokenSource(t.Context())
}

// login makes the clients use an identity.
func (w *world) login(t *testing.T, tokens oauth2.TokenSource) {
	t.Helper()
	ctx, client := t.Context(), oauth2.NewClient(t.Context(), tokens)
	at := func(path string) []option.ClientOption {
		return []option.ClientOption{option.WithHTTPClient(client), option.WithEndpoint(w.url + path)}
	}
	w.sql = must(sqladmin.NewService(ctx, at("")...))(t)
	w.compute = must(compute.NewService(ctx, at("/compute/v1/")...))(t)
	w.container = must(container.NewService(ctx, at("")...))(t)
	w.networking = must(servicenetworking.NewService(ctx, at("")...))(t)
	w.projects = must(cloudresourcemanager.NewService(ctx, at("")...))(t)
}

// change changes a service account.
func (w *world) change(t *testing.T, c iam.Change) {
	t.Helper()
	body, err := json.Marshal(c)
	check(t, err)
	response, err := http.Post(w.url+"/_control/keys", "application/json", bytes.NewReader(body))
	check(t, err)
	check(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatalf("changing %s: %s", c.Email, response.Status)
	}
}

// newInstance is a small MySQL.
func newInstance(name string, edits ...func(*sqladmin.DatabaseInstance)) *sqladmin.DatabaseInstance {
	in := &sqladmin.DatabaseInstance{
		Name: name, Region: "europe-west1", DatabaseVersion: "MYSQL_8_4", RootPassword: "correct-horse",
		Settings: &sqladmin.Settings{Tier: "db-custom-1-3840", Edition: "ENTERPRISE", UserLabels: map[string]string{"team": "shop"}},
	}
	for _, edit := range edits {
		edit(in)
	}
	return in
}

// create makes a small MySQL and waits for it.
func (w *world) create(t *testing.T, name string, edits ...func(*sqladmin.DatabaseInstance)) *sqladmin.DatabaseInstance {
	t.Helper()
	op := must(w.sql.Instances.Insert(project, newInstance(name, edits...)).Do())(t)
	if op.Status != "PENDING" || op.OperationType != "CREATE" || op.TargetId != name {
		t.Errorf("operation: %+v", op)
	}
	w.done(t, op)
	return w.get(t, name)
}

func (w *world) get(t *testing.T, name string) *sqladmin.DatabaseInstance {
	t.Helper()
	return must(w.sql.Instances.Get(project, name).Do())(t)
}

// done waits for an operation, which has to succeed.
func (w *world) done(t *testing.T, op *sqladmin.Operation) {
	t.Helper()
	op = must(w.sql.Operations.Get(project, op.Name).Do())(t)
	if op.Status != "DONE" || op.Error != nil {
		t.Fatalf("%s: %s, %+v", op.OperationType, op.Status, op.Error)
	}
}

// slow makes everything take so long that only advance lets it end.
func (w *world) slow(t *testing.T) {
	t.Helper()
	w.settings(t, local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(time.Hour)}})
}

func (w *world) advance(t *testing.T) {
	t.Helper()
	check(t, w.Advance(t.Context(), time.Hour))
	w.login(t, w.tokens(t, iam.DefaultEmail)) // an hour is the life of a token
}

func (w *world) settings(t *testing.T, s local.Settings) {
	t.Helper()
	must(w.Settings(t.Context(), s))(t)
}

func (w *world) fault(t *testing.T, r local.Rule) {
	t.Helper()
	must(w.AddFault(t.Context(), r))(t)
}

// wantReason checks that err is Google's refusal with that status and reason, or
// nil where the reason is empty.
func wantReason(t *testing.T, err error, status int, reason string) {
	t.Helper()
	var refusal *googleapi.Error
	switch {
	case reason == "" && err != nil:
		t.Errorf("got error %v, want none", err)
	case reason != "" && (!errors.As(err, &refusal) || refusal.Code != status || len(refusal.Errors) == 0 || refusal.Errors[0].Reason != reason):
		t.Errorf("got error %v, want %d %s", err, status, reason)
	}
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
