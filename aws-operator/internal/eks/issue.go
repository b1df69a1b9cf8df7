// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Issue implements managed.Issuer. Nothing is asked of EKS: a token is good by
// its signature.
func (e cluster) Issue(ctx context.Context, mr *v1alpha1.EKSCluster, connection map[string]string, now time.Time) (managed.Issued, error) {
	name := managed.ExternalName(mr)
	cfg := e.signer.as(mr.Spec.ForProvider.TokenRoleARN)
	if mr.Spec.ForProvider.TokenRoleARN != "" {
		keys, err := cfg.Credentials.Retrieve(ctx) // once: each time is another session
		if err != nil {
			return managed.Issued{}, fmt.Errorf("assuming the role of the token: %w", err)
		}
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
	}
	text, expires, err := token(ctx, cfg, name, now)
	if err != nil {
		return managed.Issued{}, err
	}
	config, err := kubeconfig(name, connection[contract.KeyEndpoint], []byte(connection[contract.KeyCA]), text)
	if err != nil {
		return managed.Issued{}, err
	}
	return managed.Issued{Secret: map[string][]byte{contract.KeyToken: []byte(text), contract.KeyKubeconfig: config}, Expires: expires}, nil
}

// kubeconfig returns a kubeconfig in Cluster API's form: one cluster, one user
// with a token, and the context of both.
func kubeconfig(cluster, endpoint string, ca []byte, token string) ([]byte, error) {
	user := cluster + "-user"
	name := user + "@" + cluster
	config, err := clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{cluster: {Server: endpoint, CertificateAuthorityData: ca}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{user: {Token: token}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: cluster, AuthInfo: user}},
		CurrentContext: name,
	})
	if err != nil {
		return nil, fmt.Errorf("writing a kubeconfig: %w", err)
	}
	return config, nil
}
