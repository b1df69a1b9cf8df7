// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// aggregateLabel is in labels of roles that are added to those of users or of another operator:
// they are not the operator's own.
const aggregateLabel = "/aggregate-to-"

// permissions are the roles and bindings of an operator.
type permissions struct {
	objects []*unstructured.Unstructured
	// own are the roles that are bound to the operator's account for want of a binding in its chart.
	own []*unstructured.Unstructured
}

// readPermissions returns the roles and bindings in an operator's chart. Those roles that the chart
// binds to nobody are bound to the operator's account.
func readPermissions(chart string, o operator) (permissions, error) {
	var read permissions
	for _, folder := range []string{"generated/rbac", "rbac"} {
		found, err := manifest.Read(filepath.Join(chart, folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return permissions{}, fmt.Errorf("reading permissions: %w", err)
		}
		read.objects = append(read.objects, found...)
	}
	bound := make(map[roleKey]bool)
	for _, candidate := range read.objects {
		bound[refersTo(candidate)] = true
		if _, aggregated := candidate.Object["aggregationRule"]; aggregated {
			delete(candidate.Object, "rules") // which the controller manager fills in
		}
	}
	for _, role := range read.objects {
		if isOwnRole(role) && !bound[roleKey{role.GetKind(), role.GetNamespace(), role.GetName()}] {
			read.own = append(read.own, role)
		}
	}
	for _, role := range read.own {
		read.objects = append(read.objects, bindingOf(role, o))
	}
	return read, nil
}

// roleKey tells roles apart.
type roleKey struct {
	kind, namespace, name string
}

// refersTo returns the role that a binding is for.
func refersTo(binding *unstructured.Unstructured) roleKey {
	kind, _, _ := unstructured.NestedString(binding.Object, "roleRef", "kind")
	name, _, _ := unstructured.NestedString(binding.Object, "roleRef", "name")
	if kind == "ClusterRole" {
		return roleKey{kind: kind, name: name}
	}
	return roleKey{kind: kind, namespace: binding.GetNamespace(), name: name}
}

func isOwnRole(object *unstructured.Unstructured) bool {
	for label := range object.GetLabels() {
		if strings.Contains(label, aggregateLabel) {
			return false
		}
	}
	return object.GetKind() == "ClusterRole" || object.GetKind() == "Role"
}

// bindingOf returns what gives a role to an operator, where the role holds.
func bindingOf(role *unstructured.Unstructured, o operator) *unstructured.Unstructured {
	binding := object(rbacv1.SchemeGroupVersion.String(), role.GetKind()+"Binding", role.GetNamespace(), role.GetName())
	binding.Object["roleRef"] = map[string]any{"apiGroup": rbacv1.GroupName, "kind": role.GetKind(), "name": role.GetName()}
	binding.Object["subjects"] = []any{map[string]any{"kind": "ServiceAccount", "namespace": Namespace, "name": o.name}}
	return binding
}

// samples returns one thing that each of the operator's own roles allows.
func (p permissions) samples() []authorizationv1.ResourceAttributes {
	var samples []authorizationv1.ResourceAttributes
	for _, role := range p.own {
		var decoded rbacv1.ClusterRole // which has all that is read of a Role too
		err := runtime.DefaultUnstructuredConverter.FromUnstructured(role.Object, &decoded)
		if err != nil || len(decoded.Rules) == 0 {
			continue // the API server has accepted it, so there is nothing in it to wait for
		}
		samples = append(samples, sampleOf(decoded.Rules[0], role.GetNamespace()))
	}
	return samples
}

func sampleOf(rule rbacv1.PolicyRule, namespace string) authorizationv1.ResourceAttributes {
	first := func(of []string) string {
		if len(of) == 0 {
			return ""
		}
		return of[0]
	}
	resource, subresource, _ := strings.Cut(first(rule.Resources), "/")
	return authorizationv1.ResourceAttributes{
		Namespace: namespace, Group: first(rule.APIGroups), Resource: resource, Subresource: subresource,
		Verb: first(rule.Verbs), Name: first(rule.ResourceNames),
	}
}

func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	made := &unstructured.Unstructured{}
	made.SetAPIVersion(apiVersion)
	made.SetKind(kind)
	made.SetNamespace(namespace)
	made.SetName(name)
	return made
}
