// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// claim is a claim that the test makes ready as core would.
type claim struct {
	*scene

	object *unstructured.Unstructured
}

func (s *scene) claim(name string) *claim {
	s.Helper()
	u := &unstructured.Unstructured{Object: object{"apiVersion": "database.crossplane.io/v1alpha1", "kind": "MySQLInstance"}}
	u.SetNamespace(s.namespace)
	u.SetName(name)
	s.must(unstructured.SetNestedField(u.Object, "8.4", "spec", "engineVersion"))
	s.must(unstructured.SetNestedField(u.Object, int64(20), "spec", "storageGiB"))
	s.must(hub.Client.Create(s.ctx, u))
	return &claim{scene: s, object: u}
}

// says writes the claim's status, and first the secret that a revision of it names.
func (c *claim) says(ready, reason string, revision int64, owned bool, details map[string]string) {
	c.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: c.object.GetName() + "-details"}, StringData: details}
	if owned {
		secret.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: c.object.GetAPIVersion(), Kind: c.object.GetKind(), Name: c.object.GetName(), UID: c.object.GetUID(),
		}}
	}
	_ = hub.Client.Delete(c.ctx, secret.DeepCopy())
	c.must(hub.Client.Create(c.ctx, secret))
	c.must(hub.Client.Get(c.ctx, client.ObjectKeyFromObject(c.object), c.object))
	c.object.Object["status"] = map[string]any{
		"conditions": []any{map[string]any{"type": "Ready", "status": ready, "reason": reason, "message": "in its own words", "lastTransitionTime": "2026-01-01T00:00:00Z"}},
		"binding":    map[string]any{"name": secret.Name, "revision": revision},
	}
	c.must(hub.Client.Status().Update(c.ctx, c.object))
}

// TestUses: nothing is applied before every claim is Bound. Its details go to the
// target under the names that the application knows, and follow their changes.
func TestUses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("blog", []object{deployment("blog", 0)}, func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "db", Secret: &workload.ProjectedSecret{
			Name: "blog-db", RestartOnChange: true,
			Keys: []workload.ProjectedKey{{Key: "host", As: "DB_HOST"}, {Key: "password", As: "DB_PASSWORD"}},
		}}}
	})
	s.says(a, v1alpha1.ConditionReady, workload.ReasonClaimMissing, "there is no MySQLInstance db in namespace "+s.namespace)
	db := s.claim("db")
	db.says("False", "QuotaExceeded", 0, true, nil)
	s.says(a, v1alpha1.ConditionReady, workload.ReasonClaimNotReady, "MySQLInstance db is not ready: QuotaExceeded: in its own words")
	db.says("True", "Bound", 1, false, map[string]string{"host": "h", "password": "stolen"})
	s.says(a, v1alpha1.ConditionReady, workload.ReasonClaimNotReady, "the secret db-details of MySQLInstance db is not there")
	if err := faraway.Client.Get(s.ctx, client.ObjectKey{Name: s.namespace}, &corev1.Namespace{}); err == nil {
		t.Error("something was made before the claim was Bound")
	}

	db.says("True", "Bound", 2, true, map[string]string{"host": "h", "password": "one", "port": "3306"})
	s.ready(a)
	s.secretThere(map[string]string{"DB_HOST": "h", "DB_PASSWORD": "one"})
	first := s.restartedFor()
	if first == "" || a.Status.Current != "2/2" {
		t.Errorf("want pods that know of the content, and 2/2: %q %s", first, a.Status.Current)
	}
	began := time.Now()
	db.says("True", "Bound", 3, true, map[string]string{"host": "h", "password": "two", "port": "3306"})
	s.secretThere(map[string]string{"DB_HOST": "h", "DB_PASSWORD": "two"})
	t.Logf("a changed password was on the target after %s", time.Since(began).Round(time.Millisecond))
	s.eventually(func() error {
		if s.restartedFor() == first {
			return fmt.Errorf("the pods are not replaced")
		}
		return nil
	})
	s.get(a)
	for _, text := range []string{fmt.Sprint(a.Status), s.restartedFor()} {
		if strings.Contains(text, "two") {
			t.Errorf("a secret in what everybody can read: %s", text)
		}
	}

	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Manifests = append(a.Spec.Manifests, s.manifests(object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "blog-db"}})...)
	})
	s.says(a, v1alpha1.ConditionSynced, workload.ReasonManifestInvalid, "blog-db")
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Uses, a.Spec.Manifests = nil, s.manifests(configMap("plain"))
	})
	s.ready(a)
	s.gone(faraway, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "blog-db"}})
}

