// SPDX-License-Identifier: Apache-2.0

// Package connection composes the connection details that a consumer gets: the
// same keys with the same meaning, whichever cloud a service comes from.
package connection

import (
	"maps"
	"net"
	"net/url"
	"regexp"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Details is what is known of how to connect to a service.
type Details struct {
	// Public are the details that are not secret: ManagedStatus.Connection.
	Public map[string]string
	// Secret are those that are: the content of the secret that
	// ManagedStatus.ConnectionSecretRef names.
	Secret map[string][]byte
	// Location of the service; its provider and region are details, too, where
	// Public does not say otherwise.
	Location *v1alpha1.Location
}

// Compose returns the keys of a claim's connection secret. A password that the
// cloud has not confirmed yet is never among them, nor what is for operators
// alone. What is empty is left out.
func Compose(d Details) map[string][]byte {
	out := map[string][]byte{}
	if d.Location != nil {
		put(out, v1alpha1.KeyProvider, d.Location.Provider)
		put(out, v1alpha1.KeyRegion, d.Location.Region)
	}
	for key, value := range d.Public {
		put(out, key, value)
	}
	maps.Copy(out, d.Secret)
	delete(out, v1alpha1.KeyPasswordNext)
	delete(out, v1alpha1.KeyOperatorKubeconfig)
	maps.DeleteFunc(out, func(key string, value []byte) bool { return !validKey(key) || len(value) == 0 })
	if out[v1alpha1.KeyEndpoint] == nil {
		put(out, v1alpha1.KeyEndpoint, endpoint(out))
	}
	if out[v1alpha1.KeyURI] == nil {
		put(out, v1alpha1.KeyURI, uri(out))
	}
	return out
}

// SecretType returns the type of a secret with these details, as
// servicebinding.io wants it.
func SecretType(details map[string][]byte) string {
	if t := string(details[v1alpha1.KeyType]); validType.MatchString(t) {
		return "servicebinding.io/" + t
	}
	return "Opaque"
}

var (
	validType   = regexp.MustCompile(`^[a-z0-9][-a-z0-9.]{0,62}$`)
	validSecret = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)
)

// validKey reports whether a secret can have this key.
func validKey(key string) bool { return validSecret.MatchString(key) && key != "." && key != ".." }

func put(out map[string][]byte, key, value string) {
	if value != "" {
		out[key] = []byte(value)
	}
}

func endpoint(d map[string][]byte) string {
	host, port := string(d[v1alpha1.KeyHost]), string(d[v1alpha1.KeyPort])
	if host == "" || port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// protocol says how the URI of a type of service begins, and which query makes
// a client verify the server's certificate and name where it speaks TLS.
type protocol struct {
	plain, secure string
	verify        url.Values
}

func protocolOf(typ string) (protocol, bool) {
	switch typ {
	case "mysql":
		return protocol{"mysql", "mysql", url.Values{"ssl-mode": {"VERIFY_IDENTITY"}}}, true
	case "postgresql":
		return protocol{"postgresql", "postgresql", url.Values{"sslmode": {"verify-full"}}}, true
	case "redis":
		return protocol{"redis", "rediss", nil}, true
	case "mongodb":
		return protocol{"mongodb", "mongodb", url.Values{"tls": {"true"}}}, true
	default:
		return protocol{}, false
	}
}

// uri returns the URI of the service, or nothing for a type that has none.
func uri(d map[string][]byte) string {
	p, known := protocolOf(string(d[v1alpha1.KeyType]))
	at := endpoint(d)
	if !known || at == "" {
		return ""
	}
	u := url.URL{Scheme: p.plain, Host: at, Path: "/" + string(d[v1alpha1.KeyDatabase])}
	if string(d[v1alpha1.KeyTLS]) == "true" {
		u.Scheme, u.RawQuery = p.secure, p.verify.Encode()
	}
	user, password := string(d[v1alpha1.KeyUsername]), string(d[v1alpha1.KeyPassword])
	switch {
	case password != "":
		u.User = url.UserPassword(user, password)
	case user != "":
		u.User = url.User(user)
	}
	return u.String()
}
