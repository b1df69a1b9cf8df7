// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// services stands in for an API that has Services: by namespace and name, their addresses.
type services map[client.ObjectKey]string

var errNone = errors.New("there is none")

func (s services) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	address, ok := s[key]
	service, isService := into.(*corev1.Service)
	if !ok || !isService {
		return errNone
	}
	service.Spec.ClusterIP = address
	return nil
}

func (services) List(context.Context, client.ObjectList, ...client.ListOption) error { return errNone }

// The resolver is Go's own, as in the operators.
func TestNamesOfServices(t *testing.T) {
	api := services{{Namespace: "crossplane-system", Name: "core-operator"}: "10.96.1.2", {Namespace: "shop", Name: "headless"}: "None"}
	const address = "127.0.0.1:20053"
	if err := serveNames(t.Context(), address, api); err != nil {
		t.Fatal(err)
	}
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", address)
	}}
	for name, want := range map[string]string{
		"core-operator.crossplane-system.svc.cluster.local.":   "10.96.1.2",
		"CORE-operator.crossplane-system.SVC.cluster.local.":   "10.96.1.2",
		"core-operator.shop.svc.cluster.local.":                "",
		"headless.shop.svc.cluster.local.":                     "",
		"a.core-operator.crossplane-system.svc.cluster.local.": "",
		"core-operator.svc.cluster.local.":                     "",
		"rds.us-east-1.amazonaws.com.":                         "",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			got, err := resolver.LookupHost(ctx, name)
			var unknown *net.DNSError
			if want == "" && (!errors.As(err, &unknown) || !unknown.IsNotFound) {
				t.Errorf("got %v and %v, want that there is none", got, err)
			}
			if want != "" && (err != nil || len(got) != 1 || got[0] != want) {
				t.Errorf("got %v and %v, want %s", got, err, want)
			}
		})
	}
}

func TestWhatIsNoQuestionGetsNoAnswer(t *testing.T) {
	for _, asked := range []string{"", "x", strings.Repeat("\x00", 12)} {
		if answered, err := answer(t.Context(), []byte(asked), services{}); err == nil {
			t.Errorf("%q was answered: %q", asked, answered)
		}
	}
}

// A client that has said all it had to say still gets the answer.
func TestForward(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			asked, _ := io.ReadAll(conn)
			_, _ = conn.Write([]byte("heard " + string(asked)))
			_ = conn.Close()
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	const from = "127.0.0.2:20054"
	if err := forward(ctx, from, server.Addr().String()); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("a question")); err != nil {
		t.Fatal(err)
	}
	if half, ok := conn.(*net.TCPConn); !ok || half.CloseWrite() != nil {
		t.Fatal("the connection can't be closed by half")
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "heard a question" {
		t.Errorf("got %q, %v", got, err)
	}
	cancel()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", from)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("it still listens")
		}
	}
}

func TestANodeNeedsASandbox(t *testing.T) {
	if _, err := Start(t.Context(), Options{Dir: t.TempDir()}); !errors.Is(err, errNoSandbox) {
		t.Errorf("starting one outside: %v", err)
	}
	if err := Connect(t.Context()); !errors.Is(err, errNoSandbox) {
		t.Errorf("making a network outside: %v", err)
	}
}

func TestWhatIsMissingIsSaidWithItsPackage(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	want := "apt-get install --no-install-recommends conntrack containernetworking-plugins iproute2 iptables nftables runc"
	err := Check()
	if err == nil {
		t.Skip("everything is installed where it is always looked for")
	}
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want what to type", err)
	}
}
