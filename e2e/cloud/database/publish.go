// SPDX-License-Identifier: Apache-2.0

package database

import (
	"fmt"
	"os"
	"path/filepath"
)

// publish writes the authority's certificate into dir, if there is one.
func publish(dir string, ca []byte) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the state folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o644); err != nil {
		return fmt.Errorf("writing the certificate authority: %w", err)
	}
	return nil
}
