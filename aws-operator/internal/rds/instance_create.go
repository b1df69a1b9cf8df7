// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Create implements managed.External.
func (e instance) Create(ctx context.Context, mr *v1alpha1.RDSInstance, in managed.Intent) (*types.DBInstance, error) {
	p := mr.Spec.ForProvider
	switch from := p.RestoreFrom; {
	case !restores(from):
		return e.createEmpty(ctx, p, in)
	case from.SnapshotIdentifier != "":
		return e.restoreSnapshot(ctx, p, in)
	default:
		return e.restoreTime(ctx, p, in)
	}
}

func restores(from *v1alpha1.RestoreSource) bool {
	return from != nil && (from.SnapshotIdentifier != "" || from.SourceInstance != "" || from.SourceResourceID != "")
}

func (e instance) createEmpty(ctx context.Context, p v1alpha1.RDSInstanceParameters, in managed.Intent) (*types.DBInstance, error) {
	user := p.MasterUsername
	if user == "" {
		user = claimKinds[p.Engine].username
	}
	out, err := e.rds.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: &in.Name,
		MasterUsername:       &user,
		MasterUserPassword:   &in.Password,
		Tags:                 tagList(diff.Both(p.Tags, in.Tags)),

		Engine:                             &p.Engine,
		EngineVersion:                      text(p.EngineVersion),
		DBInstanceClass:                    &p.Class,
		AllocatedStorage:                   p.AllocatedStorageGiB,
		MaxAllocatedStorage:                p.MaxAllocatedStorageGiB,
		StorageType:                        text(p.StorageType),
		Iops:                               p.IOPS,
		StorageThroughput:                  p.StorageThroughput,
		StorageEncrypted:                   encrypted(p),
		KmsKeyId:                           text(p.KMSKeyID),
		MultiAZ:                            p.MultiAZ,
		AvailabilityZone:                   text(p.AvailabilityZone),
		DBName:                             text(p.DBName),
		Port:                               p.Port,
		DBSubnetGroupName:                  text(p.DBSubnetGroupName),
		VpcSecurityGroupIds:                p.VPCSecurityGroupIDs,
		DBParameterGroupName:               text(p.DBParameterGroupName),
		OptionGroupName:                    text(p.OptionGroupName),
		BackupRetentionPeriod:              p.BackupRetentionDays,
		PreferredBackupWindow:              text(p.PreferredBackupWindow),
		PreferredMaintenanceWindow:         text(p.PreferredMaintenanceWindow),
		AutoMinorVersionUpgrade:            p.AutoMinorVersionUpgrade,
		DeletionProtection:                 p.DeletionProtection,
		PubliclyAccessible:                 private(p),
		CACertificateIdentifier:            text(p.CACertificateIdentifier),
		EnableCloudwatchLogsExports:        p.EnabledCloudwatchLogsExports,
		EnableIAMDatabaseAuthentication:    p.IAMDatabaseAuthentication,
		EnablePerformanceInsights:          p.PerformanceInsightsEnabled,
		PerformanceInsightsRetentionPeriod: p.PerformanceInsightsRetentionDays,
		MonitoringInterval:                 p.MonitoringIntervalSeconds,
		MonitoringRoleArn:                  text(p.MonitoringRoleARN),
		CopyTagsToSnapshot:                 p.CopyTagsToSnapshot,
	})
	if err != nil {
		return nil, err
	}
	return out.DBInstance, nil
}

