// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/api/iamcredentials/v1"
)

// Issue returns an access token to be handed out, and when it ends: the account's
// own, or that of a service account that the account may act as. Each is a new one:
// of one that is in use already nobody knows how much is left when it arrives.
func (a *Account) Issue(ctx context.Context, serviceAccount string) (string, time.Time, error) {
	if serviceAccount == "" {
		t, err := a.tokens.fresh()
		if err != nil {
			return "", time.Time{}, err
		}
		return t.AccessToken, t.Expiry, nil
	}
	answer, err := Do(ctx, "serviceAccounts.generateAccessToken", func(ctx context.Context) (*iamcredentials.GenerateAccessTokenResponse, error) {
		request := &iamcredentials.GenerateAccessTokenRequest{Scope: scopes()[:1]}
		return a.Credentials.Projects.ServiceAccounts.GenerateAccessToken("projects/-/serviceAccounts/"+serviceAccount, request).Context(ctx).Do()
	})
	if err != nil {
		return "", time.Time{}, err
	}
	expires, err := time.Parse(time.RFC3339, answer.ExpireTime)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("reading when a token ends: %w", err)
	}
	return answer.AccessToken, expires, nil
}
