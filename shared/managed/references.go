// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ReferenceField declares that a kind's spec refers, by name, to managed
// resources of another kind of the same operator. The reconciler looks them up,
// waits until they are ready, wakes the referrer when they become so, and puts
// their external names into its own copy of the object: the user's spec is
// never written.
type ReferenceField[MR Resource] struct {
	// Field in spec.forProvider, for messages: "dbSubnetGroupRef".
	Field string

	// To is the kind referred to.
	To schema.GroupVersionKind

	// Names returns the names of the objects that mr refers to; nil for none.
	Names func(mr MR) []string

	// Resolve writes the external names, in the order of Names, into the fields
	// of mr that the cloud calls use.
	Resolve func(mr MR, externalNames []string)
}

// NameOf is Names of a field that refers to one object, or to none.
func NameOf(ref *v1alpha1.Reference) []string {
	if ref == nil {
		return nil
	}
	return []string{ref.Name}
}

// NamesOf is Names of a field that refers to some objects.
func NamesOf(refs []v1alpha1.Reference) []string {
	var names []string
	for _, ref := range refs {
		names = append(names, ref.Name)
	}
	return names
}

// ExternalName returns the cloud's name of mr; empty while it has none.
func ExternalName(mr Resource) string {
	return mr.GetAnnotations()[v1alpha1.AnnotationExternalName]
}
