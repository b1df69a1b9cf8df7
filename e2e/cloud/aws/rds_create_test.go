// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type createChange = func(*rds.CreateDBInstanceInput)

func TestCreateRefusals(t *testing.T) {
	tests := map[string]struct {
		change createChange
		want   string
	}{
		"name begins with a digit":    {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("1db") }, "InvalidParameterValue"},
		"name with two hyphens":       {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("a--b") }, "InvalidParameterValue"},
		"name ends with a hyphen":     {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("a-") }, "InvalidParameterValue"},
		"name with a dot":             {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("a.b") }, "InvalidParameterValue"},
		"name of 64":                  {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String(strings.Repeat("a", 64)) }, "InvalidParameterValue"},
		"no engine":                   {func(in *rds.CreateDBInstanceInput) { in.Engine = sdk.String("") }, "MissingParameter"},
		"unknown engine":              {func(in *rds.CreateDBInstanceInput) { in.Engine = sdk.String("oracle-ee") }, "InvalidParameterValue"},
		"unknown version":             {func(in *rds.CreateDBInstanceInput) { in.EngineVersion = sdk.String("9.9") }, "InvalidParameterCombination"},
		"unknown class":               {func(in *rds.CreateDBInstanceInput) { in.DBInstanceClass = sdk.String("db.huge") }, "InvalidParameterValue"},
		"password too short":          {func(in *rds.CreateDBInstanceInput) { in.MasterUserPassword = sdk.String("short") }, "InvalidParameterValue"},
		"password too long for MySQL": {func(in *rds.CreateDBInstanceInput) { in.MasterUserPassword = sdk.String(strings.Repeat("x", 42)) }, "InvalidParameterValue"},
		"password with a slash":       {func(in *rds.CreateDBInstanceInput) { in.MasterUserPassword = sdk.String("abcdefgh/") }, "InvalidParameterValue"},
		"password with an umlaut":     {func(in *rds.CreateDBInstanceInput) { in.MasterUserPassword = sdk.String("abcdefghä") }, "InvalidParameterValue"},
		"no password":                 {func(in *rds.CreateDBInstanceInput) { in.MasterUserPassword = nil }, "MissingParameter"},
		"no user":                     {func(in *rds.CreateDBInstanceInput) { in.MasterUsername = nil }, "MissingParameter"},
		"reserved user":               {func(in *rds.CreateDBInstanceInput) { in.MasterUsername = sdk.String("rdsadmin") }, "InvalidParameterValue"},
		"user with a hyphen":          {func(in *rds.CreateDBInstanceInput) { in.MasterUsername = sdk.String("a-b") }, "InvalidParameterValue"},
		"database with a hyphen":      {func(in *rds.CreateDBInstanceInput) { in.DBName = sdk.String("my-app") }, "InvalidParameterValue"},
		"privileged port":             {func(in *rds.CreateDBInstanceInput) { in.Port = sdk.Int32(80) }, "InvalidParameterValue"},
		"storage too small":           {func(in *rds.CreateDBInstanceInput) { in.AllocatedStorage = sdk.Int32(19) }, "InvalidParameterValue"},
		"no storage":                  {func(in *rds.CreateDBInstanceInput) { in.AllocatedStorage = nil }, "InvalidParameterValue"},
		"unknown storage":             {func(in *rds.CreateDBInstanceInput) { in.StorageType = sdk.String("tape") }, "InvalidParameterValue"},
		"io1 without IOPS": {func(in *rds.CreateDBInstanceInput) {
			in.StorageType, in.AllocatedStorage = sdk.String("io1"), sdk.Int32(100)
		}, "InvalidParameterCombination"},
		"IOPS on small gp3": {func(in *rds.CreateDBInstanceInput) { in.StorageType, in.Iops = sdk.String("gp3"), sdk.Int32(4000) }, "InvalidParameterCombination"},
		"IOPS on gp2":       {func(in *rds.CreateDBInstanceInput) { in.StorageType, in.Iops = sdk.String("gp2"), sdk.Int32(3000) }, "InvalidParameterCombination"},
		"throughput on gp2": {func(in *rds.CreateDBInstanceInput) {
			in.StorageType, in.StorageThroughput = sdk.String("gp2"), sdk.Int32(125)
		}, "InvalidParameterCombination"},
		"limit below the storage":      {func(in *rds.CreateDBInstanceInput) { in.MaxAllocatedStorage = sdk.Int32(10) }, "InvalidParameterCombination"},
		"limit too near":               {func(in *rds.CreateDBInstanceInput) { in.MaxAllocatedStorage = sdk.Int32(21) }, "InvalidParameterCombination"},
		"retention too long":           {func(in *rds.CreateDBInstanceInput) { in.BackupRetentionPeriod = sdk.Int32(36) }, "InvalidParameterValue"},
		"no backup window":             {func(in *rds.CreateDBInstanceInput) { in.PreferredBackupWindow = sdk.String("at night") }, "InvalidParameterValue"},
		"backup window too short":      {func(in *rds.CreateDBInstanceInput) { in.PreferredBackupWindow = sdk.String("23:50-00:10") }, "InvalidParameterValue"},
		"no maintenance window":        {func(in *rds.CreateDBInstanceInput) { in.PreferredMaintenanceWindow = sdk.String("sunday") }, "InvalidParameterValue"},
		"maintenance window too short": {func(in *rds.CreateDBInstanceInput) { in.PreferredMaintenanceWindow = sdk.String("sun:01:00-sun:01:10") }, "InvalidParameterValue"},
		"unknown CA":                   {func(in *rds.CreateDBInstanceInput) { in.CACertificateIdentifier = sdk.String("rds-ca-2015") }, "CertificateNotFound"},
		"unknown subnet group":         {func(in *rds.CreateDBInstanceInput) { in.DBSubnetGroupName = sdk.String("nowhere") }, "DBSubnetGroupNotFoundFault"},
		"unknown parameter group":      {func(in *rds.CreateDBInstanceInput) { in.DBParameterGroupName = sdk.String("mine") }, "DBParameterGroupNotFound"},
		"parameter group of another":   {func(in *rds.CreateDBInstanceInput) { in.DBParameterGroupName = sdk.String("default.postgres16") }, "InvalidParameterCombination"},
		"unknown option group":         {func(in *rds.CreateDBInstanceInput) { in.OptionGroupName = sdk.String("mine") }, "OptionGroupNotFoundFault"},
		"unknown security group":       {func(in *rds.CreateDBInstanceInput) { in.VpcSecurityGroupIds = []string{"sg-12345678"} }, "InvalidParameterValue"},
		"zone of another region":       {func(in *rds.CreateDBInstanceInput) { in.AvailabilityZone = sdk.String("eu-west-1a") }, "InvalidVPCNetworkStateFault"},
		"key of another region":        {func(in *rds.CreateDBInstanceInput) { in.KmsKeyId = sdk.String("arn:aws:kms:eu-west-1:1:key/2") }, "KMSKeyNotAccessibleFault"},
		"key without encryption": {func(in *rds.CreateDBInstanceInput) {
			in.KmsKeyId, in.StorageEncrypted = sdk.String("k"), sdk.Bool(false)
		}, "InvalidParameterCombination"},
		"monitoring without a role": {func(in *rds.CreateDBInstanceInput) { in.MonitoringInterval = sdk.Int32(60) }, "InvalidParameterCombination"},
		"monitoring too often":      {func(in *rds.CreateDBInstanceInput) { in.MonitoringInterval = sdk.Int32(2) }, "InvalidParameterValue"},
		"logs of another engine":    {func(in *rds.CreateDBInstanceInput) { in.EnableCloudwatchLogsExports = []string{"postgresql"} }, "InvalidParameterCombination"},
		"reserved tag": {
			func(in *rds.CreateDBInstanceInput) {
				in.Tags = []types.Tag{{Key: sdk.String("aws:mine"), Value: sdk.String("x")}}
			}, "InvalidParameterValue",
		},
		"name taken":             {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("Taken") }, "DBInstanceAlreadyExists"},
		"PostgreSQL's own user":  {func(in *rds.CreateDBInstanceInput) { asPostgres(in); in.MasterUsername = sdk.String("admin") }, "InvalidParameterValue"},
		"too many":               {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("third") }, ""},
		"too many in all":        {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("fourth") }, "InstanceQuotaExceeded"},
		"too much storage":       {func(in *rds.CreateDBInstanceInput) { in.AllocatedStorage = sdk.Int32(990) }, "StorageQuotaExceeded"},
		"no capacity (injected)": {func(in *rds.CreateDBInstanceInput) { in.DBInstanceIdentifier = sdk.String("unlucky") }, "InsufficientDBInstanceCapacity"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.settings(t, local.Settings{Quotas: map[string]int{"rds:instances": 2, "rds:storageGiB": 1000}})
			w.fault(t, local.Rule{Operation: "CreateDBInstance", Name: "unlucky", Effect: local.Effect{Error: &local.Error{Code: "InsufficientDBInstanceCapacity", Message: "none"}}})
			w.create(t, "taken")
			if name == "too many in all" {
				w.create(t, "second")
			}
			in := newInstance("new")
			tc.change(in)
			before := must(w.Ledger(t.Context(), 0))(t)
			_, err := w.rds.CreateDBInstance(t.Context(), in)
			wantCode(t, err, tc.want)
			if after := must(w.Ledger(t.Context(), 0))(t); tc.want != "" && len(after) != len(before) {
				t.Errorf("a refused call took effect: %v", after)
			}
		})
	}
}

