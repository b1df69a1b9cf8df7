// SPDX-License-Identifier: Apache-2.0

package remote_test

import (
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

const good = `apiVersion: v1
kind: Config
current-context: it
contexts: [{name: it, context: {cluster: it, user: it}}]
clusters: [{name: it, cluster: {server: "https://example.org:6443"}}]
users: [{name: it, user: {token: hunter2}}]
`

func TestParseKubeconfig(t *testing.T) {
	user := func(fields string) string { return strings.Replace(good, "token: hunter2", fields, 1) }
	cluster := func(fields string) string {
		return strings.Replace(good, `server: "https://example.org:6443"`, fields, 1)
	}
	const server = `server: "https://example.org:6443", `
	for name, test := range map[string]struct{ content, reason, field string }{
		"good":               {good, "", ""},
		"with a proxy":       {cluster(server + "proxy-url: socks5://hunter2.example.org"), "", ""},
		"nothing":            {"", v1alpha1.ReasonKubeconfigMalformed, ""},
		"no YAML":            {"\thunter2", v1alpha1.ReasonKubeconfigMalformed, ""},
		"something else":     {"apiVersion: v1\nkind: Secret\nstringData: {hunter2: a}\n", v1alpha1.ReasonKubeconfigMalformed, ""},
		"no current context": {strings.Replace(good, "current-context: it\n", "", 1), v1alpha1.ReasonKubeconfigMalformed, "current-context"},
		"unknown context":    {strings.Replace(good, "current-context: it", "current-context: hunter2", 1), v1alpha1.ReasonKubeconfigMalformed, "current-context"},
		"unknown cluster":    {strings.Replace(good, "cluster: it, user", "cluster: hunter2, user", 1), v1alpha1.ReasonKubeconfigMalformed, "clusters"},
		"unknown user":       {strings.Replace(good, "user: it}", "user: hunter2}", 1), v1alpha1.ReasonKubeconfigMalformed, "users"},
		"bad certificate": {
			user("client-certificate-data: aHVudGVyMg==, client-key-data: aHVudGVyMg=="), "", "", // Open finds that
		},
		"exec":                {user("token: a, exec: {apiVersion: client.authentication.k8s.io/v1, command: hunter2, interactiveMode: Never}"), v1alpha1.ReasonKubeconfigRefused, "users[].user.exec"},
		"auth provider":       {user("auth-provider: {name: hunter2}"), v1alpha1.ReasonKubeconfigRefused, "auth-provider"},
		"token file":          {user("tokenFile: /hunter2"), v1alpha1.ReasonKubeconfigRefused, "tokenFile"},
		"certificate file":    {user("client-certificate: /hunter2, client-key: /hunter2"), v1alpha1.ReasonKubeconfigRefused, "client-certificate"},
		"key file":            {user("client-certificate-data: aHVudGVyMg==, client-key: /hunter2"), v1alpha1.ReasonKubeconfigRefused, "client-key"},
		"password":            {user("username: a, password: hunter2"), v1alpha1.ReasonKubeconfigRefused, "username"},
		"impersonation":       {user("token: a, as: hunter2"), v1alpha1.ReasonKubeconfigRefused, "users[].user.as"},
		"impersonated groups": {user("token: a, as-groups: [hunter2]"), v1alpha1.ReasonKubeconfigRefused, "users[].user.as"},
		"no credentials":      {user(""), v1alpha1.ReasonKubeconfigRefused, "users[].user"},
		"plain HTTP":          {cluster("server: http://hunter2.example.org"), v1alpha1.ReasonKubeconfigRefused, "server"},
		"user in the URL":     {cluster("server: https://a:hunter2@example.org"), v1alpha1.ReasonKubeconfigRefused, "server"},
		"insecure":            {cluster(server + "insecure-skip-tls-verify: true"), v1alpha1.ReasonKubeconfigRefused, "insecure-skip-tls-verify"},
		"authority file":      {cluster(server + "certificate-authority: /hunter2"), v1alpha1.ReasonKubeconfigRefused, "certificate-authority"},
		"odd proxy":           {cluster(server + "proxy-url: ssh://hunter2"), v1alpha1.ReasonKubeconfigRefused, "proxy-url"},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := remote.ParseKubeconfig([]byte(test.content))
			if test.reason == "" {
				if err != nil || config.Host != "https://example.org:6443" {
					t.Errorf("got %v, %v", config, err)
				}
				return
			}
			if err == nil || fault.Of(err).Reason != test.reason || !strings.Contains(err.Error(), test.field) {
				t.Fatalf("want %s naming %q: %v", test.reason, test.field, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a value in the message: %v", err)
			}
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("only somebody's change helps: %v", err)
			}
		})
	}
}

// TestSole: what the current context does not lead to is left out.
func TestSole(t *testing.T) {
	several := `apiVersion: v1
kind: Config
current-context: it
contexts:
- {name: it, context: {cluster: it, user: it, namespace: shop}}
- {name: hunter2, context: {cluster: hunter2, user: hunter2}}
clusters:
- {name: it, cluster: {server: "https://example.org:6443", extensions: [{name: tool, extension: {hunter2: a}}]}}
- {name: hunter2, cluster: {server: "https://hunter2.example.org"}}
users:
- {name: it, user: {token: mine}}
- {name: hunter2, user: {token: hunter2, exec: {command: hunter2}}}
extensions:
- {name: tool, extension: {hunter2: a}}
`
	sole, err := remote.Sole([]byte(several))
	if err != nil || strings.Contains(string(sole), "hunter2") || !strings.Contains(string(sole), "namespace: shop") {
		t.Errorf("%v:\n%s", err, sole)
	}
	if config, err := remote.ParseKubeconfig(sole); err != nil || config.BearerToken != "mine" {
		t.Errorf("it can't be used: %v", err)
	}
	nameless := strings.ReplaceAll(strings.ReplaceAll(several, "name: it", `name: ""`), "cluster: it, user: it,", `cluster: "", user: "",`)
	if sole, err := remote.Sole([]byte(strings.Replace(nameless, "current-context: it", "", 1))); err == nil && strings.Contains(string(sole), "hunter2") {
		t.Errorf("without names:\n%s", sole)
	}
	for name, content := range map[string]string{"no YAML": "\thunter2", "no such context": "current-context: hunter2\n"} {
		if _, err := remote.Sole([]byte(content)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
