// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// plan returns the request that brings db to want, and the names of the fields
// that it changes. What RDS has agreed to change and not changed yet counts as
// changed: asking again would not hasten it.
func plan(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) (*rds.ModifyDBInstanceInput, diff.Fields) {
	in := &rds.ModifyDBInstanceInput{DBInstanceIdentifier: db.DBInstanceIdentifier, ApplyImmediately: aws.Bool(immediately(want))}
	pending := pendingOf(db)
	var d diff.Fields
	planEngine(&d, want, db, pending, in)
	planStorage(&d, want, db, pending, in)
	planNetwork(&d, want, db, pending, in)
	diff.Text(&d, "class", want.Class, first(pending.DBInstanceClass, db.DBInstanceClass), &in.DBInstanceClass)
	diff.Value(&d, "multiAZ", want.MultiAZ, first(pending.MultiAZ, db.MultiAZ), &in.MultiAZ)
	diff.Value(&d, "backupRetentionDays", want.BackupRetentionDays,
		first(pending.BackupRetentionPeriod, db.BackupRetentionPeriod), &in.BackupRetentionPeriod)
	diff.Text(&d, "preferredBackupWindow", want.PreferredBackupWindow, db.PreferredBackupWindow, &in.PreferredBackupWindow)
	diff.Text(&d, "preferredMaintenanceWindow", want.PreferredMaintenanceWindow, db.PreferredMaintenanceWindow, &in.PreferredMaintenanceWindow)
	diff.Value(&d, "deletionProtection", want.DeletionProtection, orFalse(db.DeletionProtection), &in.DeletionProtection)
	diff.Value(&d, "copyTagsToSnapshot", want.CopyTagsToSnapshot, orFalse(db.CopyTagsToSnapshot), &in.CopyTagsToSnapshot)
	planMonitoring(&d, want, db, pending, in)
	return in, d
}

func planEngine(d *diff.Fields, want v1alpha1.RDSInstanceParameters, db *types.DBInstance, pending types.PendingModifiedValues, in *rds.ModifyDBInstanceInput) {
	have := aws.ToString(first(pending.EngineVersion, db.EngineVersion))
	if upgrades(want.EngineVersion, have) {
		*d = append(*d, "engineVersion")
		in.EngineVersion = &want.EngineVersion
		in.AllowMajorVersionUpgrade = want.AllowMajorVersionUpgrade
	}
	diff.Value(d, "autoMinorVersionUpgrade", want.AutoMinorVersionUpgrade, orFalse(db.AutoMinorVersionUpgrade), &in.AutoMinorVersionUpgrade)
	if !inGroup(db.DBParameterGroups, want.DBParameterGroupName) {
		diff.Text(d, "dbParameterGroupName", want.DBParameterGroupName, nil, &in.DBParameterGroupName)
	}
	if !inOptionGroup(db.OptionGroupMemberships, want.OptionGroupName) {
		diff.Text(d, "optionGroupName", want.OptionGroupName, nil, &in.OptionGroupName)
	}
	diff.Value(d, "iamDatabaseAuthentication", want.IAMDatabaseAuthentication,
		first(pending.IAMDatabaseAuthenticationEnabled, orFalse(db.IAMDatabaseAuthenticationEnabled)), &in.EnableIAMDatabaseAuthentication)
}

// planStorage asks for all of the storage's properties when one of them
// changes: RDS takes type, size, IOPS and throughput only together.
func planStorage(d *diff.Fields, want v1alpha1.RDSInstanceParameters, db *types.DBInstance, pending types.PendingModifiedValues, in *rds.ModifyDBInstanceInput) {
	before := len(*d)
	have := first(pending.AllocatedStorage, db.AllocatedStorage)
	if size := want.AllocatedStorageGiB; size != nil && *size > aws.ToInt32(have) {
		*d = append(*d, "allocatedStorageGiB")
		have = size
	}
	diff.Text(d, "storageType", want.StorageType, first(pending.StorageType, db.StorageType), &in.StorageType)
	diff.Value(d, "iops", want.IOPS, first(pending.Iops, db.Iops), &in.Iops)
	diff.Value(d, "storageThroughput", want.StorageThroughput, first(pending.StorageThroughput, db.StorageThroughput), &in.StorageThroughput)
	if len(*d) > before {
		in.AllocatedStorage, in.StorageType = have, text(want.StorageType)
		in.Iops, in.StorageThroughput = want.IOPS, want.StorageThroughput
	}
	diff.Value(d, "maxAllocatedStorageGiB", want.MaxAllocatedStorageGiB, db.MaxAllocatedStorage, &in.MaxAllocatedStorage)
}

func planNetwork(d *diff.Fields, want v1alpha1.RDSInstanceParameters, db *types.DBInstance, pending types.PendingModifiedValues, in *rds.ModifyDBInstanceInput) {
	if db.Endpoint != nil {
		diff.Value(d, "port", want.Port, first(pending.Port, db.Endpoint.Port), &in.DBPortNumber)
	}
	diff.Set(d, "vpcSecurityGroupIDs", want.VPCSecurityGroupIDs, securityGroups(db), &in.VpcSecurityGroupIds)
	diff.Value(d, "publiclyAccessible", want.PubliclyAccessible, orFalse(db.PubliclyAccessible), &in.PubliclyAccessible)
	diff.Text(d, "caCertificateIdentifier", want.CACertificateIdentifier,
		first(pending.CACertificateIdentifier, db.CACertificateIdentifier), &in.CACertificateIdentifier)
}

