// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sigv4"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

// A token is "k8s-aws-v1." and, in base64 without padding, a pre-signed URL of
// STS's GetCallerIdentity, in whose signature a header names the cluster. It is
// good for 15 minutes from its signature on; for how long the URL says that it is
// good only must not be longer. This is what the authenticator does that EKS
// runs: https://github.com/kubernetes-sigs/aws-iam-authenticator#what-exactly-does-an-authentication-token-look-like
const (
	tokenPrefix   = "k8s-aws-v1." //nolint:gosec // G101: how every token begins
	clusterHeader = "X-K8s-Aws-Id"
	tokenLasts    = 15 * time.Minute
	longestToken  = 4096
)

// authenticate says whose a token is in a cluster.
func (s *Service) authenticate(scope query.Scope, name, token string) (kubernetes.User, bool) {
	_, c, err := s.find(scope, name)
	if err != nil {
		return kubernetes.User{}, false
	}
	key, ok := s.caller(name, token, time.Now())
	if !ok {
		return kubernetes.User{}, false
	}
	e := c.entryOf(key.ARN)
	if e == nil {
		return c.creatorWithoutEntry(key)
	}
	user := kubernetes.User{
		Name: strings.ReplaceAll(e.Username, "{{SessionName}}", key.ARN[strings.LastIndexByte(key.ARN, '/')+1:]), UID: "aws-iam-authenticator:" + key.Account + ":" + key.UserID,
		Groups: append([]string{e.group()}, e.KubernetesGroups...),
		Extra:  map[string][]string{"arn": {key.ARN}, "canonicalArn": {e.PrincipalArn}, "accessKeyId": {key.ID}},
	}
	if e.administers() {
		user.Groups = append(user.Groups, "system:masters")
	}
	return user, true
}

// caller returns the key that signed a token for the cluster.
func (s *Service) caller(name, token string, now time.Time) (iam.Key, bool) {
	r, p, ok := readToken(name, token)
	if !ok || p.Expires > tokenLasts || now.After(p.Signed.Add(tokenLasts)) || p.Signed.After(now.Add(tokenLasts)) {
		return iam.Key{}, false
	}
	key, err := s.keys.AuthenticateURL(r, p, s.cloud.Clock.Now())
	return key, err == nil
}

// readToken returns the request that a token stands for.
func readToken(name, token string) (*http.Request, sigv4.Presigned, bool) {
	text, found := strings.CutPrefix(token, tokenPrefix)
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if !found || err != nil || len(token) > longestToken {
		return nil, sigv4.Presigned{}, false
	}
	u, err := url.Parse(string(decoded))
	if err != nil {
		return nil, sigv4.Presigned{}, false
	}
	p, err := sigv4.ParseURL(u)
	if err != nil || p.Service != "sts" || u.Query().Get("Action") != "GetCallerIdentity" || !p.Signs(clusterHeader) {
		return nil, sigv4.Presigned{}, false
	}
	return &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{clusterHeader: {name}}}, p, true
}

// entryOf returns the entry of a caller, nil if there is none. What a session's
// ARN says of its role is the account and the name, not the path.
func (c *cluster) entryOf(caller string) *entry {
	if e, ok := c.entries.Get(caller); ok && c.Access.Mode != modeConfigMap {
		return e
	}
	session := principals.FindStringSubmatch(principalOf(caller))
	if c.Access.Mode == modeConfigMap || session == nil {
		return nil
	}
	for _, e := range c.entries.All() {
		if p := principals.FindStringSubmatch(e.PrincipalArn); p != nil && p[1] == session[1] && p[2] == session[2] && p[3] == session[3] {
			return e
		}
	}
	return nil
}

// creatorWithoutEntry lets who made a cluster in where there are no entries.
func (c *cluster) creatorWithoutEntry(key iam.Key) (kubernetes.User, bool) {
	if c.Access.Mode != modeConfigMap || !orElse(c.Access.Bootstrap, true) || principalOf(key.ARN) != principalOf(c.creator) {
		return kubernetes.User{}, false
	}
	return kubernetes.User{Name: "kubernetes-admin", UID: key.UserID, Groups: []string{"system:masters"}}, true
}
