// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"bytes"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

// restorer is a claim kind whose claims can ask for the content of a former
// resource, by the name that the cloud has for that or for its snapshot.
type restorer interface {
	RestoresFrom() string
}

// restorable leaves those classes that restore what the claim wants restored. A
// class that does not would make an empty resource; and a name of another
// namespace's resource would hand that one's data over.
func restorable(
	of claimapi.Claim, namespace *metav1.PartialObjectMetadata, classes []*corev1alpha1.ResourceClass,
) ([]*corev1alpha1.ResourceClass, verdict) {
	c, can := of.(restorer)
	if !can || c.RestoresFrom() == "" {
		return classes, verdict{}
	}
	if !ofNamespace(c.RestoresFrom(), namespace.UID) {
		return nil, stop(claimapi.ReasonRestoreNotAllowed, "%s is not the name of one; an administrator can restore it and make it bindable",
			c.RestoresFrom())
	}
	var able []*corev1alpha1.ResourceClass
	for _, class := range classes {
		if restores(class) {
			able = append(able, class)
		}
	}
	if len(able) == 0 {
		return nil, stop(claimapi.ReasonRestoreNotSupported, "ResourceClass %s makes no use of claim.spec.restoreFrom", classes[0].Name)
	}
	return able, verdict{}
}

func restores(class *corev1alpha1.ResourceClass) bool {
	for _, resource := range class.Spec.Resources {
		used := bytes.Contains(resource.Template.Raw, []byte("claim.spec.restoreFrom")) ||
			bytes.Contains(resource.Template.Raw, []byte("claim.spec.?restoreFrom"))
		if used && resource.Primary {
			return true
		}
	}
	return false
}
