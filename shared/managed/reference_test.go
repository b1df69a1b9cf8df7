// SPDX-License-Identifier: Apache-2.0

package managed_test

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// TestDeletionKnowsWhatIsNotReady shows that an object which is deleted still
// finds its resource by what it refers to, although that is not ready any more:
// two that are deleted together would wait for each other otherwise.
func TestDeletionKnowsWhatIsNotReady(t *testing.T) {
	base := widget("")
	base.GenerateName, base.Annotations = "base-", map[string]string{v1alpha1.AnnotationExternalName: "in-the-cloud"}
	newOperator(t, widgets(newCloud(false)), base)

	kind, asked := gadgets(newCloud(true)), ""
	connect := kind.Connect
	kind.Connect = func(ctx context.Context, g *Gadget) (managed.External[*Gadget, thing], error) {
		asked = g.Spec.ForProvider.Base
		return connect(ctx, g)
	}
	o := newOperator(t, kind, &Gadget{Widget{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "gadget-", Finalizers: []string{v1alpha1.FinalizerManaged}},
		Spec:       WidgetSpec{ForProvider: WidgetParameters{Size: 1, BaseOf: base.Name}},
	}})
	if o.pass(0); asked != "" {
		t.Errorf("used %q before it was ready", asked)
	}
	if err := cluster.Client.Delete(t.Context(), o.mr); err != nil {
		t.Fatal(err)
	}
	if _, err := o.r.Reconcile(t.Context(), o.reload()); err != nil {
		t.Fatal(err)
	}
	if asked != "in-the-cloud" {
		t.Errorf("looked for the resource with %q", asked)
	}
}
