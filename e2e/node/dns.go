// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	clusterDomain = ".svc.cluster.local."
	// ttl is short: Services come and go under tests.
	ttl = 1
	// longest is the longest question that comes by UDP, in bytes.
	longest = 512
)

// ServeNames answers pods' questions for the addresses of Services, at Outside, until ctx ends. Other
// names do not exist.
func ServeNames(ctx context.Context, api client.Reader) error {
	return serveNames(ctx, net.JoinHostPort(Outside, "53"), api)
}

func serveNames(ctx context.Context, address string, api client.Reader) error {
	conn, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
	if err != nil {
		return fmt.Errorf("listening for questions about names: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	go func() {
		for {
			question := make([]byte, longest)
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return // it was closed
			}
			go func() {
				if answer, err := answer(ctx, question[:n], api); err == nil {
					_, _ = conn.WriteTo(answer, from) // who does not get it asks again
				}
			}()
		}
	}()
	return nil
}

// answer answers one question. What is no question gets no answer.
func answer(ctx context.Context, asked []byte, api client.Reader) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(asked)
	if err != nil {
		return nil, fmt.Errorf("reading a question: %w", err)
	}
	question, err := parser.Question()
	if err != nil {
		return nil, fmt.Errorf("reading a question: %w", err)
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question},
	}
	address, found := serviceAddress(ctx, question.Name.String(), api)
	switch {
	case !found:
		message.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		message.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: ttl},
			Body:   &dnsmessage.AResource{A: address.As4()},
		}}
	}
	packed, err := message.Pack()
	if err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	return packed, nil
}

// serviceAddress finds SERVICE.NAMESPACE.svc.cluster.local.
func serviceAddress(ctx context.Context, name string, api client.Reader) (netip.Addr, bool) {
	short, ok := strings.CutSuffix(strings.ToLower(name), clusterDomain)
	if !ok {
		return netip.Addr{}, false
	}
	service, namespace, ok := strings.Cut(short, ".")
	if !ok || strings.Contains(namespace, ".") {
		return netip.Addr{}, false
	}
	found := &corev1.Service{}
	if err := api.Get(ctx, client.ObjectKey{Namespace: namespace, Name: service}, found); err != nil {
		return netip.Addr{}, false
	}
	address, err := netip.ParseAddr(found.Spec.ClusterIP)
	return address, err == nil && address.Is4()
}
