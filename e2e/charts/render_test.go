// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// switches are values that change what a chart makes, by what they are about.
func switches(operator string) map[string][]string {
	all := map[string][]string{
		"image":       {"--set", "image.registry=r.example.org,image.digest=sha256:" + strings.Repeat("0", 64) + ",image.pullPolicy=Always,imagePullSecrets[0].name=pull"},
		"no registry": {"--set", "image.registry=,image.tag=v1"},
		"crds":        {"--set", "crds.keep=false"},
		"users":       {"--set", "userRoles.create=false"},
		"account":     {"--set", "serviceAccount.create=false,serviceAccount.name=other"},
		"identity":    {"--set", `serviceAccount.annotations.eks\.amazonaws\.com/role-arn=arn,serviceAccount.labels.a=b`, "--set-string", `podLabels.azure\.workload\.identity/use=true`},
		"log":         {"--set", "log.level=debug,log.format=text,maxConcurrent=3"},
		"extra": {
			"--set-json", `extraArgs=["--qps=5"]`, "--set-json", `extraEnv=[{"name":"A","value":"b"}]`, "--set-json", `extraEnvFrom=[{"secretRef":{"name":"s"}}]`,
			"--set-json", `extraVolumes=[{"name":"v","emptyDir":{}}]`, "--set-json", `extraVolumeMounts=[{"name":"v","mountPath":"/v"}]`,
		},
		"proxy":      {"--set", "proxy.http=http://p:1,proxy.https=http://p:1,proxy.exceptFor={a,10.0.0.0/8}"},
		"ca":         {"--set", "extraCA.configMap=ca"},
		"secret ca":  {"--set", "extraCA.secret=ca"},
		"no metrics": {"--set", "metrics.enabled=false"},
		"monitoring": {
			"--set", "metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.labels.a=b,metrics.prometheusRule.enabled=true",
			"--set", "metrics.service.annotations.a=b,metrics.port=9090,healthPort=9091",
		},
		"open": {"--set", "networkPolicy.enabled=false,podDisruptionBudget.enabled=false"},
		"closed": {
			"--set-json", `networkPolicy.metricsFrom=[{"namespaceSelector":{"matchLabels":{"a":"b"}}}]`,
			"--set-json", `networkPolicy.egress=[{"ports":[{"port":443}]}]`,
		},
		"one": {"--set", "replicas=1,podDisruptionBudget.maxUnavailable=50%"},
		"nodes": {
			"--set-json", `tolerations=[{"key":"a","operator":"Exists"}]`, "--set", "nodeSelector.a=b,priorityClassName=system-cluster-critical",
			"--set-json", `affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}`,
			"--set-json", `topologySpreadConstraints=[{"maxSkew":2,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"c":"d"}}}]`,
			"--set", "podAnnotations.a=b,terminationGracePeriodSeconds=40,resources.limits.memory=1Gi",
		},
		"openshift": {"--set", "podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null,podSecurityContext.fsGroup=null"},
	}
	switch operator {
	case "core-operator":
		all["tenants"] = []string{"--set", "tenants.namespaces={shop,shop}"}
		all["all tenants"] = []string{"--set", "tenants.all=true"}
	case "workload-operator":
		all["tenants"] = []string{"--set", "tenants.namespaces={shop}"}
		all["all tenants"] = []string{"--set", "tenants.all=true"}
		all["connections"] = []string{"--set", "connections.namespace=shop,connections.createNamespace=false"}
	default:
		maps.Copy(all, cloudSwitches())
	}
	return all
}

// cloudSwitches are those of the operators of clouds.
func cloudSwitches() map[string][]string {
	return map[string][]string{
		"connections": {"--set", "connections.namespace=shop,connections.createNamespace=false,accounts.core-operator=c,accounts.workload-operator=w"},
		"poll":        {"--set", "pollInterval=5m"},
		"successor":   {"--set", "formerHubs={1a,2b}"},
		"token":       {"--set", "identityToken.enabled=true,identityToken.audience=them"},
		"classes":     {"--set", "classes.enabled=true,classes.default=false,classes.regions={here}", "--api-versions", "core.crossplane.io/v1alpha1/ResourceClass"},
	}
}

