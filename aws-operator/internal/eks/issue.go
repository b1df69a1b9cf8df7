// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	connections "github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Issue implements managed.Issuer. Nothing is asked of EKS: a token is good by
// its signature. Who claims the cluster gets that of tokenRoleARN, the operators
// that of the Provider's own identity, which made the cluster.
func (e cluster) Issue(ctx context.Context, mr *v1alpha1.EKSCluster, at map[string]string, now time.Time) (managed.Issued, error) {
	own, err := e.kubeconfig(ctx, mr, at, "", now)
	if err != nil {
		return managed.Issued{}, err
	}
	handed := own
	if role := mr.Spec.ForProvider.TokenRoleARN; role != "" {
		if handed, err = e.kubeconfig(ctx, mr, at, role, now); err != nil {
			return managed.Issued{}, fmt.Errorf("assuming the role of the token: %w", err)
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

// kubeconfig signs a token as a role, or as the account itself where the role is
// empty.
func (e cluster) kubeconfig(ctx context.Context, mr *v1alpha1.EKSCluster, at map[string]string, role string, now time.Time) (access, error) {
	cfg := e.signer.as(role)
	if role != "" {
		keys, err := cfg.Credentials.Retrieve(ctx) // once: each time is another session
		if err != nil {
			return access{}, err //nolint:wrapcheck // the caller says what was done
		}
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
	}
	name := managed.ExternalName(mr)
	text, expires, err := token(ctx, cfg, name, now)
	if err != nil {
		return access{}, err
	}
	config, err := connections.Kubeconfig(name, at[contract.KeyEndpoint], []byte(at[contract.KeyCA]), text)
	return access{token: text, config: config, expires: expires}, err
}
