// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// TestUndecided: a new claim is longer silent of an application that is in the
// scheduler's queue than of what somebody has to do something about.
func TestUndecided(t *testing.T) {
	application := func(conditions ...metav1.Condition) []*contract.Application {
		a := &contract.Application{ObjectMeta: metav1.ObjectMeta{Name: "blog"}}
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "orders"}}
		a.Status.Conditions = conditions
		return []*contract.Application{a}
	}
	for name, test := range map[string]struct {
		applications []*contract.Application
		says         string
		patience     time.Duration
	}{
		"nobody uses it":     {nil, "No KubernetesApplication of this namespace names it", settling},
		"not looked at":      {application(), "KubernetesApplication blog has no place yet", deciding},
		"looked at, nowhere": {application(metav1.Condition{Type: workload.ConditionScheduled, Status: metav1.ConditionFalse, Reason: workload.ReasonNoTarget}), "Scheduled is False, NoTarget", settling},
	} {
		t.Run(name, func(t *testing.T) {
			c := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Name: "orders"}}
			p := newPass(c, schema.GroupVersionKind{Group: database.Group, Version: "v1alpha1", Kind: "MySQLInstance"}, metav1.Now())
			v, patience := undecided(p, test.applications)
			if !strings.Contains(v.message, test.says) || patience != test.patience {
				t.Errorf("it says %q after %s, want %q after %s", v.message, patience, test.says, test.patience)
			}
		})
	}
}
