// SPDX-License-Identifier: Apache-2.0

// Package gcp is a local Google Cloud: one HTTP server that speaks the REST APIs
// of Cloud SQL, Compute Engine's networks, Service Networking and Resource
// Manager, and the endpoints that give access tokens, for Google's own clients
// with another endpoint.
package gcp

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/compute"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql"
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
	compute   *compute.Service
	sql       *sql.Service
	mux       *http.ServeMux
	log       *slog.Logger
}

// New returns a local Google Cloud. Close ends the databases that it runs.
func New(o program.Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	databases, err := database.New(database.Options{Dir: o.StateDir, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("preparing databases: %w", err)
	}
	s := &Server{cloud: local.New(o.Settings), databases: databases, log: o.Log, mux: http.NewServeMux()}
	if s.accounts, err = iam.NewAccounts(s.cloud.Clock); err != nil {
		return nil, fmt.Errorf("preparing service accounts: %w", err)
	}
	if err := s.publish(o.StateDir); err != nil {
		return nil, err
	}
	s.agenda = rest.NewAgenda(s.cloud)
	s.compute = compute.New(s.cloud, s.agenda)
	s.sql = sql.New(s.cloud, s.agenda, databases, s.compute, o.Log)
	s.compute.Users(s.sql)
	for _, service := range append(append(s.accounts.Services(), s.compute.Services()...), s.sql.Service()) {
		s.route(service)
	}
	s.mux.Handle(local.ControlPath, s.control())
	return s, nil
}

// ServeHTTP answers calls and, under /_control/, requests to control the cloud.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the databases. Nothing may be served afterwards.
func (s *Server) Close() error {
	if err := s.databases.Close(); err != nil {
		return fmt.Errorf("ending databases: %w", err)
	}
	return nil
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
