// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// subnets returns the IDs of all subnets, in the order of their zones.
func (w *world) subnets(t *testing.T) []string {
	t.Helper()
	byZone := map[string]string{}
	for _, n := range must(w.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{}))(t).Subnets {
		byZone[*n.AvailabilityZone] = *n.SubnetId
	}
	return []string{byZone["us-east-1a"], byZone["us-east-1b"], byZone["us-east-1c"]}
}

func TestSubnetGroups(t *testing.T) {
	w := start(t)
	all := w.subnets(t)
	own := must(w.ec2.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")}))(t).Vpc.VpcId
	foreign := must(w.ec2.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{
		VpcId: own, CidrBlock: new("10.0.1.0/24"), AvailabilityZone: new("us-east-1b"),
	}))(t).Subnet.SubnetId
	create := func(name string, subnets ...string) error {
		_, err := w.rds.CreateDBSubnetGroup(t.Context(), &rds.CreateDBSubnetGroupInput{
			DBSubnetGroupName: &name, DBSubnetGroupDescription: new("d"), SubnetIds: subnets, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
		})
		return err
	}
	check(t, create("Mine", all[:2]...))
	w.settings(t, local.Settings{Quotas: map[string]int{"rds:subnetGroups": 1}})
	wantCode(t, create("mine", all...), "DBSubnetGroupAlreadyExists")
	wantCode(t, create("more", all...), "DBSubnetGroupQuotaExceeded")
	w.settings(t, local.Settings{Quotas: map[string]int{"rds:subnetGroups": 0}})
	wantCode(t, create("default", all...), "InvalidParameterValue")
	wantCode(t, create("one", all[0]), "DBSubnetGroupDoesNotCoverEnoughAZs")
	wantCode(t, create("none", "subnet-1", all[0]), "InvalidSubnet")
	wantCode(t, create("mixed", all[0], *foreign), "InvalidSubnet")

	w.create(t, "db", func(in *createInput) { in.DBSubnetGroupName = new("MINE") })
	_, err := w.rds.DeleteDBSubnetGroup(t.Context(), &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: new("mine")})
	wantCode(t, err, "InvalidDBSubnetGroupStateFault")
	_, err = w.rds.ModifyDBSubnetGroup(t.Context(), &rds.ModifyDBSubnetGroupInput{DBSubnetGroupName: new("mine"), SubnetIds: all[1:]})
	wantCode(t, err, "SubnetAlreadyInUse")
	must(w.rds.ModifyDBSubnetGroup(t.Context(), &rds.ModifyDBSubnetGroupInput{
		DBSubnetGroupName: new("mine"), SubnetIds: all, DBSubnetGroupDescription: new("wider"),
	}))(t)
	if n := len(w.get(t, "db").DBSubnetGroup.Subnets); n != 3 {
		t.Errorf("the instance knows %d subnets", n)
	}
	found := must(w.rds.DescribeDBSubnetGroups(t.Context(), &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: new("Mine")}))(t).DBSubnetGroups[0]
	if *found.DBSubnetGroupDescription != "wider" || *found.SubnetGroupStatus != "Complete" {
		t.Errorf("got %q, %s", *found.DBSubnetGroupDescription, *found.SubnetGroupStatus)
	}
	_, err = w.ec2.DeleteSubnet(t.Context(), &ec2.DeleteSubnetInput{SubnetId: &all[2]})
	wantCode(t, err, "DependencyViolation")

	w.delete(t, "db")
	must(w.rds.DeleteDBSubnetGroup(t.Context(), &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: new("mine")}))(t)
	_, err = w.rds.DescribeDBSubnetGroups(t.Context(), &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: new("mine")})
	wantCode(t, err, "DBSubnetGroupNotFoundFault")
}