// installDefinitions makes the kinds known that charts make objects of.
func installDefinitions(t *testing.T) {
	t.Helper()
	paths := []string{"e2e/charts/testdata/monitoring.yaml"}
	for _, operator := range operators() {
		paths = append(paths, "charts/"+operator+"/generated/crds")
	}
	must(t, cluster.InstallCRDs(t.Context(), paths...))
	t.Cleanup(func() { removeDefinitions(t, paths) })
}

func TestRendered(t *testing.T) {
	installDefinitions(t)
	for _, cloud := range []string{"aws", "gcp", "azure", "workload"} {
		name := "crossplane-" + cloud + "-connections"
		must(t, makeNamespace(t.Context(), name, "restricted"))
		t.Cleanup(func() { removeNamespaces(t, name) })
	}
	for _, operator := range operators() {
		t.Run(operator, func(t *testing.T) {
			all := switches(operator)
			together := []string{}
			for _, name := range slices.Sorted(maps.Keys(all)) {
				together = append(together, all[name]...)
			}
			t.Run("defaults", func(t *testing.T) { checkRendered(t, operator, nil) })
			t.Run("all", func(t *testing.T) { checkRendered(t, operator, together) })
			for name, args := range all {
				if name != "crds" { // they are checked above
					args = append(slices.Clone(args), "--set", "crds.install=false")
				}
				t.Run(name, func(t *testing.T) { checkObjects(t, renderWithBoth(t, operator, args...)) })
			}
		})
	}
	t.Run("documents", func(t *testing.T) {
		commands := documented(t)
		if len(commands) < 10 {
			t.Errorf("found %d installations in the documents: fewer than there are", len(commands))
		}
		for _, command := range commands {
			t.Run(command, func(t *testing.T) { checkDocumented(t, command) })
		}
	})
}

// checkRendered lets Helm's linter and the API server judge what comes of values.
func checkRendered(t *testing.T, operator string, args []string) {
	t.Helper()
	for _, helm := range []program{helm4, helm3} {
		helm.must(t, append([]string{"lint", "--strict", "--quiet", "charts/" + operator}, forLint(args)...)...)
	}
	checkObjects(t, renderWithBoth(t, operator, args...))
}

// forLint leaves out what `helm lint` does not know.
func forLint(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool {
		return a == "--api-versions" || strings.HasPrefix(a, "core.crossplane.io/")
	})
}

// checkObjects lets the API server judge objects, and pod security the pods.
func checkObjects(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	accepted(t, objects)
	if len(only(objects, "Deployment", "Service")) != 2 {
		t.Error("there is no Deployment or no Service")
	}
	for _, d := range only(objects, "Deployment") {
		accepted(t, []*unstructured.Unstructured{podOf(t, d)})
	}
}

// podOf returns a pod as a Deployment would make it: pod security refuses pods,
// and only warns of Deployments.
func podOf(t *testing.T, deployment *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	template, _, err := unstructured.NestedMap(deployment.Object, "spec", "template")
	must(t, err)
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(deployment.GetNamespace())
	pod.SetName("operator")
	must(t, unstructured.SetNestedField(pod.Object, "default", "spec", "serviceAccountName"))
	return pod
}

var installation = regexp.MustCompile(`(?m)^helm (?:upgrade --install|install) (.*)$`)

// documented returns the arguments of every installation in the documents.
func documented(t *testing.T) []string {
	t.Helper()
	var found []string
	must(t, filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range installation.FindAllStringSubmatch(string(text), -1) {
			found = append(found, match[1])
		}
		return err
	}))
	return found
}

// checkDocumented renders what a document says to install, as a cluster would that
// has core-operator and one that has nothing.
func checkDocumented(t *testing.T, command string) {
	t.Helper()
	args := typedTemplate(command)
	for _, versions := range [][]string{nil, {"--api-versions", "core.crossplane.io/v1alpha1/ResourceClass"}} {
		command := append(slices.Clone(args), versions...)
		objects := decode(t, mustHelm(t, command...))
		sameOfHelm3(t, objects, command...)
		accepted(t, objects)
	}
}

// typedTemplate returns the arguments that render what a document says to install.
func typedTemplate(command string) []string {
	args := []string{"template"}
	for word := range strings.FieldsSeq(command) {
		if word != "--create-namespace" {
			args = append(args, strings.Trim(word, "'"))
		}
	}
	return args
}

