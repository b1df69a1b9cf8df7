// SPDX-License-Identifier: Apache-2.0

package application

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// parse returns the objects of an application in the order in which they are
// applied, or says which manifest nobody could apply. Namespace is where those go
// that name none.
func parse(manifests []v1alpha1.Manifest, namespace string) ([]*unstructured.Unstructured, error) {
	objects := make([]*unstructured.Unstructured, 0, len(manifests))
	seen := map[string]int{}
	for i, m := range manifests {
		u, wrong := read(m.Raw)
		if wrong != "" {
			return nil, invalid(i, u, wrong)
		}
		id := identity(u, namespace)
		if other, twice := seen[id]; twice {
			return nil, invalid(i, u, fmt.Sprintf("manifests[%d] is the same object", other))
		}
		seen[id] = i
		objects = append(objects, u)
	}
	sortByRank(objects)
	return objects, nil
}

// read returns an object, and why nobody could apply it; empty if somebody could.
func read(raw []byte) (u *unstructured.Unstructured, wrong string) {
	u = &unstructured.Unstructured{}
	if err := json.Unmarshal(raw, &u.Object); err != nil {
		return u, "it is no object"
	}
	if empty, ok := u.Object["status"].(map[string]any); ok && len(empty) == 0 {
		delete(u.Object, "status") // generators leave it there
	}
	return u, flaw(u)
}

func sortByRank(objects []*unstructured.Unstructured) {
	slices.SortStableFunc(objects, func(a, b *unstructured.Unstructured) int { return rank(a.GetKind()) - rank(b.GetKind()) })
}

// flaw says why nobody could apply a manifest, or that it leaves what it is open.
func flaw(u *unstructured.Unstructured) string {
	gv, err := schema.ParseGroupVersion(u.GetAPIVersion())
	switch {
	case u.GetAPIVersion() == "" || err != nil || gv.Version == "":
		return "apiVersion is missing or malformed"
	case u.GetKind() == "":
		return "kind is missing"
	case strings.HasSuffix(u.GetKind(), "List") && u.Object["items"] != nil:
		return "it is a list: make a manifest of each of its items"
	case u.GetName() == "":
		return "metadata.name is missing"
	case u.Object["status"] != nil:
		return "status is not for manifests to say"
	}
	for _, field := range []string{"generateName", "ownerReferences", "managedFields", "uid", "resourceVersion"} {
		if _, found, _ := unstructured.NestedFieldNoCopy(u.Object, "metadata", field); found {
			return "metadata." + field + " is not for manifests to say"
		}
	}
	return ""
}

func invalid(i int, u *unstructured.Unstructured, what string) error {
	which := fmt.Sprintf("manifests[%d]", i)
	if u.GetName() != "" {
		which += " (" + strings.TrimSpace(u.GetKind()+" "+u.GetName()) + ")"
	}
	return fault.New(fault.Invalid, v1alpha1.ReasonManifestInvalid, "%s: %s", which, what)
}

func identity(u *unstructured.Unstructured, namespace string) string {
	if u.GetNamespace() != "" {
		namespace = u.GetNamespace()
	}
	return strings.Join([]string{u.GroupVersionKind().Group, u.GetKind(), namespace, u.GetName()}, "/")
}

// first is the rank of what others may need in order to be applied at all.
const first = 0

// rank says which kinds are applied before which others, and removed after them.
func rank(kind string) int {
	switch kind {
	case "Namespace", "CustomResourceDefinition":
		return first
	case "ServiceAccount":
		return 1
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		return 2
	case "ResourceQuota", "LimitRange", "NetworkPolicy", "PriorityClass", "StorageClass":
		return 3
	case "Secret", "ConfigMap":
		return 4
	case "PersistentVolume", "PersistentVolumeClaim":
		return 5
	case "Service":
		return 6
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob":
		return 7
	default:
		return 8
	}
}
