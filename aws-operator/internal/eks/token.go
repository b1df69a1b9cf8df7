// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A token for EKS is a request to STS, signed in advance, that asks who signed it.
// A header in the signature names the cluster, so that no other can use it.
const (
	tokenPrefix   = "k8s-aws-v1." //nolint:gosec // G101: how every token begins
	clusterHeader = "x-k8s-aws-id"

	// signatureSeconds is for how long the request says that it is good. EKS does
	// not go by that, but some of its versions refused more, and AWS's own tools
	// say 60.
	signatureSeconds = "60"
	// tokenLasts is for how long after its signature EKS takes a token
	// (https://github.com/kubernetes-sigs/aws-iam-authenticator, "15 minutes"),
	// less one minute in which clocks may differ.
	tokenLasts = 14 * time.Minute
)

// signer signs tokens in one region with the credentials of an account.
type signer struct{ config aws.Config }

func newSigner(c aws.Config) signer { return signer{c} }

// token returns a token for a cluster, signed at the time now, and until when it
// is good.
func token(ctx context.Context, cfg aws.Config, cluster string, now time.Time) (string, time.Time, error) {
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("getting credentials: %w", err)
	}
	offline := cfg.Copy()
	offline.APIOptions = nil // they are about calls, and nothing is called
	client := sts.NewPresignClient(sts.NewFromConfig(offline), func(o *sts.PresignOptions) { o.Presigner = signedAt{v4.NewSigner(), now} })
	request, err := client.PresignGetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, sts.WithPresignClientFromClientOptions(
		sts.WithAPIOptions(smithyhttp.SetHeaderValue(clusterHeader, cluster), smithyhttp.SetHeaderValue("X-Amz-Expires", signatureSeconds))))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("signing a token: %w", err)
	}
	expires := now.Add(tokenLasts)
	if keys.CanExpire && keys.Expires.Before(expires) {
		expires = keys.Expires
	}
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(request.URL)), expires, nil
}

// signedAt signs at a given time, whatever the clock says.
type signedAt struct {
	signer *v4.Signer
	now    time.Time
}

// PresignHTTP implements sts.HTTPPresignerV4.
func (s signedAt) PresignHTTP(ctx context.Context, keys aws.Credentials, r *http.Request, payload, service, region string, _ time.Time,
	options ...func(*v4.SignerOptions),
) (string, http.Header, error) {
	return s.signer.PresignHTTP(ctx, keys, r, payload, service, region, s.now, options...) //nolint:wrapcheck // as the SDK calls it
}

// as returns the configuration of sessions of a role; of the account itself where
// the role is empty.
func (s signer) as(role string) aws.Config {
	if role == "" {
		return s.config
	}
	c := s.config.Copy()
	c.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(s.config), role, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = sessionName })
	return c
}

// sessionName is what a cluster's audit log shows of sessions.
const sessionName = "crossplane-token"
