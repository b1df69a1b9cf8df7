// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// excuse is why rights are given that the stories make no use of.
type excuse struct {
	why  string
	fits func(r stack.Right, given []stack.Right) bool
}

// promised are the rights that the stories of e2e/clusters use, and its own test sees to that.
var promised = sync.OnceValue(func() []string {
	root, err := kubetest.Root()
	if err != nil {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(root, "e2e", "clusters", "rights.txt"))
	if err != nil {
		return nil // which the unused ones will tell
	}
	return strings.Split(string(text), "\n")
})

// listed are single rights, each with what it is for.
func listed() map[string]string {
	return map[string]string{
		"core-operator delete importedclusters.compute.workload.crossplane.io": "a claim that goes together with the entry of its cluster",
		"core-operator delete secrets":                                         "a claim that gives its secret another name",
		"core-operator patch events.events.k8s.io":                             "an event that happens again and again",
		"workload-operator get configmaps":                                     "a chart in a ConfigMap",
		"workload-operator create secrets crossplane-workload-charts":          "what a chart was rendered to",
		"workload-operator get secrets crossplane-workload-charts":             "what a chart was rendered to",
		"workload-operator update secrets crossplane-workload-charts":          "what a chart was rendered to",
		"workload-operator delete secrets crossplane-workload-charts":          "what a chart was rendered to",
		"workload-operator delete secrets crossplane-workload-connections":     "what a chart was rendered to, by a version before",
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
		{"the stories with clusters use it", func(r stack.Right, _ []stack.Right) bool { return slices.Contains(promised(), r.String()) }},
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
