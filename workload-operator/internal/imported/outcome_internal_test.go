// SPDX-License-Identifier: Apache-2.0

package imported

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// TestVerdict: who reads the conditions can tell what the cluster is from what the
// look was, and waiting from being stuck.
func TestVerdict(t *testing.T) {
	missing := fault.New(fault.Dependency, workload.ReasonKubeconfigMissing, "missing")
	mute := fault.New(fault.Transient, workload.ReasonUnreachable, "no answer")
	changed := fault.New(fault.Invalid, workload.ReasonClusterChanged, "another one")
	refused := fault.New(fault.Permission, workload.ReasonCredentialsRefused, "refused")
	for name, tc := range map[string]struct {
		o      outcome
		before bool
		want   []string
	}{
		"good":                        {outcome{}, false, []string{"Ready=True Available", "Synced=True InSync"}},
		"no kubeconfig yet":           {outcome{err: missing}, false, []string{"Ready=False KubeconfigMissing", "Synced=False KubeconfigMissing", "Reconciling=True KubeconfigMissing"}},
		"no kubeconfig any more":      {outcome{err: missing}, true, []string{"Ready=Unknown Pending", "Synced=False KubeconfigMissing", "Reconciling=True KubeconfigMissing"}},
		"never answered":              {outcome{err: mute}, false, []string{"Ready=False Unreachable", "Synced=False Unreachable", "Reconciling=True Unreachable"}},
		"does not answer just now":    {outcome{err: mute}, true, []string{"Ready=Unknown Pending", "Synced=False Unreachable", "Reconciling=True Unreachable"}},
		"leads to another cluster":    {outcome{err: changed, judged: true}, true, []string{"Ready=False ClusterChanged", "Synced=False ClusterChanged", "Stalled=True ClusterChanged"}},
		"refuses what was handed out": {outcome{err: refused, judged: true}, true, []string{"Ready=False CredentialsRefused", "Synced=False CredentialsRefused", "Reconciling=True CredentialsRefused"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &v1alpha1.ImportedCluster{}
			c.Status.Conditions = []metav1.Condition{{Type: "Ready", Status: "Unknown", Reason: "Pending"}, {Type: "Synced", Status: "Unknown", Reason: "Pending"}}
			if tc.before {
				c.Status.FirstReadyTime = &metav1.Time{Time: time.Unix(1, 0)}
			}
			if tc.o.err == nil {
				tc.o.seen, tc.o.given = &v1alpha1.ImportedClusterObservation{}, &ways{claimed: way{config: &rest.Config{}}}
			}
			tc.o.conclude(c, "connections", time.Unix(100, 0))
			var got []string
			for _, one := range c.Status.Conditions {
				got = append(got, one.Type+"="+string(one.Status)+" "+one.Reason)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestConclude: the same look again changes nothing, a later one what is new, and
// the count of contents never goes back.
func TestConclude(t *testing.T) {
	c := &v1alpha1.ImportedCluster{}
	c.Name = "mine"
	c.Spec.Reach = contract.ReachInternet
	o := outcome{
		seen:  &v1alpha1.ImportedClusterObservation{ClusterUID: "u", Version: "v1.37.1"},
		given: &ways{claimed: way{config: &rest.Config{Host: "https://example.org"}}},
		kept:  managed.Kept{Name: "importedcluster-1", Revision: 3},
	}
	o.conclude(c, "connections", time.Unix(100, 0))
	first := c.Status.DeepCopy()
	o.conclude(c, "connections", time.Unix(200, 0))
	if !equality.Semantic.DeepEqual(first, &c.Status) {
		t.Errorf("the second look changed something:\n%s", cmp.Diff(first, &c.Status))
	}
	want := map[string]string{"type": "kubernetes", "endpoint": "https://example.org", "cluster": "mine"}
	if diff := cmp.Diff(want, first.Connection); diff != "" || first.Reach != contract.ReachInternet || first.ConnectionRevision != 3 {
		t.Errorf("connection (-want +got):\n%s%+v", diff, first)
	}
	o.kept.Revision, o.seen = 1, &v1alpha1.ImportedClusterObservation{ClusterUID: "u", Version: "v1.38.0"}
	o.conclude(c, "connections", time.Unix(300, 0))
	if c.Status.Offers.Attributes["version"] != "1.38.0" || c.Status.ConnectionRevision != 3 || c.Status.FirstReadyTime.Unix() != 100 {
		t.Errorf("%+v", c.Status)
	}
}
