// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

const (
	callTimeout   = 30 * time.Second
	defaultRegion = "us-east-1"
	sessionName   = "crossplane-aws-operator"
	// renewBefore an expiring credential ends: every call under way still has it.
	renewBefore = 5 * time.Minute
)

// configure makes the SDK's configuration for p: the standard AWS environment
// of the operator (region, endpoints, proxies) with p's credentials, and with
// accounted in the way of each call. The SDK does not try again by itself: when
// to is decided by the reconciler.
func (a *Accounts) configure(ctx context.Context, p *v1alpha1.Provider, keys aws.Credentials, accounted func(*middleware.Stack) error) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithLogger(sdkLog{}),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(callTimeout)),
		config.WithAPIOptions([]func(*middleware.Stack) error{accounted}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the AWS environment of the operator: %w", err)
	}
	switch {
	case p.Spec.Region != "":
		cfg.Region = p.Spec.Region
	case cfg.Region == "":
		cfg.Region = defaultRegion
	}
	switch p.Spec.Credentials.Source {
	case v1alpha1.CredentialsSecret:
		cfg.Credentials = credentials.StaticCredentialsProvider{Value: keys}
	case v1alpha1.CredentialsWebIdentity:
		cfg.Credentials = cached(stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(cfg),
			p.Spec.Credentials.WebIdentity.RoleARN, stscreds.IdentityTokenFile(a.TokenFile),
			func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = sessionName }))
	case v1alpha1.CredentialsInjected:
		cfg.Credentials = explained{cfg.Credentials}
	}
	return cfg, nil
}

// sdkLog has what the SDK tells among the operator's own lines, for whoever asks
// for details. What goes wrong is an error of the call, too.
type sdkLog struct{}

// Logf implements logging.Logger.
func (sdkLog) Logf(class logging.Classification, format string, args ...any) {
	ctrllog.Log.WithName("aws-sdk").V(1).Info(fmt.Sprintf(format, args...), "class", class)
}

func cached(from aws.CredentialsProvider) aws.CredentialsProvider {
	return explained{aws.NewCredentialsCache(from, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewBefore })}
}

// explained says in a person's terms why there are no credentials.
type explained struct{ aws.CredentialsProvider }

// Retrieve implements aws.CredentialsProvider.
func (e explained) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := e.CredentialsProvider.Retrieve(ctx)
	if err == nil {
		return c, nil
	}
	if _, answered := errors.AsType[smithy.APIError](err); answered {
		f := *fault.Of(Classify(err))
		if f.Class == fault.Permission {
			f.Reason = contract.ReasonCredentialsRefused
		}
		return c, &f
	}
	return c, fault.New(fault.Dependency, contract.ReasonCredentialsMissing, "the operator finds no AWS credentials: %s", fault.RootCause(err))
}
