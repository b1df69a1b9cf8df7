// SPDX-License-Identifier: Apache-2.0

// Command azure-operator manages resources of Microsoft Azure.
package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	resources "github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator"
)

// tokenFile is where a service account token for Azure is projected to.
const tokenFile = "/var/run/secrets/azure/tokens/azure-identity-token" //nolint:gosec // G101: a path

func main() {
	accounts := account.NewAccounts()
	os.Exit(operator.Run(operator.Options{
		Name:   "azure-operator",
		Scheme: []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, resources.AddToScheme},
		Flags: func(f *pflag.FlagSet) {
			accounts.Endpoints.Flags(f)
			f.StringVar(&accounts.TokenFile, "federated-token-file", cmp.Or(os.Getenv("AZURE_FEDERATED_TOKEN_FILE"), tokenFile),
				"service account token for Providers with source FederatedToken")
		},
		Setup: func(_ context.Context, _ ctrl.Manager, env managed.Env) error {
			accounts.Providers, accounts.Live, accounts.Namespace = env.Kube, env.Live, env.Namespace
			return nil
		},
	}, internal.WithProviders(accounts)...))
}
