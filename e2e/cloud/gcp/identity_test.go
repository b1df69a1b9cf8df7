// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/google/externalaccount"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
)

// projected is a token as a cluster projects it, unsigned.
type projected struct{}

// SubjectToken implements externalaccount.SubjectTokenSupplier.
func (projected) SubjectToken(context.Context, externalaccount.SupplierOptions) (string, error) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none"}`) + "." + part(`{"sub":"system:serviceaccount:crossplane-system:gcp-operator"}`) + ".x", nil
}

// TestFederation exchanges a cluster's token, with and without a service account.
func TestFederation(t *testing.T) {
	const pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b"
	for name, tc := range map[string]struct {
		audience, email string
		refused         bool
	}{
		"itself":              {audience: pool},
		"as an account":       {audience: pool, email: iam.DefaultEmail},
		"as nobody":           {audience: pool, email: "nobody@local-project.iam.gserviceaccount.com", refused: true},
		"for something else":  {audience: "https://example.com", refused: true},
		"as a revoked person": {audience: pool, email: "eve@local-project.iam.gserviceaccount.com", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.change(t, iam.Change{Email: "eve@local-project.iam.gserviceaccount.com", Revoked: new(true)})
			config := externalaccount.Config{
				Audience: tc.audience, SubjectTokenType: "urn:ietf:params:oauth:token-type:jwt", TokenURL: w.url + "/v1/token",
				SubjectTokenSupplier: projected{}, Scopes: []string{"https://www.googleapis.com/auth/cloud-platform"},
			}
			if tc.email != "" {
				config.ServiceAccountImpersonationURL = w.url + "/v1/projects/-/serviceAccounts/" + tc.email + ":generateAccessToken"
			}
			source := must(externalaccount.NewTokenSource(t.Context(), config))(t)
			if _, err := source.Token(); (err != nil) != tc.refused {
				t.Fatalf("got %v, want refused %v", err, tc.refused)
			}
			if !tc.refused {
				w.login(t, source)
				w.create(t, "orders")
			}
		})
	}
}

// TestMetadataServer has a workload learn who it is.
func TestMetadataServer(t *testing.T) {
	w := start(t)
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(w.url, "http://"))
	source := google.ComputeTokenSource("")
	w.login(t, source)
	w.create(t, "orders")
	token := must(source.Token())(t)
	response, err := http.PostForm(w.url+"/tokeninfo", url.Values{"access_token": {token.AccessToken}})
	check(t, err)
	defer func() { check(t, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		t.Errorf("tokeninfo: %s", response.Status)
	}
}
