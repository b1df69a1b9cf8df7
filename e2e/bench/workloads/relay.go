// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// mode is what a relay does with connections, those that are open included.
type mode int

const (
	passing  mode = iota
	silent        // accepts them, and nothing comes of it
	refusing      // nobody listens
)

const listenAttempts = 30

// relay is a target's way to the cluster.
type relay struct {
	address string
	to      string

	mu       sync.Mutex
	mode     mode
	listener net.Listener
	open     map[net.Conn]bool
	passes   chan struct{} // closed while what is read is passed on
}

func newRelay(ctx context.Context, to string) (*relay, error) {
	r := &relay{address: "127.0.0.1:0", to: to, open: map[net.Conn]bool{}, passes: make(chan struct{})}
	close(r.passes)
	return r, r.listen(ctx)
}

// listen listens, the second time at the address of the first. Meanwhile some
// connection of another program may have come to use the port.
func (r *relay) listen(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", r.address)
	for n := 0; err != nil && n < listenAttempts; n++ {
		time.Sleep(time.Second)
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", r.address)
	}
	if err != nil {
		return fmt.Errorf("listening for a target: %w", err)
	}
	r.listener, r.address = listener, listener.Addr().String()
	go r.accept(listener) //nolint:contextcheck // until it is closed
	return nil
}

func (r *relay) accept(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return // it has been closed
		}
		go r.serve(from)
	}
}

func (r *relay) serve(from net.Conn) {
	to, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", r.to)
	if err != nil {
		_ = from.Close()
		return
	}
	r.hold(from, to)
	go r.copy(to, from)
	r.copy(from, to)
}

// hold keeps connections to hang up on them; one that was accepted a moment too
// late gets nowhere.
func (r *relay) hold(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		if r.open[c] = true; r.mode == refusing {
			_ = c.Close()
		}
	}
}

// copy passes on what it reads, as long as the relay does.
func (r *relay) copy(to, from net.Conn) {
	defer func() {
		_ = to.Close()
		r.mu.Lock()
		delete(r.open, to)
		r.mu.Unlock()
	}()
	_, _ = io.Copy(patient{to, r}, from) // either end may end it
}

// patient waits with a write while the relay is silent.
type patient struct {
	io.Writer

	relay *relay
}

// Write implements io.Writer.
func (p patient) Write(b []byte) (int, error) {
	p.relay.mu.Lock()
	passes := p.relay.passes
	p.relay.mu.Unlock()
	<-passes
	return p.Writer.Write(b) //nolint:wrapcheck // as it says
}

// set changes what the relay does. What was held back by a silent one is lost, as
// with a machine that comes back.
func (r *relay) set(ctx context.Context, m mode) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.mode
	if r.mode = m; m == before {
		return nil
	}
	if m == silent {
		r.passes = make(chan struct{})
		return nil
	}
	if m == refusing {
		_ = r.listener.Close()
	}
	r.hangUp()
	if before == silent {
		close(r.passes)
	}
	if before == refusing {
		return r.listen(ctx)
	}
	return nil
}

// hangUp ends all connections. r.mu is held.
func (r *relay) hangUp() {
	for c := range r.open {
		_ = c.Close()
	}
}

func (r *relay) close() { _ = r.set(context.Background(), refusing) }
