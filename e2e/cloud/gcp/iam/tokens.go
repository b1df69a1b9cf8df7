// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
)

// tokenLife is for how long access tokens are good
// (https://cloud.google.com/docs/authentication/token-types#access-tokens).
const tokenLife = time.Hour

// Scopes of every token that is given.
const scopes = "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email"

// issue gives an access token to caller.
func (a *Accounts) issue(caller string) (string, time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token, expires := "ya29."+rand.Text(), a.clock.Now().Add(tokenLife)
	a.tokens[token] = grant{caller, expires}
	return token, expires
}

// Authenticate returns who calls, by the access token.
func (a *Accounts) Authenticate(header http.Header) (string, error) {
	token, ok := strings.CutPrefix(header.Get("Authorization"), "Bearer ")
	if !ok {
		return "", rest.Refuse(http.StatusUnauthorized, "required",
			"Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
	}
	g, ok := a.grant(token)
	if !ok {
		return "", rest.Refuse(http.StatusUnauthorized, "authError",
			"Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
	}
	return g.caller, nil
}

// grant returns what a token is good for, if it is still good for anything.
func (a *Accounts) grant(token string) (grant, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.tokens[token]
	if !ok || !a.clock.Now().Before(g.expires) {
		delete(a.tokens, token)
		return grant{}, false
	}
	if one, known := a.byEmail[g.caller]; known && one.Revoked {
		return grant{}, false
	}
	return g, true
}

// Holder returns whose an access token is, and the roles that it has in a project;
// false if the token is good for nothing. A federated principal has all rights in the
// default project.
func (a *Accounts) Holder(token, project string) (caller string, roles []string, ok bool) {
	g, ok := a.grant(token)
	if !ok {
		return "", nil, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	one, known := a.byEmail[g.caller]
	switch {
	case !known && project == DefaultProject:
		return g.caller, []string{roleAdmin}, true
	case known && one.Project == project:
		return g.caller, slices.Clone(one.Roles), true
	}
	return g.caller, nil, true
}

// Authorize says why caller may not do this in the project. A federated
// principal may do everything in the default project.
func (a *Accounts) Authorize(caller, service, operation, project string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, known := a.byEmail[caller]
	home := DefaultProject
	if known {
		home = one.Project
	}
	here := project == "" || project == home || project == Number(home)
	if here && (!known || !one.denies(service+"."+operation)) {
		return nil
	}
	if service == "sqladmin" {
		return rest.Refuse(http.StatusForbidden, "notAuthorized", "The client is not authorized to make this request.")
	}
	if service == "compute" {
		return rest.Refuse(http.StatusForbidden, "forbidden", "Required 'compute.%s' permission for 'projects/%s'", operation, project)
	}
	if service == "container" {
		return rest.Refuse(http.StatusForbidden, "forbidden", "Required \"container.%s\" permission(s) for \"projects/%s\".", operation, project)
	}
	return rest.Refuse(http.StatusForbidden, "IAM_PERMISSION_DENIED", "The caller does not have permission")
}
