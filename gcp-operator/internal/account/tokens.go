// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
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

// tokenSource gives access tokens.
type tokenSource = oauth2.TokenSource

// identity is where tokens come from, and whose they are where that is known.
type identity struct {
	source tokenSource
	email  string
}

// tokens returns where p's access tokens come from. They are got with client.
func (a *Accounts) tokens(p *v1alpha1.Provider, secret map[string][]byte, client *http.Client) (identity, error) {
	switch c := p.Spec.Credentials; c.Source {
	case v1alpha1.CredentialsSecret:
		k, err := readKey(secret, *c.SecretRef)
		if err != nil {
			return identity{}, err
		}
		config := jwt.Config{
			Email: k.ClientEmail, PrivateKey: []byte(k.PrivateKey), PrivateKeyID: k.PrivateKeyID,
			Scopes: scopes(), TokenURL: a.Endpoints.OAuth2Token(),
		}
		return identity{config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client)), k.ClientEmail}, nil
	case v1alpha1.CredentialsFederation:
		w := c.WorkloadIdentity
		return identity{oauth2.ReuseTokenSource(nil, &federation{
			client: client, endpoints: a.Endpoints, file: a.TokenFile, audience: w.Audience, email: w.ServiceAccountEmail,
		}), w.ServiceAccountEmail}, nil
	case v1alpha1.CredentialsInjected:
	}
	return identity{source: &injected{}}, nil
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

// injected finds the application default credentials of the operator's
// environment when a token is needed for the first time: to look for them may
// take seconds.
type injected struct {
	mu    sync.Mutex
	found tokenSource
}

// Token implements oauth2.TokenSource.
func (i *injected) Token() (*oauth2.Token, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found == nil {
		c, err := google.FindDefaultCredentials(context.Background(), scopes()...)
		if err != nil {
			return nil, fault.New(fault.Dependency, contract.ReasonCredentialsMissing, "the operator finds no Google credentials: %s", rootCause(err))
		}
		i.found = c.TokenSource
	}
	t, err := i.found.Token()
	if err != nil {
		return nil, Classify(err)
	}
	return t, nil
}
