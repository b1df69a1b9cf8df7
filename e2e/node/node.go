// SPDX-License-Identifier: Apache-2.0

// Package node runs a real Kubernetes node: containerd, a kubelet and kube-proxy, in a network of
// their own, so that pods are what they are anywhere. It runs in a sandbox only, which ends with
// all of it.
//
//	the sandbox's network, with the    10.199.0.1 ── 10.199.0.2   the node's network,
//	control plane and local clouds                                pods in 10.244.0.0/24
//
// There is no way out of either: an image that is not there can't be pulled, and fails at once.
package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/node/sandbox"
	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

const (
	// Name of the node.
	Name = "node1"
	// Outside is the sandbox's own address, at which pods reach what does not run on the node.
	Outside = "10.199.0.1"
	// Inside is the node's address.
	Inside = "10.199.0.2"

	readyWithin = 2 * time.Minute
	stopWait    = 20 * time.Second
)

var (
	errNotReady   = errors.New("the node is not ready in time")
	errNoSandbox  = errors.New("a node runs in a sandbox only")
	errNotStarted = errors.New("it is not running")
)

// Options say how to run a node.
type Options struct {
	// Dir is the folder for images, containers, configuration and logs.
	Dir string
	// Bin is the folder of containerd, ctr and hyperkube.
	Bin string
	// Certificates is the folder with the control plane's certificates and kubeconfigs.
	Certificates string
	// Sandbox is the image of the container that holds a pod's namespaces.
	Sandbox string
	// Images are OCI archives of what may run.
	Images []string
	// API reads nodes.
	API client.Reader
	// Progressf tells a step.
	Progressf func(format string, args ...any)
}

// Node is one that was started.
type Node struct {
	options Options
	running map[string]*process.Process
}

// Start starts a node and returns once the control plane calls it ready. The network has to be
// there.
func Start(ctx context.Context, o Options) (*Node, error) {
	if sandbox.Group() == "" {
		return nil, errNoSandbox
	}
	n := &Node{options: o, running: map[string]*process.Process{}}
	if err := n.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting a node: %w", err), n.Stop())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context) error {
	if err := n.configure(); err != nil {
		return err
	}
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	for _, image := range n.options.Images {
		if err := n.Import(ctx, image); err != nil {
			return err
		}
	}
	return n.join(ctx)
}

// join makes the node one of its control plane's.
func (n *Node) join(ctx context.Context) error {
	hyperkube := filepath.Join(n.options.Bin, "hyperkube")
	if err := n.launch("kubelet", hyperkube, "kubelet", "--config="+n.path("kubelet.yaml"),
		"--kubeconfig="+filepath.Join(n.options.Certificates, "kubelet.kubeconfig"),
		"--hostname-override="+Name, "--node-ip="+Inside, "--root-dir="+n.path("kubelet")); err != nil {
		return err
	}
	if err := n.launch("kube-proxy", hyperkube, "kube-proxy", "--config="+n.path("kube-proxy.yaml")); err != nil {
		return err
	}
	if err := n.awaitReady(ctx); err != nil {
		return err
	}
	n.options.Progressf("%s is ready", Name)
	return nil
}

// Rejoin makes a node that was stopped one of another control plane's, whose certificates these are. It
// has the images that it had; the kubelet removes what ran there.
func (n *Node) Rejoin(ctx context.Context, certificates string, api client.Reader) error {
	n.options.Certificates, n.options.API = certificates, api
	if err := n.configure(); err != nil {
		return err
	}
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	return n.join(ctx)
}

// booted is what containerd says once all of it works: it answers before, and a kubelet that comes
// while it looks at what ran before ends.
const booted = "containerd successfully booted"

func (n *Node) startContainerd(ctx context.Context) error {
	before := n.says("containerd", booted)
	if err := n.launch("containerd", filepath.Join(n.options.Bin, "containerd"), "--config", n.path("containerd.toml")); err != nil {
		return err
	}
	err := n.running["containerd"].AwaitReady(ctx, func(ctx context.Context) bool {
		return n.says("containerd", booted) > before && n.ctr(ctx, "version") == nil
	})
	if err != nil {
		return fmt.Errorf("containerd: %w", err)
	}
	n.options.Progressf("containerd is ready")
	return nil
}

// says counts how often a part has said something.
func (n *Node) says(part, what string) int {
	text, err := os.ReadFile(n.Log(part))
	if err != nil {
		return 0 // it has said nothing yet
	}
	return strings.Count(string(text), what)
}

// Import brings an image from an OCI archive.
func (n *Node) Import(ctx context.Context, archive string) error {
	if err := n.ctr(ctx, "--namespace", "k8s.io", "images", "import", archive); err != nil {
		return fmt.Errorf("importing %s: %w", filepath.Base(archive), err)
	}
	n.options.Progressf("%s is imported", filepath.Base(archive))
	return nil
}

func (n *Node) ctr(ctx context.Context, args ...string) error {
	args = append([]string{"--address", socket}, args...)
	out, err := exec.CommandContext(ctx, filepath.Join(n.options.Bin, "ctr"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr %s: %w: %s", args[2], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// launch starts a program in the node's network.
func (n *Node) launch(name, path string, args ...string) error {
	p, err := process.Start(process.Spec{
		Path: "nsenter",
		Args: append([]string{"--net=" + namespacePath, "--", path}, args...),
		// containerd looks for its shim and for runc on the PATH.
		Env: []string{"PATH=" + n.options.Bin + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"},
		Log: n.Log(name),
	})
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	n.running[name] = p
	return nil
}

func (n *Node) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, errNotReady)
	defer cancel()
	err := n.running["kubelet"].AwaitReady(ctx, func(ctx context.Context) bool {
		node := &corev1.Node{}
		return n.options.API.Get(ctx, client.ObjectKey{Name: Name}, node) == nil && isReady(node)
	})
	if err != nil {
		return fmt.Errorf("kubelet: %w", err)
	}
	return nil
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Alive returns an error if a part of the node has ended.
func (n *Node) Alive() error {
	for name, p := range n.running {
		if !p.Alive() {
			return fmt.Errorf("%s: %w; see %s", name, errNotStarted, n.Log(name))
		}
	}
	return nil
}

// Stop ends the node's own processes. Containers end with the sandbox.
func (n *Node) Stop() error {
	var failures []error
	for _, name := range []string{"kube-proxy", "kubelet", "containerd"} {
		if p, ok := n.running[name]; ok {
			failures = append(failures, p.Stop(stopWait))
		}
	}
	return errors.Join(failures...)
}

// Log returns the path of the log of containerd, kubelet or kube-proxy.
func (n *Node) Log(name string) string { return n.path("log", name+".log") }

func (n *Node) path(elem ...string) string {
	return filepath.Join(append([]string{n.options.Dir}, elem...)...)
}

// write writes a file of configuration.
func (n *Node) write(name, text string) error {
	path := n.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing configuration: %w", err)
	}
	return nil
}
