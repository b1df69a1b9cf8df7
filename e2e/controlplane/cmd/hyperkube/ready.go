// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

const (
	readyWithin = 2 * time.Minute
	probeEvery  = 50 * time.Millisecond
	probeWait   = 2 * time.Second
)

var errNotReady = errors.New("kube-apiserver is not ready in time")

// awaitReady returns once the API server is ready, or with the error that ended it.
func awaitReady(o *options, ended <-chan error) error {
	client, err := adminClient(o)
	if err != nil {
		return err
	}
	deadline := time.After(readyWithin)
	for {
		select {
		case err := <-ended:
			return err
		case <-deadline:
			return errNotReady
		case <-time.After(probeEvery):
		}
		if ready(client, fmt.Sprintf("https://127.0.0.1:%d/readyz", o.port)) {
			return nil
		}
	}
}

func adminClient(o *options) (*http.Client, error) {
	authority, err := os.ReadFile(o.pki("ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	admin, err := tls.LoadX509KeyPair(o.pki("admin.crt"), o.pki("admin.key"))
	if err != nil {
		return nil, fmt.Errorf("reading the administrator's certificate: %w", err)
	}
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{admin}, MinVersion: tls.VersionTLS13}
	return &http.Client{Timeout: probeWait, Transport: &http.Transport{TLSClientConfig: config}}, nil
}

func ready(client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
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
