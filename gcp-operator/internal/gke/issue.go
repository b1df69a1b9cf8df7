// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"fmt"
	"time"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Issue implements managed.Issuer. Nothing is asked of GKE: an API server takes
// Google's access tokens, and what a client may do there is what its roles in the
// project say. Who claims the cluster gets a token of tokenServiceAccount, the
// operators one of the Provider's own identity.
func (e cluster) Issue(ctx context.Context, mr *v1alpha1.GKECluster, at map[string]string, _ time.Time) (managed.Issued, error) {
	own, err := e.access(ctx, mr, at, "")
	if err != nil {
		return managed.Issued{}, err
	}
	handed := own
	if account := mr.Spec.ForProvider.TokenServiceAccount; account != "" {
		if handed, err = e.access(ctx, mr, at, account); err != nil {
			return managed.Issued{}, fmt.Errorf("getting a token of tokenServiceAccount: %w", err)
		}
	}
	issued := managed.Issued{Expires: handed.expires, Secret: map[string][]byte{
		contract.KeyToken: []byte(handed.token), contract.KeyKubeconfig: handed.config, contract.KeyOperatorKubeconfig: own.config,
	}}
	if own.expires.Before(issued.Expires) {
		issued.Expires = own.expires
	}
	return issued, nil
}

// access is a kubeconfig with a token, and until when that is good.
type access struct {
	token   string
	config  []byte
	expires time.Time
}

func (e cluster) access(ctx context.Context, mr *v1alpha1.GKECluster, at map[string]string, serviceAccount string) (access, error) {
	token, expires, err := e.tokens.Issue(ctx, serviceAccount)
	if err != nil {
		return access{}, err
	}
	config, err := connection.Kubeconfig(managed.ExternalName(mr), at[contract.KeyEndpoint], []byte(at[contract.KeyCA]), token)
	return access{token: token, config: config, expires: expires}, err
}
