// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Every claim kind goes the same way; this is the way of the other one.
func TestAPostgreSQLInstance(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("postgresql", func(c *core.ResourceClass) { c.Spec.Claim.Kind = "PostgreSQLInstance" })
	c := newPostgreSQL(s.namespace, func(p *database.PostgreSQLInstance) {
		p.Spec.ClassRef, p.Spec.DeletionProtection = &v1alpha1.Reference{Name: rc.Name}, new(true)
	})
	s.must(world.Client.Create(s.ctx, c))
	s.eventually(func() error {
		if get(s, c).Status.ResourceRef == nil {
			return fmt.Errorf("the claim is %+v", c.Status)
		}
		return nil
	})
	server := named("Server", c.Status.ResourceRef.Name)
	s.eventually(func() error { return world.Client.Get(s.ctx, clientKey(server), server) })
	s.ready(server, map[string]any{"connection": map[string]any{"type": "postgresql", "host": "db.example.org", "port": "5432", "username": "admin"}})
	s.postgreSQLIs(c, claimapi.ReasonBound)
	secret := get(s, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "orders-connection"}})
	if got := string(secret.Data["uri"]); secret.Type != "servicebinding.io/postgresql" || !strings.HasPrefix(got, "postgresql://admin:") {
		t.Errorf("the secret is of type %s, the uri %s", secret.Type, got)
	}
	s.delete(c)
	s.postgreSQLIs(c, claimapi.ReasonProtected)
	s.patch(c, spec(map[string]any{"deletionProtection": false}))
	s.finish(server)
	s.vanishes(c)
}

func newPostgreSQL(namespace string, change func(*database.PostgreSQLInstance)) *database.PostgreSQLInstance {
	c := &database.PostgreSQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "orders"}}
	c.Spec.Database = database.Database{EngineVersion: "17", StorageGiB: 20}
	c.Spec.DatabaseName = "orders"
	c.Spec.WriteConnectionSecretToRef = &claimapi.LocalSecret{Name: "orders-connection"}
	change(c)
	return c
}

func (s *scene) postgreSQLIs(c *database.PostgreSQLInstance, reason string) {
	s.Helper()
	s.eventually(func() error {
		if ready := meta.FindStatusCondition(get(s, c).Status.Conditions, v1alpha1.ConditionReady); ready.Reason != reason {
			return fmt.Errorf("the claim is %+v, want %s", ready, reason)
		}
		return nil
	})
}

func TestAdmissionOfPostgreSQLInstances(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*database.PostgreSQLInstance)
		says   string // empty: it is admitted
	}{
		"as it is":               {change: func(*database.PostgreSQLInstance) {}},
		"no database name":       {change: func(p *database.PostgreSQLInstance) { p.Spec.DatabaseName = "" }},
		"the name of a template": {change: func(p *database.PostgreSQLInstance) { p.Spec.DatabaseName = "template1" }, says: "belongs to the server"},
		"a name in capitals":     {change: func(p *database.PostgreSQLInstance) { p.Spec.DatabaseName = "Orders" }, says: "databaseName"},
		"too much storage":       {change: func(p *database.PostgreSQLInstance) { p.Spec.StorageGiB = 1 << 20 }, says: "storageGiB"},
		"a class and its selector": {change: func(p *database.PostgreSQLInstance) {
			p.Spec.ClassRef, p.Spec.ClassSelector = &v1alpha1.Reference{Name: "x"}, &claimapi.Selector{}
		}, says: "at most one of"},
		"a time and no source": {change: func(p *database.PostgreSQLInstance) {
			p.Spec.RestoreFrom = &database.RestoreFrom{Time: new(metav1.Now())}
		}, says: "either snapshot or source"},
	}
	all := newScene(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := all.on(t)
			s.admits(newPostgreSQL(s.namespace, test.change), test.says)
		})
	}
}

func TestClaimsAreCounted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.bound(s.class("mysql"))
	s.eventually(func() error {
		families, err := metrics.Registry.Gather()
		if err != nil {
			return err
		}
		for _, family := range families {
			for _, one := range family.GetMetric() {
				said := one.String()
				if strings.Contains(said, "MySQLInstance") && strings.Contains(said, "Ready") && one.GetGauge().GetValue() > 0 {
					return nil
				}
			}
		}
		return fmt.Errorf("no MySQLInstance is counted as Ready among %d figures", len(families))
	})
}
