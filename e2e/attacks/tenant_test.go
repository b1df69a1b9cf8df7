// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// tenant is a hostile one: whoever has the role edit in a namespace.
type tenant struct {
	t         *testing.T
	namespace string
	config    *rest.Config
	api       client.Client
	says      string // how an attack is refused
}

// values are an object in a manifest.
type values = map[string]any

// arrive makes a namespace with somebody who has the role there, by a token, as
// programs and people have one.
func arrive(t *testing.T, role string) *tenant {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "hostile-", Labels: map[string]string{"tenant": "hostile"}}}
	must(t, world.Client.Create(t.Context(), namespace))
	a := &tenant{t: t, namespace: namespace.Name}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: "mallory"}}
	must(t, world.Client.Create(t.Context(), account))
	a.grant(role, role != "edit")
	request := &authenticationv1.TokenRequest{}
	must(t, world.Client.SubResource("token").Create(t.Context(), account, request))
	a.config = &rest.Config{Host: world.Config.Host, BearerToken: request.Status.Token, TLSClientConfig: rest.TLSClientConfig{CAData: world.Config.CAData}}
	var err error
	a.api, err = strict(a.config)
	must(t, err)
	a.admitted()
	return a
}

// grant binds the tenant to a role, in its namespace or everywhere.
func (a *tenant) grant(role string, everywhere bool) {
	a.t.Helper()
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: a.namespace, Name: "mallory"}}
	if everywhere {
		must(a.t, world.Client.Create(a.t.Context(), &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: a.namespace}, RoleRef: ref, Subjects: subjects}))
		return
	}
	must(a.t, world.Client.Create(a.t.Context(), &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: "tenant"}, RoleRef: ref, Subjects: subjects}))
}

// admitted waits until the role is in force.
func (a *tenant) admitted() {
	a.t.Helper()
	must(a.t, until(a.t.Context(), func() bool {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: a.namespace, Verb: "create", Group: "workload.crossplane.io", Resource: "kubernetesapplications"},
		}}
		return a.api.Create(a.t.Context(), review) == nil && review.Status.Allowed
	}))
}

// roles gives the role edit what the charts give it.
func roles(t *testing.T) {
	t.Helper()
	root, err := kubetest.Root()
	must(t, err)
	files, err := filepath.Glob(filepath.Join(root, "charts", "*-operator", "generated", "users", "*.yaml"))
	must(t, err)
	for _, file := range files {
		objects, err := manifest.Read(file)
		must(t, err)
		must(t, manifest.Apply(t.Context(), world.Client, objects))
	}
	if len(files) == 0 {
		apply(t, `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tenants, labels: {rbac.authorization.k8s.io/aggregate-to-edit: "true"}}
rules:
- apiGroups: [database.crossplane.io]
  resources: [mysqlinstances, postgresqlinstances]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
- apiGroups: [compute.crossplane.io]
  resources: [kubernetesclusters]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
- apiGroups: [workload.crossplane.io]
  resources: [kubernetesapplications]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
`)
	}
}

// result is what came of an attack: whether it succeeded, and what was said.
type result struct {
	won  bool
	said string
}

// asked is the result of a request to the API server.
func asked(err error) result {
	if err == nil {
		return result{won: true, said: "accepted"}
	}
	return result{said: err.Error()}
}

// create makes an object in the tenant's namespace.
func (a *tenant) create(o *unstructured.Unstructured) error {
	o.SetNamespace(a.namespace)
	return a.api.Create(a.t.Context(), o)
}

// claim returns a claim for MySQL by the class open, with more in its spec.
func (a *tenant) claim(name string, spec values) *unstructured.Unstructured {
	o := object(databases, "MySQLInstance", a.namespace, name)
	all := values{"engineVersion": "8.4", "storageGiB": int64(20), "classRef": values{"name": "open"}}
	maps.Copy(all, spec)
	o.Object["spec"] = all
	for field, value := range spec {
		if value == nil {
			unstructured.RemoveNestedField(o.Object, "spec", field)
		}
	}
	return o
}

