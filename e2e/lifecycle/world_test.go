// SPDX-License-Identifier: Apache-2.0

// Package lifecycle_test plays what befalls a claim in its life, with the real
// operators, a whole control plane and a local cloud: namespaces and providers
// that go, operators that are removed and come back, a control plane restored
// from its backup. The cloud's ledger is the witness.
package lifecycle_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

const patience = 2 * time.Minute

var (
	claimKind    = schema.GroupVersionKind{Group: "database.crossplane.io", Version: "v1alpha1", Kind: "MySQLInstance"}
	resourceKind = schema.GroupVersionKind{Group: "database.aws.crossplane.io", Version: "v1alpha1", Kind: "RDSInstance"}
	providerKind = schema.GroupVersionKind{Group: "aws.crossplane.io", Version: "v1alpha1", Kind: "Provider"}
)

// world is one stack for all stories: none of them is about how it starts.
var world *stack.Stack

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lifecycle-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	world, err = stack.Up(ctx, stack.Options{
		Dir: filepath.Join(dir, "stack"), Operators: stack.Operators(), PollInterval: time.Second, AuditReads: true,
	})
	if err != nil {
		panic(err)
	}
	for _, cloud := range []string{"aws", "gcp", "azure"} {
		if err := world.Connect(ctx, cloud); err != nil {
			panic(err)
		}
	}
	// The clouds are waited for, not worked by: all of them at a time.
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err)
	}
	code := m.Run()
	faults, err := faultsOfRights(context.Background(), flag.Lookup("test.run").Value.String() == "")
	if err != nil {
		panic(err)
	}
	for _, fault := range faults {
		fmt.Fprintln(os.Stderr, "rights:", fault)
		code = max(code, 1)
	}
	for _, fault := range faultsOfPolicies(context.Background()) {
		fmt.Fprintln(os.Stderr, "policies:", fault)
		code = max(code, 1)
	}
	if err := world.Down(); err != nil {
		panic(err)
	}
	return code
}

// story is one claim in a namespace of its own.
type story struct {
	t         *testing.T
	cloud     *control.Client
	namespace string
	claim     *unstructured.Unstructured
	name      string // of the managed resource
	external  string // of the database
}

// begin claims a database, waits until it is Bound, and writes something down in it.
func begin(t *testing.T) *story {
	t.Helper()
	s := place(t, "aws", "8.4")
	s.bound()
	s.name = s.resourceName()
	s.external = s.resource().GetAnnotations()["crossplane.io/external-name"]
	s.sql("CREATE TABLE notes (id INT PRIMARY KEY)")
	return s
}

// place claims a database on one cloud, or prepares to where no version is given.
func place(t *testing.T, cloud, version string) *story {
	t.Helper()
	s := &story{t: t, cloud: control.New(world.CloudURL(stack.LocalAWS))}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "story-", Labels: map[string]string{"cloud": cloud}}}
	s.must(world.Client.Create(t.Context(), namespace))
	s.namespace = namespace.Name
	s.claim = &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"storageGiB": int64(20), "databaseName": "orders", "writeConnectionSecretToRef": map[string]any{"name": "db"},
	}}}
	s.claim.SetGroupVersionKind(claimKind)
	s.claim.SetNamespace(s.namespace)
	s.claim.SetName("orders")
	if version != "" {
		s.claimVersion(version)
	}
	t.Cleanup(func() {
		if t.Failed() {
			s.tell()
		}
	})
	return s
}

// in goes on with the story in a part of a test.
func (s *story) in(t *testing.T) *story {
	t.Helper()
	part := *s
	part.t = t
	return &part
}

// claimVersion claims it.
func (s *story) claimVersion(version string) {
	s.t.Helper()
	s.must(unstructured.SetNestedField(s.claim.Object, version, "spec", "engineVersion"))
	s.must(world.Client.Create(s.t.Context(), s.claim))
}

// resourceName returns the name of what the claim is bound to.
func (s *story) resourceName() string {
	name, _, _ := unstructured.NestedString(s.claim.Object, "status", "resourceRef", "name")
	return name
}

// end deletes the claim and waits until it is gone.
func (s *story) end() {
	s.t.Helper()
	s.must(world.Client.Delete(s.t.Context(), s.claim))
	s.gone(s.claim)
}

