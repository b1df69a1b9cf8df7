// SPDX-License-Identifier: Apache-2.0

// Command gcp-operator manages resources of Google Cloud.
//
// Proxies are set by the usual environment variables. For Providers with source
// InjectedIdentity Google's own apply, too: GOOGLE_APPLICATION_CREDENTIALS and
// GCE_METADATA_HOST.
package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	network "github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator"
)

// tokenFile is where a service account token for Google Cloud is projected to.
const tokenFile = "/var/run/secrets/tokens/gcp/token" //nolint:gosec // G101: a path

func main() {
	accounts := account.NewAccounts()
	os.Exit(operator.Run(operator.Options{
		Name:   "gcp-operator",
		Scheme: []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, network.AddToScheme},
		Flags: func(f *pflag.FlagSet) {
			account.AddFlags(f, &accounts.Endpoints)
			f.StringVar(&accounts.TokenFile, "token-file", tokenFile, "service account token for Providers with source WorkloadIdentityFederation")
		},
		Setup: func(_ context.Context, _ ctrl.Manager, env managed.Env) error {
			accounts.Providers, accounts.Live, accounts.Namespace = env.Kube, env.Live, env.Namespace
			return nil
		},
	}, internal.WithProviders(accounts)...))
}
