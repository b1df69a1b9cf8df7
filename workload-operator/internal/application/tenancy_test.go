// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestRefused: what the target does not take is told on the object that it is
// about, and the others go on.
func TestRefused(t *testing.T) {
	t.Parallel()
	somebodyElses := func(s *scene) {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "taken"}, Data: map[string]string{"whose": "theirs"}}
		s.eventually(func() error { return faraway.Client.Create(s.ctx, m) })
	}
	clusterRole := object{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": object{"name": "mine"},
		"rules": []object{{"apiGroups": []string{"*"}, "resources": []string{"*"}, "verbs": []string{"*"}}},
	}
	for name, test := range map[string]struct {
		manifest object
		before   func(*scene)
		object   string
		want     string
	}{
		"another namespace":             {in("kube-system", configMap("elsewhere")), nil, "elsewhere", "names namespace kube-system"},
		"a kind that is everybody's":    {clusterRole, nil, "mine", "forbidden"},
		"rights":                        {object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": object{"name": "more"}}, nil, "more", "forbidden"},
		"somebody else's object":        {configMap("taken", "whose", "mine"), somebodyElses, "taken", "belongs to somebody else"},
		"a kind that is not there":      {object{"apiVersion": "example.org/v1", "kind": "Thing", "metadata": object{"name": "thing"}}, nil, "thing", "no kind Thing"},
		"what the kind does not allow":  {object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "wrong"}, "data": 5}, nil, "wrong", "data"},
		"a Secret, without its content": {object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "hush"}, "data": object{"a": "hunter2!"}}, nil, "hush", "words that may quote its content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.ready(s.app("first", []object{configMap("first")})) // which makes the namespace
			if test.before != nil {
				test.before(s)
			}
			a := s.app("a", []object{test.manifest, configMap("good")})
			s.says(a, v1alpha1.ConditionReady, workload.ReasonObjectRefused, test.want)
			if is := stateOf(a, test.object); is.State != workload.ObjectRefused || !strings.Contains(is.Message, test.want) {
				t.Errorf("want it refused because of %q: %+v", test.want, is)
			}
			if stateOf(a, "good").State != workload.ObjectCurrent || a.Status.Actor != v1alpha1.ActorDeveloper {
				t.Errorf("want the other one applied, and the developer named: %+v", a.Status)
			}
			for _, o := range a.Status.Objects {
				if strings.Contains(o.Message, "hunter2") {
					t.Errorf("a secret in the status: %s", o.Message)
				}
			}
			s.remove(a)
			s.gone(hub, a)
			if test.before != nil && s.data(faraway, s.namespace, "taken")["whose"] != "theirs" {
				t.Error("what is somebody else's was changed or removed")
			}
		})
	}
}

// TestFieldOfAnother: a field that somebody else owns is not taken from them. The
// refusal names the field and who owns it.
func TestFieldOfAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{configMap("shared", "ours", "1")})
	s.ready(a)
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "shared"}}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	m.Data = map[string]string{"ours": "2", "theirs": "2"}
	s.must(faraway.Client.Update(s.ctx, m, client.FieldOwner("somebody")))
	s.says(a, v1alpha1.ConditionReady, workload.ReasonObjectRefused, `"somebody"`)
	if is := stateOf(a, "shared"); !strings.Contains(is.Message, ".data.ours") {
		t.Errorf("want the field named: %+v", is)
	}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	delete(m.Data, "ours")
	s.must(faraway.Client.Update(s.ctx, m, client.FieldOwner("somebody")))
	s.ready(a)
	if data := s.data(faraway, s.namespace, "shared"); data["ours"] != "1" || data["theirs"] != "2" {
		t.Errorf("want ours back, and theirs left alone: %v", data)
	}
}

