// SPDX-License-Identifier: Apache-2.0

// Package stack runs everything together on one machine: a Kubernetes control plane, the local
// clouds, and the operators as processes with the permissions that their charts give them.
//
// A stack lives in a folder. It may outlive the process that started it and be opened again by
// another; what it started is known there by process id and start time.
package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

// stopWait is how long a process may take to end when it is asked to.
const stopWait = 10 * time.Second

// Stack is one that is up.
type Stack struct {
	options Options
	layout  layout
	state   state
	began   time.Time
	marks   []net.Listener // of the stack's ports

	// running has a handle on each process that was started; those that ended are in it too.
	running map[string]*process.Process

	// Config reaches the API as an administrator.
	Config *rest.Config
	// Client reads and writes the API directly as an administrator. It knows Kubernetes' own kinds.
	Client client.Client
}

// Up starts a stack and returns once all of it is ready. If that fails, everything that was
// started is ended, and the folder keeps the logs.
func Up(ctx context.Context, options Options) (*Stack, error) {
	options, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("starting a stack: %w", err)
	}
	s := &Stack{options: options, layout: layout(options.Dir), began: time.Now(), running: map[string]*process.Process{}}
	if err := errors.Join(s.layout.make(), s.linkKubectl()); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting a stack: %w", err), s.end())
	}
	return s, nil
}

// start brings everything up. Clouds need nobody else: they come up beside the control plane.
func (s *Stack) start(ctx context.Context) error {
	if err := s.choosePorts(ctx); err != nil {
		return err
	}
	for _, c := range s.options.clouds() {
		if err := s.startCloud(c); err != nil {
			return err
		}
	}
	if err := s.startControlPlane(ctx); err != nil {
		return err
	}
	for _, c := range s.options.clouds() {
		if err := s.awaitCloud(ctx, c); err != nil {
			return err
		}
	}
	return s.startOperators(ctx)
}

func (s *Stack) startOperators(ctx context.Context) error {
	for _, name := range s.options.Operators {
		if err := s.Install(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range s.options.Operators {
		if err := s.launch(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range s.options.Operators {
		if err := s.awaitOperator(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Down ends every process of the stack, the operators first, and removes its folder.
func (s *Stack) Down() error {
	if err := s.end(); err != nil {
		return err
	}
	if err := os.RemoveAll(s.options.Dir); err != nil {
		return fmt.Errorf("removing the stack's folder: %w", err)
	}
	return nil
}

// end ends every process, in the opposite order of their start, and forgets the stack. The control
// plane has nothing to finish: its data go.
func (s *Stack) end() error {
	defer unmark(s.marks)
	var failures []error
	for _, name := range slices.Backward(s.names()) {
		finish := s.Stop
		if name == ControlPlane {
			finish = s.Kill
		}
		if err := finish(name); err != nil && !errors.Is(err, ErrNoProcess) {
			failures = append(failures, err)
		}
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	return s.layout.forget()
}

func (s *Stack) startControlPlane(ctx context.Context) error {
	s.progressf("starting the control plane")
	plane, err := controlplane.Start(ctx, controlplane.Options{
		Binary:        s.program(hyperkube),
		Dir:           s.layout.data(ControlPlane),
		Log:           s.layout.log(ControlPlane),
		Port:          s.state.Ports[ControlPlane],
		Address:       s.options.Address,
		AuditLog:      s.layout.auditLog(),
		AuditReaders:  s.options.readers(),
		APIServerArgs: s.options.Args[ControlPlane],
		Detach:        s.options.Detach,
		Started:       func(p *process.Process) error { return s.register(ControlPlane, p) },
	})
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	if err := os.WriteFile(s.layout.kubeconfig("admin"), plane.Kubeconfig, private); err != nil {
		return fmt.Errorf("writing the administrator's kubeconfig: %w", err)
	}
	s.progressf("control plane ready at %s", plane.Config.Host)
	return s.connect(plane.Config)
}

// connect makes the administrator's client.
func (s *Stack) connect(config *rest.Config) error {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return fmt.Errorf("adding Kubernetes' own kinds to a scheme: %w", err)
	}
	direct, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("making the administrator's client: %w", err)
	}
	s.Config, s.Client = config, direct
	return nil
}

// Open returns the stack in a folder, which another process has started. ErrNotUp if there is none.
func Open(dir string) (*Stack, error) {
	at := layout(dir)
	saved, err := at.load()
	if err != nil {
		return nil, err
	}
	options, err := Options{Dir: dir, Root: saved.Root, Bin: saved.Bin, Detach: true}.complete()
	if err != nil {
		return nil, fmt.Errorf("opening a stack: %w", err)
	}
	options.Operators, options.Clouds, options.PollInterval = saved.Operators, saved.Clouds, saved.PollInterval
	options.Args, options.Env = saved.Args, saved.Env
	s := &Stack{options: options, layout: layout(options.Dir), state: saved, began: time.Now(), running: map[string]*process.Process{}}
	if err := s.attach(); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.Kubeconfig())
	if err != nil {
		return s, nil //nolint:nilerr // it ended before its API server was ready: there is nothing but its processes
	}
	config.QPS = -1
	return s, s.connect(config)
}

// Operators returns the names of the operators that the stack was started with.
func (s *Stack) Operators() []string { return s.options.Operators }

// Kubeconfig returns the path of the administrator's kubeconfig.
func (s *Stack) Kubeconfig() string { return s.layout.kubeconfig("admin") }

// Certificates returns the folder with the control plane's certificates, and a kubeconfig for each of
// Kubernetes' own components.
func (s *Stack) Certificates() string { return filepath.Join(s.layout.data(ControlPlane), "pki") }

// Kubectl returns the path of a kubectl that fits the control plane.
func (s *Stack) Kubectl() string { return s.program("kubectl") }

// linkKubectl makes the program that holds every Kubernetes component answer as kubectl too.
func (s *Stack) linkKubectl() error {
	if err := os.Symlink(hyperkube, s.Kubectl()); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("linking kubectl: %w", err)
	}
	return nil
}

// Log returns the path of a process's log.
func (s *Stack) Log(name string) string { return s.layout.log(name) }

// Audit returns the API server's record of mutating requests, and of the operators' reads with AuditReads.
func (s *Stack) Audit() audit.Log { return audit.Open(s.layout.auditLog()) }

// Metrics returns the URL of an operator's metrics.
func (s *Stack) Metrics(name string) string {
	return "http://" + s.state.address(metricsOf(name)) + "/metrics"
}

// progressf tells a step with the seconds since the start.
func (s *Stack) progressf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.options.Progress, "[%5.1f s] %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// listens says whether there is a server at an address.
func listens(ctx context.Context, address string) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// ready says whether a server says that it is.
func ready(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
