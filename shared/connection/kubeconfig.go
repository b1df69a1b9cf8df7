// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Kubeconfig returns a kubeconfig in Cluster API's form: one cluster, with its
// endpoint as a URL and its certificates as PEM, one user with a bearer token, and
// the context of both.
func Kubeconfig(cluster, endpoint string, ca []byte, token string) ([]byte, error) {
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
