// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// sameOfHelm3 wants Helm 3 to make the same objects, in the same order: they are made
// in it. Helm 4 leaves other empty lines between them.
func sameOfHelm3(t *testing.T, objects []*unstructured.Unstructured, args ...string) {
	t.Helper()
	if diff := cmp.Diff(objects, decode(t, helm3.must(t, args...))); diff != "" {
		t.Errorf("helm %s (-Helm 4 +Helm 3):\n%s", strings.Join(args, " "), diff)
	}
}

// TestHelm3RefusesTheSame values, and says the same before and after an installation.
func TestHelm3RefusesTheSame(t *testing.T) {
	for name, test := range refused() {
		t.Run(name, func(t *testing.T) {
			out, err := helm3.run(t.Context(), "template", test.chart, "charts/"+test.chart, "--set", test.set)
			if err == nil || !strings.Contains(out, test.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all := notes()
	all["once more"] = said{"aws-operator", "provider.create=true", "run helm upgrade once more with the same values"}
	for name, test := range all {
		t.Run(name, func(t *testing.T) { saysNext(t, helm3, test) })
	}
}

// TestFromHelm3 is the way of those who change to Helm 4, and of those who change
// back: a release that the one has made is upgraded, rolled back and taken away by
// the other, and nothing is lost on the way.
func TestFromHelm3(t *testing.T) {
	for name, way := range map[string]struct{ first, then program }{
		"to Helm 4":      {helm3, helm4},
		"back to Helm 3": {helm4, helm3},
	} {
		t.Run(name, func(t *testing.T) { change(t, way.first, way.then) })
	}
}

func change(t *testing.T, first, then program) {
	t.Helper()
	t.Cleanup(func() { cleanUp(t) })
	aws := []string{"charts/aws-operator", "-n", namespace, "--set", "provider.create=true"}
	provider := object("aws.crossplane.io", "Provider", "aws")
	stop := finish(t, "aws-operator-installed")
	first.must(t, append([]string{"install", "aws"}, aws...)...)
	stop()
	first.must(t, append([]string{"upgrade", "aws"}, aws...)...) // as the notes say, for Helm 3
	first.must(t, append(append([]string{"upgrade", "aws"}, aws...), "--set", "provider.spec.region=eu-west-1,replicas=1")...)
	uid := fresh(t, provider).GetUID()
	want := func(who program, inRegion string, pods int32, level string) {
		t.Helper()
		in, _, _ := unstructured.NestedString(fresh(t, provider).Object, "spec", "region")
		replicas, args := deployed(t)
		if in != inRegion || replicas != pods || !slices.Contains(args, "--log-level="+level) {
			t.Errorf("%s made region %q, %d replicas and %q; want %q, %d and level %s", who, in, replicas, args, inRegion, pods, level)
		}
	}
	want(first, "eu-west-1", 1, "info")

	then.must(t, append(append([]string{"upgrade", "aws"}, aws...), "--set", "provider.spec.region=eu-west-2,replicas=3,log.level=debug")...)
	want(then, "eu-west-2", 3, "debug")
	then.must(t, "rollback", "aws", "3", "-n", namespace)
	want(then, "eu-west-1", 1, "info")
	then.must(t, append([]string{"upgrade", "aws"}, aws...)...)
	want(then, "", 2, "info") // what nobody asks for any more is gone
	finished := finish(t, "aws-operator-test")
	then.must(t, "test", "aws", "-n", namespace, "--timeout", "30s")
	finished()
	then.must(t, "uninstall", "aws", "-n", namespace)
	if fresh(t, provider).GetUID() != uid || len(definitions(t, ".aws.crossplane.io")) == 0 {
		t.Error("what databases depend on went with the operator, or is another one")
	}
}

// deployed returns what the Deployment of the operator for AWS asks for.
func deployed(t *testing.T) (replicas int32, args []string) {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: named(namespace, "aws-operator")}
	must(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(d), d))
	return *d.Spec.Replicas, d.Spec.Template.Spec.Containers[0].Args
}