// tell shows the ends of the operators' logs, for whoever finds out why.
func (s *story) tell() {
	const tail = 3000
	for _, name := range world.Operators() {
		if said, err := os.ReadFile(world.Log(name)); err == nil {
			s.t.Logf("the end of %s's log:\n%s", name, said[max(0, len(said)-tail):])
		}
	}
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for something that need not be so at once.
func (s *story) until(what string, so func(ctx context.Context) bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !so(s.t.Context()); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never: %s; the claim says %q", what, s.says())
		}
	}
}

// says returns reason and message of the claim's Ready.
func (s *story) says() string { return condition(s.claim, "Ready") }

// condition returns an object's condition as "status reason: message".
func condition(o *unstructured.Unstructured, typ string) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == typ {
			return fmt.Sprintf("%v %v: %v", c["status"], c["reason"], c["message"])
		}
	}
	return ""
}

// saying waits until the claim's Ready begins with text.
func (s *story) saying(text string) {
	s.t.Helper()
	s.until("the claim says "+text, func(ctx context.Context) bool {
		return world.Client.Get(ctx, client.ObjectKeyFromObject(s.claim), s.claim) == nil && strings.HasPrefix(s.says(), text)
	})
}

func (s *story) bound() {
	s.t.Helper()
	s.saying("True Bound")
}

// resource returns the claim's managed resource.
func (s *story) resource() *unstructured.Unstructured {
	s.t.Helper()
	mr := named(resourceKind, s.name)
	s.must(world.Client.Get(s.t.Context(), client.ObjectKeyFromObject(mr), mr))
	return mr
}

func named(kind schema.GroupVersionKind, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kind)
	o.SetName(name)
	return o
}

// sql runs a statement as the application would.
func (s *story) sql(statement string) {
	s.t.Helper()
	c, err := login.Read(s.t.Context(), world.Client, s.namespace, "db")
	s.must(err)
	db, err := c.Open(s.t.Context(), c["ca.crt"])
	s.must(err)
	_, err = db.ExecContext(s.t.Context(), statement)
	s.must(err)
	s.must(db.Close())
}

// exists reports whether the cloud has the database.
func (s *story) exists() bool {
	s.t.Helper()
	live, err := s.cloud.Live(s.t.Context())
	s.must(err)
	return slices.ContainsFunc(live, func(r local.Resource) bool { return r.ID == s.external })
}

// changes returns what happened to the database in the cloud, since an entry of the ledger.
func (s *story) changes(since int) []string {
	s.t.Helper()
	entries, err := s.cloud.Ledger(s.t.Context(), since)
	s.must(err)
	var out []string
	for _, e := range entries {
		if e.ID == s.external {
			out = append(out, e.Action)
		}
	}
	return out
}

// ledger returns how long the cloud's ledger is.
func (s *story) ledger() int {
	s.t.Helper()
	entries, err := s.cloud.Ledger(s.t.Context(), 0)
	s.must(err)
	return len(entries)
}

func (s *story) gone(o client.Object) {
	s.t.Helper()
	s.until(o.GetName()+" is gone", func(ctx context.Context) bool {
		return apierrors.IsNotFound(world.Client.Get(ctx, client.ObjectKeyFromObject(o), o))
	})
}

// annotate sets an annotation, or removes it where value is empty.
func (s *story) annotate(o *unstructured.Unstructured, key, value string) {
	s.t.Helper()
	text := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, key, value)
	if value == "" {
		text = fmt.Sprintf(`{"metadata":{"annotations":{%q:null}}}`, key)
	}
	s.must(world.Client.Patch(s.t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(text))))
}

// shell runs commands that a message told the person to.
func (s *story) shell(commands string) {
	s.t.Helper()
	tools := s.t.TempDir()
	s.must(os.Symlink(world.Kubectl(), filepath.Join(tools, "kubectl")))
	cmd := exec.CommandContext(s.t.Context(), "bash", "-euc", commands)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+world.Kubeconfig(), "PATH="+tools+":"+os.Getenv("PATH"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s: %v\n%s", commands, err, &said)
	}
}
