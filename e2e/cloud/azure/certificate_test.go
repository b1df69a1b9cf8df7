// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"crypto/x509"
	"log/slog"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// Pods reach it at another address than its own, and verify that one.
func TestTheCertificateIsForEveryAddress(t *testing.T) {
	server, err := azure.New(program.Options{AlsoAt: []string{"10.0.0.1"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	leaf, err := x509.ParseCertificate(server.TLS().Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for address, good := range map[string]bool{"127.0.0.1": true, "10.0.0.1": true, "10.0.0.2": false} {
		if err := leaf.VerifyHostname(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}
