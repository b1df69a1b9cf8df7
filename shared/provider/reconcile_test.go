// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return addToScheme(c.Scheme)
	}, "shared/provider/testdata/crds"))
}

// scene is an operator at work on one Account, whose secret is not there yet.
type scene struct {
	t         *testing.T
	namespace string
	name      string
	bank      *bank
}

func newScene(t *testing.T) *scene {
	t.Helper()
	namespace := cluster.Namespace(t, "operator")
	s := &scene{t: t, namespace: namespace, name: namespace, bank: &bank{live: cluster.Client, namespace: namespace}}
	mgr, err := ctrl.NewManager(cluster.Config, ctrl.Options{
		Scheme:  cluster.Scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		Cache: cache.Options{ByObject: map[client.Object]cache.ByObject{
			&Account{}:          {Field: fields.OneTermEqualSelector("metadata.name", namespace)}, // the other tests' are not its own
			&corev1.Secret{}:    {Namespaces: map[string]cache.Config{namespace: {}}},
			&corev1.ConfigMap{}: {Namespaces: map[string]cache.Config{namespace: {}}},
		}},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	env := managed.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: clock.RealClock{}, Events: mgr.GetEventRecorder("test"), Namespace: namespace,
	}
	if err := accounts(s.bank).SetupWithManager(mgr, env); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = mgr.Start(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	a := &Account{ObjectMeta: metav1.ObjectMeta{Name: s.name}}
	a.Spec.Secret, a.Spec.ConfigMap = "keys", "trust"
	if err := cluster.Client.Create(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) get() *Account {
	s.t.Helper()
	a := &Account{}
	if err := cluster.Client.Get(s.t.Context(), client.ObjectKey{Name: s.name}, a); client.IgnoreNotFound(err) != nil {
		s.t.Fatal(err)
	}
	return a
}

// until waits for what a person would see.
func (s *scene) until(what string, done func(*Account) bool) *Account {
	s.t.Helper()
	var a *Account
	for range 100 {
		if a = s.get(); done(a) {
			return a
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("never %s: %+v", what, a.Status)
	return nil
}

func (s *scene) ready(status metav1.ConditionStatus, reason string) *Account {
	s.t.Helper()
	return s.until(string(status)+" "+reason, func(a *Account) bool {
		c := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionReady)
		return c != nil && c.Status == status && c.Reason == reason
	})
}

// quiet waits until nothing happens any more, and returns how often the cloud
// was called so far.
func (s *scene) quiet() int {
	s.t.Helper()
	for calls, still := s.bank.count(), 0; ; still++ {
		time.Sleep(100 * time.Millisecond)
		if n := s.bank.count(); n != calls {
			calls, still = n, 0
		}
		if still == 10 {
			return calls
		}
	}
}

func (s *scene) secret(user string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "keys"}, Data: map[string][]byte{"user": []byte(user)}}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestCredentialsComeAndChange(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.ready(metav1.ConditionFalse, v1alpha1.ReasonCredentialsMissing)
	if !meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionStalled) {
		t.Errorf("somebody has to act: %+v", a.Status.Conditions)
	}
	s.must(cluster.Client.Create(t.Context(), s.secret("ann")))
	a = s.ready(metav1.ConditionTrue, v1alpha1.ReasonVerified)
	if a.Status.User != "ann" || a.Status.ObservedGeneration != a.Generation || len(a.Status.Conditions) != 2 ||
		!slices.Contains(a.Finalizers, v1alpha1.FinalizerProvider) {
		t.Errorf("status %+v, finalizers %v", a.Status, a.Finalizers)
	}
	first := a.Status.CredentialsVersion
	s.must(cluster.Client.Update(t.Context(), s.secret("bob")))
	a = s.until("used by bob", func(a *Account) bool { return a.Status.User == "bob" })
	if a.Status.CredentialsVersion == first {
		t.Error("other credentials have another version")
	}
	s.must(cluster.Client.Update(t.Context(), s.secret("nobody")))
	a = s.ready(metav1.ConditionFalse, v1alpha1.ReasonCredentialsRefused)
	if c := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionReady); c.Message != "the bank does not know nobody" {
		t.Errorf("message %q", c.Message)
	}
}

func TestWhatDoesNotConcernTheProviderDoesNotWakeIt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(cluster.Client.Create(t.Context(), s.secret("ann")))
	s.ready(metav1.ConditionTrue, v1alpha1.ReasonVerified)
	calls := s.quiet()
	for _, name := range []string{"other", "another"} {
		other := s.secret("eve")
		other.Name = name
		s.must(cluster.Client.Create(t.Context(), other))
	}
	time.Sleep(500 * time.Millisecond)
	if n := s.bank.count(); n != calls {
		t.Errorf("%d calls", n-calls)
	}
	trust := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "trust"}}
	s.must(cluster.Client.Create(t.Context(), trust))
	s.until("verified again", func(*Account) bool { return s.bank.count() > calls })
}

