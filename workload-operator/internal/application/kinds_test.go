// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// TestOwnKinds: an application may bring a kind and objects of it, where its
// account was given the right to. The definition goes last.
func TestOwnKinds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(faraway.Client.Create(s.ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: s.namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.namespace, Name: remote.Account}},
	}))
	group := s.namespace + ".example.org"
	a := s.app("a", []object{
		{"apiVersion": group + "/v1", "kind": "Thing", "metadata": object{"name": "thing"}, "spec": object{"size": 1}},
		{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": object{"name": "things." + group}, "spec": object{
			"group": group, "scope": "Namespaced", "names": object{"kind": "Thing", "plural": "things"},
			"versions": []object{{"name": "v1", "served": true, "storage": true, "schema": object{
				"openAPIV3Schema": object{"type": "object", "x-kubernetes-preserve-unknown-fields": true},
			}}},
		}},
	})
	s.ready(a)
	if a.Status.Current != "2/2" || stateOf(a, "thing").State != workload.ObjectCurrent || a.Status.Objects[0].Kind != "CustomResourceDefinition" {
		t.Errorf("want both, the definition first: %+v", a.Status.Objects)
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Name: "things." + group}, crd))
	s.remove(a)
	s.gone(hub, a)
	s.gone(faraway, crd)
}

// TestProgress: an application is Ready when its objects are, which their own
// controllers say there.
func TestProgress(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{deployment("web", 2), configMap("a")})
	s.says(a, "Ready", workload.ReasonApplying, "Deployment web: ")
	if is := stateOf(a, "web"); is.State != workload.ObjectInProgress || is.Replicas != "0/2" || a.Status.Current != "1/2" {
		t.Errorf("want it told per object: %+v %s", is, a.Status.Current)
	}
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Manifests = s.manifests(deployment("web", 0), configMap("a"))
	})
	s.ready(a)
}

// TestPaused: nothing is done there until the annotation is removed.
func TestPaused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{configMap("a")}, func(a *workload.KubernetesApplication) {
		a.Annotations = map[string]string{"crossplane.io/paused": "true"}
	})
	s.says(a, "Synced", "Paused", "remove it to go on")
	if len(sent.of(s.namespace)) > 0 {
		t.Errorf("written while paused: %v", sent.of(s.namespace))
	}
	s.edit(a, func(a *workload.KubernetesApplication) { a.Annotations = nil })
	s.ready(a)
}
