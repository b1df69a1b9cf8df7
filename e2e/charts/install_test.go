// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

const (
	patience = time.Minute
	// releaseLimit is what a Secret may hold, and so what Helm can keep of a release.
	releaseLimit = 1 << 20
)

// background is for what comes after a test.
func background(t *testing.T) context.Context {
	t.Helper()
	return context.WithoutCancel(t.Context())
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func gone(t *testing.T, o client.Object) {
	t.Helper()
	eventually(t, o.GetName()+" is gone", func() bool {
		return apierrors.IsNotFound(cluster.Client.Get(background(t), client.ObjectKeyFromObject(o), o))
	})
}

func removeDefinitions(t *testing.T, paths []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(background(t), patience)
	defer cancel()
	if err := errors.Join(cluster.RemoveCRDs(ctx, paths...), cluster.AwaitCRDsRemoved(ctx, paths...)); err != nil {
		t.Error(err)
	}
	if left := append(definitions(t, ".crossplane.io"), definitions(t, "coreos.com")...); len(left) > 0 {
		t.Errorf("definitions are left that nobody knew of: %q", left)
	}
}

// definitions returns the names of definitions that end like this.
func definitions(t *testing.T, suffix string) []string {
	t.Helper()
	list := &apiextensionsv1.CustomResourceDefinitionList{}
	if err := cluster.Client.List(background(t), list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, crd := range list.Items {
		if strings.HasSuffix(crd.Name, suffix) {
			names = append(names, crd.Name)
		}
	}
	return names
}

func object(group, kind, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: kind})
	o.SetName(name)
	return o
}

func exists(t *testing.T, o client.Object) bool {
	t.Helper()
	err := cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o)
	if client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return err == nil
}

// finish plays the kubelet for the chart's own checks: there is no node here. It
// ends a pod of that name well as soon as there is one.
func finish(t *testing.T, name string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		pod := &corev1.Pod{}
		for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			if cluster.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, pod) != nil || pod.Status.Phase == corev1.PodSucceeded {
				continue
			}
			pod.Status.Phase = corev1.PodSucceeded
			_ = cluster.Client.Status().Update(ctx, pod)
		}
	}()
	return func() { cancel(); <-ended }
}

// TestLife is a chart's life: installed before anything else, completed once
// core is there, upgraded, rolled back, taken away and brought back.
func TestLife(t *testing.T) { withEach(t, live) }

func live(t *testing.T, helm program) {
	t.Helper()
	t.Cleanup(func() { cleanUp(t) })
	aws := []string{"charts/aws-operator", "-n", namespace, "--set", "provider.create=true,classes.enabled=true"}
	provider, class := object("aws.crossplane.io", "Provider", "aws"), object("core.crossplane.io", "ResourceClass", "mysql-aws")
	secret := &corev1.Namespace{}
	secret.Name = "crossplane-aws-connections"

	stop := finish(t, "aws-operator-installed")
	helm.must(t, append([]string{"install", "aws"}, aws...)...)
	stop()
	if !exists(t, provider) || !exists(t, secret) {
		t.Fatal("no Provider or no connection namespace after the installation")
	}
	uid := provider.GetUID()

	helm.must(t, "install", "core", "charts/core-operator", "-n", namespace, "--set", "tenants.namespaces={shop}")
	helm.must(t, append([]string{"upgrade", "aws"}, aws...)...)
	if !exists(t, class) {
		t.Error("the classes are not there after core has come")
	}
	helm.must(t, append(append([]string{"upgrade", "aws"}, aws...), "--set", "provider.spec.region=eu-west-1,classes.regions={eu-west-1}")...)
	if region, _, _ := unstructured.NestedString(fresh(t, provider).Object, "spec", "region"); region != "eu-west-1" || provider.GetUID() != uid {
		t.Errorf("the upgrade made region %q; the Provider is the same: %v", region, provider.GetUID() == uid)
	}
	helm.must(t, "rollback", "aws", "1", "-n", namespace) // the Provider was no part of it then
	if !exists(t, provider) || !exists(t, class) || provider.GetUID() != uid {
		t.Error("the rollback took the Provider or the classes away")
	}

	helm.must(t, append([]string{"upgrade", "aws", olderChart(t)}, aws[1:]...)...)
	if !outdated(t) {
		t.Error("an older chart does not bring the definition with it")
	}
	helm.must(t, "uninstall", "aws", "-n", namespace)
	if !exists(t, provider) || !exists(t, class) || !exists(t, secret) || len(definitions(t, ".aws.crossplane.io")) == 0 {
		t.Error("what databases depend on went with the operator")
	}
	if out, err := helm.run(t.Context(), append([]string{"install", "other"}, aws...)...); err == nil {
		t.Errorf("another release took everything without being told to: %s", out)
	}
	again := append(append([]string{"install", "aws"}, aws...), "--set", "provider.spec.region=eu-west-3")
	helm.must(t, append(again, helm.adopting()...)...)
	if region, _, _ := unstructured.NestedString(fresh(t, provider).Object, "spec", "region"); region != "eu-west-3" || outdated(t) {
		t.Errorf("what is taken back is not brought up to date: region %q", region)
	}
	helm.must(t, "uninstall", "aws", "-n", namespace)
	helm.must(t, append(append([]string{"install", "other"}, aws...), "--take-ownership")...)
	if !exists(t, provider) || provider.GetUID() != uid {
		t.Error("the Provider is another one after all that")
	}
}

