// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// keeper is a credential of the SDK: it returns the same token again.
type keeper struct{ token azcore.AccessToken }

func (k keeper) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return k.token, nil
}

func issuedAt(at time.Time, lasts time.Duration) azcore.AccessToken {
	claims := fmt.Sprintf(`{"iat": %d, "exp": %d}`, at.Unix(), at.Add(lasts).Unix())
	return azcore.AccessToken{Token: "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln", ExpiresOn: at.Add(lasts)}
}

func TestATokenWithLittleLifeIsNotHandedOut(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	fresh := issuedAt(now, time.Hour)
	for name, tc := range map[string]struct {
		kept azcore.AccessToken
		want azcore.AccessToken
	}{
		"new":                       {issuedAt(now, 2*time.Hour), issuedAt(now, 2*time.Hour)},
		"nearly half of it is over": {issuedAt(now.Add(-29*time.Minute), time.Hour), issuedAt(now.Add(-29*time.Minute), time.Hour)},
		"more than half is over":    {issuedAt(now.Add(-31*time.Minute), time.Hour), fresh},
		"about to expire":           {issuedAt(now.Add(-59*time.Minute), time.Hour), fresh},
		"a short one, new":          {issuedAt(now, 5*time.Minute), issuedAt(now, 5*time.Minute)},
		"of no known age":           {azcore.AccessToken{Token: "t", ExpiresOn: now.Add(time.Minute)}, azcore.AccessToken{Token: "t", ExpiresOn: now.Add(time.Minute)}},
		"to be renewed":             {azcore.AccessToken{Token: "t", RefreshOn: now}, fresh},
	} {
		t.Run(name, func(t *testing.T) {
			made := 0
			a := &Account{credential: &credential{make: func() (azcore.TokenCredential, error) {
				if made++; made == 1 {
					return keeper{tc.kept}, nil
				}
				return keeper{fresh}, nil
			}}}
			got, err := a.Token(t.Context(), "api/.default", now)
			if err != nil || got.Token != tc.want.Token || !got.ExpiresOn.Equal(tc.want.ExpiresOn) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// What has no better token is asked once more, and not for ever.
func TestATokenThatStaysOldIsHandedOutAllTheSame(t *testing.T) {
	now, asked := time.Now(), 0
	old := issuedAt(now.Add(-50*time.Minute), time.Hour)
	a := &Account{credential: &credential{make: func() (azcore.TokenCredential, error) {
		asked++
		return keeper{old}, nil
	}}}
	if got, err := a.Token(t.Context(), "api/.default", now); err != nil || got.Token != old.Token || asked != 2 {
		t.Errorf("got %v, %v after %d", got, err, asked)
	}
}
