// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// taking is a field that core wants to set and that somebody else set to
// another value.
type taking struct {
	path    []string
	manager string
}

// takings returns the fields of want that others own with another value in
// live: an apply that names one of them fails as a whole.
func takings(live, want *unstructured.Unstructured) []taking {
	if live == nil {
		return nil
	}
	var taken []taking
	for _, path := range leaves(want.Object) {
		have, there := at(live.Object, path)
		asked, _ := at(want.Object, path)
		if !there || equality.Semantic.DeepEqual(have, asked) {
			continue
		}
		if i := ownerOf(live, path); i >= 0 {
			taken = append(taken, taking{path: path, manager: live.GetManagedFields()[i].Manager})
		}
	}
	return taken
}

// leaveOut removes fields that others own.
func leaveOut(object *unstructured.Unstructured, taken []taking) {
	for _, t := range taken {
		unstructured.RemoveNestedField(object.Object, t.path...)
	}
}

// applied reports whether an apply of want would change nothing: every field has
// the value already, is core's, and core owns no other.
func applied(live, want *unstructured.Unstructured) bool {
	if live == nil {
		return false
	}
	i := slices.IndexFunc(live.GetManagedFields(), isCore)
	if i < 0 {
		return false
	}
	mine := fieldsOf(live.GetManagedFields()[i])
	for _, path := range leaves(want.Object) {
		have, there := at(live.Object, path)
		asked, _ := at(want.Object, path)
		if !there || !owns(mine, path) || !equality.Semantic.DeepEqual(have, asked) {
			return false
		}
	}
	for _, path := range owned(mine) {
		if !covered(want.Object, path) {
			return false
		}
	}
	return true
}

// complain tells which fields others took, and how to give them back: by
// removing the other's entry from the list of owners.
func complain(live *unstructured.Unstructured, taken []taking) verdict {
	var said []string
	for _, t := range taken {
		i := ownerOf(live, t.path)
		if i < 0 || slices.Equal(t.path, []string{"spec", "reclaimPolicy"}) {
			continue // an administrator may keep what a class would delete
		}
		entry := fmt.Sprintf("/metadata/managedFields/%d", i)
		ref := claimapi.ResourceReference{APIVersion: live.GetAPIVersion(), Kind: live.GetKind(), Name: live.GetName()}
		said = append(said, fmt.Sprintf("%s of %s %s is owned by %q; to give it back: kubectl patch %s %s --type=json -p "+
			`'[{"op":"test","path":"%s/manager","value":%q},{"op":"remove","path":"%s"}]'`,
			strings.Join(t.path, "."), live.GetKind(), live.GetName(), t.manager,
			resourceName(ref), live.GetName(), entry, t.manager, entry))
	}
	if len(said) == 0 {
		return verdict{}
	}
	return verdict{reason: claimapi.ReasonFieldOwnedByOther, message: strings.Join(said, ". ")}
}

// ownerOf returns the index of the entry of somebody other than core who owns a
// field of live; -1 if there is none.
func ownerOf(live *unstructured.Unstructured, path []string) int {
	return slices.IndexFunc(live.GetManagedFields(), func(e metav1.ManagedFieldsEntry) bool {
		return !isCore(e) && e.Subresource == "" && owns(fieldsOf(e), path)
	})
}

func isCore(e metav1.ManagedFieldsEntry) bool {
	return e.Manager == FieldManager && e.Operation == metav1.ManagedFieldsOperationApply && e.Subresource == ""
}

// fieldsOf returns the fields of an entry as the API writes them: a tree in
// which "f:name" is a field and anything else is an item of a list.
func fieldsOf(e metav1.ManagedFieldsEntry) map[string]any {
	fields := map[string]any{}
	if e.FieldsV1 == nil || json.Unmarshal(e.FieldsV1.GetRawBytes(), &fields) != nil {
		return map[string]any{}
	}
	return fields
}

// owns reports whether a tree of fields has the one at path, or one within it,
// or holds something around it as a whole.
func owns(fields map[string]any, path []string) bool {
	for _, name := range path {
		next, ok := fields["f:"+name].(map[string]any)
		if !ok {
			return false
		}
		if len(next) == 0 {
			return true
		}
		fields = next
	}
	return true
}

// owned returns the paths of all fields in a tree that have no field within.
func owned(fields map[string]any) [][]string {
	var paths [][]string
	for key, value := range fields {
		name, isField := strings.CutPrefix(key, "f:")
		within, ok := value.(map[string]any)
		if !isField || !ok {
			continue
		}
		below := owned(within)
		if len(below) == 0 {
			paths = append(paths, []string{name})
		}
		for _, path := range below {
			paths = append(paths, append([]string{name}, path...))
		}
	}
	return paths
}

// leaves returns the paths of all values in metadata.labels, metadata.annotations
// and spec; a list is one value.
func leaves(object map[string]any) [][]string {
	var paths [][]string
	for _, root := range [][]string{{"metadata", "labels"}, {"metadata", "annotations"}, {"spec"}} {
		if value, there := at(object, root); there {
			paths = append(paths, within(root, value)...)
		}
	}
	slices.SortFunc(paths, slices.Compare[[]string])
	return paths
}

func within(path []string, value any) [][]string {
	fields, isMap := value.(map[string]any)
	if !isMap {
		return [][]string{path}
	}
	var paths [][]string
	for name, field := range fields {
		paths = append(paths, within(append(slices.Clone(path), name), field)...)
	}
	return paths
}

func at(object map[string]any, path []string) (any, bool) {
	value, there, err := unstructured.NestedFieldNoCopy(object, path...)
	return value, there && err == nil
}

// covered reports whether object has a value at path, or a whole value around it.
func covered(object map[string]any, path []string) bool {
	var value any = object
	for _, name := range path {
		fields, isMap := value.(map[string]any)
		if !isMap {
			return true
		}
		if value, isMap = fields[name]; !isMap {
			return false
		}
	}
	return true
}
