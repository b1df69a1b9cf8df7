// SPDX-License-Identifier: Apache-2.0

package account

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// federation exchanges the operator's own service account token for access to
// Google Cloud (https://cloud.google.com/iam/docs/workload-identity-federation):
// at the Security Token Service for a federated token (RFC 8693) and, where it
// acts as a service account, at the IAM credentials API for one of that.
//
// The golang.org/x/oauth2 package can do so, too, but it says in no form that a
// program understands why a token was refused.
type federation struct {
	client    *http.Client
	endpoints Endpoints
	file      string
	audience  string
	email     string
}

// mostAnswer is more than any answer with a token has, in bytes.
const mostAnswer = 1 << 20

// token gets an access token.
func (f federation) token() (*oauth2.Token, error) {
	subject, err := os.ReadFile(f.file)
	if err != nil {
		return nil, fault.New(fault.Dependency, contract.ReasonCredentialsMissing,
			"the operator has no service account token to exchange at %s: see its flag --token-file", f.file)
	}
	federated, err := f.exchange(strings.TrimSpace(string(subject)))
	if err != nil || f.email == "" {
		return federated, err
	}
	return f.impersonate(federated.AccessToken)
}

func (f federation) exchange(subject string) (*oauth2.Token, error) {
	form := url.Values{
		"grant_type":           {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"audience":             {f.audience},
		"scope":                {strings.Join(scopes(), " ")},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"subject_token_type":   {"urn:ietf:params:oauth:token-type:jwt"},
		"subject_token":        {subject},
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if err := f.post("sts.token", f.endpoints.sts(), "application/x-www-form-urlencoded", "", []byte(form.Encode()), &answer); err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: answer.AccessToken, Expiry: time.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)}, nil
}

func (f federation) impersonate(federated string) (*oauth2.Token, error) {
	body, err := json.Marshal(map[string]any{"scope": scopes()})
	if err != nil {
		return nil, fmt.Errorf("asking for a token: %w", err)
	}
	var answer struct {
		AccessToken string    `json:"accessToken"`
		ExpireTime  time.Time `json:"expireTime"`
	}
	at := f.endpoints.impersonation(f.email)
	if err := f.post("serviceAccounts.generateAccessToken", at, "application/json", federated, body, &answer); err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: answer.AccessToken, Expiry: answer.ExpireTime}, nil
}

// post sends body and reads the answer, or judges the refusal.
func (f federation) post(operation, at, contentType, bearer string, body []byte, answer any) error {
	ctx := named(background(), operation)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking for a token: %w", err)
	}
	request.Header.Set("Content-Type", contentType)
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return Classify(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return Classify(err)
	}
	if response.StatusCode != http.StatusOK {
		return f.refused(response.StatusCode, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("reading an answer with a token: %w", err)
	}
	return nil
}

// refused says why there is no token. The two services have different forms.
func (f federation) refused(status int, text []byte) error {
	var answer struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	var inner struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &answer)        // what can't be read says nothing
	_ = json.Unmarshal(answer.Error, &inner) // likewise
	message := cmp.Or(answer.Description, inner.Message, fmt.Sprintf("status %d", status))
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return &fault.Error{Class: fault.Transient, Err: fault.Said("", "Google gives no token just now: "+message)}
	}
	return fault.New(fault.Dependency, contract.ReasonCredentialsRefused, "Google does not accept the operator's token for %s: %s",
		cmp.Or(f.email, f.audience), message)
}
