// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

const (
	byClaimUID = "claim-uid"
	byClaim    = "claim"
	byOffer    = "offer"
)

// indexers find managed resources by what claims look for.
func indexers() cache.Indexers {
	return cache.Indexers{
		byClaimUID: index(func(m *Managed) string {
			if m.Spec.ClaimRef == nil {
				return ""
			}
			return m.Spec.ClaimRef.UID
		}),
		byClaim: index(func(m *Managed) string {
			if m.Spec.ClaimRef == nil {
				return ""
			}
			return claimKey(*m.Spec.ClaimRef)
		}),
		byOffer: index(func(m *Managed) string {
			if m.Spec.ClaimRef != nil || m.Spec.BindableBy == nil || m.Status.Offers == nil {
				return ""
			}
			return m.Status.Offers.Group + "/" + m.Status.Offers.Kind
		}),
	}
}

func index(value func(*Managed) string) cache.IndexFunc {
	return func(object any) ([]string, error) {
		m, ok := object.(*Managed)
		if !ok {
			return nil, nil
		}
		if v := value(m); v != "" {
			return []string{v}, nil
		}
		return nil, nil
	}
}

// claimKey leaves the uid out: it finds what once belonged to a claim of this name.
func claimKey(ref v1alpha1.ClaimReference) string {
	return ref.Group + "/" + ref.Kind + "/" + ref.Namespace + "/" + ref.Name
}

// BoundTo returns the managed resources, of every kind, that belong to the claim
// of this uid. Read only.
func (k *Kinds) BoundTo(uid types.UID) []*Managed { return k.find(byClaimUID, string(uid)) }

// Named returns the managed resources, of every kind, whose claimRef has the
// group, kind, namespace and name of ref, whatever its uid. Read only.
func (k *Kinds) Named(ref v1alpha1.ClaimReference) []*Managed { return k.find(byClaim, claimKey(ref)) }

// Offered returns the unbound managed resources, of every kind, that someone may
// bind and that can satisfy a claim of this kind. Read only.
func (k *Kinds) Offered(group, kind string) []*Managed { return k.find(byOffer, group+"/"+kind) }