// TestDefinitionsAreUnchanged: what Helm installs is what was generated, but for
// labels and the mark that keeps it.
func TestDefinitionsAreUnchanged(t *testing.T) {
	for _, operator := range operators() {
		files, err := filepath.Glob(filepath.Join(root, "charts", operator, "generated/crds/*.yaml"))
		must(t, err)
		want := make(map[string]any, len(files))
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			crd := &unstructured.Unstructured{}
			must(t, yaml.UnmarshalStrict(text, &crd.Object))
			want[crd.GetName()] = crd.Object["spec"]
		}
		got := make(map[string]any, len(files))
		for _, crd := range only(render(t, operator), "CustomResourceDefinition") {
			got[crd.GetName()] = crd.Object["spec"]
			if crd.GetAnnotations()["helm.sh/resource-policy"] != "keep" || crd.GetLabels()["crossplane.io/contract"] == "managed" && crd.GetLabels()["crossplane.io/operator"] != operator {
				t.Errorf("%s: annotations %v, labels %v", crd.GetName(), crd.GetAnnotations(), crd.GetLabels())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-generated +rendered):\n%s", operator, diff)
		}
		if kept := only(render(t, operator, "--set", "crds.install=false"), "CustomResourceDefinition"); len(kept) > 0 {
			t.Errorf("%s: definitions without crds.install", operator)
		}
	}
}

// said is what Helm is to say of a chart with a value.
type said struct{ chart, set, says string }

// refused are values that nothing reads, or that can't be meant.
func refused() map[string]said {
	return map[string]said{
		"misspelt":           {"aws-operator", "replica=3", "additional properties 'replica' not allowed"},
		"misspelt inside":    {"aws-operator", "provider.secret=x", "additional properties 'secret' not allowed"},
		"not a number":       {"core-operator", "replicas=many", "replicas"},
		"no such level":      {"core-operator", "log.level=loud", "log/level"},
		"no digest":          {"core-operator", "image.digest=latest", "image/digest"},
		"too little time":    {"core-operator", "terminationGracePeriodSeconds=5", "terminationGracePeriodSeconds"},
		"no project":         {"gcp-operator", "provider.create=true", "provider.projectID: give the ID"},
		"no subscription":    {"azure-operator", "provider.create=true", "provider.subscriptionID: give the id"},
		"no audience":        {"gcp-operator", "identityToken.enabled=true", "identityToken.audience: give"},
		"of another chart":   {"core-operator", "provider.create=true", "additional properties 'provider' not allowed"},
		"tenants of a cloud": {"aws-operator", "tenants.all=true", "additional properties 'tenants' not allowed"},
	}
}

// TestRefusedValues: they are told of before anything is made.
func TestRefusedValues(t *testing.T) {
	for name, test := range refused() {
		t.Run(name, func(t *testing.T) {
			out, err := helm(t, "template", test.chart, "charts/"+test.chart, "--set", test.set)
			if err == nil || !strings.Contains(out, test.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// notes are what the charts' notes say.
func notes() map[string]said {
	return map[string]said{
		"nobody served":      {"core-operator", "replicas=2", "it serves nobody yet"},
		"some served":        {"core-operator", "tenants.namespaces={a,b}", "in the namespaces a, b, and in no other"},
		"all served":         {"workload-operator", "tenants.all=true", "in every namespace"},
		"no provider":        {"aws-operator", "replicas=2", "provider.create=true"},
		"credentials":        {"gcp-operator", "provider.create=true,provider.projectID=my-project", "create secret generic gcp-credentials"},
		"classes come later": {"azure-operator", "classes.enabled=true", "NOT there"},
		"no definitions":     {"azure-operator", "crds.install=false", "waits for them"},
	}
}

// TestNotes: each says what comes next.
func TestNotes(t *testing.T) {
	for name, test := range notes() {
		t.Run(name, func(t *testing.T) { saysNext(t, helm4, test) })
	}
}

func saysNext(t *testing.T, helm program, test said) {
	t.Helper()
	out := helm.must(t, "install", test.chart, "charts/"+test.chart, "--dry-run=client", "--set", test.set)
	if _, notes, _ := strings.Cut(out, "NOTES:"); !strings.Contains(notes, test.says) {
		t.Errorf("they do not say %q:\n%s", test.says, notes)
	}
}

// removeNamespaces waits until they are gone.
func removeNamespaces(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		ns := &corev1.Namespace{ObjectMeta: named("", name)}
		if err := client.IgnoreNotFound(cluster.Client.Delete(background(t), ns)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range names {
		gone(t, &corev1.Namespace{ObjectMeta: named("", name)})
	}
}
