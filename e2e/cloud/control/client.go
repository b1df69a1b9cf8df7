// SPDX-License-Identifier: Apache-2.0

// Package control is a client of what every local cloud can be asked under
// /_control/, for tests, the demo and the benchmark.
package control

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// ErrRefused says that the cloud did not do what it was asked.
var ErrRefused = errors.New("the local cloud refused")

// Client controls one local cloud.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the cloud at a URL such as http://127.0.0.1:1234.
func New(url string) *Client { return Over(&http.Client{Timeout: time.Minute}, url) }

// Over returns a client that reaches the cloud by way of h, for a cloud that is
// served over TLS.
func Over(h *http.Client, url string) *Client {
	return &Client{base: strings.TrimSuffix(url, "/") + local.ControlPath, http: h}
}

// Trusting returns a client of a cloud that is served over TLS with a
// certificate that ca, PEM, verifies.
func Trusting(url string, ca []byte) *Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return Over(&http.Client{Timeout: time.Minute, Transport: transport}, url)
}

// Ask asks a cloud for what only this cloud can do.
func (c *Client) Ask(ctx context.Context, path string, in any) error {
	return c.do(ctx, http.MethodPost, path, in, nil)
}

// Ledger returns what took effect after entry number since; 0 is all of it.
func (c *Client) Ledger(ctx context.Context, since int) ([]local.Entry, error) {
	var out []local.Entry
	err := c.do(ctx, http.MethodGet, "ledger?since="+strconv.Itoa(since), nil, &out)
	return out, err
}

// Events returns the changes of state after event number since.
func (c *Client) Events(ctx context.Context, since int) ([]local.Event, error) {
	var out []local.Event
	err := c.do(ctx, http.MethodGet, "events?since="+strconv.Itoa(since), nil, &out)
	return out, err
}

// Live returns what exists now, beyond what an account has from the start.
func (c *Client) Live(ctx context.Context) ([]local.Resource, error) {
	var out []local.Resource
	err := c.do(ctx, http.MethodGet, "live", nil, &out)
	return out, err
}

// Calls returns how often each operation was called, by outcome.
func (c *Client) Calls(ctx context.Context) ([]local.CallCount, error) {
	var out []local.CallCount
	err := c.do(ctx, http.MethodGet, "calls", nil, &out)
	return out, err
}

// Databases returns what became of the servers behind the endpoints.
func (c *Client) Databases(ctx context.Context) ([]database.Status, error) {
	var out []database.Status
	err := c.do(ctx, http.MethodGet, "databases", nil, &out)
	return out, err
}

// CA returns the certificate that verifies the databases, as PEM.
func (c *Client) CA(ctx context.Context) ([]byte, error) {
	return c.send(ctx, http.MethodGet, "ca.pem", nil)
}

// Reset returns the cloud to its beginning: nothing exists and nothing is on
// record.
func (c *Client) Reset(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "reset", nil, nil)
}

// Settings changes the settings that are given, and returns all.
func (c *Client) Settings(ctx context.Context, change local.Settings) (local.Settings, error) {
	var out local.Settings
	err := c.do(ctx, http.MethodPost, "settings", change, &out)
	return out, err
}

// AddFault puts a fault in force and returns its ID.
func (c *Client) AddFault(ctx context.Context, r local.Rule) (string, error) {
	var out struct{ ID string }
	err := c.do(ctx, http.MethodPost, "faults", r, &out)
	return out.ID, err
}

// Faults returns the faults in force with the calls that they saw and hit.
func (c *Client) Faults(ctx context.Context) ([]local.Rule, error) {
	var out []local.Rule
	err := c.do(ctx, http.MethodGet, "faults", nil, &out)
	return out, err
}

// RemoveFault ends one fault.
func (c *Client) RemoveFault(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "faults/"+id, nil, nil)
}

// ClearFaults ends all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "faults", nil, nil)
}

// Force puts a resource into a state, or with "" lets it out of it.
func (c *Client) Force(ctx context.Context, t local.Target, state string) error {
	return c.do(ctx, http.MethodPost, "force-state", local.ForceState{Target: t, State: state}, nil)
}

// Change changes a resource behind its owner's back.
func (c *Client) Change(ctx context.Context, t local.Target, fields map[string]any) error {
	return c.do(ctx, http.MethodPost, "change", local.Change{Target: t, Fields: fields}, nil)
}

// Maintain runs a resource's maintenance window: what waits for it is applied.
func (c *Client) Maintain(ctx context.Context, t local.Target) error {
	return c.do(ctx, http.MethodPost, "maintain", t, nil)
}

// Advance moves the cloud's clock ahead.
func (c *Client) Advance(ctx context.Context, by time.Duration) error {
	return c.do(ctx, http.MethodPost, "clock", local.Advance{By: local.Duration(by)}, nil)
}

// Key changes or creates an access key of the local AWS.
func (c *Client) Key(ctx context.Context, change iam.Change) error {
	return c.do(ctx, http.MethodPost, "keys", change, nil)
}

// Keys returns the access keys of the local AWS, without secrets.
func (c *Client) Keys(ctx context.Context) ([]iam.Key, error) {
	var out []iam.Key
	err := c.do(ctx, http.MethodGet, "keys", nil, &out)
	return out, err
}

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	answer, err := c.send(ctx, method, path, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the answer to %s %s: %w", method, path, err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("writing the request %s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("making the request %s %s: %w", method, path, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the local cloud: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // it was read
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the answer to %s %s: %w", method, path, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%w: %s %s: %s", ErrRefused, method, path, bytes.TrimSpace(answer))
	}
	return answer, nil
}
