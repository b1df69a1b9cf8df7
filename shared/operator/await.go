// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How often another operator is asked whether it is ready, how long each answer may
// take, and after which time it is given up: before Helm, by default, gives up.
const (
	askEvery   = time.Second
	answerWait = 5 * time.Second
	awaitFor   = 4 * time.Minute
)

var errNotReady = errors.New("it is not ready")

// awaitReady returns once the operator whose /readyz is at url says that it is
// ready. An image that holds nothing but this program can so check an installation.
func awaitReady(ctx context.Context, url string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, awaitFor)
	defer cancel()
	// A service of this cluster: no proxy of the surroundings knows it.
	client := &http.Client{Timeout: answerWait, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		err := ask(ctx, client, url)
		if err == nil {
			_, err := fmt.Fprintf(out, "%s: ready\n", url)
			return err //nolint:wrapcheck // nothing to add
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", url, err)
		case <-time.After(askEvery):
		}
	}
}

func ask(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: it answers %s", errNotReady, response.Status)
	}
	return nil
}
