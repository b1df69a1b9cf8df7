// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// rule is one rule as EC2 counts them: one protocol, one range of ports, one
// source or destination.
type rule struct {
	protocol string // EC2's name: tcp, udp, icmp, icmpv6, a number, -1 for all
	from, to int32  // -1, -1 where the protocol has no ports
	peer     peer
}

// peer is whom a rule lets through.
type peer struct {
	kind peerKind
	id   string
}

type peerKind int

const (
	ipv4 peerKind = iota
	ipv6
	group
	prefixList
)

// rules are a group's rules for one direction, with their descriptions.
type rules map[rule]string

// sides are the rules of both directions.
type sides struct{ ingress, egress rules }

// of returns the rules of one direction.
func (s sides) of(egress bool) rules {
	if egress {
		return s.egress
	}
	return s.ingress
}

// all is how EC2 writes all protocols, types or codes.
const all = "-1"

// change is what has to be done to a group's rules.
type change struct {
	revokeIngress, revokeEgress, allowIngress, allowEgress []types.IpPermission
}

// plan compares a group's rules with the wanted ones, of the directions that the
// spec lists. A rule with another description is another rule, which replaces the
// old one. One that is an object of its own is neither too much nor missing.
func plan(want v1alpha1.SecurityGroupParameters, g *GroupObservation) change {
	var c change
	id := aws.ToString(g.GroupId)
	if want.Ingress != nil {
		c.revokeIngress, c.allowIngress = compare(wanted(want.Ingress, id), g.own.ingress, g.others.ingress)
	}
	if want.Egress != nil {
		c.revokeEgress, c.allowEgress = compare(wanted(want.Egress, id), g.own.egress, g.others.egress)
	}
	return c
}

// fields names what differs, as fields of spec.forProvider.
func (c change) fields() diff.Fields {
	var d diff.Fields
	if len(c.revokeIngress)+len(c.allowIngress) > 0 {
		d = append(d, "ingress")
	}
	if len(c.revokeEgress)+len(c.allowEgress) > 0 {
		d = append(d, "egress")
	}
	return d
}

func compare(want, have, others rules) (revoke, allow []types.IpPermission) {
	same := func(other rules) func(rule, string) bool {
		return func(r rule, description string) bool {
			d, there := other[r]
			return there && d == description
		}
	}
	extra, missing := maps.Clone(have), maps.Clone(want)
	maps.DeleteFunc(extra, same(want))
	maps.DeleteFunc(missing, same(have))
	maps.DeleteFunc(missing, func(r rule, _ string) bool { _, there := others[r]; return there })
	return permissions(extra), permissions(missing)
}

// wanted lists the rules that a spec describes; self is the group's own id.
func wanted(specs []v1alpha1.Permission, self string) rules {
	set := rules{}
	for _, s := range specs {
		from, to := ports(s.Protocol, s.FromPort, s.ToPort)
		for _, p := range peers(s, self) {
			set[rule{protocol: protocol(s.Protocol), from: from, to: to, peer: p}] = s.Description
		}
	}
	return set
}

func peers(s v1alpha1.Permission, self string) []peer {
	var list []peer
	for _, c := range s.CIDRs {
		list = append(list, network(c))
	}
	for _, id := range s.SecurityGroupIDs {
		list = append(list, peer{group, id})
	}
	for _, id := range s.PrefixListIDs {
		list = append(list, peer{prefixList, id})
	}
	if aws.ToBool(s.Self) {
		list = append(list, peer{group, self})
	}
	return list
}

// network writes a range as EC2 does: without the host's bits.
func network(cidr string) peer {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return peer{ipv4, cidr} // EC2 says what is wrong with it.
	}
	if p.Addr().Is4() {
		return peer{ipv4, p.Masked().String()}
	}
	return peer{ipv6, p.Masked().String()}
}

// protocol returns EC2's name: it answers numbers with names where it has one.
func protocol(name string) string {
	switch name {
	case v1alpha1.ProtocolAll:
		return all
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "1":
		return "icmp"
	case "58":
		return "icmpv6"
	default:
		return name
	}
}

func ports(protocol string, first, last *int32) (from, to int32) {
	if first == nil {
		return -1, -1
	}
	if last != nil {
		return *first, *last
	}
	if strings.HasPrefix(protocol, "icmp") {
		return *first, -1
	}
	return *first, *first
}

// ruleOf reads a rule as EC2 describes it.
func ruleOf(d types.SecurityGroupRule) rule {
	r := rule{protocol: aws.ToString(d.IpProtocol), from: -1, to: -1, peer: peerOf(d)}
	if d.FromPort != nil && d.ToPort != nil && r.protocol != all {
		r.from, r.to = *d.FromPort, *d.ToPort
	}
	return r
}

func peerOf(d types.SecurityGroupRule) peer {
	switch {
	case d.CidrIpv4 != nil:
		return peer{ipv4, *d.CidrIpv4}
	case d.CidrIpv6 != nil:
		return peer{ipv6, *d.CidrIpv6}
	case d.PrefixListId != nil:
		return peer{prefixList, *d.PrefixListId}
	case d.ReferencedGroupInfo != nil:
		return peer{group, aws.ToString(d.ReferencedGroupInfo.GroupId)}
	}
	return peer{}
}

// permissions writes rules as EC2's requests want them, in the same order each time.
func permissions(set rules) []types.IpPermission {
	var list []types.IpPermission
	for _, r := range slices.SortedFunc(maps.Keys(set), inOrder) {
		p := types.IpPermission{IpProtocol: aws.String(r.protocol)}
		if r.from != -1 || strings.HasPrefix(r.protocol, "icmp") {
			p.FromPort, p.ToPort = aws.Int32(r.from), aws.Int32(r.to)
		}
		var description *string
		if set[r] != "" {
			description = aws.String(set[r])
		}
		switch id := aws.String(r.peer.id); r.peer.kind {
		case ipv4:
			p.IpRanges = []types.IpRange{{CidrIp: id, Description: description}}
		case ipv6:
			p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: id, Description: description}}
		case group:
			p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: id, Description: description}}
		case prefixList:
			p.PrefixListIds = []types.PrefixListId{{PrefixListId: id, Description: description}}
		}
		list = append(list, p)
	}
	return list
}

func inOrder(a, b rule) int {
	return cmp.Or(cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to),
		cmp.Compare(a.peer.kind, b.peer.kind), cmp.Compare(a.peer.id, b.peer.id))
}
