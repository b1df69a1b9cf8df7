// SPDX-License-Identifier: Apache-2.0

package connection_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/connection"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	secret := map[string][]byte{"password": []byte("p@ss/word")}
	cases := map[string]struct {
		details connection.Details
		want    map[string]string
	}{
		"nothing known": {want: map[string]string{}},
		"a MySQL database with TLS": {
			details: connection.Details{
				Public: map[string]string{
					"type": "mysql", "provider": "aws", "host": "db.example.org", "port": "3306",
					"username": "admin", "database": "orders", "tls": "true", "ca.crt": "PEM", "region": "us-east-1",
				},
				Secret:   secret,
				Location: &v1alpha1.Location{Provider: "aws", Region: "us-east-1"},
			},
			want: map[string]string{
				"type": "mysql", "provider": "aws", "host": "db.example.org", "port": "3306", "endpoint": "db.example.org:3306",
				"username": "admin", "password": "p@ss/word", "database": "orders", "tls": "true", "ca.crt": "PEM", "region": "us-east-1",
				"uri": "mysql://admin:p%40ss%2Fword@db.example.org:3306/orders?ssl-mode=VERIFY_IDENTITY",
			},
		},
		"a PostgreSQL database without TLS or database": {
			details: connection.Details{
				Public: map[string]string{"type": "postgresql", "host": "::1", "port": "5432", "username": "root", "tls": "false"},
			},
			want: map[string]string{
				"type": "postgresql", "host": "::1", "port": "5432", "endpoint": "[::1]:5432", "username": "root", "tls": "false",
				"uri": "postgresql://root@[::1]:5432/",
			},
		},
		"a cache with TLS": {
			details: connection.Details{
				Public: map[string]string{"type": "redis", "host": "r", "port": "6379", "tls": "true"},
				Secret: map[string][]byte{"password": []byte("x")},
			},
			want: map[string]string{
				"type": "redis", "host": "r", "port": "6379", "endpoint": "r:6379", "tls": "true", "password": "x",
				"uri": "rediss://:x@r:6379/",
			},
		},
		"a document store without a port": {
			details: connection.Details{Public: map[string]string{"type": "mongodb", "host": "m", "tls": "true"}},
			want:    map[string]string{"type": "mongodb", "host": "m", "endpoint": "m", "tls": "true", "uri": "mongodb://m/?tls=true"},
		},
		"a service without a URI of a known form": {
			details: connection.Details{Public: map[string]string{"type": "bucket", "bucket": "b"}},
			want:    map[string]string{"type": "bucket", "bucket": "b"},
		},
		"a URI and an endpoint of the provider's own": {
			details: connection.Details{Public: map[string]string{"type": "mysql", "host": "h", "port": "1", "uri": "its-own", "endpoint": "e"}},
			want:    map[string]string{"type": "mysql", "host": "h", "port": "1", "endpoint": "e", "uri": "its-own"},
		},
		"the location where the connection does not say": {
			details: connection.Details{Location: &v1alpha1.Location{Provider: "gcp", Region: "europe-west1"}},
			want:    map[string]string{"provider": "gcp", "region": "europe-west1"},
		},
		"a password that is not confirmed yet": {
			details: connection.Details{Secret: map[string][]byte{"password": []byte("old"), "password-next": []byte("new")}},
			want:    map[string]string{"password": "old"},
		},
		"what is for operators alone": {
			details: connection.Details{Secret: map[string][]byte{"value": []byte("theirs"), "operator-kubeconfig": []byte("ours")}},
			want:    map[string]string{"value": "theirs"},
		},
		"keys that a secret can't have, and empty values": {
			details: connection.Details{Public: map[string]string{"a b": "x", "..": "x", "empty": "", "nodes": "n"}},
			want:    map[string]string{"nodes": "n"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for key, value := range connection.Compose(c.details) {
				got[key] = string(value)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("Compose (-want +got):\n%s", diff)
			}
			if u, err := url.Parse(got["uri"]); err != nil {
				t.Errorf("the URI can't be read: %v", err)
			} else if password, set := u.User.Password(); set && password != got["password"] {
				t.Errorf("the URI's password is %q", password)
			}
		})
	}
}

func TestSecretType(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ typ, want string }{
		"of a known type": {typ: "mysql", want: "servicebinding.io/mysql"},
		"of no type":      {want: "Opaque"},
		"of an odd type":  {typ: "My SQL", want: "Opaque"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := connection.SecretType(map[string][]byte{"type": []byte(c.typ)}); got != c.want {
				t.Errorf("SecretType = %q, want %q", got, c.want)
			}
		})
	}
}
