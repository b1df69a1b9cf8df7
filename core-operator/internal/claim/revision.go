// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// askedRevision returns the revision of its class that the claim asks for.
func (p *pass) askedRevision() string {
	return p.claim.GetAnnotations()[v1alpha1.AnnotationClassRevision]
}

// turn takes the claim to the revision that it asks for. That can only be its
// class as it is now: an administrator may have had a reason to change it, so
// nobody goes back. A claim that asks for another one keeps what it has.
func (r *Reconciler) turn(ctx context.Context, p *pass) error {
	asked := p.askedRevision()
	if asked == "" || asked == p.status.Class.Revision {
		return nil
	}
	c := &corev1alpha1.ResourceClass{}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: p.status.Class.Name}, c)
	switch {
	case apierrors.IsNotFound(err):
		p.turned = stop(claimapi.ReasonRevisionNotFound, "ResourceClass %s does not exist any more", p.status.Class.Name)
		return nil
	case err != nil:
		return fmt.Errorf("reading class %s: %w", p.status.Class.Name, err)
	}
	if current := class.RevisionName(c); asked != current {
		p.turned = stop(claimapi.ReasonRevisionNotFound, "%s is not what ResourceClass %s is now; that is %s", asked, c.Name, current)
		return nil
	}
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return err
	}
	v := r.chooser().fits(c, namespace) // it may have been allowed once
	if !v.final() {
		v = usable(c)
	}
	if v.final() {
		p.turned = stop(claimapi.ReasonRevisionNotFound, "%s", v.message)
		return nil
	}
	p.status.Class.Revision, err = r.revisionOf(ctx, option{class: c})
	return err
}
