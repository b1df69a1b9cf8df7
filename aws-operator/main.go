// SPDX-License-Identifier: Apache-2.0

// Command aws-operator manages resources of Amazon Web Services.
//
// The AWS SDK's standard environment applies: AWS_REGION, AWS_ENDPOINT_URL and
// AWS_ENDPOINT_URL_<SERVICE> (RDS, EC2, IAM, EKS, STS), AWS_CA_BUNDLE, proxies, and for
// Providers with source InjectedIdentity everything that holds credentials.
package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	compute "github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	iam "github.com/crossplaneio/crossplane/aws-operator/api/iam/v1alpha1"
	network "github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator"
)

// tokenFile is where a service account token for AWS is projected to.
const tokenFile = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token" //nolint:gosec // G101: a path

func main() {
	accounts := account.NewAccounts()
	os.Exit(operator.Run(operator.Options{
		Name:   "aws-operator",
		Scheme: []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme, database.AddToScheme, iam.AddToScheme, network.AddToScheme},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&accounts.TokenFile, "web-identity-token-file", cmp.Or(os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), tokenFile),
				"service account token for Providers with source WebIdentity; AWS endpoints and proxies are set by the AWS SDK's own\n"+
					"environment variables, for example AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_RDS")
		},
		Setup: func(_ context.Context, _ ctrl.Manager, env managed.Env) error {
			accounts.Providers, accounts.Live, accounts.Namespace = env.Kube, env.Live, env.Namespace
			return nil
		},
	}, internal.WithProviders(accounts)...))
}
