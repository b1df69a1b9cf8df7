// SPDX-License-Identifier: Apache-2.0

package images

import (
	"bytes"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// rootsPath is the first place where Go's programs look for certificate authorities. More of them
// come from the folders in SSL_CERT_DIR; SSL_CERT_FILE would replace these.
const rootsPath = "etc/ssl/certs/ca-certificates.crt"

// roots returns the certificates of public authorities, as Mozilla trusts them: clouds show
// certificates of these. Those that are trusted under conditions only, which a PEM file can't
// express, are left out.
func roots() ([]byte, error) {
	var found bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(&found, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, fmt.Errorf("writing certificate authorities: %w", err)
		}
	}
	return found.Bytes(), nil
}
