// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestAClaimInUseStays until no application uses it, and says which one does.
func TestAClaimInUseStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	app := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "blog"}}
	app.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: c.Name}}
	other := app.DeepCopy()
	other.Name, other.Spec.Uses[0].Kind = "other", "PostgreSQLInstance"
	s.must(world.Client.Create(s.ctx, app))
	s.must(world.Client.Create(s.ctx, other))
	s.delete(c)
	s.is(c, v1alpha1.ReasonInUse)
	s.says(c, v1alpha1.ActorDeveloper, "KubernetesApplication blog")
	s.stays()
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("the database of a running application is deleted")
	}
	s.must(world.Client.Delete(s.ctx, app))
	s.is(c, claimapi.ReasonDeleting)
	s.finish(server)
	s.vanishes(c)
}
