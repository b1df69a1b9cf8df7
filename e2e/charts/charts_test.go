// SPDX-License-Identifier: Apache-2.0

// Package charts_test holds the operators' charts against Helm itself and a real
// API server: they pass its strict checks with every combination of values that
// the documents name, and live through installations, upgrades and removals.
package charts_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const namespace = "crossplane-system"

var (
	cluster *kubetest.Cluster
	root    string
	home    string // of Helm, and where the administrator's kubeconfig is
)

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard())
	var err error
	if root, err = kubetest.Root(); err != nil {
		panic(err)
	}
	if home, err = os.MkdirTemp("", "charts-"); err != nil {
		panic(err)
	}
	code := kubetest.RunFull(m, func(c *kubetest.Cluster) error {
		cluster = c
		return errors.Join(
			os.WriteFile(filepath.Join(home, "kubeconfig"), c.Kubeconfig, 0o600),
			makeNamespace(context.Background(), namespace, "restricted"),
			makeNamespace(context.Background(), "shop", "baseline"),
		)
	})
	if err := os.RemoveAll(home); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func makeNamespace(ctx context.Context, name, security string) error {
	return cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": security},
	}})
}

func operators() []string {
	return []string{"core-operator", "aws-operator", "gcp-operator", "azure-operator", "workload-operator"}
}

// program is one of Helm, by its name in .cache/bin.
type program string

const (
	helm4 program = "helm"
	helm3 program = "helm3"
)

// run runs Helm in the repository's root and returns what it says.
func (p program) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(root, ".cache", "bin", string(p)), args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(home, "kubeconfig"),
		"HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String() + said.String(), err
	}
	return out.String(), nil
}

// must runs Helm, which has to succeed.
func (p program) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.run(t.Context(), args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", p, strings.Join(args, " "), err, out)
	}
	return out
}

// adopting are the arguments with which an installation brings objects up to date that
// are there. Helm 4 needs none. Helm 3 leaves custom resources and definitions as they
// are without, and says nothing.
func (p program) adopting() []string {
	if p == helm3 {
		return []string{"--take-ownership"}
	}
	return nil
}

// withEach runs a test with each Helm.
func withEach(t *testing.T, test func(t *testing.T, helm program)) {
	t.Helper()
	for _, helm := range []program{helm4, helm3} {
		t.Run(string(helm), func(t *testing.T) { test(t, helm) })
	}
}

func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return helm4.run(t.Context(), args...)
}

func mustHelm(t *testing.T, args ...string) string {
	t.Helper()
	return helm4.must(t, args...)
}

// render returns the objects that a chart makes, hooks included.
func render(t *testing.T, chart string, args ...string) []*unstructured.Unstructured {
	t.Helper()
	return decode(t, mustHelm(t, templating(chart, args...)...))
}

// renderWithBoth is render, and Helm 3 has to make the same.
func renderWithBoth(t *testing.T, chart string, args ...string) []*unstructured.Unstructured {
	t.Helper()
	objects := render(t, chart, args...)
	sameOfHelm3(t, objects, templating(chart, args...)...)
	return objects
}

func templating(chart string, args ...string) []string {
	return append([]string{"template", chart, "charts/" + chart, "-n", namespace}, args...)
}

// decode refuses a key that is there twice, which a lenient reader would take.
func decode(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(document), &object.Object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
	return objects
}

func only(objects []*unstructured.Unstructured, kinds ...string) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !slices.Contains(kinds, o.GetKind()) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// accepted lets the API server check objects as kubectl apply --server-side
// --dry-run=server --validate=strict does.
func accepted(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	strict := client.WithFieldValidation(cluster.Client, metav1.FieldValidationStrict)
	for _, o := range objects {
		apply := client.ApplyConfigurationFromUnstructured(o.DeepCopy())
		if err := strict.Apply(t.Context(), apply, client.DryRunAll, client.FieldOwner("test"), client.ForceOwnership); err != nil {
			t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
		}
	}
}

func named(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}