func TestACloudOutOfReachSaysNothingAboutCredentials(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(cluster.Client.Create(t.Context(), s.secret("ann")))
	s.ready(metav1.ConditionTrue, v1alpha1.ReasonVerified)
	s.bank.fail(errors.New("no route"))
	asks := fmt.Sprintf(`{"metadata":{"annotations":{%q:"now"}}}`, v1alpha1.AnnotationReconcileRequestedAt)
	s.must(cluster.Client.Patch(t.Context(), s.get(), client.RawPatch(types.MergePatchType, []byte(asks))))
	a := s.until("asked", func(a *Account) bool { return a.Status.LastHandledReconcileAt == "now" })
	c := a.Status.Conditions
	if !meta.IsStatusConditionTrue(c, v1alpha1.ConditionReady) || !meta.IsStatusConditionTrue(c, v1alpha1.ConditionReconciling) ||
		meta.FindStatusCondition(c, v1alpha1.ConditionSynced).Message != "no route" {
		t.Errorf("conditions %+v", c)
	}
	s.bank.fail(nil)
	s.until("in reach again", func(a *Account) bool {
		return meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionSynced)
	})
}

func TestAProviderInUseStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(cluster.Client.Create(t.Context(), s.secret("ann")))
	s.ready(metav1.ConditionTrue, v1alpha1.ReasonVerified)
	user := thing("Thing", s.name, s.name)
	s.must(cluster.Client.Create(t.Context(), user))
	s.must(cluster.Client.Delete(t.Context(), s.get()))
	a := s.until("said to be in use", func(a *Account) bool {
		c := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionSynced)
		return c != nil && c.Reason == v1alpha1.ReasonInUse
	})
	want := "in use by 1 managed resource: thing/" + s.name
	if c := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionSynced); c.Message != want {
		t.Errorf("message: got %q, want %q", c.Message, want)
	}
	if !meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionReady) {
		t.Error("it can be used until its last user is gone")
	}
	s.must(cluster.Client.Delete(t.Context(), user))
	s.until("gone", func(a *Account) bool { return a.UID == "" })
	s.until("forgotten", func(*Account) bool {
		s.bank.mu.Lock()
		defer s.bank.mu.Unlock()
		return slices.Contains(s.bank.forgotten, s.name)
	})
}

func TestAnUnchangedLookWritesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(cluster.Client.Create(t.Context(), s.secret("ann")))
	s.ready(metav1.ConditionTrue, v1alpha1.ReasonVerified)
	calls := s.quiet()
	before := s.get()
	trust := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "trust"}}
	s.must(cluster.Client.Create(t.Context(), trust))
	s.until("verified again", func(*Account) bool { return s.bank.count() > calls })
	time.Sleep(300 * time.Millisecond)
	if d := cmp.Diff(before, s.get()); d != "" {
		t.Errorf("written (-before +after):\n%s", d)
	}
}

func TestDescribeUsers(t *testing.T) {
	for name, tc := range map[string]struct {
		total int
		more  bool
		names []string
		want  string
	}{
		"nobody":   {want: ""},
		"one":      {total: 1, names: []string{"a/b"}, want: "in use by 1 managed resource: a/b"},
		"many":     {total: 7, names: []string{"a/b", "a/c"}, want: "in use by 7 managed resources: a/b, a/c, ..."},
		"too many": {total: 500, more: true, names: []string{"a/b"}, want: "in use by more than 500 managed resources: a/b, ..."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describe(tc.total, tc.more, tc.names); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestKindsThatAreNotInTheSchemeAreAMistake(t *testing.T) {
	kind := accounts(&bank{})
	kind.Users = append(kind.Users, thing("Unknown", "", ""))
	kind.Users[2].GetObjectKind().SetGroupVersionKind(groupVersion.WithKind(""))
	mgr, err := ctrl.NewManager(cluster.Config, ctrl.Options{Scheme: cluster.Scheme, Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := kind.SetupWithManager(mgr, managed.Env{}); err == nil || !strings.Contains(err.Error(), "kinds that use Providers") {
		t.Errorf("error: %v", err)
	}
}
