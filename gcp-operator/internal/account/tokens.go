// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/jwt"

	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// scopes of the tokens that are asked for: what may be done is decided by the
// identity's roles, not here.
func scopes() []string {
	return []string{"https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"}
}

// tokens gives access tokens, each until it ends or is refused.
type tokens struct {
	fetch func() (*oauth2.Token, error)

	mu      sync.Mutex
	current *oauth2.Token
}

// token returns an access token that is good for some time.
func (t *tokens) token() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.Valid() {
		return t.current, nil
	}
	next, err := t.fetch()
	if err != nil {
		return nil, Classify(err)
	}
	t.current = next
	return next, nil
}

// fresh returns an access token that was just given, for somebody who keeps it.
func (t *tokens) fresh() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, err := t.fetch()
	if err != nil {
		return nil, Classify(err)
	}
	t.current = next
	return next, nil
}

// drop forgets a token that was refused: the next call gets another.
func (t *tokens) drop(refused *oauth2.Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == refused {
		t.current = nil
	}
}

// tokensOf returns where p's access tokens come from, and whose they are where
// that is known. They are got with client.
func (a *Accounts) tokensOf(p *v1alpha1.Provider, secret map[string][]byte, client *http.Client) (*tokens, string, error) {
	switch c := p.Spec.Credentials; c.Source {
	case v1alpha1.CredentialsSecret:
		k, err := readKey(secret, *c.SecretRef)
		if err != nil {
			return nil, "", err
		}
		config := jwt.Config{
			Email: k.ClientEmail, PrivateKey: []byte(k.PrivateKey), PrivateKeyID: k.PrivateKeyID,
			Scopes: scopes(), TokenURL: a.Endpoints.token(),
		}
		ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
		return &tokens{fetch: func() (*oauth2.Token, error) { return config.TokenSource(ctx).Token() }}, k.ClientEmail, nil
	case v1alpha1.CredentialsFederation:
		w := c.WorkloadIdentity
		f := federation{client: client, endpoints: a.Endpoints, file: a.TokenFile, audience: w.Audience, email: w.ServiceAccountEmail}
		return &tokens{fetch: f.token}, w.ServiceAccountEmail, nil
	case v1alpha1.CredentialsInjected:
	}
	return &tokens{fetch: injected}, "", nil
}

// key is what is read of a service account's key. Whatever else the file says,
// addresses above all, is ignored.
type key struct {
	ClientEmail  string `json:"client_email"`
	PrivateKey   string `json:"private_key"`
	PrivateKeyID string `json:"private_key_id"`
}

// readKey reads a service account's key out of a secret's data. Errors say what
// is missing and never what is there.
func readKey(data map[string][]byte, ref contract.SecretKeyReference) (key, error) {
	text, ok := data[ref.Key]
	if !ok {
		return key{}, malformed("secret %s has no key %s", ref.Name, ref.Key)
	}
	var k key
	if json.Unmarshal(text, &k) != nil {
		return key{}, malformed("secret %s: key %s is not the JSON of a service account's key", ref.Name, ref.Key)
	}
	if k.ClientEmail == "" || k.PrivateKey == "" {
		return key{}, malformed("secret %s: key %s has no client_email or no private_key", ref.Name, ref.Key)
	}
	if !readable(k.PrivateKey) {
		return key{}, malformed("secret %s: the private_key in key %s is not a PEM block with an RSA key", ref.Name, ref.Key)
	}
	return k, nil
}

func readable(text string) bool {
	block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return false
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return true
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	_, isRSA := parsed.(*rsa.PrivateKey)
	return err == nil && isRSA
}

func malformed(format string, args ...any) error {
	return fault.New(fault.Dependency, contract.ReasonCredentialsMalformed, format, args...)
}

// injected gets a token by the application default credentials of the operator's
// environment. They are looked for only when a token is needed: that may take
// seconds.
func injected() (*oauth2.Token, error) {
	c, err := google.FindDefaultCredentials(context.Background(), scopes()...)
	if err != nil {
		return nil, fault.New(fault.Dependency, contract.ReasonCredentialsMissing, "the operator finds no Google credentials: %s", fault.RootCause(err))
	}
	t, err := c.TokenSource.Token()
	if err != nil {
		return nil, fmt.Errorf("getting a token by the environment's credentials: %w", err)
	}
	return t, nil
}

// authorized sends requests with the account's access tokens.
type authorized struct {
	tokens *tokens
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := t.tokens.token()
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as a transport has to
		}
		return nil, err
	}
	sent := r.Clone(r.Context())
	token.SetAuthHeader(sent)
	response, err := t.next.RoundTrip(sent)
	if err == nil && response.StatusCode == http.StatusUnauthorized {
		t.tokens.drop(token)
	}
	return response, err //nolint:wrapcheck // a transport hands on what it gets
}
