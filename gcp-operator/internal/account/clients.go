// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/compute/v1"
	"google.golang.org/api/container/v1"
	"google.golang.org/api/iamcredentials/v1"
	"google.golang.org/api/option"
	"google.golang.org/api/servicenetworking/v1"
	"google.golang.org/api/sqladmin/v1"
)

// callTimeout bounds one call. Google's clients do not try again by themselves:
// when to is decided by the reconciler.
const callTimeout = 30 * time.Second

// Endpoints are where the APIs are, as URLs without a path. What is empty is
// where Google has it. Only the operator's flags say so: no object does.
type Endpoints struct {
	All string // of those that are not given by themselves

	SQLAdmin             string
	Compute              string
	Container            string
	ServiceNetworking    string
	CloudResourceManager string
	OAuth2               string
	STS                  string
	IAMCredentials       string
}

// AddFlags adds a flag for each of e.
func AddFlags(f *pflag.FlagSet, e *Endpoints) {
	const usage = "URL of the %s API, without a path (default https://%s.googleapis.com)"
	f.StringVar(&e.All, "endpoint", "", "URL of all of Google's APIs that have no flag of their own, without a path")
	for _, one := range []struct {
		into       *string
		flag, name string
	}{
		{&e.SQLAdmin, "sqladmin", "Cloud SQL Admin"},
		{&e.Compute, "compute", "Compute Engine"},
		{&e.Container, "container", "Kubernetes Engine"},
		{&e.ServiceNetworking, "servicenetworking", "Service Networking"},
		{&e.CloudResourceManager, "cloudresourcemanager", "Resource Manager"},
		{&e.OAuth2, "oauth2", "OAuth 2 token"},
		{&e.STS, "sts", "Security Token Service"},
		{&e.IAMCredentials, "iamcredentials", "IAM Service Account Credentials"},
	} {
		f.StringVar(one.into, "endpoint-"+one.flag, "", fmt.Sprintf(usage, one.name, one.flag))
	}
}

// token is where signed assertions are exchanged for tokens.
func (e Endpoints) token() string { return e.at(e.OAuth2, "oauth2") + "token" }

func (e Endpoints) tokenInfo() string { return e.at(e.OAuth2, "oauth2") + "tokeninfo" }

func (e Endpoints) sts() string { return e.at(e.STS, "sts") + "v1/token" }

func (e Endpoints) impersonation(email string) string {
	return e.at(e.IAMCredentials, "iamcredentials") + "v1/projects/-/serviceAccounts/" + email + ":generateAccessToken"
}

// at returns the URL of an API, with a slash at its end.
func (e Endpoints) at(own, name string) string {
	return strings.TrimRight(cmp.Or(own, e.All, "https://"+name+".googleapis.com"), "/") + "/"
}

// Clients are Google's own, one per API.
type Clients struct {
	SQL         *sqladmin.Service
	Compute     *compute.Service
	Container   *container.Service
	Networking  *servicenetworking.APIService
	Projects    *cloudresourcemanager.Service
	Credentials *iamcredentials.Service
}

// connect makes the account's clients.
func (a *Account) connect(ctx context.Context, e Endpoints) error {
	options := func(service, at string) []option.ClientOption {
		client := a.client(service, authorized{a.tokens, http.DefaultTransport})
		return []option.ClientOption{option.WithHTTPClient(client), option.WithEndpoint(at)}
	}
	var err error
	if a.SQL, err = sqladmin.NewService(ctx, options("sqladmin", e.at(e.SQLAdmin, "sqladmin"))...); err != nil {
		return fmt.Errorf("making a client of Cloud SQL: %w", err)
	}
	if a.Compute, err = compute.NewService(ctx, options("compute", e.at(e.Compute, "compute")+"compute/v1/")...); err != nil {
		return fmt.Errorf("making a client of Compute Engine: %w", err)
	}
	if a.Container, err = container.NewService(ctx, options("container", e.at(e.Container, "container"))...); err != nil {
		return fmt.Errorf("making a client of Kubernetes Engine: %w", err)
	}
	if a.Networking, err = servicenetworking.NewService(ctx, options("servicenetworking", e.at(e.ServiceNetworking, "servicenetworking"))...); err != nil {
		return fmt.Errorf("making a client of Service Networking: %w", err)
	}
	if a.Projects, err = cloudresourcemanager.NewService(ctx, options("cloudresourcemanager", e.at(e.CloudResourceManager, "cloudresourcemanager"))...); err != nil {
		return fmt.Errorf("making a client of Resource Manager: %w", err)
	}
	if a.Credentials, err = iamcredentials.NewService(ctx, options("iamcredentials", e.at(e.IAMCredentials, "iamcredentials"))...); err != nil {
		return fmt.Errorf("making a client of IAM Service Account Credentials: %w", err)
	}
	return nil
}
