// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

const (
	hub                 = "hub-1" // the control plane under test
	connectionNamespace = "default"
	poll                = 10 * time.Minute
	manyPasses          = 60 // more than any story needs
)

// scene is one object of a kind, its cloud, and an operator that makes a pass
// when it is told to.
type scene[MR managed.Resource, Obs any] struct {
	t       *testing.T
	subject Subject[MR, Obs]
	kube    client.WithWatch
	env     managed.Env
	clock   *clocktesting.FakePassiveClock
	faults  *faults
	hidden  int
	crd     *crdReader
	key     client.ObjectKey
	after   time.Duration // the time to the next pass, as the last one said
}

// newScene makes an object of the subject in the cluster, changed by edit, and
// sees to it that it goes with the test.
func newScene[MR managed.Resource, Obs any](t *testing.T, kube client.WithWatch, subject Subject[MR, Obs], edits ...func(MR)) *scene[MR, Obs] {
	t.Helper()
	s := &scene[MR, Obs]{t: t, subject: subject, kube: kube, faults: &faults{}, clock: clocktesting.NewFakePassiveClock(time.Now())}
	s.crd = &crdReader{Reader: kube}
	s.env = managed.Env{
		Kube: s.faults.client(kube), Live: s.crd, Clock: s.clock, Operator: "test-operator",
		Hub: hub, ConnectionNamespace: connectionNamespace, Poll: poll,
	}
	mr := subject.Object()
	mr.SetGenerateName("subject-")
	for _, edit := range edits {
		edit(mr)
	}
	if err := kube.Create(t.Context(), mr); err != nil {
		t.Fatal(err)
	}
	s.key = client.ObjectKeyFromObject(mr)
	t.Cleanup(func() { s.erase(context.Background()) })
	return s
}

// erase removes the object whatever became of it.
func (s *scene[MR, Obs]) erase(ctx context.Context) {
	mr := s.subject.Kind.New()
	if s.kube.Get(ctx, s.key, mr) != nil {
		return
	}
	mr.SetFinalizers(nil)
	_ = s.kube.Update(ctx, mr)
	_ = s.kube.Delete(ctx, mr)
}

// pass lets the operator, just started, make one pass; a crash ends it early.
// It returns the object, or nil when it is gone, and checks what every status
// must satisfy.
func (s *scene[MR, Obs]) pass() (mr MR) {
	s.t.Helper()
	defer func() {
		s.t.Helper()
		if p := recover(); p != nil {
			if _, ok := p.(crashed); !ok {
				panic(p)
			}
			s.after = time.Second // the next operator looks at everything as it starts
		}
		mr = s.get()
		if mr.GetUID() != "" {
			s.check(mr)
		}
	}()
	kind := faulty(s.subject.Kind, s.faults, &s.hidden)
	r := reconcile.AsReconciler(s.kube, managed.NewReconciler(kind, s.env))
	result, err := r.Reconcile(s.t.Context(), reconcile.Request{NamespacedName: s.key})
	if err != nil && s.faults.hit == "" {
		s.t.Fatalf("reconcile: %v", err)
	}
	s.after = max(result.RequeueAfter, time.Second)
	return mr
}

// wait lets time go by until the next pass is due, with the cloud at work
// meanwhile.
func (s *scene[MR, Obs]) wait() {
	s.subject.Cloud.Settle()
	s.clock.SetTime(s.clock.Now().Add(s.after))
}

// next makes the next pass when it is due.
func (s *scene[MR, Obs]) next() MR {
	s.t.Helper()
	s.wait()
	return s.pass()
}

// until makes passes until done, and fails if that does not come about.
func (s *scene[MR, Obs]) until(what string, done func(MR) bool) MR {
	s.t.Helper()
	for range manyPasses {
		if mr := s.next(); done(mr) {
			return mr
		}
	}
	mr := s.get()
	_, status := mr.Managed()
	s.t.Fatalf("never %s: %s exists=%v conditions=%+v annotations=%v cloud=%v", what,
		s.key.Name, s.exists(), status.Conditions, mr.GetAnnotations(), s.subject.Cloud.Names())
	return mr
}

func (s *scene[MR, Obs]) ready() MR {
	s.t.Helper()
	return s.until("ready and at rest", func(mr MR) bool {
		return holds(mr, v1alpha1.ConditionReady) && holds(mr, v1alpha1.ConditionSynced) && !holds(mr, v1alpha1.ConditionReconciling)
	})
}

func (s *scene[MR, Obs]) gone() {
	s.t.Helper()
	s.until("gone", func(mr MR) bool { return mr.GetUID() == "" })
}

func (s *scene[MR, Obs]) get() MR {
	s.t.Helper()
	mr := s.subject.Kind.New()
	if err := s.kube.Get(s.t.Context(), s.key, mr); err != nil && !apierrors.IsNotFound(err) {
		s.t.Fatal(err)
	}
	return mr
}

func (s *scene[MR, Obs]) exists() bool {
	s.t.Helper()
	return s.get().GetUID() != ""
}

// edit changes the object as a person would.
func (s *scene[MR, Obs]) edit(change func(MR)) {
	s.t.Helper()
	mr := s.get()
	change(mr)
	if err := s.kube.Update(s.t.Context(), mr); err != nil {
		s.t.Fatalf("edit: %v", err)
	}
}

func (s *scene[MR, Obs]) remove() {
	s.t.Helper()
	if err := s.kube.Delete(s.t.Context(), s.get()); err != nil {
		s.t.Fatalf("delete: %v", err)
	}
}

// secret returns the object's connection secret, or nil.
func (s *scene[MR, Obs]) secret() *corev1.Secret {
	s.t.Helper()
	_, status := s.get().Managed()
	if status.ConnectionSecretRef == nil {
		return nil
	}
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: status.ConnectionSecretRef.Namespace, Name: status.ConnectionSecretRef.Name}
	if err := s.kube.Get(s.t.Context(), key, secret); err != nil {
		s.t.Fatalf("connection secret: %v", err)
	}
	return secret
}

func holds(mr managed.Resource, condition string) bool {
	_, status := mr.Managed()
	return meta.IsStatusConditionTrue(status.Conditions, condition)
}

func reason(mr managed.Resource, condition string) string {
	_, status := mr.Managed()
	if c := meta.FindStatusCondition(status.Conditions, condition); c != nil {
		return c.Reason
	}
	return ""
}

// crdReader reads from the API, and says of every CRD that it is being removed
// when that is what the story wants.
type crdReader struct {
	client.Reader
	removing bool
}

func (r *crdReader) Get(ctx context.Context, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
	if err := r.Reader.Get(ctx, key, obj, opts...); err != nil {
		return err
	}
	if r.removing && obj.GetObjectKind().GroupVersionKind().Kind == "CustomResourceDefinition" {
		now := metav1.Now()
		obj.SetDeletionTimestamp(&now)
	}
	return nil
}