func planMonitoring(d *diff.Fields, want v1alpha1.RDSInstanceParameters, db *types.DBInstance, pending types.PendingModifiedValues, in *rds.ModifyDBInstanceInput) {
	if on, off := logChanges(want.EnabledCloudwatchLogsExports, db, pending); len(on)+len(off) > 0 {
		*d = append(*d, "enabledCloudwatchLogsExports")
		in.CloudwatchLogsExportConfiguration = &types.CloudwatchLogsExportConfiguration{EnableLogTypes: on, DisableLogTypes: off}
	}
	diff.Value(d, "performanceInsightsEnabled", want.PerformanceInsightsEnabled,
		orFalse(db.PerformanceInsightsEnabled), &in.EnablePerformanceInsights)
	if aws.ToBool(want.PerformanceInsightsEnabled) || aws.ToBool(db.PerformanceInsightsEnabled) {
		diff.Value(d, "performanceInsightsRetentionDays", want.PerformanceInsightsRetentionDays,
			db.PerformanceInsightsRetentionPeriod, &in.PerformanceInsightsRetentionPeriod)
	}
	diff.Value(d, "monitoringIntervalSeconds", want.MonitoringIntervalSeconds, db.MonitoringInterval, &in.MonitoringInterval)
	diff.Text(d, "monitoringRoleARN", want.MonitoringRoleARN, db.MonitoringRoleArn, &in.MonitoringRoleArn)
	if in.MonitoringInterval != nil {
		in.MonitoringRoleArn = text(want.MonitoringRoleARN)
	}
}

// logChanges returns which logs to switch on and off.
func logChanges(want []string, db *types.DBInstance, pending types.PendingModifiedValues) (on, off []string) {
	if want == nil {
		return nil, nil
	}
	have := slices.Clone(db.EnabledCloudwatchLogsExports)
	if p := pending.PendingCloudwatchLogsExports; p != nil {
		have = append(have, p.LogTypesToEnable...)
		have = slices.DeleteFunc(have, func(s string) bool { return slices.Contains(p.LogTypesToDisable, s) })
	}
	for _, log := range want {
		if !slices.Contains(have, log) {
			on = append(on, log)
		}
	}
	for _, log := range have {
		if !slices.Contains(want, log) {
			off = append(off, log)
		}
	}
	return on, off
}

// fixed returns what differs and can't be changed, each with why.
func fixed(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) diff.Fields {
	var d diff.Fields
	diff.FixedText(&d, "engine", want.Engine, db.Engine)
	if have := aws.ToString(first(pendingOf(db).EngineVersion, db.EngineVersion)); downgrades(want, have) {
		d = append(d, fmt.Sprintf("engineVersion (%s → %s: RDS can't go back)", have, want.EngineVersion))
	}
	if shrinks(want.AllocatedStorageGiB, aws.ToInt32(db.AllocatedStorage)) && !growsByItself(want, db) {
		d = append(d, fmt.Sprintf("allocatedStorageGiB (%d → %d: storage can't shrink)", aws.ToInt32(db.AllocatedStorage), *want.AllocatedStorageGiB))
	}
	diff.Fixed(&d, "storageEncrypted", want.StorageEncrypted, orFalse(db.StorageEncrypted))
	if !sameKey(want.KMSKeyID, aws.ToString(db.KmsKeyId)) {
		diff.FixedText(&d, "kmsKeyID", want.KMSKeyID, db.KmsKeyId)
	}
	if !aws.ToBool(db.MultiAZ) {
		diff.FixedText(&d, "availabilityZone", want.AvailabilityZone, db.AvailabilityZone)
	}
	diff.FixedText(&d, "dbName", want.DBName, db.DBName)
	if !restores(want.RestoreFrom) {
		diff.FixedText(&d, "masterUsername", want.MasterUsername, db.MasterUsername)
	}
	if db.DBSubnetGroup != nil {
		if have := aws.ToString(db.DBSubnetGroup.DBSubnetGroupName); !strings.EqualFold(have, want.DBSubnetGroupName) {
			diff.FixedText(&d, "dbSubnetGroupName", want.DBSubnetGroupName, &have)
		}
	}
	return d
}

// shrinks reports whether less storage is asked for than there is. RDS rounds
// growth up to a tenth at least: 41 GiB after 40 become 44, which is as asked.
func shrinks(want *int32, have int32) bool {
	if want == nil {
		return false
	}
	const tenth = 10
	rounded := *want + (*want+tenth-1)/tenth
	return have > rounded
}

// growsByItself reports whether more storage than asked for is RDS's own doing.
func growsByItself(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) bool {
	return want.MaxAllocatedStorageGiB != nil || db.MaxAllocatedStorage != nil && *db.MaxAllocatedStorage > aws.ToInt32(db.AllocatedStorage)
}

// sameKey holds also for the short form of a key's ARN. Where the spec names an
// alias the API does not tell which key that is.
func sameKey(want, have string) bool {
	return want == have || strings.HasSuffix(have, "/"+want) || strings.Contains(want, "alias/")
}

func immediately(want v1alpha1.RDSInstanceParameters) bool {
	return want.ApplyImmediately == nil || *want.ApplyImmediately
}
