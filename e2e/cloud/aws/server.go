// SPDX-License-Identifier: Apache-2.0

// Package aws is a local AWS: one HTTP server that speaks the wire protocols of
// RDS, EC2 and STS, for the real SDK with only AWS_ENDPOINT_URL set.
package aws

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rds"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sts"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// Server is a local AWS.
type Server struct {
	cloud     *local.Cloud
	keys      *iam.Keys
	databases *database.Servers
	rds       *rds.Service
	ec2       *ec2.Service
	services  map[string]service
	mux       *http.ServeMux
	log       *slog.Logger
}

// service is one of AWS's services: how it writes, what it can do, and how it
// refuses a call too many.
type service struct {
	dialect    query.Dialect
	operations map[string]query.Handler
	throttled  local.Error
}

// New returns a local AWS. Close ends the databases that it runs.
func New(o program.Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	databases, err := database.New(database.Options{Dir: o.StateDir, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("preparing databases: %w", err)
	}
	s := &Server{cloud: local.New(withQuotas(o.Settings)), keys: iam.NewKeys(), databases: databases, log: o.Log}
	s.ec2 = ec2.New(s.cloud)
	s.rds = rds.New(s.cloud, s.ec2, databases, o.Log)
	s.ec2.Users(s.rds)
	s.services = map[string]service{
		"rds": {query.Plain{Namespace: rds.Namespace}, s.rds.Operations(), throttling("Throttling", http.StatusBadRequest)},
		"ec2": {query.EC2{Namespace: ec2.Namespace}, s.ec2.Operations(), throttling("RequestLimitExceeded", http.StatusServiceUnavailable)},
		"sts": {query.Plain{Namespace: sts.Namespace}, sts.New(s.cloud, s.keys).Operations(), throttling("Throttling", http.StatusBadRequest)},
	}
	s.mux = http.NewServeMux()
	s.mux.Handle(local.ControlPath, s.control())
	s.mux.HandleFunc("/", s.call)
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

// withQuotas adds the quotas that hold unless others are given: those that
// users meet in earnest.
func withQuotas(s local.Settings) local.Settings {
	quotas := map[string]int{"ec2:rulesPerSecurityGroup": 60}
	maps.Copy(quotas, s.Quotas)
	s.Quotas = quotas
	return s
}

func throttling(code string, status int) local.Error {
	message := "Rate exceeded"
	if code == "RequestLimitExceeded" {
		message = "Request limit exceeded."
	}
	return local.Error{Code: code, Message: message, Status: status}
}
