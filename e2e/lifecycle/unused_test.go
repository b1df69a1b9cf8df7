// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// excuse is why rights are given that the stories make no use of.
type excuse struct {
	why  string
	fits func(r stack.Right, given []stack.Right) bool
}

// elsewhere are kinds of which the stories have no object, or which core does not
// make in them: e2e/clusters, e2e/docs and the operators' own tests have those.
func elsewhere() []string {
	return []string{
		"kubernetesclusters.compute.crossplane.io", "postgresqlinstances.database.crossplane.io",
		"eksclusters.compute.aws.crossplane.io", "eksnodegroups.compute.aws.crossplane.io",
		"dbsubnetgroups.database.aws.crossplane.io", "iamroles.iam.aws.crossplane.io",
		"gkeclusters.compute.gcp.crossplane.io", "gkenodepools.compute.gcp.crossplane.io",
		"networks.network.gcp.crossplane.io", "serviceconnections.network.gcp.crossplane.io",
		"aksclusters.compute.azure.crossplane.io", "aksagentpools.compute.azure.crossplane.io",
		"postgresqlservers.database.azure.crossplane.io", "resourcegroups.resources.azure.crossplane.io",
		"clusterpools.compute.crossplane.io", "placementpreviews.core.crossplane.io", "importedclusters.compute.workload.crossplane.io",
	}
}

// listed are single rights, each with what it is for.
func listed() map[string]string {
	return map[string]string{
		"core-operator delete secrets":                                      "a claim that gives its secret another name",
		"core-operator patch events.events.k8s.io":                          "an event that happens again and again",
		"azure-operator update secrets crossplane-azure-connections":        "a password that changes",
		"gcp-operator update secrets crossplane-gcp-connections":            "a password that changes",
		"workload-operator create kubernetestargets.workload.crossplane.io": "a claimed cluster becomes a target",
		"workload-operator delete kubernetestargets.workload.crossplane.io": "a claimed cluster goes",
		"workload-operator get configmaps":                                  "a chart in a ConfigMap",
		"workload-operator get secrets crossplane-aws-connections":          "the kubeconfig of a claimed cluster",
		"workload-operator get secrets crossplane-azure-connections":        "the kubeconfig of a claimed cluster",
		"workload-operator get secrets crossplane-gcp-connections":          "the kubeconfig of a claimed cluster",
		"workload-operator create secrets crossplane-workload-connections":  "what a chart was rendered to",
		"workload-operator get secrets crossplane-workload-connections":     "what a chart was rendered to",
		"workload-operator update secrets crossplane-workload-connections":  "what a chart was rendered to",
		"workload-operator delete secrets crossplane-workload-connections":  "what a chart was rendered to",
	}
}

func unusedRights() []excuse {
	return []excuse{
		{"Kubernetes asks for it where OwnerReferencesPermissionEnforcement is on, as on OpenShift", func(r stack.Right, _ []stack.Right) bool {
			return r.Verb == "update" && strings.HasSuffix(r.Target, "/finalizers")
		}},
		{"a watch begins with a list where the API server does not stream it", has("list", "watch")},
		{"it is read through the cache, and get gives no more than list does", has("get", "list")},
		{"server-side apply makes objects: the record says patch, and Kubernetes asks for create, too", has("create", "patch")},
		{"no story has one", func(r stack.Right, _ []stack.Right) bool {
			return slices.Contains(elsewhere(), strings.TrimSuffix(r.Target, "/status"))
		}},
		{"listed one by one", func(r stack.Right, _ []stack.Right) bool { return listed()[r.String()] != "" }},
	}
}

// has excuses a verb of who has another verb on the same kind.
func has(verb, also string) func(stack.Right, []stack.Right) bool {
	return func(r stack.Right, given []stack.Right) bool {
		other := r
		other.Verb = also
		return r.Verb == verb && slices.Contains(given, other)
	}
}
