// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
)

// again is how often a server's content is looked at though nobody changed it.
const again = 5 * time.Second

// callWait is how long one look may take.
const callWait = 30 * time.Second

// server is one API server.
type server struct {
	id           string
	authenticate Authenticate
	cancel       context.CancelFunc // ends its start
	log          *slog.Logger

	started chan struct{} // closed when its start has come to an end, well or not
	plane   *controlplane.ControlPlane
	dir     string
	api     client.Client

	changed chan struct{}  // wakes keep
	ending  chan struct{}  // closed to end what works on it
	working sync.WaitGroup // keep and live

	balancerIPs *addresses // of all servers of the cloud

	mu      sync.Mutex
	content Content
}

func (s *server) start(ctx context.Context, program, webhook string) (Endpoint, error) {
	dir, err := folder()
	if err != nil {
		return Endpoint{}, err
	}
	plane, err := launch(ctx, program, dir, webhook)
	if err != nil {
		return Endpoint{}, err
	}
	api, err := client.New(plane.Config, client.Options{})
	if err != nil {
		return Endpoint{}, errors.Join(fmt.Errorf("making a client of an API server: %w", err), plane.Kill(), os.RemoveAll(dir))
	}
	s.plane, s.dir, s.api = plane, dir, api
	return Endpoint{URL: plane.Config.Host, CA: plane.Config.CAData}, nil
}

// want notes what is to be in the server, and wakes who sees to it.
func (s *server) want(c Content) {
	s.mu.Lock()
	s.content = c
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default: // it is awake already
	}
}

// keep sees to the server's content until the server ends.
func (s *server) keep() {
	ticker := time.NewTicker(again)
	defer ticker.Stop()
	for {
		select {
		case <-s.ending:
			return
		case <-s.changed:
		case <-ticker.C:
		}
		s.mu.Lock()
		want := s.content
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), callWait)
		if err := want.apply(ctx, s.api); err != nil {
			s.log.Warn("cannot keep a cluster's content", "cluster", s.id, "error", err)
		}
		cancel()
	}
}

// end ends the server, whether or not it has started.
func (s *server) end() {
	s.cancel()
	<-s.started
	if s.plane == nil {
		return
	}
	close(s.ending)
	s.working.Wait()
	if err := s.plane.Kill(); err != nil { // its data go with it: it has nothing to finish
		s.log.Error("cannot end an API server", "cluster", s.id, "error", err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		s.log.Error("cannot remove an API server's data", "cluster", s.id, "error", err)
	}
}