func TestParameterGroups(t *testing.T) {
	w := start(t)
	create := func(name, family string) error {
		_, err := w.rds.CreateDBParameterGroup(t.Context(), &rds.CreateDBParameterGroupInput{
			DBParameterGroupName: &name, DBParameterGroupFamily: &family, Description: new("d"),
		})
		return err
	}
	modify := func(name, parameter, method string) error {
		_, err := w.rds.ModifyDBParameterGroup(t.Context(), &rds.ModifyDBParameterGroupInput{
			DBParameterGroupName: &name, Parameters: []types.Parameter{{ParameterName: &parameter, ParameterValue: new("100"), ApplyMethod: types.ApplyMethod(method)}},
		})
		return err
	}
	remove := func(name string) error {
		_, err := w.rds.DeleteDBParameterGroup(t.Context(), &rds.DeleteDBParameterGroupInput{DBParameterGroupName: &name})
		return err
	}
	check(t, create("mine", "mysql8.4"))
	wantCode(t, create("mine", "mysql8.4"), "DBParameterGroupAlreadyExists")
	wantCode(t, create("other", "mysql3"), "InvalidParameterValue")
	w.create(t, "db", func(in *createInput) { in.DBParameterGroupName = new("mine") })

	check(t, modify("mine", "max_connections", "pending-reboot"))
	wantCode(t, modify("mine", "no such thing!", "immediate"), "InvalidParameterValue")
	wantCode(t, modify("mine", "max_connections", "someday"), "InvalidParameterValue")
	wantCode(t, modify("none", "max_connections", "immediate"), "DBParameterGroupNotFound")
	wantCode(t, modify("default.mysql8.4", "max_connections", "immediate"), "InvalidDBParameterGroupState")
	if got := *w.get(t, "db").DBParameterGroups[0].ParameterApplyStatus; got != "pending-reboot" {
		t.Errorf("the instance's parameters are %s", got)
	}
	set := must(w.rds.DescribeDBParameters(t.Context(), &rds.DescribeDBParametersInput{DBParameterGroupName: new("mine")}))(t).Parameters
	if len(set) != 1 || *set[0].ParameterValue != "100" || *set[0].Source != "user" {
		t.Errorf("parameters: %+v", set)
	}

	wantCode(t, remove("mine"), "InvalidDBParameterGroupState")
	wantCode(t, remove("default.mysql8.4"), "InvalidDBParameterGroupState")
	wantCode(t, remove("none"), "DBParameterGroupNotFound")
	w.delete(t, "db")
	check(t, remove("mine"))
	groups := must(w.rds.DescribeDBParameterGroups(t.Context(), &rds.DescribeDBParameterGroupsInput{}))(t).DBParameterGroups
	if len(groups) != 7 || *groups[0].DBParameterGroupName != "default.mysql8.0" {
		t.Errorf("%d groups left, the first %s", len(groups), *groups[0].DBParameterGroupName)
	}
}

func TestTags(t *testing.T) {
	w := start(t)
	tags := func(pairs ...string) []types.Tag {
		var out []types.Tag
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
		}
		return out
	}
	db := w.create(t, "db", func(in *createInput) { in.Tags = tags("a", "1", "b", "2") })
	must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{
		DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("sn"), Tags: tags("a", "1", "b", "2"),
	}))(t)
	must(w.rds.CreateDBParameterGroup(t.Context(), &rds.CreateDBParameterGroupInput{
		DBParameterGroupName: new("pg"), DBParameterGroupFamily: new("mysql8.4"), Description: new("d"), Tags: tags("a", "1", "b", "2"),
	}))(t)
	must(w.rds.CreateDBSubnetGroup(t.Context(), &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: new("sg"), SubnetIds: w.subnets(t), DBSubnetGroupDescription: new("d"), Tags: tags("a", "1", "b", "2"),
	}))(t)
	for _, kind := range []string{"db:db", "snapshot:sn", "pg:pg", "subgrp:sg"} {
		t.Run(kind, func(t *testing.T) {
			arn := "arn:aws:rds:us-east-1:000000000001:" + kind
			must(w.rds.AddTagsToResource(t.Context(), &rds.AddTagsToResourceInput{ResourceName: &arn, Tags: tags("b", "3", "c", "4")}))(t)
			must(w.rds.RemoveTagsFromResource(t.Context(), &rds.RemoveTagsFromResourceInput{ResourceName: &arn, TagKeys: []string{"a", "z"}}))(t)
			got := map[string]string{}
			for _, tag := range must(w.rds.ListTagsForResource(t.Context(), &rds.ListTagsForResourceInput{ResourceName: &arn}))(t).TagList {
				got[*tag.Key] = *tag.Value
			}
			if diff := cmp.Diff(map[string]string{"b": "3", "c": "4"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if n := len(w.get(t, "db").TagList); n != 2 {
		t.Errorf("the instance shows %d tags", n)
	}
	for arn, want := range map[string]string{
		*db.DBInstanceArn + "x": "DBInstanceNotFound", "arn:aws:rds:us-east-1:000000000001:snapshot:x": "DBSnapshotNotFound",
		"arn:aws:rds:us-east-1:000000000001:pg:x": "DBParameterGroupNotFound", "arn:aws:rds:us-east-1:000000000001:subgrp:x": "DBSubnetGroupNotFoundFault",
		"arn:aws:rds:us-east-1:000000000002:db:db": "InvalidParameterValue", "db": "InvalidParameterValue",
	} {
		_, err := w.rds.ListTagsForResource(t.Context(), &rds.ListTagsForResourceInput{ResourceName: &arn})
		wantCode(t, err, want)
	}
}
