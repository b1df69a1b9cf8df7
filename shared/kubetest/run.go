// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"context"
	"fmt"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Suite is what Run runs: a *testing.M.
type Suite interface {
	Run() int
}

// Run runs a package's tests with an API server and ends it. It is what TestMain calls:
//
//	func TestMain(m *testing.M) {
//		os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
//			cluster = c
//			return v1alpha1.AddToScheme(c.Scheme)
//		}, "charts/core-operator/generated/crds"))
//	}
func Run(suite Suite, use func(*Cluster) error, crdDirs ...string) int {
	return run(Start, suite, use, crdDirs)
}

// RunFull is Run with a whole control plane.
func RunFull(suite Suite, use func(*Cluster) error, crdDirs ...string) int {
	return run(StartFull, suite, use, crdDirs)
}

func run(start func(...string) (*Cluster, error), suite Suite, use func(*Cluster) error, crdDirs []string) int {
	cluster, err := start(crdDirs...)
	if err != nil {
		return failed("start", err)
	}
	code := runWith(cluster, suite, use)
	if err := cluster.Stop(); err != nil {
		return failed("stop", err)
	}
	return code
}

func runWith(cluster *Cluster, suite Suite, use func(*Cluster) error) int {
	if err := use(cluster); err != nil {
		return failed("set up", err)
	}
	return suite.Run()
}

func failed(what string, err error) int {
	fmt.Fprintf(os.Stderr, "cannot %s a Kubernetes API for the tests: %v\n", what, err)
	return 1
}

// Namespace makes a namespace for one test, named after the prefix, and deletes it when the test
// ends. Without a controller manager the namespace stays terminating, which no test minds.
func (c *Cluster) Namespace(t testing.TB, prefix string) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-"}}
	if err := c.Client.Create(t.Context(), namespace); err != nil {
		t.Fatalf("cannot make a namespace: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Client.Delete(context.WithoutCancel(t.Context()), namespace); err != nil {
			t.Errorf("cannot delete a namespace: %v", err)
		}
	})
	return namespace.Name
}
