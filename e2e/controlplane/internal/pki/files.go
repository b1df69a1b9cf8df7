// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

// folder is where files are written that only their owner may read.
type folder string

func (f folder) write(name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(string(f), name), content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

func (f folder) writePair(name string, p pair) error {
	if err := f.write(name+".crt", p.certificate); err != nil {
		return err
	}
	return f.write(name+".key", p.key)
}

func (f folder) read(name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(string(f), name))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return content, nil
}

func (f folder) readPair(name string) (pair, error) {
	certificate, err := f.read(name + ".crt")
	if err != nil {
		return pair{}, err
	}
	key, err := f.read(name + ".key")
	return pair{certificate: certificate, key: key}, err
}

// kubeconfig returns one whose user shows a certificate.
func kubeconfig(server string, trusted []byte, user pair) []byte {
	encode := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: local
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: user
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: local
  context: {cluster: local, user: user}
current-context: local
`, server, encode(trusted), encode(user.certificate), encode(user.key))
}
