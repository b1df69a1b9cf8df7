// SPDX-License-Identifier: Apache-2.0

package availability_test

import (
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var errNotYet = errors.New("not yet")

// What can be seen without any schema but the class's own is refused at once.
func TestAdmission(t *testing.T) {
	t.Parallel()
	const template = `template: {apiVersion: cloud.made.up/v1, kind: Server, spec: {anything: ["${goes}"]}}`
	const head = "claim: {group: database.crossplane.io, kind: MySQLInstance}\nprovider: cloud\n"
	const db = "resources: [{name: db, primary: true, " + template + "}]\n"
	cases := map[string]struct {
		spec string
		says string // empty: accepted
	}{
		"the least":        {head + "regions: [here]\n" + db, ""},
		"waits, no region": {head + "bindingMode: WaitForWorkload\n" + db, ""},
		"no region":        {head + db, "regions needs at least one"},
		"empty regions":    {head + "regions: []\n" + db, "regions needs at least one"},
		"region twice":     {head + "regions: [a, a]\n" + db, "Duplicate value"},
		"no resources":     {head + "regions: [here]\nresources: []\n", "should have at least 1 items"},
		"no primary":       {head + "regions: [here]\nresources: [{name: db, " + template + "}]\n", "exactly one of resources has to be primary"},
		"two primaries": {
			head + "regions: [here]\nresources: [{name: a, primary: true, " + template + "}, {name: b, primary: true, " + template + "}]\n",
			"exactly one of resources has to be primary",
		},
		"name twice": {head + "regions: [here]\nresources: [{name: a, primary: true, " + template + "}, {name: a, " + template + "}]\n", "Duplicate value"},
		"odd name":   {head + "regions: [here]\nresources: [{name: a-b, primary: true, " + template + "}]\n", "should match"},
		"several primaries": {
			head + `regions: [here]` + "\n" + `resources: [{name: a, primary: true, forEach: "${[1]}", ` + template + "}]\n",
			"the primary resource is one",
		},
		"name in access":      {head + "regions: [here]\n" + db + "access: [{name: db, " + template + "}]\n", "resources and access can't have the same names"},
		"access":              {head + "regions: [here]\n" + db + "access: [{name: rule, " + template + "}]\n", ""},
		"unknown mode":        {head + "regions: [here]\nbindingMode: Later\n" + db, "Unsupported value"},
		"unknown policy":      {head + "regions: [here]\nreclaimPolicy: Lose\n" + db, "Unsupported value"},
		"size twice":          {head + "regions: [here]\nsizes: [{name: a}, {name: a}]\n" + db, "Duplicate value"},
		"size without number": {head + "regions: [here]\nsizes: [{name: a, cpu: lots}]\n" + db, "should match"},
		"template as text":    {head + "regions: [here]\nresources: [{name: db, primary: true, template: text}]\n", "must be of type object"},
		"no template":         {head + "regions: [here]\nresources: [{name: db, primary: true}]\n", "Required value"},
		"no claim":            {"provider: cloud\nregions: [here]\n" + db, "Required value"},
		"odd provider":        {"claim: {group: a, kind: b}\nprovider: The Cloud\nregions: [here]\n" + db, "should match"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "core.crossplane.io/v1alpha1", "kind": "ResourceClass"}}
			u.SetName("admission")
			var spec map[string]any
			if err := yaml.Unmarshal([]byte(tc.spec), &spec); err != nil {
				t.Fatal(err)
			}
			u.Object["spec"] = spec
			err := cluster.Client.Create(t.Context(), u, client.DryRunAll)
			if tc.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got  %v\nwant ...%s...", err, tc.says)
			}
		})
	}
}

func TestNewClassIsNotReady(t *testing.T) {
	t.Parallel()
	c := &core.ResourceClass{}
	spec := "claim: {group: a, kind: b}\nprovider: cloud\nregions: [here]\n" +
		"resources: [{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server, spec: {}}}]\n"
	if err := yaml.Unmarshal([]byte(spec), &c.Spec); err != nil {
		t.Fatal(err)
	}
	c.Name = "new"
	if err := cluster.Client.Create(t.Context(), c, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready == nil || ready.Reason != core.ReasonPending {
		t.Errorf("Ready is %v", ready)
	}
}
