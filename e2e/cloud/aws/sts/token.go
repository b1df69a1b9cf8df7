// SPDX-License-Identifier: Apache-2.0

package sts

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// claims is what the service reads of a web identity token. Its signature is
// not checked: the local AWS trusts every issuer.
type claims struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"`
	Audience json.RawMessage `json:"aud"`
	Expires  float64         `json:"exp"`
}

func readToken(token string, now time.Time) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, badToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return c, badToken("The ID Token provided is not a valid JWT.")
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, badToken("The ID Token's claims cannot be read.")
	}
	if c.Expires > 0 && now.After(time.Unix(int64(c.Expires), 0)) {
		return c, &local.Error{Code: "ExpiredTokenException", Message: "Token expired: the current date is after its expiration.", Status: http.StatusBadRequest}
	}
	return c, nil
}

// audience returns the token's audience, the first of several.
func (c claims) audience() string {
	var one string
	if json.Unmarshal(c.Audience, &one) == nil {
		return one
	}
	var many []string
	if json.Unmarshal(c.Audience, &many) == nil && len(many) > 0 {
		return many[0]
	}
	return ""
}

func badToken(message string) error {
	return &local.Error{Code: "InvalidIdentityToken", Message: message, Status: http.StatusBadRequest}
}
