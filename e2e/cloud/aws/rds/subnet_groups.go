// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

func newSubnetGroup(scope query.Scope, name, description, vpc string, subnets []ec2.Subnet) *subnetGroup {
	g := &subnetGroup{
		DBSubnetGroupName: name, DBSubnetGroupDescription: description, DBSubnetGroupArn: arn(scope, "subgrp", name),
		VpcID: vpc, SubnetGroupStatus: "Complete",
	}
	for _, n := range subnets {
		g.Subnets = append(g.Subnets, groupSubnet{SubnetIdentifier: n.ID, SubnetAvailabilityZone: zone{n.Zone}, SubnetStatus: "Active"})
	}
	return g
}

func (r *region) findSubnetGroup(name string) (*subnetGroup, error) {
	return nil, notFound("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", name)
}
