// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"errors"
	"fmt"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	"k8s.io/client-go/tools/clientcmd"
)

// Access is where a cluster's API server is, and what verifies it.
type Access struct {
	Endpoint string
	CA       []byte // PEM
}

var (
	errNoKubeconfig = errors.New("AKS returned no kubeconfig")
	errNoEndpoint   = errors.New("AKS's kubeconfig names no endpoint with certificates")
)

// accessOf reads endpoint and certificates out of the kubeconfig that AKS has for
// its users: nothing else of its API has the certificates. How users log in is
// in it, too; that is a program to run on their machines, and left alone.
func accessOf(found []*sdk.CredentialResult) (Access, error) {
	if len(found) == 0 || found[0] == nil {
		return Access{}, errNoKubeconfig
	}
	config, err := clientcmd.Load(found[0].Value)
	if err != nil {
		return Access{}, fmt.Errorf("reading AKS's kubeconfig: %w", err)
	}
	if at := config.Contexts[config.CurrentContext]; at != nil {
		if c := config.Clusters[at.Cluster]; c != nil && c.Server != "" && len(c.CertificateAuthorityData) > 0 {
			return Access{c.Server, c.CertificateAuthorityData}, nil
		}
	}
	return Access{}, errNoEndpoint
}
