// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
)

// fakeRDS is an RDS with one account and region. What it is asked for is under
// way until Settle.
type fakeRDS struct {
	mu        sync.Mutex
	instances map[string]*fakeInstance
	groups    map[string]*fakeGroup
	snapshots map[string]bool
	mutations int
	restores  []any // the requests
	deletions []rds.DeleteDBInstanceInput
}

type fakeInstance struct {
	types.DBInstance
	password, nextPassword string
}

type fakeGroup struct {
	types.DBSubnetGroup
	tags map[string]string
}

func newFakeRDS() *fakeRDS {
	return &fakeRDS{instances: map[string]*fakeInstance{}, groups: map[string]*fakeGroup{}, snapshots: map[string]bool{}}
}

func refusal(code, message string) error {
	return &smithy.OperationError{ServiceID: "RDS", OperationName: "Test", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func (f *fakeRDS) DescribeDBInstances(_ context.Context, in *rds.DescribeDBInstancesInput, _ ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	db := f.instances[strings.ToLower(*in.DBInstanceIdentifier)]
	if db == nil {
		return nil, &types.DBInstanceNotFoundFault{Message: in.DBInstanceIdentifier}
	}
	return &rds.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{seen(db)}}, nil
}

// seen is a copy: what was described once does not change later.
func seen(db *fakeInstance) types.DBInstance {
	c := db.DBInstance
	c.TagList = slices.Clone(db.TagList)
	if db.PendingModifiedValues != nil {
		c.PendingModifiedValues = new(*db.PendingModifiedValues)
	}
	return c
}

func (f *fakeRDS) CreateDBInstance(_ context.Context, in *rds.CreateDBInstanceInput, _ ...func(*rds.Options)) (*rds.CreateDBInstanceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	db, err := f.add(*in.DBInstanceIdentifier, types.DBInstance{
		Engine: in.Engine, EngineVersion: fullVersion(in.EngineVersion), DBInstanceClass: in.DBInstanceClass,
		AllocatedStorage: in.AllocatedStorage, MaxAllocatedStorage: in.MaxAllocatedStorage, StorageType: in.StorageType, Iops: in.Iops,
		StorageEncrypted: in.StorageEncrypted, KmsKeyId: in.KmsKeyId, MultiAZ: in.MultiAZ, AvailabilityZone: in.AvailabilityZone,
		DBName: in.DBName, MasterUsername: in.MasterUsername, BackupRetentionPeriod: in.BackupRetentionPeriod,
		DeletionProtection: in.DeletionProtection, PubliclyAccessible: in.PubliclyAccessible, TagList: in.Tags,
		DBSubnetGroup: &types.DBSubnetGroup{DBSubnetGroupName: aws.String(aws.ToString(in.DBSubnetGroupName))},
	})
	if err != nil {
		return nil, err
	}
	for _, id := range in.VpcSecurityGroupIds {
		db.VpcSecurityGroups = append(db.VpcSecurityGroups, types.VpcSecurityGroupMembership{VpcSecurityGroupId: &id, Status: aws.String("active")})
	}
	db.password = *in.MasterUserPassword
	return &rds.CreateDBInstanceOutput{DBInstance: new(seen(db))}, nil
}

func (f *fakeRDS) add(name string, db types.DBInstance) (*fakeInstance, error) {
	name = strings.ToLower(name)
	if f.instances[name] != nil {
		return nil, &types.DBInstanceAlreadyExistsFault{Message: aws.String("DB instance already exists")}
	}
	f.mutations++
	db.DBInstanceIdentifier = &name
	db.DBInstanceArn = aws.String("arn:aws:rds:eu-west-1:123456789012:db:" + name)
	db.DbiResourceId = aws.String(fmt.Sprintf("db-%04d", f.mutations))
	db.DBInstanceStatus = aws.String("creating")
	f.instances[name] = &fakeInstance{DBInstance: db}
	return f.instances[name], nil
}

// fullVersion completes a version as RDS does.
func fullVersion(version *string) *string {
	if strings.Count(aws.ToString(version), ".") == 1 {
		return aws.String(*version + ".3")
	}
	return version
}

func (f *fakeRDS) RestoreDBInstanceFromDBSnapshot(_ context.Context, in *rds.RestoreDBInstanceFromDBSnapshotInput, _ ...func(*rds.Options)) (*rds.RestoreDBInstanceFromDBSnapshotOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restores = append(f.restores, in)
	if !f.snapshots[*in.DBSnapshotIdentifier] {
		return nil, &types.DBSnapshotNotFoundFault{Message: aws.String(*in.DBSnapshotIdentifier + " not found")}
	}
	db, err := f.restored(*in.DBInstanceIdentifier, in.Engine, in.DBInstanceClass, in.Tags)
	return &rds.RestoreDBInstanceFromDBSnapshotOutput{DBInstance: db}, err
}

func (f *fakeRDS) RestoreDBInstanceToPointInTime(_ context.Context, in *rds.RestoreDBInstanceToPointInTimeInput, _ ...func(*rds.Options)) (*rds.RestoreDBInstanceToPointInTimeOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restores = append(f.restores, in)
	db, err := f.restored(*in.TargetDBInstanceIdentifier, in.Engine, in.DBInstanceClass, in.Tags)
	return &rds.RestoreDBInstanceToPointInTimeOutput{DBInstance: db}, err
}

func (f *fakeRDS) restored(name string, engine, class *string, tags []types.Tag) (*types.DBInstance, error) {
	db, err := f.add(name, types.DBInstance{
		Engine: engine, EngineVersion: aws.String("8.4.3"), DBInstanceClass: class, TagList: tags,
		AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("admin"),
	})
	if err != nil {
		return nil, err
	}
	db.password = "of the source"
	return new(seen(db)), nil
}

func (f *fakeRDS) ModifyDBInstance(_ context.Context, in *rds.ModifyDBInstanceInput, _ ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	db := f.instances[*in.DBInstanceIdentifier]
	switch {
	case db == nil:
		return nil, &types.DBInstanceNotFoundFault{}
	case *db.DBInstanceStatus != "available":
		return nil, &types.InvalidDBInstanceStateFault{Message: aws.String("not available")}
	}
	f.mutations++
	db.PendingModifiedValues = &types.PendingModifiedValues{
		DBInstanceClass: in.DBInstanceClass, AllocatedStorage: in.AllocatedStorage, EngineVersion: fullVersion(in.EngineVersion), MultiAZ: in.MultiAZ,
	}
	if in.DeletionProtection != nil {
		db.DeletionProtection = in.DeletionProtection
	}
	if in.MasterUserPassword != nil {
		db.nextPassword, db.PendingModifiedValues.MasterUserPassword = *in.MasterUserPassword, aws.String("****")
	}
	db.DBInstanceStatus = aws.String("modifying")
	return &rds.ModifyDBInstanceOutput{DBInstance: new(seen(db))}, nil
}

func (f *fakeRDS) DeleteDBInstance(_ context.Context, in *rds.DeleteDBInstanceInput, _ ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deletions = append(f.deletions, *in)
	db := f.instances[*in.DBInstanceIdentifier]
	switch snapshot := aws.ToString(in.FinalDBSnapshotIdentifier); {
	case db == nil:
		return nil, &types.DBInstanceNotFoundFault{}
	case aws.ToBool(db.DeletionProtection):
		return nil, refusal("InvalidParameterCombination", "Cannot delete protected DB Instance")
	case f.snapshots[snapshot]:
		return nil, &types.DBSnapshotAlreadyExistsFault{}
	case snapshot != "":
		f.snapshots[snapshot] = true
	}
	f.mutations++
	db.DBInstanceStatus = aws.String("deleting")
	return &rds.DeleteDBInstanceOutput{}, nil
}

func (f *fakeRDS) AddTagsToResource(_ context.Context, in *rds.AddTagsToResourceInput, _ ...func(*rds.Options)) (*rds.AddTagsToResourceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := (*in.ResourceName)[strings.LastIndex(*in.ResourceName, ":")+1:]
	f.mutations++
	if g := f.groups[name]; g != nil {
		maps.Copy(g.tags, tagMap(in.Tags))
		return &rds.AddTagsToResourceOutput{}, nil
	}
	db := f.instances[name]
	if db == nil {
		return nil, &types.DBInstanceNotFoundFault{}
	}
	tags := tagMap(db.TagList)
	maps.Copy(tags, tagMap(in.Tags))
	db.TagList = tagList(tags)
	return &rds.AddTagsToResourceOutput{}, nil
}

func (f *fakeRDS) DescribeDBSubnetGroups(_ context.Context, in *rds.DescribeDBSubnetGroupsInput, _ ...func(*rds.Options)) (*rds.DescribeDBSubnetGroupsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[*in.DBSubnetGroupName]
	if g == nil {
		return nil, &types.DBSubnetGroupNotFoundFault{}
	}
	return &rds.DescribeDBSubnetGroupsOutput{DBSubnetGroups: []types.DBSubnetGroup{g.DBSubnetGroup}}, nil
}

func (f *fakeRDS) ListTagsForResource(_ context.Context, in *rds.ListTagsForResourceInput, _ ...func(*rds.Options)) (*rds.ListTagsForResourceOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[(*in.ResourceName)[strings.LastIndex(*in.ResourceName, ":")+1:]]
	if g == nil {
		return nil, &types.DBSubnetGroupNotFoundFault{}
	}
	return &rds.ListTagsForResourceOutput{TagList: tagList(g.tags)}, nil
}

func (f *fakeRDS) CreateDBSubnetGroup(_ context.Context, in *rds.CreateDBSubnetGroupInput, _ ...func(*rds.Options)) (*rds.CreateDBSubnetGroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.groups[*in.DBSubnetGroupName] != nil {
		return nil, &types.DBSubnetGroupAlreadyExistsFault{}
	}
	f.mutations++
	g := &fakeGroup{tags: tagMap(in.Tags), DBSubnetGroup: types.DBSubnetGroup{
		DBSubnetGroupName: in.DBSubnetGroupName, DBSubnetGroupDescription: in.DBSubnetGroupDescription,
		DBSubnetGroupArn:  aws.String("arn:aws:rds:eu-west-1:123456789012:subgrp:" + *in.DBSubnetGroupName),
		SubnetGroupStatus: aws.String("Complete"), VpcId: aws.String("vpc-1"), Subnets: subnets(in.SubnetIds),
	}}
	f.groups[*in.DBSubnetGroupName] = g
	return &rds.CreateDBSubnetGroupOutput{DBSubnetGroup: &g.DBSubnetGroup}, nil
}

func subnets(ids []string) []types.Subnet {
	var list []types.Subnet
	for _, id := range ids {
		list = append(list, types.Subnet{SubnetIdentifier: &id})
	}
	return list
}

func (f *fakeRDS) ModifyDBSubnetGroup(_ context.Context, in *rds.ModifyDBSubnetGroupInput, _ ...func(*rds.Options)) (*rds.ModifyDBSubnetGroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[*in.DBSubnetGroupName]
	if g == nil {
		return nil, &types.DBSubnetGroupNotFoundFault{}
	}
	f.mutations++
	g.Subnets = subnets(in.SubnetIds)
	if in.DBSubnetGroupDescription != nil {
		g.DBSubnetGroupDescription = in.DBSubnetGroupDescription
	}
	return &rds.ModifyDBSubnetGroupOutput{DBSubnetGroup: &g.DBSubnetGroup}, nil
}

func (f *fakeRDS) DeleteDBSubnetGroup(_ context.Context, in *rds.DeleteDBSubnetGroupInput, _ ...func(*rds.Options)) (*rds.DeleteDBSubnetGroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.groups[*in.DBSubnetGroupName] == nil {
		return nil, &types.DBSubnetGroupNotFoundFault{}
	}
	f.mutations++
	delete(f.groups, *in.DBSubnetGroupName)
	return &rds.DeleteDBSubnetGroupOutput{}, nil
}

// Settle ends everything that is under way.
func (f *fakeRDS) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, db := range f.instances {
		switch *db.DBInstanceStatus {
		case "creating":
			db.Endpoint = &types.Endpoint{Address: aws.String(name + ".example.org"), Port: aws.Int32(3306)}
		case "modifying":
			db.apply()
		case "deleting":
			delete(f.instances, name)
		default:
			continue
		}
		db.DBInstanceStatus = aws.String("available")
	}
}

// apply makes the pending changes come true.
func (db *fakeInstance) apply() {
	p := pendingOf(&db.DBInstance)
	db.DBInstanceClass = first(p.DBInstanceClass, db.DBInstanceClass)
	db.AllocatedStorage = first(p.AllocatedStorage, db.AllocatedStorage)
	db.EngineVersion = first(p.EngineVersion, db.EngineVersion)
	db.MultiAZ = first(p.MultiAZ, db.MultiAZ)
	if p.MasterUserPassword != nil {
		db.password = db.nextPassword
	}
	db.PendingModifiedValues = nil
}
