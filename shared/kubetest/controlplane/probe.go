// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/client-go/rest"
)

// Free ports are looked for below the range that the kernel takes the local ports of outgoing
// connections from, so that none of those gets there first.
const (
	lowestPort  = 20000
	highestPort = 32000
	portTries   = 1000
)

var errNoPort = errors.New("no free port found")

// FreePorts returns different TCP ports of the loopback interface that nothing listens on at the
// moment.
func FreePorts(ctx context.Context, count int) ([]int, error) {
	var ports []int
	for range portTries {
		if len(ports) == count {
			return ports, nil
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort) // #nosec G404 -- any will do
		if slices.Contains(ports, port) || !isFree(ctx, port) {
			continue
		}
		ports = append(ports, port)
	}
	return nil, errNoPort
}

func isFree(ctx context.Context, port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	return err == nil && listener.Close() == nil
}

func probe(ctx context.Context, config *rest.Config) bool {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return false
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing a file: %w", err)
	}
	return nil
}
