// SPDX-License-Identifier: Apache-2.0

// Package azure is a local Azure: one HTTPS server that is Resource Manager,
// identity platform and instance metadata service to the real SDK.
package azure

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/containers"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/flexible"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// DefaultSubscription is the one that exists.
const DefaultSubscription = "00000000-0000-0000-0000-000000000001"

// Server is a local Azure.
type Server struct {
	cloud       *local.Cloud
	directory   *entra.Directory
	databases   *database.Servers
	manager     *arm.Manager
	servers     *flexible.Servers
	planes      *kubernetes.Servers
	clusters    *containers.Service
	certificate tls.Certificate
	controls    http.Handler
	identity    http.Handler
	log         *slog.Logger
}

// New returns a local Azure. Close ends the databases and the clusters that it runs.
func New(o program.Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	databases, err := database.New(database.Options{Dir: o.StateDir, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("preparing databases: %w", err)
	}
	s := &Server{cloud: local.New(o.Settings), databases: databases, log: o.Log}
	if s.certificate, err = databases.Certificate("127.0.0.1", o.AlsoAt...); err != nil {
		return nil, fmt.Errorf("making the endpoint's certificate: %w", err)
	}
	if s.directory, err = entra.New(s.cloud.Clock); err != nil {
		return nil, fmt.Errorf("making the directory: %w", err)
	}
	s.manager = arm.New(s.cloud, arm.Subscription{ID: DefaultSubscription, Name: "Local subscription", Tenant: entra.DefaultTenant})
	s.servers = flexible.New(s.cloud, s.manager, databases, o.Log)
	if s.planes, err = kubernetes.New(kubernetes.Options{Program: o.ControlPlane, Log: o.Log}); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing clusters: %w", err), databases.Close())
	}
	s.clusters = containers.New(s.cloud, s.manager, s.planes, s.directory, o.Log)
	s.controls, s.identity = s.control(), s.directory.Handler()
	return s, nil
}

// TLS returns how the cloud is served. The authority that signs its certificate
// is the databases': ca.pem in the state folder verifies both.
func (s *Server) TLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{s.certificate}, MinVersion: tls.VersionTLS12}
}

// CA returns the certificate that verifies the cloud and its databases, as PEM.
func (s *Server) CA() []byte { return s.databases.CA() }

// ServeHTTP answers calls and, under /_control/, requests to control the cloud.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, local.ControlPath):
		s.controls.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/subscriptions/"):
		s.call(w, r)
	default:
		s.identity.ServeHTTP(w, r)
	}
}

// Close ends the databases and the clusters. Nothing may be served afterwards.
func (s *Server) Close() error {
	return errors.Join(s.databases.Close(), s.planes.Close())
}
