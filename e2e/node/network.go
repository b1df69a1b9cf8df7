// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/node/sandbox"
)

// namespacePath is the node's network.
const namespacePath = "/run/netns/" + Name

// Connect makes the node's network and joins it to the sandbox's. It has to be there before what
// nodes reach at Outside.
func Connect(ctx context.Context) error {
	if sandbox.Group() == "" {
		return errNoSandbox
	}
	const enter = "nsenter --net=" + namespacePath + " -- "
	for _, command := range []string{
		"ip netns add " + Name,
		"ip link add outside type veth peer name eth0 netns " + Name,
		"ip address add " + Outside + "/30 dev outside",
		"ip link set outside up",
		enter + "ip link set lo up",
		enter + "ip address add " + Inside + "/30 dev eth0",
		enter + "ip link set eth0 up",
		enter + "sh -c \"echo 1 >/proc/sys/net/ipv4/ip_forward\"",
		"ip route add 10.244.0.0/16 via " + Inside,
		"ip route add 10.96.0.0/16 via " + Inside,
	} {
		out, err := exec.CommandContext(ctx, "sh", "-c", command).CombinedOutput()
		if err != nil {
			return fmt.Errorf("making the network: %s: %w: %s", command, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// Forward lets pods reach a server on the sandbox's loopback interface, at the same port of Outside,
// until ctx ends. The server need not be up yet.
func Forward(ctx context.Context, port string) error {
	return forward(ctx, net.JoinHostPort(Outside, port), net.JoinHostPort("127.0.0.1", port))
}

func forward(ctx context.Context, from, to string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", from)
	if err != nil {
		return fmt.Errorf("listening for pods: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // it was closed
			}
			go pass(ctx, conn, to)
		}
	}()
	return nil
}

// pass copies both ways until both sides have said all they had to say.
func pass(ctx context.Context, from net.Conn, to string) {
	defer func() { _ = from.Close() }()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
	if err != nil {
		return // the client sees its connection end, as it would without us
	}
	defer func() { _ = conn.Close() }()
	done := make(chan error, 2)
	go func() { done <- copyHalf(conn, from) }()
	go func() { done <- copyHalf(from, conn) }()
	_ = errors.Join(<-done, <-done)
}

// copyHalf passes on what one side says, and that it has ended.
func copyHalf(to, from net.Conn) error {
	_, err := io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, half.CloseWrite())
	}
	return err
}
