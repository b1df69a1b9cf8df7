// SPDX-License-Identifier: Apache-2.0

package application

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

func manifests(raw ...string) []v1alpha1.Manifest {
	out := make([]v1alpha1.Manifest, len(raw))
	for i, text := range raw {
		out[i].Raw = []byte(text)
	}
	return out
}

func manifest(kind, name, more string) string {
	return `{"apiVersion":"v1","kind":"` + kind + `","metadata":{"name":"` + name + `"}` + more + `}`
}

func TestParse(t *testing.T) {
	cm := manifest("ConfigMap", "a", "")
	for name, test := range map[string]struct {
		manifests []string
		want      string // of the message
	}{
		"good":                    {[]string{cm, manifest("ConfigMap", "b", ""), manifest("Secret", "a", "")}, ""},
		"an empty status":         {[]string{manifest("ConfigMap", "a", `,"status":{}`)}, ""},
		"one name in two groups":  {[]string{manifest("Service", "a", ""), `{"apiVersion":"serving.example.org/v1","kind":"Service","metadata":{"name":"a"}}`}, ""},
		"no object":               {[]string{`"hunter2"`}, "manifests[0]: it is no object"},
		"no apiVersion":           {[]string{cm, `{"kind":"ConfigMap","metadata":{"name":"b"}}`}, "manifests[1] (ConfigMap b): apiVersion"},
		"a malformed apiVersion":  {[]string{`{"apiVersion":"a/b/c","kind":"ConfigMap","metadata":{"name":"b"}}`}, "apiVersion"},
		"no kind":                 {[]string{`{"apiVersion":"v1","metadata":{"name":"b"}}`}, "manifests[0] (b): kind"},
		"no name":                 {[]string{`{"apiVersion":"v1","kind":"ConfigMap"}`}, "manifests[0]: metadata.name"},
		"a generated name":        {[]string{`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generateName":"a-"}}`}, "metadata.generateName"},
		"an owner":                {[]string{`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":[]}}`}, "metadata.ownerReferences"},
		"a uid":                   {[]string{`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","uid":"b"}}`}, "metadata.uid"},
		"a status":                {[]string{manifest("Pod", "a", `,"status":{"phase":"Running"}`)}, "status is not"},
		"a list":                  {[]string{manifest("ConfigMapList", "a", `,"items":[]`)}, "manifest of each of its items"},
		"twice":                   {[]string{cm, cm}, "manifests[1] (ConfigMap a): manifests[0] is the same object"},
		"twice, the second names": {[]string{cm, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"tenant"}}`}, "manifests[0] is the same"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(manifests(test.manifests...), "tenant")
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || fault.Of(err).Reason != v1alpha1.ReasonManifestInvalid {
				t.Errorf("want %q: %v", test.want, err)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	given := []string{"Ingress", "Deployment", "Service", "PersistentVolumeClaim", "ConfigMap", "ResourceQuota", "Role", "ServiceAccount", "CustomResourceDefinition"}
	var raw []string
	for _, kind := range given {
		raw = append(raw, manifest(kind, "a", ""))
	}
	objects, err := parse(manifests(raw...), "tenant")
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range objects {
		if want := given[len(given)-1-i]; o.GetKind() != want {
			t.Errorf("%d: want %s, got %s", i, want, o.GetKind())
		}
	}
}

func TestNext(t *testing.T) {
	ours := func(owned string, deleting bool) *remote.Object {
		o := &remote.Object{Owned: owned}
		o.Labels = map[string]string{v1alpha1.LabelApplicationUID: "me"}
		if deleting {
			o.DeletionTimestamp = new(metav1.Now())
		}
		return o
	}
	foreign := &remote.Object{}
	another := ours("o", false)
	another.Labels = map[string]string{v1alpha1.LabelApplicationUID: "you"}
	for name, test := range map[string]struct {
		applied string
		live    *remote.Object
		want    action
	}{
		"not there":                    {"", nil, apply},
		"gone":                         {"d.o", nil, apply},
		"as it was applied":            {"d.o", ours("o", false), rest},
		"wanted otherwise":             {"e.o", ours("o", false), apply},
		"a field was taken":            {"d.o", ours("p", false), apply},
		"made before a crash":          {"", ours("o", false), apply},
		"on its way out":               {"d.o", ours("o", true), await},
		"nobody's":                     {"", foreign, refuse},
		"another application's":        {"", another, refuse},
		"another's, though once ours":  {"d.o", another, refuse},
		"nobody's, and on its way out": {"d.", foreign, refuse},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, next("d", test.applied, test.live, "me")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
