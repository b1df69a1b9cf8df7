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
		"name begins with a digit":    {func(in *createInput) { in.DBInstanceIdentifier = new("1db") }, "InvalidParameterValue"},
		"name with two hyphens":       {func(in *createInput) { in.DBInstanceIdentifier = new("a--b") }, "InvalidParameterValue"},
		"name ends with a hyphen":     {func(in *createInput) { in.DBInstanceIdentifier = new("a-") }, "InvalidParameterValue"},
		"name with a dot":             {func(in *createInput) { in.DBInstanceIdentifier = new("a.b") }, "InvalidParameterValue"},
		"name of 64":                  {func(in *createInput) { in.DBInstanceIdentifier = sdk.String(strings.Repeat("a", 64)) }, "InvalidParameterValue"},
		"no engine":                   {func(in *createInput) { in.Engine = new("") }, "MissingParameter"},
		"unknown engine":              {func(in *createInput) { in.Engine = new("oracle-ee") }, "InvalidParameterValue"},
		"unknown version":             {func(in *createInput) { in.EngineVersion = new("9.9") }, "InvalidParameterCombination"},
		"unknown class":               {func(in *createInput) { in.DBInstanceClass = new("db.huge") }, "InvalidParameterValue"},
		"password too short":          {func(in *createInput) { in.MasterUserPassword = new("short") }, "InvalidParameterValue"},
		"password too long for MySQL": {func(in *createInput) { in.MasterUserPassword = sdk.String(strings.Repeat("x", 42)) }, "InvalidParameterValue"},
		"password with a slash":       {func(in *createInput) { in.MasterUserPassword = new("abcdefgh/") }, "InvalidParameterValue"},
		"password with an umlaut":     {func(in *createInput) { in.MasterUserPassword = new("abcdefghä") }, "InvalidParameterValue"},
		"no password":                 {func(in *createInput) { in.MasterUserPassword = nil }, "MissingParameter"},
		"no user":                     {func(in *createInput) { in.MasterUsername = nil }, "MissingParameter"},
		"reserved user":               {func(in *createInput) { in.MasterUsername = new("rdsadmin") }, "InvalidParameterValue"},
		"user with a hyphen":          {func(in *createInput) { in.MasterUsername = new("a-b") }, "InvalidParameterValue"},
		"database with a hyphen":      {func(in *createInput) { in.DBName = new("my-app") }, "InvalidParameterValue"},
		"privileged port":             {func(in *createInput) { in.Port = new(int32(80)) }, "InvalidParameterValue"},
		"storage too small":           {func(in *createInput) { in.AllocatedStorage = new(int32(19)) }, "InvalidParameterValue"},
		"no storage":                  {func(in *createInput) { in.AllocatedStorage = nil }, "InvalidParameterValue"},
		"unknown storage":             {func(in *createInput) { in.StorageType = new("tape") }, "InvalidParameterValue"},
		"io1 without IOPS": {func(in *createInput) {
			in.StorageType, in.AllocatedStorage = new("io1"), new(int32(100))
		}, "InvalidParameterCombination"},
		"IOPS on small gp3": {func(in *createInput) { in.StorageType, in.Iops = new("gp3"), new(int32(4000)) }, "InvalidParameterCombination"},
		"IOPS on gp2":       {func(in *createInput) { in.StorageType, in.Iops = new("gp2"), new(int32(3000)) }, "InvalidParameterCombination"},
		"throughput on gp2": {func(in *createInput) {
			in.StorageType, in.StorageThroughput = new("gp2"), new(int32(125))
		}, "InvalidParameterCombination"},
		"limit below the storage":      {func(in *createInput) { in.MaxAllocatedStorage = new(int32(10)) }, "InvalidParameterCombination"},
		"limit too near":               {func(in *createInput) { in.MaxAllocatedStorage = new(int32(21)) }, "InvalidParameterCombination"},
		"retention too long":           {func(in *createInput) { in.BackupRetentionPeriod = new(int32(36)) }, "InvalidParameterValue"},
		"no backup window":             {func(in *createInput) { in.PreferredBackupWindow = new("at night") }, "InvalidParameterValue"},
		"backup window too short":      {func(in *createInput) { in.PreferredBackupWindow = new("23:50-00:10") }, "InvalidParameterValue"},
		"no maintenance window":        {func(in *createInput) { in.PreferredMaintenanceWindow = new("sunday") }, "InvalidParameterValue"},
		"maintenance window too short": {func(in *createInput) { in.PreferredMaintenanceWindow = new("sun:01:00-sun:01:10") }, "InvalidParameterValue"},
		"unknown CA":                   {func(in *createInput) { in.CACertificateIdentifier = new("rds-ca-2015") }, "CertificateNotFound"},
		"unknown subnet group":         {func(in *createInput) { in.DBSubnetGroupName = new("nowhere") }, "DBSubnetGroupNotFoundFault"},
		"unknown parameter group":      {func(in *createInput) { in.DBParameterGroupName = new("mine") }, "DBParameterGroupNotFound"},
		"parameter group of another":   {func(in *createInput) { in.DBParameterGroupName = new("default.postgres16") }, "InvalidParameterCombination"},
		"unknown option group":         {func(in *createInput) { in.OptionGroupName = new("mine") }, "OptionGroupNotFoundFault"},
		"unknown security group":       {func(in *createInput) { in.VpcSecurityGroupIds = []string{"sg-12345678"} }, "InvalidParameterValue"},
		"zone of another region":       {func(in *createInput) { in.AvailabilityZone = new("eu-west-1a") }, "InvalidVPCNetworkStateFault"},
		"key of another region":        {func(in *createInput) { in.KmsKeyId = new("arn:aws:kms:eu-west-1:1:key/2") }, "KMSKeyNotAccessibleFault"},
		"key without encryption": {func(in *createInput) {
			in.KmsKeyId, in.StorageEncrypted = new("k"), new(false)
		}, "InvalidParameterCombination"},
		"monitoring without a role": {func(in *createInput) { in.MonitoringInterval = new(int32(60)) }, "InvalidParameterCombination"},
		"monitoring too often":      {func(in *createInput) { in.MonitoringInterval = new(int32(2)) }, "InvalidParameterValue"},
		"logs of another engine":    {func(in *createInput) { in.EnableCloudwatchLogsExports = []string{"postgresql"} }, "InvalidParameterCombination"},
		"reserved tag": {
			func(in *createInput) {
				in.Tags = []types.Tag{{Key: new("aws:mine"), Value: new("x")}}
			}, "InvalidParameterValue",
		},
		"name taken":             {func(in *createInput) { in.DBInstanceIdentifier = new("Taken") }, "DBInstanceAlreadyExists"},
		"PostgreSQL's own user":  {func(in *createInput) { asPostgres(in); in.MasterUsername = new("admin") }, "InvalidParameterValue"},
		"too many":               {func(in *createInput) { in.DBInstanceIdentifier = new("third") }, ""},
		"too many in all":        {func(in *createInput) { in.DBInstanceIdentifier = new("fourth") }, "InstanceQuotaExceeded"},
		"too much storage":       {func(in *createInput) { in.AllocatedStorage = new(int32(990)) }, "StorageQuotaExceeded"},
		"no capacity (injected)": {func(in *createInput) { in.DBInstanceIdentifier = new("unlucky") }, "InsufficientDBInstanceCapacity"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.settings(t, local.Settings{Quotas: map[string]int{"rds:instances": 2, "rds:storageGiB": 1000}})
			none := &local.Error{Code: "InsufficientDBInstanceCapacity", Message: "none"}
			w.fault(t, local.Rule{Operation: "CreateDBInstance", Name: "unlucky", Effect: local.Effect{Error: none}})
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

func asPostgres(in *createInput) {
	in.Engine, in.EngineVersion, in.DBName = new("postgres"), new("16"), nil
	in.MasterUsername = new("postgres")
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
	if db.Endpoint == nil || !strings.HasPrefix(*db.Endpoint.Address, "127.") || db.InstanceCreateTime == nil {
		t.Errorf("endpoint %v, created %v", db.Endpoint, db.InstanceCreateTime)
	}
}

// TestCreateEverything sets all that a serious user sets.
func TestCreateEverything(t *testing.T) {
	w := start(t)
	w.create(t, "full", func(in *createInput) {
		asPostgres(in)
		in.AllocatedStorage, in.MaxAllocatedStorage, in.StorageType = new(int32(400)), new(int32(1000)), new("gp3")
		in.Iops, in.StorageThroughput = new(int32(13000)), new(int32(600))
		in.MultiAZ, in.StorageEncrypted, in.KmsKeyId = new(true), new(true), new("11111111-2222-3333-4444-555555555555")
		in.BackupRetentionPeriod, in.PreferredBackupWindow, in.PreferredMaintenanceWindow = new(int32(7)), new("23:30-00:30"), new("Mon:04:00-Mon:05:00")
		in.DeletionProtection, in.CopyTagsToSnapshot, in.PubliclyAccessible, in.AutoMinorVersionUpgrade = new(true), new(true), new(true), new(false)
		in.EnableIAMDatabaseAuthentication, in.EnablePerformanceInsights = new(true), new(true)
		in.MonitoringInterval, in.MonitoringRoleArn = new(int32(60)), new("arn:aws:iam::000000000001:role/monitor")
		in.EnableCloudwatchLogsExports, in.CACertificateIdentifier = []string{"upgrade", "postgresql"}, new("rds-ca-ecc384-g1")
		in.Tags = []types.Tag{{Key: new("b"), Value: new("2")}, {Key: new("a"), Value: new("1 & <2>")}}
	})
	db := w.get(t, "full")
	got := map[string]any{
		"storage":   [4]int32{*db.AllocatedStorage, *db.MaxAllocatedStorage, *db.Iops, *db.StorageThroughput},
		"two zones": *db.AvailabilityZone != *db.SecondaryAvailabilityZone,
		"key":       *db.KmsKeyId, "retention": *db.BackupRetentionPeriod, "backup": *db.PreferredBackupWindow, "maintenance": *db.PreferredMaintenanceWindow,
		"flags": []bool{*db.DeletionProtection, *db.CopyTagsToSnapshot, *db.PubliclyAccessible, *db.AutoMinorVersionUpgrade,
			*db.IAMDatabaseAuthenticationEnabled, *db.PerformanceInsightsEnabled},
		"insights": *db.PerformanceInsightsRetentionPeriod, "monitoring": *db.MonitoringInterval, "role": *db.MonitoringRoleArn,
		"logs": db.EnabledCloudwatchLogsExports, "CA": *db.CertificateDetails.CAIdentifier,
		"tags": len(db.TagList), "tag": *db.TagList[0].Value, "database": *db.DBName,
	}
	want := map[string]any{
		"storage": [4]int32{400, 1000, 13000, 600}, "two zones": true,
		"key": "arn:aws:kms:us-east-1:000000000001:key/11111111-2222-3333-4444-555555555555", "retention": int32(7), "backup": "23:30-00:30",
		"maintenance": "mon:04:00-mon:05:00",
		"flags":       []bool{true, true, true, false, true, true}, "insights": int32(7), "monitoring": int32(60), "role": "arn:aws:iam::000000000001:role/monitor",
		"logs": []string{"postgresql", "upgrade"}, "CA": "rds-ca-ecc384-g1", "tags": 2, "tag": "1 & <2>", "database": "postgres",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
