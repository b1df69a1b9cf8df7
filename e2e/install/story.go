// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/node"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const (
	// cloudDelay is how long the local clouds take for anything.
	cloudDelay = time.Second
	// pollInterval is how often operators look at what is at rest.
	pollInterval = 10 * time.Second
	// tenant is the namespace of the developer.
	tenant = "shop"
)

// story is one that is being told: a control plane with local clouds, and a node.
type story struct {
	options Options
	out     io.Writer
	began   time.Time
	stack   *stack.Stack
	// first is the control plane whose place another one has taken.
	first *stack.Stack
	// installed is the folder of the release that charts are taken from.
	installed string
	// renamed are the operators whose release has another name than theirs.
	renamed map[string]string
	// former is the uid of the cluster that this one takes the place of.
	former  string
	node    *node.Node
	aws     *control.Client
	figures []Figure
	// judged is where the record of requests is judged from.
	judged audit.Mark
	// more is how many claims there are beyond those that were asked for.
	more int
	// elsewhere is how many of other clouds than AWS.
	elsewhere int
	// kubeconfig is that of the control plane which commands are for.
	kubeconfig string
	release    func() // ends what serves pods
	silence    func() // ends what tells them names
}

// begin starts everything but the operators.
func (s *story) begin(ctx context.Context) error {
	if err := node.Connect(ctx); err != nil {
		return err
	}
	var err error
	s.stack, err = stack.Up(ctx, stack.Options{
		Dir: filepath.Join(s.options.Dir, "stack"), Root: s.options.Root, CloudDelay: cloudDelay,
		Clouds: []string{stack.LocalAWS, stack.LocalGCP, stack.LocalAzure}, Address: node.Outside, AuditReads: true, Progress: s.out,
	})
	if err != nil {
		return fmt.Errorf("starting the control plane: %w", err)
	}
	s.kubeconfig = s.stack.Kubeconfig()
	if s.aws, err = s.stack.Control(stack.LocalAWS); err != nil {
		return fmt.Errorf("finding the local AWS: %w", err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.release = stop
	if err := errors.Join(s.serveClouds(serving), s.serveNames(ctx)); err != nil {
		return err
	}
	return s.startNode(ctx)
}

// serveNames lets pods find Services by name.
func (s *story) serveNames(ctx context.Context) error {
	if s.silence != nil {
		s.silence()
	}
	var serving context.Context
	serving, s.silence = context.WithCancel(context.WithoutCancel(ctx))
	return await(ctx, "names are served", func(context.Context) (bool, error) {
		err := node.ServeNames(serving, s.stack.Client)
		return err == nil, err // who served them before may not have ended yet
	})
}

// serveClouds lets pods reach the clouds.
func (s *story) serveClouds(ctx context.Context) error {
	for _, cloud := range s.stack.Clouds() {
		endpoint, err := url.Parse(s.stack.CloudURL(cloud))
		if err != nil {
			return fmt.Errorf("reading the address of %s: %w", cloud, err)
		}
		if err := node.Forward(ctx, endpoint.Port()); err != nil {
			return fmt.Errorf("opening %s to pods: %w", cloud, err)
		}
	}
	return nil
}

func (s *story) startNode(ctx context.Context) error {
	archives, err := filepath.Glob(filepath.Join(s.options.Release, "images", "*.oci.tar"))
	if err != nil {
		return fmt.Errorf("looking for images: %w", err)
	}
	before, err := filepath.Glob(filepath.Join(s.options.Before, "images", "*.oci.tar"))
	if err != nil {
		return fmt.Errorf("looking for images: %w", err)
	}
	began := time.Now()
	s.node, err = node.Start(ctx, node.Options{
		Dir: filepath.Join(s.options.Dir, "node"), Bin: filepath.Join(s.options.Root, ".cache", "bin"),
		Certificates: s.stack.Certificates(), Sandbox: pauseImage, Images: slices.Concat([]string{s.options.Pause}, archives, before),
		API: s.stack.Client, Progressf: s.progressf,
	})
	if err != nil {
		return err
	}
	s.figure("node.ready", time.Since(began).Seconds(), "s")
	return s.weighImages(archives)
}

// pauseImage is the image that holds pods' namespaces, as it is named in its archive.
const pauseImage = "ghcr.io/crossplaneio/pause:e2e"

// end ends what was started. The sandbox ends the rest.
func (s *story) end() error {
	var failures []error
	if s.release != nil {
		s.release()
	}
	if s.silence != nil {
		s.silence()
	}
	if s.node != nil {
		failures = append(failures, s.node.Stop())
	}
	for _, up := range []*stack.Stack{s.stack, s.first} {
		if up != nil {
			failures = append(failures, up.Down())
		}
	}
	return errors.Join(failures...)
}

// endpoint is where pods reach a cloud.
func (s *story) endpoint(cloud string) (string, error) {
	inside, err := url.Parse(s.stack.CloudURL(cloud))
	if err != nil {
		return "", fmt.Errorf("reading the address of %s: %w", cloud, err)
	}
	return inside.Scheme + "://" + node.Outside + ":" + inside.Port(), nil
}

// chart returns the archive of an operator's chart, of the release that is installed.
func (s *story) chart(operator string) (string, error) { return chartIn(s.installed, operator) }

func chartIn(release, operator string) (string, error) {
	found, err := filepath.Glob(filepath.Join(release, "charts", operator+"-*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("looking for the chart of %s: %w: %q", operator, errors.Join(err, errNotOne), found)
	}
	return found[0], nil
}

var errNotOne = errors.New("want one file")

func (s *story) progressf(format string, args ...any) {
	fmt.Fprintf(s.out, "[%5.1f s] %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

func (s *story) sayf(format string, args ...any) {
	fmt.Fprintf(s.out, "\n"+format+"\n", args...)
}

// showWhy shows what helps to find out why a step did not hold.
func (s *story) showWhy(ctx context.Context) {
	if s.stack == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	for _, args := range [][]string{
		{"get", "pods", "--all-namespaces", "--output=wide"},
		{"events", "--all-namespaces"},
		{"get", "claims,managed", "--all-namespaces"},
		{"-n", operators, "logs", "--selector=app.kubernetes.io/part-of=crossplane", "--tail=30", "--prefix"},
	} {
		if err := s.kubectl(ctx, args...); err != nil {
			fmt.Fprintln(s.out, "  "+err.Error())
		}
	}
	if s.node == nil {
		return
	}
	const tail = 3000
	for _, name := range []string{"containerd", "kubelet", "kube-proxy"} {
		text, err := os.ReadFile(s.node.Log(name))
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(s.out, "\n--- the end of %s's log\n%s\n", name, text[max(0, len(text)-tail):])
	}
}
