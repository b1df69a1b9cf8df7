// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Token returns a token of the account's identity for an API other than the
// Resource Manager, to be handed on. The SDK keeps tokens until they are about to
// expire: one that has less than half of its life before it is not handed out as
// new, unless the identity platform itself has no better one.
func (a *Account) Token(ctx context.Context, scope string, now time.Time) (azcore.AccessToken, error) {
	token, err := a.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil || !aged(token, now) {
		return token, err
	}
	return a.NewToken(ctx, scope)
}

// NewToken is Token for whoever wants another one than before.
func (a *Account) NewToken(ctx context.Context, scope string) (azcore.AccessToken, error) {
	a.credential.renew()
	return a.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
}

// aged reports whether less than half of a token's life is left or, where it does
// not say when it was issued, whether the platform would have it renewed.
func aged(t azcore.AccessToken, now time.Time) bool {
	life, err := lifeOf(t.Token)
	if err != nil || life.Issued == 0 || life.Expires <= life.Issued {
		return !t.RefreshOn.IsZero() && !now.Before(t.RefreshOn)
	}
	issued, expires := time.Unix(life.Issued, 0), time.Unix(life.Expires, 0)
	return expires.Sub(now) < expires.Sub(issued)/2
}

// life is what a token says of when it is good.
type life struct {
	Issued  int64 `json:"iat"`
	Expires int64 `json:"exp"`
}

func lifeOf(token string) (life, error) {
	var l life
	return l, claimsOf(token, &l)
}

// holder is what a token says of its holder. The token was just issued to us, so
// nobody need verify it.
type holder struct {
	Client string `json:"appid"`
	Object string `json:"oid"`
	Tenant string `json:"tid"`
}

func holderOf(token string) (holder, error) {
	var h holder
	return h, claimsOf(token, &h)
}

// claimsOf reads what a token says. One that can't be read says nothing.
func claimsOf(token string, into any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 { //nolint:mnd // header, claims and signature
		return nil
	}
	claims, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return fmt.Errorf("reading a token: %w", err)
	}
	if err := json.Unmarshal(claims, into); err != nil {
		return fmt.Errorf("reading a token: %w", err)
	}
	return nil
}
