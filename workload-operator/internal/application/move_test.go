// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// moves has an application go from faraway to another namespace on the target here.
func (s *scene) moves(a *workload.KubernetesApplication) {
	s.Helper()
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.TargetRef, a.Spec.Namespace = &v1alpha1.Reference{Name: "here"}, s.namespace+"-there"
	})
}

// there is on the target here where moves brings it, back what was on faraway.
func (s *scene) there(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace + "-there", Name: name}}
}

func (s *scene) back(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
}

// runs checks that an object is on a cluster, and stays there.
func (s *scene) runs(on *kubetest.Cluster, m *corev1.ConfigMap) {
	s.Helper()
	s.must(on.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	if m.DeletionTimestamp != nil {
		s.Errorf("%s is on its way out of %s", m.Name, m.Namespace)
	}
}

// on checks on how many targets an application may have objects.
func (s *scene) on(a *workload.KubernetesApplication, want int) {
	s.Helper()
	s.get(a)
	if len(a.Status.Targets) != want {
		s.Errorf("it is on %+v, want %d targets", a.Status.Targets, want)
	}
}

// TestMove: where an application was nothing is removed before all of it is where it
// goes, though namespace and account have to be made there first.
func TestMove(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{configMap("one"), configMap("two"), configMap("three")})
	s.ready(a)
	began := len(sent.of(s.namespace))
	s.moves(a)
	for _, name := range []string{"one", "two", "three"} {
		s.gone(faraway, s.back(name))
	}
	s.ready(a)
	s.on(a, 1)
	did := sent.of(s.namespace)[began:]
	deletes := func(entry string) bool {
		return strings.HasPrefix(entry, "DELETE") && strings.Contains(entry, "/configmaps/")
	}
	applies := func(entry string) bool {
		return strings.HasPrefix(entry, "PATCH") && strings.Contains(entry, s.namespace+"-there/configmaps/")
	}
	removed := slices.IndexFunc(did, deletes)
	if removed < 0 {
		t.Fatalf("nothing was removed: %v", did)
	}
	var made []string
	for _, entry := range did[:removed] {
		if applies(entry) {
			made = append(made, entry)
		}
	}
	if len(made) != 3 {
		t.Errorf("want three made before one is removed: %v", did)
	}
}

// TestMoveRefused: an application stays where it was while the place to which it goes
// does not take all that it has.
func TestMoveRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(*scene) client.Object // what is in the way
		reason string
		says   string
	}{
		"object of another": {func(s *scene) client.Object {
			other := s.app("first", []object{configMap("first")}, func(a *workload.KubernetesApplication) {
				a.Spec.TargetRef, a.Spec.Namespace = &v1alpha1.Reference{Name: "here"}, s.namespace+"-there"
			})
			s.ready(other) // its namespace is there now
			return s.there("two")
		}, workload.ReasonObjectRefused, "; ConfigMap one: it stays until target here has taken ConfigMap two"},
		"namespace of another": {func(s *scene) client.Object {
			return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-there"}}
		}, workload.ReasonNamespaceRefused, "namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			obstacle := test.before(s)
			s.must(hub.Client.Create(s.ctx, obstacle))
			a := s.app("a", []object{configMap("one"), configMap("two")})
			s.ready(a)
			s.moves(a)
			s.says(a, v1alpha1.ConditionSynced, test.reason, test.says)
			s.runs(faraway, s.back("one"))
			s.runs(faraway, s.back("two"))
			s.on(a, 2)
			if test.reason == workload.ReasonNamespaceRefused {
				return // no controller manager lets a namespace go here
			}
			s.must(hub.Client.Delete(s.ctx, obstacle))
			s.gone(faraway, s.back("two"))
			s.gone(faraway, s.back("one"))
			s.ready(a)
			s.on(a, 1)
		})
	}
}

// TestMoveOfTheRefused: what no target takes keeps nothing where it was.
func TestMoveOfTheRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	unknown := object{"apiVersion": "example.org/v1", "kind": "Unknown", "metadata": object{"name": "nowhere"}}
	a := s.app("a", []object{configMap("one"), unknown})
	s.says(a, v1alpha1.ConditionReady, workload.ReasonObjectRefused, "nowhere")
	s.data(faraway, s.namespace, "one")
	s.moves(a)
	s.gone(faraway, s.back("one"))
	s.runs(hub, s.there("one"))
	s.eventually(func() error {
		if s.get(a); len(a.Status.Targets) != 1 {
			return fmt.Errorf("it is on %+v", a.Status.Targets)
		}
		return nil
	})
}

// TestMoveBack: an application that returns while its objects are still being deleted
// stays where it is until they are made again.
func TestMoveBack(t *testing.T) {
	t.Parallel()
	const hold = "example.org/hold"
	s := newScene(t)
	a := s.app("a", []object{configMap("one")})
	s.ready(a)
	m := s.back("one")
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	m.Finalizers = []string{hold}
	s.must(faraway.Client.Update(s.ctx, m))
	s.moves(a)
	s.says(a, v1alpha1.ConditionSynced, workload.ReasonPruning, "")
	s.eventually(func() error {
		if s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m)); m.DeletionTimestamp == nil {
			return fmt.Errorf("%s is not deleted yet", m.Name)
		}
		return nil
	})
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.TargetRef, a.Spec.Namespace = &v1alpha1.Reference{Name: "faraway"}, ""
	})
	s.says(a, v1alpha1.ConditionReady, workload.ReasonApplying, "made again")
	s.says(a, v1alpha1.ConditionSynced, workload.ReasonPruning, "ConfigMap one: it stays until target faraway has taken ConfigMap one")
	s.runs(hub, s.there("one"))
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	m.Finalizers = nil
	s.must(faraway.Client.Update(s.ctx, m))
	s.gone(hub, s.there("one"))
	s.runs(faraway, s.back("one"))
	s.ready(a)
	s.on(a, 1)
}
