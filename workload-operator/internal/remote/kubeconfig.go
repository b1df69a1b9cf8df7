// SPDX-License-Identifier: Apache-2.0

// Package remote talks to the clusters that applications run on. A connection
// belongs to one target: its own transport, its own limits, its own watches, so
// that a cluster which does not answer holds up nobody but itself.
package remote

import (
	"net/url"
	"slices"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// ParseKubeconfig returns how to reach the cluster of a kubeconfig's current
// context. A kubeconfig is written by an administrator and used by a program: what
// would run another program, read files of this one's machine or weaken TLS is
// refused. Errors are fault.Errors that name a field and never a value.
func ParseKubeconfig(content []byte) (*rest.Config, error) {
	k, err := load(content)
	if err != nil {
		return nil, err
	}
	for _, rule := range slices.Concat(clusterRules(k.cluster), userRules(k.user)) {
		if rule.broken {
			return nil, fault.New(fault.Invalid, v1alpha1.ReasonKubeconfigRefused, "kubeconfig: %s: %s", rule.field, rule.advice)
		}
	}
	made, err := clientcmd.NewDefaultClientConfig(k.config(), &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return nil, malformed("it can't be used: see that server, certificates and keys are whole")
	}
	return made, nil
}

// Sole returns a kubeconfig without what its current context does not lead to: a
// file of several clusters would hand out all of them.
func Sole(content []byte) ([]byte, error) {
	k, err := load(content)
	if err != nil {
		return nil, err
	}
	k.context.Extensions, k.cluster.Extensions, k.user.Extensions = nil, nil, nil // other tools' notes
	sole, err := clientcmd.Write(k.config())
	if err != nil {
		return nil, malformed("it can't be written")
	}
	return sole, nil
}

// kubeconfig is what a kubeconfig's current context leads to.
type kubeconfig struct {
	name    string
	context *clientcmdapi.Context
	cluster *clientcmdapi.Cluster
	user    *clientcmdapi.AuthInfo
}

func load(content []byte) (kubeconfig, error) {
	config, err := clientcmd.Load(content)
	if err != nil || len(config.Clusters) == 0 {
		return kubeconfig{}, malformed("the content is no kubeconfig") // the parser's words may quote what it read
	}
	k := kubeconfig{name: config.CurrentContext, context: config.Contexts[config.CurrentContext]}
	if k.context == nil {
		return kubeconfig{}, malformed("current-context names none of its contexts")
	}
	k.cluster, k.user = config.Clusters[k.context.Cluster], config.AuthInfos[k.context.AuthInfo]
	switch {
	case k.cluster == nil:
		return kubeconfig{}, malformed("the current context names none of its clusters")
	case k.user == nil:
		return kubeconfig{}, malformed("the current context names none of its users")
	}
	return k, nil
}

func (k kubeconfig) config() clientcmdapi.Config {
	return clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{k.context.Cluster: k.cluster},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{k.context.AuthInfo: k.user},
		Contexts:       map[string]*clientcmdapi.Context{k.name: k.context},
		CurrentContext: k.name,
	}
}

func malformed(what string) error {
	return fault.New(fault.Invalid, v1alpha1.ReasonKubeconfigMalformed, "kubeconfig: %s", what)
}

// rule is something that a kubeconfig must not have, and what to do instead.
type rule struct {
	broken        bool
	field, advice string
}

func clusterRules(c *clientcmdapi.Cluster) []rule {
	return []rule{
		{!plainHTTPS(c.Server), "clusters[].cluster.server", "give a URL that starts with https:// and holds no user"},
		{c.InsecureSkipTLSVerify, "clusters[].cluster.insecure-skip-tls-verify", "put the cluster's CA into certificate-authority-data"},
		{c.CertificateAuthority != "", "clusters[].cluster.certificate-authority", "files are not read: use certificate-authority-data"},
		{!knownProxy(c.ProxyURL), "clusters[].cluster.proxy-url", "use a proxy of scheme http, https or socks5, or none"},
	}
}

func userRules(u *clientcmdapi.AuthInfo) []rule {
	impersonates := u.Impersonate != "" || u.ImpersonateUID != "" || len(u.ImpersonateGroups) > 0 || len(u.ImpersonateUserExtra) > 0
	return []rule{
		{u.Exec != nil, "users[].user.exec", "programs are not run: use a token or a client certificate"},
		{u.AuthProvider != nil, "users[].user.auth-provider", "plugins are not used: use a token or a client certificate"},
		{u.TokenFile != "", "users[].user.tokenFile", "files are not read: use token"},
		{u.ClientCertificate != "", "users[].user.client-certificate", "files are not read: use client-certificate-data"},
		{u.ClientKey != "", "users[].user.client-key", "files are not read: use client-key-data"},
		{u.Username != "" || u.Password != "", "users[].user.username", "API servers take no passwords: use a token or a client certificate"},
		{impersonates, "users[].user.as", "use credentials of the identity itself"},
		{u.Token == "" && len(u.ClientCertificateData) == 0, "users[].user", "it holds neither a token nor client-certificate-data"},
	}
}

func knownProxy(proxy string) bool {
	if proxy == "" {
		return true
	}
	u, err := url.Parse(proxy)
	return err == nil && slices.Contains([]string{"http", "https", "socks5"}, u.Scheme)
}

func plainHTTPS(server string) bool {
	u, err := url.Parse(server)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}
