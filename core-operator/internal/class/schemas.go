// SPDX-License-Identifier: Apache-2.0

package class

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// definitions is what Schemas need of a contract.Kinds.
type definitions interface {
	Definition(kind schema.GroupKind) (*contract.Definition, bool)
}

type known struct{ kinds definitions }

// KnownTo returns the schemas of the kinds that take part in the contract.
func KnownTo(kinds definitions) Schemas { return known{kinds: kinds} }

// Claim implements Schemas.
func (k known) Claim(kind schema.GroupKind) *apiextensionsv1.JSONSchemaProps {
	d, ok := k.kinds.Definition(kind)
	if !ok || d.Contract != v1alpha1.ContractClaim {
		return nil
	}
	return d.Schema(d.Kind.Version)
}

// Managed implements Schemas.
func (k known) Managed(kind schema.GroupVersionKind) *apiextensionsv1.JSONSchemaProps {
	d, ok := k.kinds.Definition(kind.GroupKind())
	if !ok || d.Contract != v1alpha1.ContractManaged {
		return nil
	}
	return d.Schema(kind.Version)
}
