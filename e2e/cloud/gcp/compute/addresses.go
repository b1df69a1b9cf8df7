// SPDX-License-Identifier: Apache-2.0

package compute

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindAddress is the kind of global addresses in ledgers.
const kindAddress = "GlobalAddress"

type address struct {
	Kind              string `json:"kind"`
	ID                string `json:"id"`
	Name              string `json:"name"`
	Description       string `json:"description,omitempty"`
	Address           string `json:"address,omitempty"`
	PrefixLength      int64  `json:"prefixLength,omitempty"`
	AddressType       string `json:"addressType,omitempty"`
	Purpose           string `json:"purpose,omitempty"`
	Network           string `json:"network,omitempty"`
	Status            string `json:"status,omitempty"`
	SelfLink          string `json:"selfLink"`
	CreationTimestamp string `json:"creationTimestamp"`
}

func (s *Service) insertAddress(r *rest.Request) (any, error) {
	in, err := rest.Read[address](r)
	if err != nil {
		return nil, err
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	p := s.in(r.Project)
	path := "projects/" + p.id + "/global/addresses/" + in.Name
	if _, there := p.addresses.Get(in.Name); there {
		return nil, alreadyThere(path)
	}
	if in.Purpose != "VPC_PEERING" || in.AddressType != "INTERNAL" || in.PrefixLength < 8 || in.PrefixLength > 29 {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid",
			"The local cloud has internal address ranges for VPC_PEERING only, with a prefix of 8 to 29.")
	}
	if _, there := p.networks.Get(networkName(in.Network)); !there {
		return nil, notFound("projects/" + p.id + "/global/networks/" + networkName(in.Network))
	}
	in.Kind, in.ID, in.CreationTimestamp, in.Status = "compute#address", number(), s.now(), "RESERVING"
	in.SelfLink = r.Base + "/compute/v1/" + path
	in.Address = cmp.Or(in.Address, "10."+strconv.Itoa(100+p.addresses.Len())+".0.0")
	p.addresses.Put(in.Name, in)
	s.cloud.HideNew(in.SelfLink, r.Effect)
	s.record(r, kindAddress, in.Name, local.Created)
	return s.begin(r, p, "insert", "addresses/"+in.Name, local.Create,
		func() { in.Status = "RESERVED" }, func() { p.addresses.Delete(in.Name) }), nil
}

func (s *Service) findAddress(r *rest.Request) (*address, error) {
	a, ok := s.in(r.Project).addresses.Get(r.Path("name"))
	if !ok {
		return nil, notFound("projects/" + r.Project + "/global/addresses/" + r.Path("name"))
	}
	return a, nil
}

func (s *Service) getAddress(r *rest.Request) (any, error) {
	a, err := s.findAddress(r)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(a.SelfLink) {
		return nil, notFound("projects/" + r.Project + "/global/addresses/" + a.Name)
	}
	return a, nil
}

func (s *Service) deleteAddress(r *rest.Request) (any, error) {
	a, err := s.findAddress(r)
	if err != nil {
		return nil, err
	}
	p := s.in(r.Project)
	s.record(r, kindAddress, a.Name, local.Deleted)
	return s.begin(r, p, "delete", "addresses/"+a.Name, local.Delete, func() { p.addresses.Delete(a.Name) }, nil), nil
}