const rdsInstances = "rdsinstances.database.aws.crossplane.io"

// olderChart returns a copy of the chart for AWS whose definition of rdsInstances has no
// columns.
func olderChart(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "aws-operator")
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(root, "charts", "aws-operator"))))
	files, err := filepath.Glob(filepath.Join(dir, "generated/crds/*_rdsinstances.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("found %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	must(t, err)
	crd := &unstructured.Unstructured{}
	must(t, yaml.UnmarshalStrict(text, &crd.Object))
	versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	must(t, err)
	for _, version := range versions {
		if v, ok := version.(map[string]any); ok {
			delete(v, "additionalPrinterColumns")
		}
	}
	must(t, unstructured.SetNestedSlice(crd.Object, versions, "spec", "versions"))
	text, err = yaml.Marshal(crd.Object)
	must(t, err)
	must(t, os.WriteFile(files[0], text, 0o600))
	return dir
}

// outdated reports whether the definition is that of olderChart.
func outdated(t *testing.T) bool {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: named("", rdsInstances)}
	must(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(crd), crd))
	return len(crd.Spec.Versions[0].AdditionalPrinterColumns) == 0
}

func fresh(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	must(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	return o
}

// TestAllTogether: the charts of all operators stand each other, and Helm can keep
// each of them.
func TestAllTogether(t *testing.T) { withEach(t, installAll) }

func installAll(t *testing.T, helm program) {
	t.Helper()
	t.Cleanup(func() { cleanUp(t) })
	for _, operator := range operators() {
		helm.must(t, "install", operator, "charts/"+operator, "-n", namespace)
	}
	secrets := &corev1.SecretList{}
	must(t, cluster.Client.List(t.Context(), secrets, client.InNamespace(namespace), client.MatchingLabels{"owner": "helm"}))
	if len(secrets.Items) != len(operators()) {
		t.Errorf("%d releases, want %d", len(secrets.Items), len(operators()))
	}
	for _, release := range secrets.Items {
		size := len(release.Data["release"])
		t.Logf("release %s: %d KiB", release.Labels["name"], size>>10)
		if size > releaseLimit/2 {
			t.Errorf("release %s takes %d bytes of the %d that there are: soon it can't be kept", release.Labels["name"], size, releaseLimit)
		}
	}
	for _, operator := range operators() {
		stop := finish(t, operator+"-test")
		if out, err := helm.run(t.Context(), "test", operator, "-n", namespace, "--timeout", "30s"); err != nil {
			t.Errorf("helm test %s: %v\n%s", operator, err, out)
		}
		stop()
	}
}

// TestPackaged: a chart is installable from its archive alone.
func TestPackaged(t *testing.T) {
	t.Cleanup(func() { cleanUp(t) })
	dir := t.TempDir()
	for _, operator := range operators() {
		mustHelm(t, "package", "charts/"+operator, "-d", dir, "--version", "1.2.3", "--app-version", "1.2.3")
		mustHelm(t, "lint", "--strict", "--quiet", dir+"/"+operator+"-1.2.3.tgz")
		out := mustHelm(t, "template", operator, dir+"/"+operator+"-1.2.3.tgz")
		if !strings.Contains(out, "ghcr.io/crossplaneio/"+operator+":1.2.3") || !strings.Contains(out, "kind: CustomResourceDefinition") {
			t.Errorf("%s: the archive lacks the image of its version, or the definitions", operator)
		}
	}
	mustHelm(t, "install", "azure", dir+"/azure-operator-1.2.3.tgz", "-n", namespace)
}

// cleanUp takes away all that releases leave.
func cleanUp(t *testing.T) {
	t.Helper()
	ctx := background(t)
	secrets := &corev1.SecretList{}
	if err := cluster.Client.List(ctx, secrets, client.InNamespace(namespace), client.MatchingLabels{"owner": "helm"}); err != nil {
		t.Fatal(err)
	}
	releases := map[string]bool{}
	for _, s := range secrets.Items {
		releases[s.Labels["name"]] = true
	}
	for name := range releases {
		if out, err := helm4.run(ctx, "uninstall", name, "-n", namespace); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
	var paths, namespaces []string
	for _, operator := range operators() {
		paths = append(paths, "charts/"+operator+"/generated/crds")
		if operator != "core-operator" {
			namespaces = append(namespaces, "crossplane-"+strings.TrimSuffix(operator, "-operator")+"-connections")
		}
	}
	removeDefinitions(t, paths)
	removeNamespaces(t, namespaces...)
}
