// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	resources "github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// groupFields are where an object says which resource group it is in.
type groupFields struct {
	name *string
	ref  *contract.Reference
}

func groupReference[MR managed.Resource](fields func(MR) groupFields) managed.ReferenceField[MR] {
	return managed.ReferenceField[MR]{
		Field:   "resourceGroupRef",
		To:      resources.GroupVersion.WithKind("ResourceGroup"),
		Names:   func(mr MR) []string { return managed.NameOf(fields(mr).ref) },
		Resolve: func(mr MR, names []string) { *fields(mr).name = names[0] },
	}
}