// restoreSnapshot can't set what a snapshot has of its own (password, engine
// version, encryption) nor what the call does not take: what differs is drift
// once the instance is there.
func (e instance) restoreSnapshot(ctx context.Context, p v1alpha1.RDSInstanceParameters, in managed.Intent) (*types.DBInstance, error) {
	out, err := e.rds.RestoreDBInstanceFromDBSnapshot(ctx, &rds.RestoreDBInstanceFromDBSnapshotInput{
		DBInstanceIdentifier: &in.Name,
		DBSnapshotIdentifier: &p.RestoreFrom.SnapshotIdentifier,
		Tags:                 tagList(diff.Both(p.Tags, in.Tags)),

		Engine:                          &p.Engine,
		DBInstanceClass:                 &p.Class,
		AllocatedStorage:                p.AllocatedStorageGiB,
		StorageType:                     text(p.StorageType),
		Iops:                            p.IOPS,
		StorageThroughput:               p.StorageThroughput,
		MultiAZ:                         p.MultiAZ,
		AvailabilityZone:                text(p.AvailabilityZone),
		Port:                            p.Port,
		DBSubnetGroupName:               text(p.DBSubnetGroupName),
		VpcSecurityGroupIds:             p.VPCSecurityGroupIDs,
		DBParameterGroupName:            text(p.DBParameterGroupName),
		OptionGroupName:                 text(p.OptionGroupName),
		BackupRetentionPeriod:           p.BackupRetentionDays,
		PreferredBackupWindow:           text(p.PreferredBackupWindow),
		AutoMinorVersionUpgrade:         p.AutoMinorVersionUpgrade,
		DeletionProtection:              p.DeletionProtection,
		PubliclyAccessible:              private(p),
		CACertificateIdentifier:         text(p.CACertificateIdentifier),
		EnableCloudwatchLogsExports:     p.EnabledCloudwatchLogsExports,
		EnableIAMDatabaseAuthentication: p.IAMDatabaseAuthentication,
		CopyTagsToSnapshot:              p.CopyTagsToSnapshot,
	})
	if err != nil {
		return nil, err
	}
	return out.DBInstance, nil
}

// restoreTime is restoreSnapshot from automated backups.
func (e instance) restoreTime(ctx context.Context, p v1alpha1.RDSInstanceParameters, in managed.Intent) (*types.DBInstance, error) {
	request := &rds.RestoreDBInstanceToPointInTimeInput{
		TargetDBInstanceIdentifier: &in.Name,
		SourceDBInstanceIdentifier: text(p.RestoreFrom.SourceInstance),
		SourceDbiResourceId:        text(p.RestoreFrom.SourceResourceID),
		Tags:                       tagList(diff.Both(p.Tags, in.Tags)),

		Engine:                          &p.Engine,
		DBInstanceClass:                 &p.Class,
		AllocatedStorage:                p.AllocatedStorageGiB,
		MaxAllocatedStorage:             p.MaxAllocatedStorageGiB,
		StorageType:                     text(p.StorageType),
		Iops:                            p.IOPS,
		StorageThroughput:               p.StorageThroughput,
		MultiAZ:                         p.MultiAZ,
		AvailabilityZone:                text(p.AvailabilityZone),
		Port:                            p.Port,
		DBSubnetGroupName:               text(p.DBSubnetGroupName),
		VpcSecurityGroupIds:             p.VPCSecurityGroupIDs,
		DBParameterGroupName:            text(p.DBParameterGroupName),
		OptionGroupName:                 text(p.OptionGroupName),
		BackupRetentionPeriod:           p.BackupRetentionDays,
		PreferredBackupWindow:           text(p.PreferredBackupWindow),
		AutoMinorVersionUpgrade:         p.AutoMinorVersionUpgrade,
		DeletionProtection:              p.DeletionProtection,
		PubliclyAccessible:              private(p),
		CACertificateIdentifier:         text(p.CACertificateIdentifier),
		EnableCloudwatchLogsExports:     p.EnabledCloudwatchLogsExports,
		EnableIAMDatabaseAuthentication: p.IAMDatabaseAuthentication,
		CopyTagsToSnapshot:              p.CopyTagsToSnapshot,
	}
	if at := p.RestoreFrom.RestoreTime; at != nil {
		request.RestoreTime = &at.Time
	} else {
		request.UseLatestRestorableTime = aws.Bool(true)
	}
	out, err := e.rds.RestoreDBInstanceToPointInTime(ctx, request)
	if err != nil {
		return nil, err
	}
	return out.DBInstance, nil
}

// private is what is asked for where the spec says nothing: RDS would give an
// instance in a default VPC a public address.
func private(p v1alpha1.RDSInstanceParameters) *bool {
	if p.PubliclyAccessible != nil {
		return p.PubliclyAccessible
	}
	return aws.Bool(false)
}

// encrypted is true where a key is named: RDS ignores the key otherwise.
func encrypted(p v1alpha1.RDSInstanceParameters) *bool {
	if p.KMSKeyID != "" {
		return aws.Bool(true)
	}
	return p.StorageEncrypted
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
