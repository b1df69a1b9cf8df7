// SPDX-License-Identifier: Apache-2.0

// Package aws is a local AWS: one HTTP server that speaks the wire protocols of
// RDS, EC2, IAM, EKS and STS, for the real SDK with only AWS_ENDPOINT_URL set.
package aws

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/eks"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rds"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sts"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// Server is a local AWS.
type Server struct {
	cloud     *local.Cloud
	keys      *iam.Keys
	databases *database.Servers
	clusters  *kubernetes.Servers
	rds       *rds.Service
	ec2       *ec2.Service
	roles     *iam.Roles
	eks       *eks.Service
	services  map[string]service
	mux       *http.ServeMux
	log       *slog.Logger
}

// service is one of AWS's services: how it writes, what it can do, by the names
// of its operations or by paths, and how it refuses a call too many.
type service struct {
	dialect    query.Dialect
	operations map[string]query.Handler
	routes     rest.Routes
	throttled  local.Error
}

// New returns a local AWS. Close ends the databases and the clusters that it runs.
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
	s := &Server{cloud: local.New(withQuotas(o.Settings)), keys: iam.NewKeys(), databases: databases, clusters: clusters, log: o.Log}
	s.ec2 = ec2.New(s.cloud)
	s.rds = rds.New(s.cloud, s.ec2, databases, o.Log)
	s.roles = iam.NewRoles(s.cloud)
	s.eks = eks.New(s.cloud, s.ec2, s.roles, s.keys, clusters, o.Log)
	s.ec2.Users(s.rds, s.eks)
	s.services = s.operations()
	s.mux = http.NewServeMux()
	s.mux.Handle(local.ControlPath, s.control())
	s.mux.HandleFunc("/", s.call)
	return s, nil
}

// operations returns the services by the names that signatures have for them.
func (s *Server) operations() map[string]service {
	return map[string]service{
		"rds": plain(rds.Namespace, s.rds.Operations()),
		"iam": plain(iam.Namespace, s.roles.Operations()),
		"sts": plain(sts.Namespace, sts.New(s.cloud, s.keys).Operations()),
		"ec2": {
			dialect: query.EC2{Namespace: ec2.Namespace}, operations: s.ec2.Operations(),
			throttled: throttling("RequestLimitExceeded", http.StatusServiceUnavailable),
		},
		"eks": {dialect: rest.JSON{}, routes: s.eks.Routes(), throttled: throttling("ThrottlingException", http.StatusTooManyRequests)},
	}
}

func plain(namespace string, operations map[string]query.Handler) service {
	return service{dialect: query.Plain{Namespace: namespace}, operations: operations, throttled: throttling("Throttling", http.StatusBadRequest)}
}

// ServeHTTP answers calls and, under /_control/, requests to control the cloud.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the databases and the clusters. Nothing may be served afterwards.
func (s *Server) Close() error {
	return errors.Join(s.databases.Close(), s.clusters.Close())
}

// withQuotas adds the quotas that hold unless others are given: those that
// users meet in earnest.
func withQuotas(s local.Settings) local.Settings {
	quotas := map[string]int{"ec2:rulesPerSecurityGroup": 60, "iam:policiesPerRole": 10}
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
