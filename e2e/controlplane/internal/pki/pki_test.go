// SPDX-License-Identifier: Apache-2.0

package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/controlplane/internal/pki"
)

const server = "https://127.0.0.1:7443"

func made(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if err := pki.Command([]string{"-dir", dir, "-server", server, "-sans", "192.0.2.1,api.example.org"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func load(t *testing.T, dir, name string) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func roots(t *testing.T, dir, name string) *x509.CertPool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(content)
	return pool
}

func TestServerIsTrustedUnderItsNames(t *testing.T) {
	dir := made(t)
	cases := map[string]bool{
		"127.0.0.1": true, "localhost": true, "kubernetes.default.svc": true,
		"192.0.2.1": true, "api.example.org": true,
		"192.0.2.2": false, "elsewhere.example.org": false,
	}
	for name, trusted := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, dir, "apiserver").Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots(t, dir, "ca.crt")})
			if (err == nil) != trusted {
				t.Errorf("trusted: %t: %v", err == nil, err)
			}
		})
	}
}

func TestClients(t *testing.T) {
	dir := made(t)
	cases := map[string]struct {
		authority, user, groups string
	}{
		"admin":                    {"ca.crt", "kubernetes-admin", "system:masters"},
		"kcm":                      {"ca.crt", "system:kube-controller-manager", ""},
		"scheduler":                {"ca.crt", "system:kube-scheduler", ""},
		"proxy":                    {"ca.crt", "system:kube-proxy", ""},
		"kubelet":                  {"ca.crt", "system:node:node1", "system:nodes"},
		"apiserver-kubelet-client": {"ca.crt", "kube-apiserver-kubelet-client", "system:masters"},
		"front-proxy-client":       {"front-proxy-ca.crt", "front-proxy-client", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			leaf := load(t, dir, name).Leaf
			usage := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots(t, dir, tc.authority), KeyUsages: usage}); err != nil {
				t.Error(err)
			}
			if leaf.Subject.CommonName != tc.user || strings.Join(leaf.Subject.Organization, ",") != tc.groups {
				t.Errorf("got %s", leaf.Subject)
			}
		})
	}
}

func TestFrontProxyIsNoUser(t *testing.T) {
	dir := made(t)
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	_, err := load(t, dir, "front-proxy-client").Leaf.Verify(x509.VerifyOptions{Roots: roots(t, dir, "ca.crt"), KeyUsages: usage})
	if err == nil {
		t.Error("the cluster's authority vouches for the front proxy")
	}
}

func TestKubeconfigFollowsTheServer(t *testing.T) {
	dir := made(t)
	const moved = "https://127.0.0.1:8443"
	for _, at := range []string{server, moved} {
		if err := pki.Make(pki.Options{Dir: dir, Server: at, Node: "node1"}); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, "admin.kubeconfig"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), "server: "+at+"\n") {
			t.Errorf("the kubeconfig does not lead to %s", at)
		}
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	entries, err := os.ReadDir(made(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", entry.Name(), info.Mode())
		}
	}
}

func TestCertificatesAreMadeOnce(t *testing.T) {
	dir := made(t)
	before := load(t, dir, "apiserver").Leaf
	if err := pki.Make(pki.Options{Dir: dir, Server: server}); err != nil {
		t.Fatal(err)
	}
	if !before.Equal(load(t, dir, "apiserver").Leaf) {
		t.Error("a complete folder was written again")
	}
	if !before.IPAddresses[0].Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("unexpected first address %s", before.IPAddresses[0])
	}
}

func TestFolderIsNeeded(t *testing.T) {
	if err := pki.Command(nil); err == nil {
		t.Error("certificates without a folder")
	}
}
