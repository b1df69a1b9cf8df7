// SPDX-License-Identifier: Apache-2.0

// Package pki makes the certificates, keys and kubeconfigs of a Kubernetes control plane.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// done is written last: a folder that has it has every certificate.
const done = "ca.crt"

var errNoDir = errors.New("-dir is missing")

// Options say for whom the certificates are.
type Options struct {
	// Dir is the folder that they are written to.
	Dir string
	// Server is the API server's URL in the kubeconfigs.
	Server string
	// Node is the name of the node whose kubelet gets a certificate.
	Node string
	// Names are more names and addresses that the API server answers to.
	Names []string
}

// client is somebody who shows a certificate to the API server. The file is named after the use.
type client struct {
	file, user string
	groups     []string
}

// Command is the program "pki".
func Command(args []string) error {
	flags := flag.NewFlagSet("pki", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder to write to")
	server := flags.String("server", "https://127.0.0.1:6443", "URL of the API server in the kubeconfigs")
	names := flags.String("sans", "", "more names and addresses that the API server answers to, separated by commas")
	node := flags.String("node", "node1", "name of the node whose kubelet gets a certificate")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the arguments: %w", err)
	}
	if *dir == "" {
		return errNoDir
	}
	return Make(Options{Dir: *dir, Server: *server, Node: *node, Names: strings.Split(*names, ",")})
}

// Make writes certificates, keys and kubeconfigs. A folder that has certificates keeps them; the
// kubeconfigs follow the API server's URL.
func Make(options Options) error {
	files := folder(options.Dir)
	if _, err := os.Stat(filepath.Join(options.Dir, done)); err != nil {
		if err := makeCertificates(files, options); err != nil {
			return err
		}
	}
	return writeKubeconfigs(files, options)
}

func makeCertificates(files folder, options Options) error {
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return fmt.Errorf("making a folder for certificates: %w", err)
	}
	cluster, err := newAuthority("kubernetes")
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return files.write("ca.key", cluster.pair.key) },
		func() error { return writeServer(files, cluster, options.Names) },
		func() error { return writeServiceAccountKey(files) },
		func() error { return writeFrontProxy(files) },
		func() error { return writeClients(files, cluster, options.Node) },
		func() error { return files.write(done, cluster.pair.certificate) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func writeServer(files folder, cluster *authority, names []string) error {
	server, err := cluster.server("kube-apiserver", append(serverNames(), names...))
	if err != nil {
		return err
	}
	return files.writePair("apiserver", server)
}

func serverNames() []string {
	return []string{
		"127.0.0.1", "::1", "localhost", "10.96.0.1",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}
}

// writeServiceAccountKey writes the key that signs service account tokens.
func writeServiceAccountKey(files folder) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making the service account key: %w", err)
	}
	private, err := encodeKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("encoding the service account key: %w", err)
	}
	if err := files.write("sa.key", private); err != nil {
		return err
	}
	return files.write("sa.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
}

// writeFrontProxy writes what the API server shows to aggregated ones, from an authority of its
// own: whoever has such a certificate may speak for any user.
func writeFrontProxy(files folder) error {
	proxies, err := newAuthority("front-proxy-ca")
	if err != nil {
		return err
	}
	if err := files.write("front-proxy-ca.crt", proxies.pair.certificate); err != nil {
		return err
	}
	proxy, err := proxies.client("front-proxy-client")
	if err != nil {
		return err
	}
	return files.writePair("front-proxy-client", proxy)
}

func clients(node string) []client {
	return []client{
		{"admin", "kubernetes-admin", []string{"system:masters"}},
		{"kcm", "system:kube-controller-manager", nil},
		{"scheduler", "system:kube-scheduler", nil},
		{"proxy", "system:kube-proxy", nil},
		{"kubelet", "system:node:" + node, []string{"system:nodes"}},
		{"apiserver-kubelet-client", "kube-apiserver-kubelet-client", []string{"system:masters"}},
	}
}

func writeClients(files folder, cluster *authority, node string) error {
	for _, c := range clients(node) {
		pair, err := cluster.client(c.user, c.groups...)
		if err != nil {
			return err
		}
		if err := files.writePair(c.file, pair); err != nil {
			return err
		}
	}
	return nil
}

func writeKubeconfigs(files folder, options Options) error {
	trusted, err := files.read(done)
	if err != nil {
		return err
	}
	for _, c := range clients(options.Node) {
		user, err := files.readPair(c.file)
		if err != nil {
			return err
		}
		if err := files.write(c.file+".kubeconfig", kubeconfig(options.Server, trusted, user)); err != nil {
			return err
		}
	}
	return nil
}
