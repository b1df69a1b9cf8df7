// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// TestLife plays the stories one after another: some take an operator away.
func TestLife(t *testing.T) {
	t.Run("NamespaceDeleted", namespaceDeleted)
	t.Run("ProviderDeletedFirst", providerDeletedFirst)
	t.Run("ResourceDeleted", resourceDeleted)
	t.Run("RestoredFromBackup", restoredFromBackup)
	t.Run("DefinitionsRemoved", definitionsRemoved)
}

// A namespace that is deleted takes its databases along, and ends.
func namespaceDeleted(t *testing.T) {
	s := begin(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	s.must(world.Client.Delete(t.Context(), namespace))
	s.gone(namespace)
	if s.exists() {
		t.Error("the namespace is gone, and its database is not")
	}
	s.gone(named(resourceKind, s.name))
}

// A Provider stays until nothing needs it to be deleted with.
func providerDeletedFirst(t *testing.T) {
	s := begin(t)
	provider := named(providerKind, "aws")
	s.must(world.Client.Get(t.Context(), client.ObjectKeyFromObject(provider), provider))
	again := copyOf(provider)
	s.must(world.Client.Delete(t.Context(), provider))
	s.until("the Provider says who uses it", func(ctx context.Context) bool {
		s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(provider), provider))
		return strings.Contains(condition(provider, "Ready")+condition(provider, "Synced"), "rdsinstance/"+s.name)
	})
	s.bound()
	s.end()
	if s.exists() {
		t.Error("leaked: the Provider went before the database")
	}
	s.gone(provider)
	s.must(world.Client.Create(t.Context(), again))
}

// What is deleted under a bound claim is not replaced by something empty.
func resourceDeleted(t *testing.T) {
	s := begin(t)
	s.must(world.Client.Delete(t.Context(), named(resourceKind, s.name)))
	s.saying("False ResourceLost")
	since := s.ledger()
	for i := range 5 { // polls of a second
		s.annotate(s.claim, "crossplane.io/reconcile-requested-at", strconv.Itoa(i))
		s.saying("False ResourceLost")
	}
	if s.exists() || s.ledger() != since {
		t.Error("something took its place")
	}
	s.end()
}

var command = regexp.MustCompile(`To bind it again: (.*)\. To start with`)

// A control plane that is restored from its backup finds what it had.
func restoredFromBackup(t *testing.T) {
	s := begin(t)
	since := s.ledger()
	resource, secret := s.resource(), &corev1.Secret{}
	secret.Namespace, secret.Name = connectionSecret(resource)
	s.must(world.Client.Get(t.Context(), client.ObjectKeyFromObject(secret), secret))
	backup := []client.Object{copyOf(resource), copyOf(s.claim), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name, Labels: secret.Labels, Annotations: secret.Annotations}, Data: secret.Data,
	}}

	for _, operator := range world.Operators() {
		s.must(world.Stop(operator))
	}
	for _, lost := range []client.Object{resource, s.claim} {
		s.must(world.Client.Patch(t.Context(), lost, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))))
		s.must(client.IgnoreNotFound(world.Client.Delete(t.Context(), lost)))
		s.gone(lost)
	}
	s.must(client.IgnoreNotFound(world.Client.Delete(t.Context(), secret)))
	s.gone(secret)
	for _, o := range backup {
		s.must(world.Client.Create(t.Context(), o))
	}
	for _, operator := range world.Operators() {
		s.must(world.Start(t.Context(), operator))
	}

	s.saying("False RestoreNeeded")
	told := command.FindStringSubmatch(s.says())
	if told == nil {
		t.Fatalf("it does not say what to do: %s", s.says())
	}
	s.shell(told[1])
	s.bound()
	s.sql("INSERT INTO notes VALUES (1)")
	if changes := s.changes(since); len(changes) > 0 {
		t.Errorf("the restoration changed the database: %v", changes)
	}
	s.end()
	if s.exists() {
		t.Error("leaked after it was restored")
	}
}

// An operator that is removed with its definitions leaves databases alone, and
// one that comes back takes them on.
func definitionsRemoved(t *testing.T) {
	s := begin(t)
	since := s.ledger()
	resource := copyOf(s.resource())
	s.must(world.RemoveCRDs(t.Context(), stack.AWSOperator))
	s.saying("False CRDRemoved")
	s.until("the resource says what it waits for", func(context.Context) bool {
		return strings.Contains(condition(s.resource(), "Synced"), "CRDRemoved")
	})
	s.annotate(named(resourceKind, s.name), "crossplane.io/on-crd-removal", "orphan")
	s.gone(named(resourceKind, s.name))
	s.saying("False")
	if changes := s.changes(since); len(changes) > 0 || !s.exists() {
		t.Fatalf("the database was touched: %v", changes)
	}

	s.must(world.InstallCRDs(t.Context(), stack.AWSOperator))
	s.until("the definitions are back", func(ctx context.Context) bool {
		return apierrors.IsNotFound(world.Client.Get(ctx, client.ObjectKey{Name: "aws"}, named(providerKind, "aws")))
	})
	s.must(world.Administer(t.Context(), "aws"))
	s.must(world.Client.Create(t.Context(), resource))
	s.bound()
	s.sql("INSERT INTO notes VALUES (1)")
	if diff := cmp.Diff([]string{"update"}, s.changes(since)); diff != "" {
		t.Errorf("a new password is all that comes of it: the old one went with the resource (-want +got):\n%s", diff)
	}
	s.end()
	if s.exists() {
		t.Error("leaked after its operator came back")
	}
}

// copyOf returns an object as a backup has it.
func copyOf(o *unstructured.Unstructured) *unstructured.Unstructured {
	c := o.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"} {
		unstructured.RemoveNestedField(c.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(c.Object, "status")
	return c
}

// connectionSecret returns where an operator put a resource's connection details.
func connectionSecret(o *unstructured.Unstructured) (namespace, name string) {
	namespace, _, _ = unstructured.NestedString(o.Object, "status", "connectionSecretRef", "namespace")
	name, _, _ = unstructured.NestedString(o.Object, "status", "connectionSecretRef", "name")
	return namespace, name
}
