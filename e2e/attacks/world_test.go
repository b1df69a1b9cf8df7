// SPDX-License-Identifier: Apache-2.0

// Package attacks has what a hostile tenant tries against the operators, as they
// are installed, and against a real API server: each attempt is refused, and one of
// each boundary succeeds once its guard is removed. docs/security.md has the list.
package attacks_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

const (
	patience = 90 * time.Second
	often    = 50 * time.Millisecond
	// confirmed is for how long a refusal has to hold.
	confirmed = 300 * time.Millisecond
)

// victim is the namespace that is attacked.
const victim = "victim"

// world is one stack for all attacks; programs is the folder that its operators are
// started from.
var (
	world    *stack.Stack
	programs string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// Operators are waited for, not worked by.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "attacks-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = filepath.Join(dir, "bin")
	return m.Run()
}

// TestHostileTenant plays everything on one stack: what comes last takes its guards
// away.
func TestHostileTenant(t *testing.T) {
	begin(t)
	defer func() {
		if t.Failed() {
			tell(t)
		}
		must(t, world.Down())
	}()
	set(t)
	t.Run("Refused", refused)
	t.Run("Denied", denied)
	t.Run("NothingTold", nothingTold)
	t.Run("WithoutGuards", withoutGuards)
}

// begin starts the stack, with programs of its own: links to those that are built.
func begin(t *testing.T) {
	t.Helper()
	root, err := kubetest.Root()
	must(t, err)
	must(t, os.MkdirAll(programs, 0o700))
	for _, name := range []string{"hyperkube", stack.LocalAWS, stack.CoreOperator, stack.AWSOperator, stack.WorkloadOperator} {
		must(t, os.Symlink(filepath.Join(root, ".cache", "bin", name), filepath.Join(programs, name)))
	}
	world, err = stack.Up(t.Context(), stack.Options{
		Dir: filepath.Join(filepath.Dir(programs), "stack"), Bin: programs, PollInterval: time.Second,
		Operators: []string{stack.CoreOperator, stack.AWSOperator, stack.WorkloadOperator},
	})
	must(t, err)
	must(t, world.Connect(t.Context(), "aws"))
}

// tell shows the ends of the operators' logs, for whoever finds out why.
func tell(t *testing.T) {
	t.Helper()
	const tail = 2000
	for _, name := range world.Operators() {
		if said, err := os.ReadFile(world.Log(name)); err == nil {
			t.Logf("the end of %s's log:\n%s", name, said[max(0, len(said)-tail):])
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errNever = errors.New("it never came to be")

// until waits for something that need not be so at once.
func until(ctx context.Context, so func() bool) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(often) {
		if so() {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errNever
}

// apply makes objects as an administrator, and returns the last one.
func apply(t *testing.T, text string, values ...any) *unstructured.Unstructured {
	t.Helper()
	objects, err := manifest.Decode(fmt.Appendf(nil, text, values...))
	must(t, err)
	must(t, manifest.Apply(t.Context(), world.Client, objects))
	return objects[len(objects)-1]
}

// ready waits until an object's Ready is True.
func ready(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	err := until(t.Context(), func() bool {
		return world.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o) == nil && strings.HasPrefix(condition(o, "Ready"), "True")
	})
	if err != nil {
		t.Fatalf("%s %s: %s, %s", o.GetKind(), o.GetName(), condition(o, "Ready"), condition(o, "Synced"))
	}
}

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

// field returns a text in an object; empty where there is none.
func field(o *unstructured.Unstructured, path ...string) string {
	text, _, _ := unstructured.NestedString(o.Object, path...)
	return text
}

// object returns an empty one to be read.
func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// The API versions of the kinds that are attacked.
const (
	databases = "database.crossplane.io/v1alpha1"
	workloads = "workload.crossplane.io/v1alpha1"
	core      = "core.crossplane.io/v1alpha1"
	rds       = "database.aws.crossplane.io/v1alpha1"
)

// administrator returns the kubeconfig of one: what a target must not pass on.
func administrator(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(world.Kubeconfig())
	must(t, err)
	return content
}

// strict returns a client that is told of every field that the API server drops.
func strict(config *rest.Config) (client.Client, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	made, err := client.New(config, client.Options{Scheme: world.Client.Scheme()})
	if err != nil {
		return nil, err
	}
	return client.WithFieldValidation(made, metav1.FieldValidationStrict), nil
}

// secretOf returns the content of a secret.
func secretOf(ctx context.Context, namespace, name string) map[string][]byte {
	s := &corev1.Secret{}
	if world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, s) != nil {
		return nil
	}
	return s.Data
}
