// SPDX-License-Identifier: Apache-2.0

package connection_test

import (
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/crossplaneio/crossplane/shared/connection"
)

func TestKubeconfig(t *testing.T) {
	text, err := connection.Kubeconfig("shop", "https://shop.example.org", []byte("PEM"), "k8s-aws-v1.x")
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "https://shop.example.org" || string(config.CAData) != "PEM" || config.BearerToken != "k8s-aws-v1.x" {
		t.Errorf("got %+v", config)
	}
}
