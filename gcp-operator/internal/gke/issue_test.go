// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// giver gives tokens that end at different times.
type giver map[string]time.Time

func (g giver) Issue(_ context.Context, serviceAccount string) (string, time.Time, error) {
	return "token of " + serviceAccount, g[serviceAccount], nil
}

func TestWhoeverClaimsGetsTheLesserToken(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const viewer = "viewer@p.iam.gserviceaccount.com"
	for name, tc := range map[string]struct {
		account     string
		own, lesser time.Time
		token       string
		expires     time.Time
	}{
		"the Provider's own":   {own: now.Add(time.Hour), token: "token of ", expires: now.Add(time.Hour)},
		"a lesser one":         {account: viewer, own: now.Add(time.Hour), lesser: now.Add(30 * time.Minute), token: "token of " + viewer, expires: now.Add(30 * time.Minute)},
		"whichever ends first": {account: viewer, own: now.Add(5 * time.Minute), lesser: now.Add(time.Hour), token: "token of " + viewer, expires: now.Add(5 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			mr := aCluster()
			mr.Spec.ForProvider.TokenServiceAccount = tc.account
			at := map[string]string{contract.KeyEndpoint: "https://192.0.2.7", contract.KeyCA: "PEM"}
			issued, err := cluster{tokens: giver{"": tc.own, viewer: tc.lesser}}.Issue(t.Context(), mr, at, now)
			if err != nil || !issued.Expires.Equal(tc.expires) || string(issued.Secret[contract.KeyToken]) != tc.token {
				t.Fatalf("got %+v, %v", issued, err)
			}
			for key, want := range map[string]string{contract.KeyKubeconfig: tc.token, contract.KeyOperatorKubeconfig: "token of "} {
				config, err := clientcmd.RESTConfigFromKubeConfig(issued.Secret[key])
				if err != nil || config.BearerToken != want || config.Host != "https://192.0.2.7" {
					t.Errorf("%s: %+v, %v", key, config, err)
				}
			}
		})
	}
}
