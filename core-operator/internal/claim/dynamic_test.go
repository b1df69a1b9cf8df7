// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

func TestAClaimBecomesAResourceAndASecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	s.is(c, claimapi.ReasonCreating)
	if got := field(server, "spec", "forProvider", "region"); got != "north" {
		t.Errorf("the region is %v", got)
	}
	if got := field(server, "spec", "claimRef", "uid"); got != string(c.UID) {
		t.Errorf("the resource is bound to %v, want %s", got, c.UID)
	}
	s.creating(server)
	s.ready(server)
	s.is(c, claimapi.ReasonBound)

	secret := get(s, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "orders-connection"}})
	want := map[string]string{
		"type": "mysql", "provider": "test", "host": "db.example.org", "port": "3306", "endpoint": "db.example.org:3306",
		"username": "admin", "password": "first", "tls": "true", "ca.crt": "PEM", "region": "north",
		"uri": "mysql://admin:first@db.example.org:3306/?ssl-mode=VERIFY_IDENTITY",
	}
	if diff := cmp.Diff(want, texts(secret.Data)); diff != "" {
		t.Errorf("the secret (-want +got):\n%s", diff)
	}
	if secret.Type != "servicebinding.io/mysql" {
		t.Errorf("the secret's type is %s", secret.Type)
	}
	if c.Status.Binding.Name != secret.Name || c.Status.Binding.Revision != 1 {
		t.Errorf("the binding is %+v", c.Status.Binding)
	}
	s.stays()
	if got := writes.of(s.namespace); len(got) > 5 {
		t.Errorf("core wrote %d times: %v", len(got), got)
	}
}

func texts(data map[string][]byte) map[string]string {
	out := map[string]string{}
	for key, value := range data {
		out[key] = string(value)
	}
	return out
}