// secretThere waits until the projected secret holds just that.
func (s *scene) secretThere(want map[string]string) {
	s.Helper()
	s.eventually(func() error {
		secret := &corev1.Secret{}
		if err := faraway.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "blog-db"}, secret); err != nil {
			return err
		}
		got := map[string]string{}
		for key, value := range secret.Data {
			got[key] = string(value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("-want +got:\n%s", diff)
		}
		return nil
	})
}

func (s *scene) restartedFor() string {
	s.Helper()
	d := &appsv1.Deployment{}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "blog"}, d))
	return d.Spec.Template.Annotations[workload.AnnotationRestartedFor]
}

// TestRenewal: pods are not replaced for a token that was merely renewed, and are
// for what changes beside it.
func TestRenewal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	db := s.claim("db")
	details := map[string]string{"endpoint": "https://one", "token": "t1", "value": "config one", "expires-at": "2026-01-01T00:00:00Z"}
	change := func(revision int64, with ...string) {
		for i := 0; i+1 < len(with); i += 2 {
			details[with[i]] = with[i+1]
		}
		db.says("True", "Bound", revision, true, details)
		s.secretThere(details)
		time.Sleep(time.Second / 2) // the Deployment follows the Secret
	}
	db.says("True", "Bound", 1, true, details)
	a := s.app("blog", []object{deployment("blog", 0)}, func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "db", Secret: &workload.ProjectedSecret{Name: "blog-db", RestartOnChange: true}}}
	})
	s.ready(a)
	first := s.restartedFor()
	change(2, "token", "t2", "value", "config two", "expires-at", "2026-02-02T00:00:00Z")
	s.ready(a)
	if now := s.restartedFor(); first == "" || now != first {
		t.Errorf("pods are replaced for a renewed token: %q, then %q", first, now)
	}
	change(3, "endpoint", "https://two")
	s.eventually(func() error {
		if s.restartedFor() == first {
			return fmt.Errorf("the pods are not replaced")
		}
		return nil
	})
	delete(details, "expires-at")
	change(4, "token", "for ever")
	s.ready(a)
	first = s.restartedFor()
	change(5, "token", "by hand")
	s.eventually(func() error {
		if s.restartedFor() == first {
			return fmt.Errorf("a token that does not expire was changed by somebody")
		}
		return nil
	})
}

// TestNamespaceNotServed: the operator says who has to let it in, and goes on once
// that is done.
func TestNamespaceNotServed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(hub.Client.Delete(s.ctx, s.served()))
	s.claim("db").says("True", "Bound", 1, true, map[string]string{"host": "h"})
	uses := s.app("blog", []object{deployment("blog", 0)}, func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "db", Secret: &workload.ProjectedSecret{Name: "blog-db"}}}
	})
	s.packed(shop())
	chart := s.app("shop", nil, charted(s.source(ofConfigMaps), ""))
	s.says(uses, v1alpha1.ConditionReady, workload.ReasonSecretForbidden, "may not read secret db-details: add the namespace to tenants.namespaces")
	s.says(chart, v1alpha1.ConditionReady, workload.ReasonSecretForbidden, "may not read ConfigMap")
	s.must(hub.Client.Create(s.ctx, s.served()))
	s.ready(chart)
	s.eventually(func() error {
		projected := &corev1.Secret{}
		return faraway.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "blog-db"}, projected)
	})
}
