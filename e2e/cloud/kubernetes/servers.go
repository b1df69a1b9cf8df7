// SPDX-License-Identifier: Apache-2.0

// Package kubernetes runs real Kubernetes API servers behind the endpoints of the
// clusters that local clouds provision: each is a process of its own with its own
// certificates, asks its cloud whose a bearer token is, and has the nodes that the
// cloud says it has. Nothing runs on a node, but pods go through their lives there,
// Services get addresses and claims get volumes, as clients of a cluster see them.
package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
)

// startWait is how long a control plane may take to be ready on a busy machine.
const startWait = 2 * time.Minute

// Options say how to run API servers.
type Options struct {
	// Program holds every Kubernetes component. Where it is empty there are no
	// API servers, and endpoints are closed ports.
	Program string
	// Log gets what goes wrong.
	Log *slog.Logger
}

// Endpoint is where clients reach an API server.
type Endpoint struct {
	URL string
	CA  []byte // PEM
}

// User is who a token makes a client.
type User struct {
	Name   string
	UID    string
	Groups []string
	Extra  map[string][]string
}

// Authenticate says whose a bearer token is; false refuses it.
type Authenticate func(token string) (User, bool)

// Servers are the API servers of a cloud.
type Servers struct {
	program string
	log     *slog.Logger
	front   *front
	// balancerIPs are of a network in which local clouds have no databases.
	balancerIPs addresses

	mu     sync.Mutex
	byID   map[string]*server
	closed bool
}

// New returns no server yet.
func New(o Options) (*Servers, error) {
	s := &Servers{program: o.Program, log: o.Log, byID: map[string]*server{}, balancerIPs: addresses{network: "127.255"}}
	// Other clouds on this machine begin elsewhere.
	s.balancerIPs.last.Store(rand.Uint32N(perByte * perByte)) // #nosec G404 -- nobody gains by a guess
	if s.program == "" {
		return s, nil
	}
	var err error
	s.front, err = listen(s.authenticate)
	return s, err
}

// Start starts a server and calls ready, not before it returns, when that can be
// used or when err says why it can't. Without a program there is nothing to
// start: the endpoint is a port that refuses connections.
func (s *Servers) Start(id string, authenticate Authenticate, ready func(at Endpoint, err error)) {
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	one := &server{id: id, authenticate: authenticate, cancel: cancel, log: s.log,
		started: make(chan struct{}), changed: make(chan struct{}, 1), ending: make(chan struct{}), balancerIPs: &s.balancerIPs}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		cancel()
		return
	}
	s.byID[id] = one
	go func() {
		defer cancel()
		at, err := s.start(ctx, one)
		close(one.started)
		ready(at, err)
	}()
}

func (s *Servers) start(ctx context.Context, one *server) (Endpoint, error) {
	if s.program == "" {
		return closedPort(ctx)
	}
	at, err := one.start(ctx, s.program, s.front.url(one.id))
	if err == nil {
		one.working.Go(one.keep)
		one.working.Go(one.live)
	}
	return at, err
}

// Stop ends a server and forgets its data. It returns at once.
func (s *Servers) Stop(id string) {
	s.mu.Lock()
	one, ok := s.byID[id]
	delete(s.byID, id)
	s.mu.Unlock()
	if ok {
		go one.end()
	}
}

// Keep says what there is to be in a server from now on.
func (s *Servers) Keep(id string, want Content) {
	s.mu.Lock()
	one, ok := s.byID[id]
	s.mu.Unlock()
	if ok && s.program != "" {
		one.want(want)
	}
}

// Clear ends all servers.
func (s *Servers) Clear() {
	s.mu.Lock()
	ended := s.byID
	s.byID = map[string]*server{}
	s.mu.Unlock()
	var all sync.WaitGroup
	for _, one := range ended {
		all.Go(one.end)
	}
	all.Wait()
}

// Close ends everything for good.
func (s *Servers) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.Clear()
	if s.front == nil {
		return nil
	}
	return s.front.close()
}

func (s *Servers) authenticate(id, token string) (User, bool) {
	s.mu.Lock()
	one, ok := s.byID[id]
	s.mu.Unlock()
	if !ok {
		return User{}, false
	}
	return one.authenticate(token)
}

// closedPort returns an endpoint that refuses connections, with a certificate
// that verifies nothing.
func closedPort(ctx context.Context) (Endpoint, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Endpoint{}, fmt.Errorf("choosing a port: %w", err)
	}
	defer func() { _ = l.Close() }()
	ca, err := authority()
	return Endpoint{URL: "https://" + l.Addr().String(), CA: ca}, err
}

// folder makes the folder of a server. Its path is short: sockets are in it.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "local-cloud-kubernetes-")
	if err != nil {
		return "", fmt.Errorf("making a folder for an API server: %w", err)
	}
	return dir, nil
}

// launch starts a control plane whose API server asks the webhook about tokens.
func launch(ctx context.Context, program, dir, webhook string) (*controlplane.ControlPlane, error) {
	config := filepath.Join(dir, "webhook.kubeconfig")
	if err := os.WriteFile(config, webhookConfig(webhook), 0o600); err != nil {
		return nil, fmt.Errorf("writing the configuration of the token webhook: %w", err)
	}
	plane, err := controlplane.Start(ctx, controlplane.Options{
		Binary: program, Dir: dir,
		APIServerArgs: []string{
			"--authentication-token-webhook-config-file=" + config,
			"--authentication-token-webhook-version=v1",
			"--authentication-token-webhook-cache-ttl=0s",
		},
		// Nobody sends the heartbeats of nodes that are only objects.
		ControllerArgs: []string{"--controllers=*,-node-lifecycle-controller,-taint-eviction-controller"},
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return plane, nil
}
