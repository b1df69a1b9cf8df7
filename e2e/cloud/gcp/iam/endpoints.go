// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
)

// Services returns the endpoints that give and explain tokens, and projects.
func (a *Accounts) Services() []rest.Service {
	return []rest.Service{
		{Name: "oauth2", Open: true, Routes: []rest.Route{
			{Pattern: "POST /token", Operation: "token", Handler: a.token},
			{Pattern: "POST /tokeninfo", Operation: "tokeninfo", Handler: a.tokenInfo},
			{Pattern: "GET /tokeninfo", Operation: "tokeninfo", Handler: a.tokenInfo},
		}},
		{Name: "sts", Open: true, Routes: []rest.Route{
			{Pattern: "POST /v1/token", Operation: "token", Handler: a.exchange},
		}},
		{Name: "iamcredentials", Routes: []rest.Route{
			{Pattern: "POST /v1/projects/-/serviceAccounts/{account}", Operation: "serviceAccounts.generateAccessToken", Handler: a.impersonate},
		}},
		{Name: "cloudresourcemanager", Routes: []rest.Route{
			{Pattern: "GET /v3/projects/{project}", Operation: "projects.get", Handler: a.project},
		}},
		{Name: "metadata", Open: true, Routes: []rest.Route{
			{Pattern: "GET /computeMetadata/v1/instance/service-accounts/{account}/{what}", Operation: "get", Handler: a.metadata},
		}},
	}
}

// tokenAnswer is a token as OAuth 2 hands it out.
type tokenAnswer struct {
	AccessToken     string `json:"access_token"`
	IssuedTokenType string `json:"issued_token_type,omitempty"`
	TokenType       string `json:"token_type"`
	ExpiresIn       int    `json:"expires_in"`
}

func (a *Accounts) answer(caller string) tokenAnswer {
	token, _ := a.issue(caller)
	return tokenAnswer{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(tokenLife.Seconds())}
}

func form(r *rest.Request) url.Values {
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return r.Query // what can't be read holds nothing
	}
	maps.Copy(values, r.Query)
	return values
}

// token exchanges a service account's signed assertion (RFC 7523).
func (a *Accounts) token(r *rest.Request) (any, error) {
	in := form(r)
	if in.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return nil, rest.Refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: %s", in.Get("grant_type"))
	}
	email, err := a.verify(in.Get("assertion"))
	if err != nil {
		return nil, err
	}
	return a.answer(email), nil
}

type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Scope    string `json:"scope"`
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	IssuedAt int64  `json:"iat"`
}

// verify returns who signed an assertion. Its time is the real one, like the
// caller's, whatever the cloud's clock says.
func (a *Accounts) verify(assertion string) (string, error) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return "", grantRefused("Invalid JWT: not a JWT.")
	}
	var c claims
	if err := decode(parts[1], &c); err != nil {
		return "", grantRefused("Invalid JWT: %v", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	one, ok := a.byEmail[c.Issuer]
	if !ok {
		return "", grantRefused("Invalid grant: account not found")
	}
	if one.Revoked {
		return "", grantRefused("Invalid grant: account is disabled")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(&one.key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return "", grantRefused("Invalid JWT Signature.")
	}
	now := time.Now()
	switch issued, expires := time.Unix(c.IssuedAt, 0), time.Unix(c.Expires, 0); {
	case now.After(expires), issued.After(now.Add(time.Minute)), expires.Sub(issued) > tokenLife:
		return "", grantRefused("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
	case c.Scope == "":
		return "", rest.Refuse(http.StatusBadRequest, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
	}
	return one.Email, nil
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return fmt.Errorf("reading base64: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading JSON: %w", err)
	}
	return nil
}

func grantRefused(format string, args ...any) error {
	return rest.Refuse(http.StatusBadRequest, "invalid_grant", format, args...)
}

// exchange takes any JWT for a token of a workload identity pool (RFC 8693).
func (a *Accounts) exchange(r *rest.Request) (any, error) {
	in := form(r)
	audience, token := in.Get("audience"), in.Get("subject_token")
	if !strings.Contains(audience, "/workloadIdentityPools/") || !strings.Contains(audience, "/providers/") {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid_target", "The target service indicated by the audience parameter is invalid.")
	}
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 || decode(parts[1], &c) != nil || c.Subject == "" {
		return nil, grantRefused("Error connecting to the given credential's issuer.")
	}
	pool, _, _ := strings.Cut(strings.TrimPrefix(audience, "//iam.googleapis.com/"), "/providers/")
	out := a.answer("principal://iam.googleapis.com/" + pool + "/subject/" + c.Subject)
	out.IssuedTokenType = "urn:ietf:params:oauth:token-type:access_token"
	return out, nil
}

// impersonate gives a token of a service account to whoever has another.
func (a *Accounts) impersonate(r *rest.Request) (any, error) {
	email, ok := strings.CutSuffix(r.Path("account"), ":generateAccessToken")
	a.mu.Lock()
	one, known := a.byEmail[email]
	refused := !ok || !known || one.Revoked
	a.mu.Unlock()
	if refused {
		return nil, rest.Refuse(http.StatusForbidden, "IAM_PERMISSION_DENIED",
			"Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).")
	}
	token, expires := a.issue(email)
	return map[string]string{"accessToken": token, "expireTime": expires.Format(time.RFC3339)}, nil
}

func (a *Accounts) tokenInfo(r *rest.Request) (any, error) {
	g, ok := a.grant(form(r).Get("access_token"))
	if !ok {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid_token", "Invalid Value")
	}
	return map[string]string{
		"email": g.caller, "email_verified": "true", "scope": scopes, "access_type": "online",
		"expires_in": fmt.Sprint(int(g.expires.Sub(a.clock.Now()).Seconds())),
	}, nil
}

func (a *Accounts) project(r *rest.Request) (any, error) {
	return map[string]string{
		"name": "projects/" + Number(r.Project), "projectId": r.Project, "displayName": r.Project, "state": "ACTIVE",
	}, nil
}

// metadata is the part of Compute Engine's metadata server that tells a workload
// who it is: the default account.
func (a *Accounts) metadata(r *rest.Request) (any, error) {
	if r.Header.Get("Metadata-Flavor") != "Google" {
		return nil, rest.Refuse(http.StatusForbidden, "forbidden", "Missing Metadata-Flavor:Google header.")
	}
	if r.Path("what") != "token" {
		return nil, rest.Refuse(http.StatusNotFound, "notFound", "The local metadata server has only tokens.")
	}
	return a.answer(DefaultEmail), nil
}
