// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// serverScope is what tokens for the API servers of all AKS clusters are asked
// for: the application id of "Azure Kubernetes Service AAD Server", the same in
// every tenant (https://azure.github.io/kubelogin/concepts/aks.html).
const serverScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default"

// Tokens issues tokens of one identity. Token returns one that was issued before
// again while at least half of its life is left at the time now.
type Tokens interface {
	Token(ctx context.Context, scope string, now time.Time) (azcore.AccessToken, error)
	NewToken(ctx context.Context, scope string) (azcore.AccessToken, error)
}

// Issue implements managed.Issuer. The tokens are Microsoft Entra's, for whichever
// cluster; what one may do in this one is what roles its identity has. Who
// claims the cluster gets that of tokenProviderRef, the operators that of the
// Provider's own identity.
func (e cluster) Issue(ctx context.Context, mr *v1alpha1.AKSCluster, at map[string]string, now time.Time) (managed.Issued, error) {
	own, err := e.kubeconfig(ctx, mr, e.own, at, now)
	if err != nil {
		return managed.Issued{}, err
	}
	handed := own
	if ref := mr.Spec.ForProvider.TokenProviderRef; ref != nil {
		if handed, err = e.lesser(ctx, mr, ref.Name, at, now); err != nil {
			return managed.Issued{}, err
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

// lesser gets the token of another Provider's identity.
func (e cluster) lesser(ctx context.Context, mr *v1alpha1.AKSCluster, provider string, at map[string]string, now time.Time) (access, error) {
	tokens, err := e.of(ctx, provider)
	if err != nil {
		return access{}, err // it says which provider
	}
	handed, err := e.kubeconfig(ctx, mr, tokens, at, now)
	if f := fault.Of(err); f != nil {
		told := *f
		told.Err = fmt.Errorf("a token of provider %s: %w", provider, f.Err)
		return access{}, &told
	}
	return handed, err
}

func (e cluster) kubeconfig(ctx context.Context, mr *v1alpha1.AKSCluster, from Tokens, at map[string]string, now time.Time) (access, error) {
	token, err := tokenFor(ctx, mr, from, now)
	if err != nil {
		return access{}, err
	}
	config, err := connection.Kubeconfig(managed.ExternalName(mr), at[contract.KeyEndpoint], []byte(at[contract.KeyCA]), token.Token)
	return access{token: token.Token, config: config, expires: token.ExpiresOn}, err
}

// tokenFor gets another token than before where somebody asked for that.
func tokenFor(ctx context.Context, mr *v1alpha1.AKSCluster, from Tokens, now time.Time) (azcore.AccessToken, error) {
	asked := mr.Annotations[contract.AnnotationRotatePasswordRequestedAt]
	if asked != "" && asked != mr.Status.LastHandledRotationAt {
		return from.NewToken(ctx, serverScope)
	}
	return from.Token(ctx, serverScope, now)
}
