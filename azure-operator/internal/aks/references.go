// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
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

func poolReferences() []managed.ReferenceField[*v1alpha1.AKSAgentPool] {
	type of = *v1alpha1.AKSAgentPool
	return []managed.ReferenceField[of]{
		groupReference(func(mr of) groupFields {
			return groupFields{&mr.Spec.ForProvider.ResourceGroupName, mr.Spec.ForProvider.ResourceGroupRef}
		}),
		{
			Field:   "clusterRef",
			To:      v1alpha1.GroupVersion.WithKind("AKSCluster"),
			Names:   func(mr of) []string { return managed.NameOf(mr.Spec.ForProvider.ClusterRef) },
			Resolve: func(mr of, names []string) { mr.Spec.ForProvider.ClusterName = names[0] },
		},
	}
}
