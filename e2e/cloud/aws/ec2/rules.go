// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"net/netip"
	"strconv"
)

// all is EC2's word for every protocol.
const all = "-1"

// rule is one rule: one protocol, one range of ports, one peer.
type rule struct {
	id          string
	egress      bool
	protocol    string
	from, to    int32 // meaningless where the protocol is all
	peer        peer
	description string
	tags        []tag
}

// peer is whom a rule lets through; one of its fields is set.
type peer struct{ cidr4, cidr6, group, prefixList string }

// same says whether two rules let the same through.
func (r rule) same(o rule) bool {
	return r.egress == o.egress && r.protocol == o.protocol && r.from == o.from && r.to == o.to && r.peer == o.peer
}

// permission is how requests and answers group rules: those with the same
// protocol and ports.
type permission struct {
	IPProtocol    string       `query:"IpProtocol" xml:"ipProtocol"`
	FromPort      *int32       `xml:"fromPort,omitempty"`
	ToPort        *int32       `xml:"toPort,omitempty"`
	Groups        []groupPeer  `xml:"groups>item"`
	IPRanges      []ipRange    `query:"IpRanges"                xml:"ipRanges>item"`
	IPv6Ranges    []ipv6Range  `query:"Ipv6Ranges"              xml:"ipv6Ranges>item"`
	PrefixListIDs []prefixList `query:"PrefixListIds"           xml:"prefixListIds>item"`
}

type groupPeer struct {
	GroupID     string `query:"GroupId"               xml:"groupId"`
	UserID      string `query:"UserId"                xml:"userId"`
	VpcID       string `query:"VpcId"                 xml:"vpcId,omitempty"`
	Description string `xml:"description,omitempty"`
}

type ipRange struct {
	CidrIP      string `query:"CidrIp"                xml:"cidrIp"`
	Description string `xml:"description,omitempty"`
}

type ipv6Range struct {
	CidrIPv6    string `query:"CidrIpv6"              xml:"cidrIpv6"`
	Description string `xml:"description,omitempty"`
}

type prefixList struct {
	PrefixListID string `query:"PrefixListId"          xml:"prefixListId"`
	Description  string `xml:"description,omitempty"`
}

// permissions groups the rules of one direction, in their order.
func (g *group) permissions(egress bool) []permission {
	out := []permission{}
	type ports struct {
		protocol string
		from, to int32
	}
	at := map[ports]int{}
	for _, r := range g.rules {
		if r.egress != egress {
			continue
		}
		key := ports{r.protocol, r.from, r.to}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, newPermission(r))
		}
		out[i].add(r, g.OwnerID)
	}
	return out
}

func newPermission(r rule) permission {
	p := permission{IPProtocol: r.protocol}
	if r.protocol != all {
		p.FromPort, p.ToPort = &r.from, &r.to
	}
	return p
}

func (p *permission) add(r rule, owner string) {
	switch {
	case r.peer.group != "":
		p.Groups = append(p.Groups, groupPeer{GroupID: r.peer.group, UserID: owner, Description: r.description})
	case r.peer.cidr6 != "":
		p.IPv6Ranges = append(p.IPv6Ranges, ipv6Range{r.peer.cidr6, r.description})
	case r.peer.prefixList != "":
		p.PrefixListIDs = append(p.PrefixListIDs, prefixList{r.peer.prefixList, r.description})
	default:
		p.IPRanges = append(p.IPRanges, ipRange{r.peer.cidr4, r.description})
	}
}

// rules takes the permissions of a request apart.
func rules(permissions []permission, egress bool) ([]rule, error) {
	var out []rule
	for i := range permissions {
		p := &permissions[i]
		base, err := p.base(egress)
		if err != nil {
			return nil, err
		}
		peers, err := p.peers()
		if err != nil {
			return nil, err
		}
		for _, one := range peers {
			r := base
			r.peer, r.description = one.peer, one.description
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, refuse("InvalidParameterValue", "The request names no rule.")
	}
	return out, nil
}

// base is what all rules of the permission have in common.
func (p *permission) base(egress bool) (rule, error) {
	r := rule{egress: egress, protocol: protocolName(p.IPProtocol)}
	if n, err := strconv.Atoi(r.protocol); err == nil && (n < -1 || n > 255) || r.protocol == "" {
		return r, refuse("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", p.IPProtocol)
	}
	switch r.protocol {
	case all:
		return r, nil
	case "tcp", "udp":
		if p.FromPort == nil || p.ToPort == nil {
			return r, refuse("MissingParameter", "The request must contain the parameters fromPort and toPort for %s.", r.protocol)
		}
		if *p.FromPort < 0 || *p.ToPort > 65535 || *p.FromPort > *p.ToPort {
			return r, refuse("InvalidParameterValue", "Invalid port range: %d to %d.", *p.FromPort, *p.ToPort)
		}
	}
	r.from, r.to = orElse(p.FromPort, -1), orElse(p.ToPort, -1)
	return r, nil
}

type described struct {
	peer        peer
	description string
}

func (p *permission) peers() ([]described, error) {
	var out []described
	for _, n := range p.IPRanges {
		cidr, err := network(n.CidrIP, true)
		if err != nil {
			return nil, err
		}
		out = append(out, described{peer{cidr4: cidr}, n.Description})
	}
	for _, n := range p.IPv6Ranges {
		cidr, err := network(n.CidrIPv6, false)
		if err != nil {
			return nil, err
		}
		out = append(out, described{peer{cidr6: cidr}, n.Description})
	}
	for _, n := range p.Groups {
		out = append(out, described{peer{group: n.GroupID}, n.Description})
	}
	for _, n := range p.PrefixListIDs {
		out = append(out, described{peer{prefixList: n.PrefixListID}, n.Description})
	}
	return out, nil
}

// network returns a range as EC2 keeps it: without the bits of a host.
func network(cidr string, v4 bool) (string, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil || p.Addr().Is4() != v4 {
		return "", refuse("InvalidParameterValue", "CIDR block %s is malformed", cidr)
	}
	return p.Masked().String(), nil
}

// protocolName returns the name of those that have one.
func protocolName(p string) string {
	names := map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
	if name, ok := names[p]; ok {
		return name
	}
	return p
}

func orElse[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
