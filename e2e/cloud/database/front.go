// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// front accepts clients and leads them to their database. All databases share
// one port: an endpoint is told by its address, 127.x.y.z, all of which a
// machine answers to. A database that asked for a port gets a listener of its
// own there, if the port is free.
type front struct {
	shared net.Listener
	log    *slog.Logger
	net    network

	mu   sync.Mutex
	next int
	at   map[string]*instance // by "address:port"
	own  map[string]net.Listener
}

// errFull says that all addresses have been given.
var errFull = errors.New("no address left for a database")

// mostAddresses is how many addresses 127.x.y.z there are for one x.
const mostAddresses = 1<<16 - 2

func newFront(log *slog.Logger) (*front, error) {
	l, err := listenLoopback()
	if err != nil {
		return nil, err
	}
	network, err := claimNetwork()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	f := &front{shared: l, log: log, net: network, at: map[string]*instance{}, own: map[string]net.Listener{}}
	go f.accept(l)
	return f, nil
}

// listenLoopback listens on all addresses of the loopback device, and on no
// other device.
func listenLoopback() (net.Listener, error) {
	bind := func(_, _ string, c syscall.RawConn) error {
		var failed error
		if err := c.Control(func(fd uintptr) {
			failed = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "lo")
		}); err != nil {
			return fmt.Errorf("reaching the socket: %w", err)
		}
		if failed != nil {
			return fmt.Errorf("keeping the socket to loopback: %w", failed)
		}
		return nil
	}
	config := net.ListenConfig{Control: bind}
	l, err := config.Listen(context.Background(), "tcp4", "0.0.0.0:0")
	if err != nil {
		return nil, fmt.Errorf("listening for clients of databases: %w", err)
	}
	return l, nil
}

// place gives i an endpoint, at the port that it wants if that can be had.
func (f *front) place(i *instance, port int32) (Endpoint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	address, err := f.address()
	if err != nil {
		return Endpoint{}, err
	}
	i.address = address
	i.setPort(f.sharedPort())
	f.at[i.endpoint().String()] = i
	if port != 0 {
		f.rehouse(i, port)
	}
	return i.endpoint(), nil
}

// move takes i to another port, if that can be had.
func (f *front) move(i *instance, port int32) Endpoint {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rehouse(i, port)
	return i.endpoint()
}

// rehouse does what move does; f.mu is held.
func (f *front) rehouse(i *instance, port int32) {
	next := Endpoint{Address: i.address, Port: port}
	if next == i.endpoint() || (port != f.sharedPort() && !f.listen(next)) {
		return
	}
	f.vacate(i)
	i.setPort(port)
	f.at[next.String()] = i
}

// leave takes i's endpoint away.
func (f *front) leave(i *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.vacate(i)
}

// vacate does what leave does; f.mu is held.
func (f *front) vacate(i *instance) {
	at := i.endpoint().String()
	delete(f.at, at)
	if l, ok := f.own[at]; ok {
		_ = l.Close() // nothing to lose
		delete(f.own, at)
	}
}

// String returns "address:port".
func (e Endpoint) String() string { return fmt.Sprintf("%s:%d", e.Address, e.Port) }

// address returns the next address that no database has; f.mu is held.
func (f *front) address() (string, error) {
	if f.next >= mostAddresses {
		return "", errFull
	}
	f.next++
	return net.IPv4(127, f.net.number, byte(f.next>>8), byte(f.next)).String(), nil //nolint:gosec // G115: below mostAddresses, which fits
}

func (f *front) sharedPort() int32 { return portOf(f.shared) }

func portOf(l net.Listener) int32 {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return int32(a.Port) //nolint:gosec // a port fits
	}
	return 0
}

// listen says whether it could get a listener for e alone; f.mu is held.
func (f *front) listen(e Endpoint) bool {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp4", e.String())
	if err != nil {
		f.log.Warn("port not free, using another", "endpoint", e.String(), "error", err)
		return false
	}
	f.own[e.String()] = l
	go f.accept(l)
	return true
}

func (f *front) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			f.log.Warn("cannot accept a client", "error", err)
			time.Sleep(100 * time.Millisecond) // too many open files, most likely
		default:
			go f.route(c)
		}
	}
}

func (f *front) route(c net.Conn) {
	f.mu.Lock()
	i, ok := f.at[c.LocalAddr().String()]
	f.mu.Unlock()
	if !ok {
		_ = c.Close() // nobody lives there
		return
	}
	i.admit(c)
}

func (f *front) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.net.release()
	_ = f.shared.Close() // nothing to lose
	for _, l := range f.own {
		_ = l.Close()
	}
}
