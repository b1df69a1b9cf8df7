// SPDX-License-Identifier: Apache-2.0

package account

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// trustFor returns, of a PEM bundle, the certificates that instances in region
// can be signed by. AWS names its authorities after their region ("Amazon RDS
// eu-west-1 Root CA RSA2048 G1"); those of other regions are left out, because
// the bundle for all of them would make every connection secret 160 KiB large.
// A bundle that names no authority of the region is kept as it is.
func trustFor(bundle, region string) string {
	var all, local strings.Builder
	for rest := []byte(bundle); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		all.WriteString(text)
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && named(cert.Subject.CommonName, region) {
			local.WriteString(text)
		}
	}
	if local.Len() > 0 {
		return local.String()
	}
	return all.String()
}

// named reports whether region is one of the words of a certificate's name.
func named(commonName, region string) bool {
	for word := range strings.FieldsSeq(commonName) {
		if word == region {
			return true
		}
	}
	return false
}
