// SPDX-License-Identifier: Apache-2.0

// Package gcp is a local Google Cloud: one HTTP server that speaks the REST APIs
// of Cloud SQL, Kubernetes Engine, Compute Engine's networks, Service Networking and
// Resource Manager, and the endpoints that give access tokens, for Google's own
// clients with another endpoint.
package gcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/compute"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// KeyFile is the file in the state folder that gets the default service
// account's key.
const KeyFile = "service-account.json"

// Server is a local Google Cloud.
type Server struct {
	cloud     *local.Cloud
	agenda    *rest.Agenda
	accounts  *iam.Accounts
	databases *database.Servers
	clusters  *kubernetes.Servers
	compute   *compute.Service
	sql       *sql.Service
	container *container.Service
	mux       *http.ServeMux
	log       *slog.Logger
}

// New returns a local Google Cloud. Close ends the databases and the clusters that it
// runs.
func New(o program.Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	databases, err := database.New(database.Options{Dir: o.StateDir, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("preparing databases: %w", err)
	}
	clusters, err := kubernetes.New(kubernetes.Options{Program: o.ControlPlane, Log: o.Log})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("preparing clusters: %w", err), databases.Close())
	}
	s := &Server{cloud: local.New(o.Settings), databases: databases, clusters: clusters, log: o.Log, mux: http.NewServeMux()}
	if s.accounts, err = iam.NewAccounts(s.cloud.Clock); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing service accounts: %w", err), s.Close())
	}
	if err := s.publish(o.StateDir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.serve()
	return s, nil
}

// serve makes the services, and answers their calls.
func (s *Server) serve() {
	s.agenda = rest.NewAgenda(s.cloud)
	s.compute = compute.New(s.cloud, s.agenda)
	s.sql = sql.New(s.cloud, s.agenda, s.databases, s.compute, s.log)
	s.container = container.New(s.cloud, s.agenda, s.compute, s.accounts, s.clusters, s.log)
	s.compute.Users(s.sql, s.container)
	for _, service := range append(append(s.accounts.Services(), s.compute.Services()...), s.sql.Service(), s.container.Service()) {
		s.route(service)
	}
	s.mux.Handle(local.ControlPath, s.control())
}

// ServeHTTP answers calls and, under /_control/, requests to control the cloud.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the databases and the clusters. Nothing may be served afterwards.
func (s *Server) Close() error {
	return errors.Join(s.databases.Close(), s.clusters.Close())
}

// publish writes the default account's key into dir, if there is one.
func (s *Server) publish(dir string) error {
	if dir == "" {
		return nil
	}
	key, err := s.accounts.KeyFile(iam.DefaultEmail)
	if err != nil {
		return fmt.Errorf("writing the key of the service account: %w", err)
	}
	text, err := json.MarshalIndent(key, "", "  ") //nolint:gosec // G117: a key that is good for this local cloud only
	if err != nil {
		return fmt.Errorf("writing the key of the service account: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, KeyFile), text, 0o600); err != nil {
		return fmt.Errorf("writing the key of the service account: %w", err)
	}
	return nil
}
