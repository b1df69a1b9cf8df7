// SPDX-License-Identifier: Apache-2.0

package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// authority makes a certificate that is named name, as PEM.
func authority(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestTrustIsOfTheInstancesRegion(t *testing.T) {
	east, west := authority(t, "Amazon RDS us-east-1 Root CA RSA2048 G1"), authority(t, "Amazon RDS us-west-1 Root CA RSA2048 G1")
	local := authority(t, "Local CA")
	for name, tc := range map[string]struct{ bundle, want string }{
		"of all regions":        {"comment\n" + east + west, west},
		"that names no region":  {local, local},
		"of other regions only": {east + local, east + local},
		"with more than that":   {"-----BEGIN NOTE-----\nYQ==\n-----END NOTE-----\n" + west, west},
		"without certificates":  {"nothing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(aws.Config{}, tc.bundle)
			for range 2 {
				if got := a.Trust("us-west-1"); got != tc.want {
					t.Errorf("got %d bytes, want %d", len(got), len(tc.want))
				}
			}
		})
	}
}

func TestClientsAreMadeOnceForEachRegion(t *testing.T) {
	type client struct{ region string }
	a, made := New(aws.Config{Region: "us-east-1"}, ""), 0
	build := func(c aws.Config) *client { made++; return &client{c.Region} }
	first := Client(a, "eu-west-1", build)
	if Client(a, "eu-west-1", build) != first || Client(a, "us-west-2", build).region != "us-west-2" || made != 2 {
		t.Errorf("%d clients made", made)
	}
}
