// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func TestAdmissionOfNewClaims(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*database.MySQLInstance)
		says   string // empty: it is admitted
	}{
		"all that can be said": {change: func(m *database.MySQLInstance) {
			m.Spec.HighAvailability, m.Spec.DeletionProtection, m.Spec.BackupRetentionDays = new(true), new(true), new(int32(35))
			m.Spec.Requests = &claimapi.Requests{CPU: new(resource.MustParse("500m")), Memory: new(resource.MustParse("4Gi"))}
			m.Spec.RestoreFrom = &database.RestoreFrom{Source: "some-db", Time: new(metav1.Now())}
			m.Spec.ConnectionTemplate = map[string]claimapi.TemplateText{"k": "v"}
		}},
		"no database name":       {change: func(m *database.MySQLInstance) { m.Spec.DatabaseName = "" }},
		"no version":             {change: func(m *database.MySQLInstance) { m.Spec.EngineVersion = "" }, says: "engineVersion"},
		"a version that is none": {change: func(m *database.MySQLInstance) { m.Spec.EngineVersion = "latest" }, says: "engineVersion"},
		"too little storage":     {change: func(m *database.MySQLInstance) { m.Spec.StorageGiB = 5 }, says: "storageGiB"},
		"too much storage":       {change: func(m *database.MySQLInstance) { m.Spec.StorageGiB = 1 << 20 }, says: "storageGiB"},
		"backups for ever":       {change: func(m *database.MySQLInstance) { m.Spec.BackupRetentionDays = new(int32(400)) }, says: "backupRetentionDays"},
		"a name with quotes":     {change: func(m *database.MySQLInstance) { m.Spec.DatabaseName = "a'b" }, says: "databaseName"},
		"the server's own name":  {change: func(m *database.MySQLInstance) { m.Spec.DatabaseName = "mysql" }, says: "belongs to the server"},
		"two ways of choosing": {change: func(m *database.MySQLInstance) {
			m.Spec.ClassRef = &v1alpha1.Reference{Name: "x"}
			m.Spec.ResourceSelector = &claimapi.Selector{}
		}, says: "at most one of"},
		"a secret elsewhere": {change: func(m *database.MySQLInstance) { m.Spec.WriteConnectionSecretToRef.Name = "../x" }, says: "writeConnectionSecretToRef"},
		"a snapshot and a source": {change: func(m *database.MySQLInstance) {
			m.Spec.RestoreFrom = &database.RestoreFrom{Snapshot: "a", Source: "b"}
		}, says: "either snapshot or source"},
		"a time of nothing": {change: func(m *database.MySQLInstance) {
			m.Spec.RestoreFrom = &database.RestoreFrom{Snapshot: "a", Time: new(metav1.Now())}
		}, says: "goes with a source"},
		"a name that is too long": {change: func(m *database.MySQLInstance) {
			m.Name = "a-name-of-more-than-the-sixty-three-characters-that-a-label-can-have"
		}, says: "at most 63"},
	}
	all := newScene(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := all.on(t)
			s.admits(newClaim(s.namespace, "orders", test.change), test.says)
		})
	}
}

func TestANewClaimDoesNotCountAsHealthy(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := newClaim(s.namespace, "orders")
	s.must(world.Client.Create(s.ctx, c))
	if got := c.Status.Conditions; len(got) != 1 || got[0].Type != "Ready" || got[0].Status != metav1.ConditionUnknown || got[0].Reason != "Pending" {
		t.Errorf("the conditions are %+v", got)
	}
}

func TestAdmissionOfChanges(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		before func(*database.MySQLInstance)
		change map[string]any
		says   string
	}{
		"more storage": {change: map[string]any{"storageGiB": 21}},
		"less storage": {
			before: func(m *database.MySQLInstance) { m.Spec.StorageGiB = 40 },
			change: map[string]any{"storageGiB": 20}, says: "can't shrink",
		},
		"another database":          {change: map[string]any{"databaseName": "other"}, says: "databaseName can't be changed"},
		"no database any more":      {change: map[string]any{"databaseName": nil}, says: "databaseName can't be changed"},
		"another class":             {change: map[string]any{"classRef": map[string]any{"name": "other"}}, says: "can't be changed any more"},
		"a resource, not a class":   {change: map[string]any{"classRef": nil, "resourceSelector": map[string]any{}}, says: "can't be changed any more"},
		"restored after the fact":   {change: map[string]any{"restoreFrom": map[string]any{"snapshot": "x"}}, says: "restoreFrom can't be changed"},
		"another secret":            {change: map[string]any{"writeConnectionSecretToRef": map[string]any{"name": "other"}}},
		"more backups and requests": {change: map[string]any{"backupRetentionDays": 7, "requests": map[string]any{"cpu": 2}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			if test.before == nil {
				test.before = func(*database.MySQLInstance) {}
			}
			c := s.claim("orders", of(s.class("mysql")), test.before)
			s.resource(c)
			err := world.Client.Patch(s.ctx, c, rawMerge(s, spec(test.change)))
			if test.says == "" {
				s.must(err)
				return
			}
			if !apierrors.IsInvalid(err) {
				t.Fatalf("it was not refused as invalid: %v", err)
			}
			contains(t, err.Error(), test.says)
		})
	}
}

func TestWhatWasNotChosenYetCanBeChanged(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", func(m *database.MySQLInstance) {
		m.Spec.ClassRef, m.Spec.StorageGiB = &v1alpha1.Reference{Name: "misspelt"}, 16384
	})
	s.is(c, claimapi.ReasonClassNotFound)
	s.patch(c, spec(map[string]any{"classRef": map[string]any{"name": s.class("mysql").Name}, "storageGiB": 20}))
	s.resource(c)
}
