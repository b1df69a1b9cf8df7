// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// defaultGroup is the name of the security group that each VPC has.
const defaultGroup = "default"

// group is a security group.
type group struct {
	GroupID     string
	GroupName   string
	Description string
	VpcID       string
	OwnerID     string
	Tags        []tag
}

func (r *region) addDefaultGroup(scope query.Scope, vpcID, id string) {
	g := &group{GroupID: id, GroupName: defaultGroup, Description: "default VPC security group", VpcID: vpcID, OwnerID: scope.Account}
	r.groups.Put(g.GroupID, g)
}
