// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// slow is how long it takes to see a kind on a busy machine at most; on one that
// is not it is a fraction of the two seconds that are promised.
const slow = 20 * time.Second

const late = "core-operator/internal/claim/testdata/late"

// TestAKindComesGoesAndReturns plays the removal and return of a provider: the
// only test that changes which kinds there are.
func TestAKindComesGoesAndReturns(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("gadget", func(c *core.ResourceClass) {
		c.Spec.Resources[0].Template = template("Gadget", map[string]any{"region": "${location.region}"})
	})
	c := s.claim("orders", of(rc))
	s.is(c, claimapi.ReasonKindNotInstalled) // and core stays up
	s.says(c, v1alpha1.ActorAdministrator, "Gadget")

	s.must(world.InstallCRDs(s.ctx, late))
	t.Cleanup(func() { _ = world.RemoveCRDs(context.WithoutCancel(s.ctx), late) })
	began := time.Now()
	s.found(get(s, rc), metav1.ConditionTrue, "Available", "again") // as the controller of classes does
	gadget := s.resource(c)
	unborn := s.claim("unborn", of(rc))
	s.resource(unborn)
	if took := time.Since(began); took > slow {
		t.Errorf("it took %s to see the kind", took)
	}
	s.ready(gadget)
	s.is(c, claimapi.ReasonBound)
	saved := get(s, gadget).DeepCopy()

	s.must(world.RemoveCRDs(s.ctx, late))
	s.is(c, claimapi.ReasonResourceDeleting)
	s.report(gadget, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonAvailable, v1alpha1.ReasonCRDRemoved, nil)
	s.is(c, v1alpha1.ReasonCRDRemoved)
	s.finish(gadget) // the administrator decided: the cloud resource is kept
	s.eventually(func() error { return s.noGadgets() })
	s.is(c, claimapi.ReasonKindNotInstalled)
	s.says(c, v1alpha1.ActorAdministrator, "not installed")
	s.is(unborn, claimapi.ReasonKindNotInstalled)
	s.stays()
	s.delete(unborn) // nothing holds it: what it had went with its kind
	s.vanishes(unborn)

	s.must(world.InstallCRDs(s.ctx, late))
	s.is(c, claimapi.ReasonResourceLost) // an empty one never takes its place
	unstructured.RemoveNestedField(saved.Object, "status")
	for _, name := range []string{"uid", "resourceVersion", "managedFields", "deletionTimestamp"} {
		unstructured.RemoveNestedField(saved.Object, "metadata", name)
	}
	s.must(world.Client.Create(s.ctx, saved))
	s.ready(saved)
	s.is(c, claimapi.ReasonBound)
	s.delete(c)
	s.finish(saved)
	s.vanishes(c)
}

func (s *scene) noGadgets() error {
	crd := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "gadgets.testing.example.org"}}
	err := world.Client.Get(s.ctx, clientKey(crd), crd)
	if isGone(err) {
		return nil
	}
	return fmt.Errorf("the kind is still there: %w", err)
}
