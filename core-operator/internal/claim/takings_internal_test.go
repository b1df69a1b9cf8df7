// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

func object(spec map[string]any, owners ...metav1.ManagedFieldsEntry) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(map[string]any{"apiVersion": "g/v1", "kind": "K", "spec": spec})}
	u.SetName("n")
	u.SetManagedFields(owners)
	return u
}

func owner(manager string, operation metav1.ManagedFieldsOperationType, fields string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, FieldsV1: metav1.NewFieldsV1(fields)}
}

func TestTakings(t *testing.T) {
	t.Parallel()
	core := owner(FieldManager, metav1.ManagedFieldsOperationApply, `{"f:spec":{"f:a":{},"f:list":{},"f:map":{"f:x":{}}}}`)
	want := map[string]any{"a": int64(1), "list": []any{"x"}, "map": map[string]any{"x": "1"}}
	cases := map[string]struct {
		live *unstructured.Unstructured
		want []string
	}{
		"nothing is there":   {},
		"all is as it is":    {live: object(want, core)},
		"nobody owns it":     {live: object(map[string]any{"a": int64(2)})},
		"core itself has it": {live: object(map[string]any{"a": int64(2)}, core)},
		"somebody edited it": {
			live: object(map[string]any{"a": int64(2)}, core, owner("kubectl-edit", "Update", `{"f:spec":{"f:a":{}}}`)),
			want: []string{"spec.a kubectl-edit"},
		},
		"somebody applied it": {
			live: object(map[string]any{"a": int64(2)}, owner("flux", "Apply", `{"f:spec":{"f:a":{}}}`)),
			want: []string{"spec.a flux"},
		},
		"core's name, by another operation": {
			live: object(map[string]any{"a": int64(2)}, owner(FieldManager, "Update", `{"f:spec":{"f:a":{}}}`)),
			want: []string{"spec.a core-operator"},
		},
		"somebody set the same value": {
			live: object(map[string]any{"a": int64(1)}, owner("kubectl-edit", "Update", `{"f:spec":{"f:a":{}}}`)),
		},
		"another field of the same map": {
			live: object(map[string]any{"map": map[string]any{"x": "2", "y": "1"}}, owner("other", "Update", `{"f:spec":{"f:map":{".":{},"f:y":{}}}}`)),
		},
		"an item of a list": {
			live: object(map[string]any{"list": []any{"y"}}, owner("other", "Update", `{"f:spec":{"f:list":{"v:\"y\"":{}}}}`)),
			want: []string{"spec.list other"},
		},
		"all of the spec": {
			live: object(map[string]any{"a": int64(2)}, owner("other", "Update", `{"f:spec":{}}`)),
			want: []string{"spec.a other"},
		},
		"the status": {
			live: object(map[string]any{"a": int64(2)}, metav1.ManagedFieldsEntry{
				Manager: "provider", Operation: "Update", Subresource: "status", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:a":{}}}`),
			}),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			desired := object(want)
			var got []string
			taken := takings(c.live, desired)
			for _, one := range taken {
				got = append(got, strings.Join(one.path, ".")+" "+one.manager)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("takings (-want +got):\n%s", diff)
			}
			leaveOut(desired, taken)
			if left := takings(c.live, desired); len(left) != 0 {
				t.Errorf("an apply would still meet %v", left)
			}
		})
	}
}

func TestApplied(t *testing.T) {
	t.Parallel()
	want := map[string]any{"a": int64(1), "map": map[string]any{"x": "1"}, "list": []any{"x"}}
	mine := func(fields string) metav1.ManagedFieldsEntry {
		return owner(FieldManager, metav1.ManagedFieldsOperationApply, fields)
	}
	all := mine(`{"f:spec":{"f:a":{},"f:map":{"f:x":{}},"f:list":{"v:\"x\"":{}}}}`)
	cases := map[string]struct {
		live *unstructured.Unstructured
		want bool
	}{
		"nothing is there":          {},
		"all of it":                 {live: object(want, all), want: true},
		"never applied":             {live: object(want)},
		"another value":             {live: object(map[string]any{"a": int64(2), "map": want["map"], "list": want["list"]}, all)},
		"a value is missing":        {live: object(map[string]any{"a": int64(1), "list": want["list"]}, all)},
		"a field is not core's":     {live: object(want, mine(`{"f:spec":{"f:a":{},"f:map":{"f:x":{}}}}`))},
		"a field is no longer said": {live: object(want, mine(`{"f:spec":{"f:a":{},"f:b":{},"f:map":{"f:x":{}},"f:list":{}}}`))},
		"more that is not core's": {
			live: object(map[string]any{"a": int64(1), "b": "x", "map": map[string]any{"x": "1", "y": "2"}, "list": want["list"]}, all),
			want: true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := applied(c.live, object(want)); got != c.want {
				t.Errorf("applied = %t, want %t", got, c.want)
			}
		})
	}
}