// TestChangedByHand: what a person changes with kubectl is taken back, but not what
// was theirs before it was wanted.
func TestChangedByHand(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{configMap("edited", "ours", "1")})
	s.ready(a)
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "edited"}}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(m), m))
	m.Data = map[string]string{"ours": "2", "theirs": "2"}
	s.must(faraway.Client.Update(s.ctx, m, client.FieldOwner("kubectl-edit")))
	s.eventually(func() error {
		if data := s.data(faraway, s.namespace, "edited"); data["ours"] != "1" || data["theirs"] != "2" {
			return fmt.Errorf("want ours back, and theirs left alone: %v", data)
		}
		return nil
	})
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Manifests = s.manifests(configMap("edited", "ours", "1", "theirs", "3"))
	})
	s.says(a, v1alpha1.ConditionReady, workload.ReasonObjectRefused, `"kubectl-edit"`)
	if data := s.data(faraway, s.namespace, "edited"); data["theirs"] != "2" {
		t.Errorf("what was somebody else's was taken: %v", data)
	}
}

// TestNamespaceOfOthers: a namespace that does not say that it is this tenant's is
// left alone.
func TestNamespaceOfOthers(t *testing.T) {
	t.Parallel()
	s, other := newScene(t), newScene(t)
	unlabelled, absent := faraway.Namespace(t, "unlabelled"), newScene(t).namespace
	s.ready(s.app("theirs", []object{configMap("theirs")}))
	for name, namespace := range map[string]string{
		"of nobody": unlabelled, "of another tenant": s.namespace, "another tenant's name": absent, "of the cluster": "kube-node-lease-x", "of operators": "crossplane-system",
	} {
		t.Run(name, func(t *testing.T) {
			o := &scene{TB: t, ctx: t.Context(), namespace: other.namespace}
			a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: o.namespace, GenerateName: "a-"}}
			a.Spec.TargetRef, a.Spec.Namespace = &v1alpha1.Reference{Name: "faraway"}, namespace
			a.Spec.Manifests = o.manifests(configMap("intruder"))
			err := hub.Client.Create(o.ctx, a)
			if strings.HasPrefix(name, "of the") || strings.HasPrefix(name, "of op") {
				if err == nil {
					t.Error("want it refused at once")
				}
				return
			}
			o.must(err)
			want := "not for applications of namespace " + o.namespace
			if namespace == absent {
				want = "kept for the applications of the namespace of that name"
			}
			o.says(a, v1alpha1.ConditionReady, workload.ReasonNamespaceRefused, want)
			o.remove(a)
			o.gone(hub, a)
			err = faraway.Client.Get(o.ctx, client.ObjectKey{Namespace: namespace, Name: "intruder"}, &corev1.ConfigMap{})
			if err == nil {
				t.Error("it was applied")
			}
		})
	}
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "crossplane-application"}}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(sa), sa))
}

// TestTargetNames can't be found out by trying them.
func TestTargetNames(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(makeTarget(s.ctx, s.namespace+"-private", []byte("nothing yet"), func(t *workload.KubernetesTarget) {
		t.Spec.AllowedNamespaces = bindable([]string{"somebody-else"}, nil)
	}))
	messages := map[string]bool{}
	for _, target := range []string{"private", "missing"} {
		a := s.app(target, []object{configMap("a")}, func(a *workload.KubernetesApplication) {
			a.Spec.TargetRef.Name = s.namespace + "-" + target
		})
		s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetForbidden, "there is no target")
		messages[strings.ReplaceAll(a.Status.Conditions[0].Message, target, "X")] = true
	}
	if len(messages) != 1 {
		t.Errorf("want the same words: %v", messages)
	}
}

// TestSharedNamespace: the account goes with the last application of a namespace.
func TestSharedNamespace(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one, two := s.app("one", []object{configMap("one")}), s.app("two", []object{configMap("two")})
	s.ready(one)
	s.ready(two)
	s.remove(one)
	s.gone(hub, one)
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "crossplane-application"}}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKeyFromObject(sa), sa))
	s.data(faraway, s.namespace, "two")
	s.remove(two)
	s.gone(hub, two)
	s.gone(faraway, sa)
}
