// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Handler serves the endpoints of the identity platform, and of the metadata
// service that issues tokens to managed identities.
func (d *Directory) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /common/discovery/instance", discoverInstance)
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", d.discover)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", d.keys)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", d.token)
	mux.HandleFunc("GET /metadata/identity/oauth2/token", d.metadata)
	return mux
}

// discoverInstance answers what clients ask of an authority that they do not know.
func discoverInstance(w http.ResponseWriter, r *http.Request) {
	local.WriteJSON(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + r.Host + "/common/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata":                  []any{map[string]any{"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []string{r.Host}}},
	})
}

func (d *Directory) discover(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	if !d.hasTenant(tenant) {
		refuse(w, http.StatusBadRequest, "invalid_tenant", 90002, "Tenant '"+tenant+"' not found. Check to make sure you have the correct tenant ID.")
		return
	}
	base := "https://" + r.Host + "/" + tenant
	local.WriteJSON(w, http.StatusOK, map[string]any{
		"issuer":                                base + "/v2.0",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"response_types_supported":              []string{"code", "id_token"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (d *Directory) keys(w http.ResponseWriter, _ *http.Request) {
	enc := base64.RawURLEncoding
	local.WriteJSON(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "kid": keyID, "alg": "RS256",
		"n": enc.EncodeToString(d.key.N.Bytes()), "e": enc.EncodeToString(big.NewInt(int64(d.key.E)).Bytes()),
	}}})
}

// token issues an access token for a client secret, or for an assertion.
func (d *Directory) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Form.Get("grant_type") != "client_credentials" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
		return
	}
	tenant, id := r.PathValue("tenant"), r.Form.Get("client_id")
	app, ok := d.find(id)
	if !ok || !strings.EqualFold(app.Tenant, tenant) {
		refuse(w, http.StatusBadRequest, "unauthorized_client", 700016, "Application with identifier '"+id+"' was not found in the directory '"+tenant+"'.")
		return
	}
	if code, why := app.proves(r.Form.Get("client_secret"), r.Form.Get("client_assertion"), d.clock.Now()); code != 0 {
		refuse(w, http.StatusUnauthorized, "invalid_client", code, why)
		return
	}
	token, lifetime, err := d.issue(app, audienceOf(r.Form.Get("scope")))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", 90000, err.Error())
		return
	}
	seconds := int(lifetime.Seconds())
	local.WriteJSON(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token})
}

// audienceOf is the API among the scopes that a client asks for: the others are
// OpenID's.
func audienceOf(scopes string) string {
	for scope := range strings.FieldsSeq(scopes) {
		if api, ok := strings.CutSuffix(scope, "/.default"); ok {
			return api
		}
	}
	return ""
}

// proves checks what an application proves its identity with: 0, or the code
// and the words of a refusal. Any assertion that has not expired will do.
func (a Application) proves(secret, assertion string, now time.Time) (int, string) {
	if a.Revoked {
		return 7000222, "The provided client secret keys for app '" + a.ID + "' are expired."
	}
	if assertion == "" {
		if a.Secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(a.Secret)) != 1 {
			return 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
				"not the client secret ID, for a secret added to app '" + a.ID + "'."
		}
		return 0, ""
	}
	var c struct {
		Expires int64 `json:"exp"`
	}
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 || payload(parts[1], &c) != nil {
		return 50027, "JWT token is invalid or malformed."
	}
	if c.Expires != 0 && !now.Before(time.Unix(c.Expires, 0)) {
		return 700024, "Client assertion is not within its valid time range."
	}
	return 0, ""
}

// metadata issues a token to the managed identity of the machine: the default
// application, or the one that is asked for.
func (d *Directory) metadata(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id := q.Get("client_id")
	if id == "" {
		id = DefaultClient
	}
	app, ok := d.find(id)
	asked := r.Header.Get("Metadata") + r.Header.Get("X-Identity-Header") // of a machine, of an app service
	if asked == "" || !ok || app.Revoked {
		local.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": "Identity not found"})
		return
	}
	token, lifetime, err := d.issue(app, q.Get("resource"))
	if err != nil {
		local.WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	local.WriteJSON(w, http.StatusOK, map[string]string{
		"access_token": token, "token_type": "Bearer", "resource": q.Get("resource"), "client_id": id,
		"expires_in": strconv.Itoa(int(lifetime.Seconds())), "expires_on": strconv.FormatInt(time.Now().Add(lifetime).Unix(), 10),
	})
}

// refuse answers as the identity platform does: the description begins with the
// code, and ends with what is different each time.
func refuse(w http.ResponseWriter, status int, kind string, code int, description string) {
	trace := strconv.FormatInt(time.Now().UnixNano(), 16)
	local.WriteJSON(w, status, map[string]any{
		"error": kind, "error_codes": []int{code}, "trace_id": trace, "correlation_id": trace,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", code, description, trace, trace,
			time.Now().UTC().Format(time.DateTime)+"Z"),
	})
}
