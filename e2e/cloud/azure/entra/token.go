// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// claims of an access token, as of version 1.0 tokens for Azure's own APIs.
type claims struct {
	Audience string `json:"aud"`
	Issuer   string `json:"iss"`
	Issued   int64  `json:"iat"`
	From     int64  `json:"nbf"`
	Expires  int64  `json:"exp"`
	App      string `json:"appid"`
	Object   string `json:"oid"`
	Subject  string `json:"sub"`
	Tenant   string `json:"tid"`
	Type     string `json:"idtyp"`
	Version  string `json:"ver"`
	ID       string `json:"uti"`
}

const keyID = "local"

var errMalformed = errors.New("not a token of this directory")

// issue returns an access token of the application, and for how long it is valid.
func (d *Directory) issue(app Application, audience string) (string, time.Duration, error) {
	d.mu.Lock()
	lifetime := d.lifetime
	d.mu.Unlock()
	now := d.clock.Now()
	c := claims{
		Audience: audience, Issuer: "https://sts.windows.net/" + app.Tenant + "/", Issued: now.Unix(), From: now.Unix(),
		Expires: now.Add(lifetime).Unix(), App: app.ID, Object: app.Object, Subject: app.Object, Tenant: app.Tenant,
		Type: "app", Version: "1.0", ID: rand.Text(),
	}
	token, err := d.sign(c)
	return token, lifetime, err
}

func (d *Directory) sign(c claims) (string, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("writing a token: %w", err)
	}
	signed := encode([]byte(`{"typ":"JWT","alg":"RS256","kid":"`+keyID+`"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, d.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// read returns the claims of a token that this directory signed.
func (d *Directory) read(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errMalformed
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return c, errMalformed
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&d.key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
		return c, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return c, payload(parts[1], &c)
}

func payload(part string, into any) error {
	body, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return errMalformed
	}
	if err := json.Unmarshal(body, into); err != nil {
		return errMalformed
	}
	return nil
}

// audiences are what tokens for the Resource Manager are for.
func forManager(audience string) bool {
	switch strings.TrimSuffix(audience, "/") {
	case "https://management.azure.com", "https://management.core.windows.net":
		return true
	}
	return false
}

// Authenticate returns the application whose token a call carries.
func (d *Directory) Authenticate(header string) (Application, error) {
	token, bearer := strings.CutPrefix(header, "Bearer ")
	if !bearer {
		return Application{}, arm.Refuse(http.StatusUnauthorized, "AuthenticationFailed",
			"Authentication failed. The 'Authorization' header is missing.")
	}
	c, err := d.read(token)
	if err != nil {
		return Application{}, invalid("The access token is invalid.")
	}
	if !forManager(c.Audience) {
		return Application{}, invalid("The access token has been obtained for wrong audience or resource '%s'.", c.Audience)
	}
	if !d.clock.Now().Before(time.Unix(c.Expires, 0)) {
		return Application{}, arm.Refuse(http.StatusUnauthorized, "ExpiredAuthenticationToken",
			"The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
			time.Unix(c.Expires, 0).UTC().Format(time.DateTime), d.clock.Now().Format(time.DateTime))
	}
	app, ok := d.find(c.App)
	if !ok || app.Revoked {
		return Application{}, invalid("The access token is revoked.")
	}
	return app, nil
}

// Holder returns the application that a token is of, if it is one for an API and
// good.
func (d *Directory) Holder(token, audience string) (Application, bool) {
	c, err := d.read(token)
	if err != nil || c.Audience != audience || !d.clock.Now().Before(time.Unix(c.Expires, 0)) {
		return Application{}, false
	}
	app, ok := d.find(c.App)
	return app, ok && !app.Revoked
}

func invalid(format string, args ...any) error {
	return arm.Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", format, args...)
}