// claims makes a claim and returns what becomes of it; it has won when it is Bound,
// or as won says.
func (a *tenant) claims(o *unstructured.Unstructured, won ...func() bool) result {
	a.t.Helper()
	if err := a.create(o); err != nil {
		return asked(err)
	}
	return a.outcome(o, won...)
}

// app returns an application on the target shared, with more in its spec.
func (a *tenant) app(name string, spec values) *unstructured.Unstructured {
	o := object(workloads, "KubernetesApplication", a.namespace, name)
	all := values{"targetRef": values{"name": "shared"}, "namespace": a.there()}
	maps.Copy(all, spec)
	o.Object["spec"] = all
	return o
}

// there is the tenant's namespace on the target.
func (a *tenant) there() string { return a.namespace + "-live" }

// runs makes an application and returns what becomes of it; it has won when it is
// Running, or as won says.
func (a *tenant) runs(spec values, won ...func() bool) result {
	a.t.Helper()
	o := a.app("app", spec)
	if err := a.create(o); err != nil {
		return asked(err)
	}
	return a.outcome(o, won...)
}

// counted makes an application that names no target, and returns what becomes of the
// estimate of its chart; it has won when there is one, or as won says.
func (a *tenant) counted(spec values, won ...func(*unstructured.Unstructured) bool) result {
	a.t.Helper()
	o := a.app("app", spec)
	unstructured.RemoveNestedField(o.Object, "spec", "targetRef")
	must(a.t, a.create(o))
	return a.outcome(o, func() bool {
		if len(won) > 0 {
			return won[0](o)
		}
		return field(o, "status", "estimated", "of") != "" && field(o, "status", "estimated", "reason") == ""
	})
}

// deploys runs manifests.
func (a *tenant) deploys(manifests ...values) result {
	a.t.Helper()
	all := make([]any, 0, len(manifests))
	for _, m := range manifests {
		all = append(all, m)
	}
	return a.runs(values{"manifests": all})
}

// outcome waits until an attack has succeeded, or an object says how it is refused
// and keeps to it.
func (a *tenant) outcome(o *unstructured.Unstructured, won ...func() bool) result {
	a.t.Helper()
	success := func() bool { return strings.HasPrefix(condition(o, "Ready"), "True") }
	if len(won) > 0 {
		success = won[0]
	}
	got := result{}
	err := until(a.t.Context(), func() bool {
		if world.Client.Get(a.t.Context(), client.ObjectKeyFromObject(o), o) != nil {
			return false
		}
		got = result{won: success(), said: words(o)}
		if got.won || !strings.Contains(got.said, a.says) {
			return got.won
		}
		time.Sleep(confirmed)
		_ = world.Client.Get(a.t.Context(), client.ObjectKeyFromObject(o), o)
		got.won = success()
		return true
	})
	if errors.Is(err, errNever) {
		a.t.Errorf("neither refused nor successful: %s", got.said)
	}
	return got
}

// words are what an object says of itself.
func words(o *unstructured.Unstructured) string {
	said := []string{condition(o, "Ready"), condition(o, "Synced")}
	objects, _, _ := unstructured.NestedSlice(o.Object, "status", "objects")
	for _, each := range objects {
		if each, ok := each.(values); ok {
			said = append(said, fmt.Sprintf("%v %v: %v %v", each["kind"], each["name"], each["state"], each["message"]))
		}
	}
	if estimate := field(o, "status", "estimated", "message"); estimate != "" {
		said = append(said, "estimate: "+estimate)
	}
	return strings.Join(said, "; ")
}

// configMap is a manifest of one.
func configMap(name string, metadata values) values {
	m := values{"name": name}
	maps.Copy(m, metadata)
	return values{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m, "data": values{"by": "mallory"}}
}
