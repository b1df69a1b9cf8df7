// SPDX-License-Identifier: Apache-2.0

package application

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestOldest: a chart is rendered for the least version among the targets that can be
// used and that the application may use; none of the others is told from one that is not
// there.
func TestOldest(t *testing.T) {
	target := func(name, version string, ready metav1.ConditionStatus) workload.KubernetesTarget {
		it := workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: name}}
		it.Spec.AllowedNamespaces = &v1alpha1.BindableBy{Namespaces: []string{"shop"}}
		it.Status.Version = version
		meta.SetStatusCondition(&it.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: ready})
		return it
	}
	closed := target("closed", "v1.20.0", metav1.ConditionTrue)
	closed.Spec.AllowedNamespaces = nil
	all := []workload.KubernetesTarget{
		target("new", "v1.37.1", metav1.ConditionTrue), target("silent", "v1.21.0", metav1.ConditionFalse), closed,
		target("old", "v1.9.3-gke.100", metav1.ConditionTrue), target("twin", "v1.9.3+k3s1", metav1.ConditionTrue), target("unknown", "", metav1.ConditionTrue),
	}
	admits := func(by *v1alpha1.BindableBy) (bool, error) { return by != nil, nil }
	for name, tc := range map[string]struct {
		among []workload.KubernetesTarget
		want  string
	}{
		"none":             {nil, ""},
		"several":          {all, "old"},
		"none for it":      {all[1:3], ""},
		"in another order": {[]workload.KubernetesTarget{all[3], all[0]}, "old"},
	} {
		got, err := oldest(tc.among, admits)
		if err != nil || (got == nil) != (tc.want == "") || got != nil && got.Name != tc.want {
			t.Errorf("%s: got %v, %v, want %q", name, got, err, tc.want)
		}
	}
	broken := errors.New("not to be told")
	if _, err := oldest(all, func(*v1alpha1.BindableBy) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