func asPostgres(in *rds.CreateDBInstanceInput) {
	in.Engine, in.EngineVersion, in.DBName = sdk.String("postgres"), sdk.String("16"), nil
	in.MasterUsername = sdk.String("postgres")
}

// TestCreateDefaults shows what AWS chooses where nothing is asked for.
func TestCreateDefaults(t *testing.T) {
	w := start(t)
	made := w.create(t, "Plain")
	if *made.DBInstanceStatus != "creating" || made.Endpoint != nil || *made.DBInstanceIdentifier != "plain" {
		t.Errorf("the answer shows %s in state %s with endpoint %v", *made.DBInstanceIdentifier, *made.DBInstanceStatus, made.Endpoint)
	}
	db := w.get(t, "PLAIN")
	got := map[string]any{
		"status": *db.DBInstanceStatus, "version": *db.EngineVersion, "storage": *db.StorageType, "iops": *db.Iops, "throughput": *db.StorageThroughput,
		"limit": db.MaxAllocatedStorage == nil, "licence": *db.LicenseModel, "parameters": *db.DBParameterGroups[0].DBParameterGroupName,
		"options": *db.OptionGroupMemberships[0].OptionGroupName, "subnets": *db.DBSubnetGroup.DBSubnetGroupName, "zones": len(db.DBSubnetGroup.Subnets),
		"groups": len(db.VpcSecurityGroups), "retention": *db.BackupRetentionPeriod, "minor upgrades": *db.AutoMinorVersionUpgrade,
		"public": *db.PubliclyAccessible, "protected": *db.DeletionProtection, "CA": *db.CACertificateIdentifier, "multi-AZ": *db.MultiAZ,
		"encrypted": *db.StorageEncrypted, "arn": *db.DBInstanceArn, "database": *db.DBName, "user": *db.MasterUsername,
	}
	want := map[string]any{
		"status": "available", "version": "8.4.3", "storage": "gp3", "iops": int32(3000), "throughput": int32(125),
		"limit": true, "licence": "general-public-license", "parameters": "default.mysql8.4",
		"options": "default:mysql-8-4", "subnets": "default", "zones": 3,
		"groups": 1, "retention": int32(1), "minor upgrades": true,
		"public": false, "protected": false, "CA": "rds-ca-rsa2048-g1", "multi-AZ": false,
		"encrypted": false, "arn": "arn:aws:rds:us-east-1:000000000001:db:plain", "database": "app", "user": "root",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if db.Endpoint == nil || !strings.HasPrefix(*db.Endpoint.Address, "127.") || db.InstanceCreateTime == nil || db.LatestRestorableTime != nil && db.LatestRestorableTime.After(*db.InstanceCreateTime) {
		t.Errorf("endpoint %v, created %v, restorable until %v", db.Endpoint, db.InstanceCreateTime, db.LatestRestorableTime)
	}
}

// TestCreateEverything sets all that a serious user sets.
func TestCreateEverything(t *testing.T) {
	w := start(t)
	w.create(t, "full", func(in *rds.CreateDBInstanceInput) {
		asPostgres(in)
		in.AllocatedStorage, in.MaxAllocatedStorage, in.StorageType, in.Iops, in.StorageThroughput = sdk.Int32(400), sdk.Int32(1000), sdk.String("gp3"), sdk.Int32(13000), sdk.Int32(600)
		in.MultiAZ, in.StorageEncrypted, in.KmsKeyId = sdk.Bool(true), sdk.Bool(true), sdk.String("11111111-2222-3333-4444-555555555555")
		in.BackupRetentionPeriod, in.PreferredBackupWindow, in.PreferredMaintenanceWindow = sdk.Int32(7), sdk.String("23:30-00:30"), sdk.String("Mon:04:00-Mon:05:00")
		in.DeletionProtection, in.CopyTagsToSnapshot, in.PubliclyAccessible, in.AutoMinorVersionUpgrade = sdk.Bool(true), sdk.Bool(true), sdk.Bool(true), sdk.Bool(false)
		in.EnableIAMDatabaseAuthentication, in.EnablePerformanceInsights = sdk.Bool(true), sdk.Bool(true)
		in.MonitoringInterval, in.MonitoringRoleArn = sdk.Int32(60), sdk.String("arn:aws:iam::000000000001:role/monitor")
		in.EnableCloudwatchLogsExports, in.CACertificateIdentifier = []string{"upgrade", "postgresql"}, sdk.String("rds-ca-ecc384-g1")
		in.Tags = []types.Tag{{Key: sdk.String("b"), Value: sdk.String("2")}, {Key: sdk.String("a"), Value: sdk.String("1 & <2>")}}
	})
	db := w.get(t, "full")
	got := map[string]any{
		"storage": [4]int32{*db.AllocatedStorage, *db.MaxAllocatedStorage, *db.Iops, *db.StorageThroughput}, "two zones": *db.AvailabilityZone != *db.SecondaryAvailabilityZone,
		"key": *db.KmsKeyId, "retention": *db.BackupRetentionPeriod, "backup": *db.PreferredBackupWindow, "maintenance": *db.PreferredMaintenanceWindow,
		"flags":    []bool{*db.DeletionProtection, *db.CopyTagsToSnapshot, *db.PubliclyAccessible, *db.AutoMinorVersionUpgrade, *db.IAMDatabaseAuthenticationEnabled, *db.PerformanceInsightsEnabled},
		"insights": *db.PerformanceInsightsRetentionPeriod, "monitoring": *db.MonitoringInterval, "role": *db.MonitoringRoleArn,
		"logs": db.EnabledCloudwatchLogsExports, "CA": *db.CertificateDetails.CAIdentifier, "tags": len(db.TagList), "tag": *db.TagList[0].Value, "database": *db.DBName,
	}
	want := map[string]any{
		"storage": [4]int32{400, 1000, 13000, 600}, "two zones": true,
		"key": "arn:aws:kms:us-east-1:000000000001:key/11111111-2222-3333-4444-555555555555", "retention": int32(7), "backup": "23:30-00:30", "maintenance": "mon:04:00-mon:05:00",
		"flags": []bool{true, true, true, false, true, true}, "insights": int32(7), "monitoring": int32(60), "role": "arn:aws:iam::000000000001:role/monitor",
		"logs": []string{"postgresql", "upgrade"}, "CA": "rds-ca-ecc384-g1", "tags": 2, "tag": "1 & <2>", "database": "postgres",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
