// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
)

func TestObjectName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 63)
	cases := map[string]struct {
		namespace, name, role string
		begins                string
	}{
		"of a primary resource": {namespace: "shop", name: "orders", begins: "shop-orders-"},
		"of another one":        {namespace: "shop", name: "orders", role: "subnets", begins: "shop-orders-subnets-"},
		"of one of several":     {namespace: "shop", name: "orders", role: "pool-workers", begins: "shop-orders-pool-workers-"},
		"with long names":       {namespace: long, name: long, begins: "xxx"},
		"with a long role":      {namespace: long, name: long, role: long, begins: "xxx"},
		"with dots":             {namespace: "shop", name: "a.b", begins: "shop-a-b-"},
		"cut at a hyphen":       {namespace: "shop", name: strings.Repeat("y", 32) + "-z", begins: "shop-yyy"},
	}
	seen := map[string]string{}
	for name, c := range cases {
		claim := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: c.name, UID: types.UID(name)}}
		got := objectName(claim, "namespace-uid", 1, c.role)
		valid := regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`).MatchString(got) && !strings.Contains(got, "--")
		if !strings.HasPrefix(got, c.begins) || len(got) > 52 || !valid {
			t.Errorf("%s: the name is %q", name, got)
		}
		if !ofNamespace(got+"-final-snapshot", "namespace-uid") || ofNamespace(got, "another-uid") {
			t.Errorf("%s: %q can't be told to be of its namespace", name, got)
		}
		if again := objectName(claim, "namespace-uid", 1, c.role); again != got {
			t.Errorf("%s: the name is %q, then %q", name, got, again)
		}
		for what, other := range map[string]string{
			"attempt": objectName(claim, "namespace-uid", 2, c.role), "role": objectName(claim, "namespace-uid", 1, c.role+"x"),
		} {
			if other == got {
				t.Errorf("%s: another %s has the same name %q", name, what, got)
			}
		}
		if twin, taken := seen[got]; taken {
			t.Errorf("%s and %s have the same name", name, twin)
		}
		seen[got] = name
	}
}
