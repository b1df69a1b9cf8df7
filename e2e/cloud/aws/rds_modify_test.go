// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestModifyRefusals(t *testing.T) {
	tests := map[string]struct {
		in   modifyInput
		want string
	}{
		"no such instance":       {modifyInput{DBInstanceIdentifier: new("nobody")}, "DBInstanceNotFound"},
		"storage shrunk":         {modifyInput{AllocatedStorage: new(int32(30))}, "InvalidParameterCombination"},
		"limit below storage":    {modifyInput{MaxAllocatedStorage: new(int32(30))}, "InvalidParameterCombination"},
		"unknown version":        {modifyInput{EngineVersion: new("12.1")}, "InvalidParameterCombination"},
		"older version":          {modifyInput{EngineVersion: new("8.0.41")}, "InvalidParameterCombination"},
		"major version":          {modifyInput{EngineVersion: new("8.4.3")}, "InvalidParameterCombination"},
		"major version, allowed": {modifyInput{EngineVersion: new("8.4.3"), AllowMajorVersionUpgrade: new(true)}, ""},
		"same major version":     {modifyInput{EngineVersion: new("8.0")}, ""},
		"unknown class":          {modifyInput{DBInstanceClass: new("db.t4g.gigantic")}, "InvalidParameterValue"},
		"unknown CA":             {modifyInput{CACertificateIdentifier: new("mine")}, "CertificateNotFound"},
		"bad password":           {modifyInput{MasterUserPassword: new("at@sign-in-it")}, "InvalidParameterValue"},
		"retention too long":     {modifyInput{BackupRetentionPeriod: new(int32(40))}, "InvalidParameterValue"},
		"bad window":             {modifyInput{PreferredBackupWindow: new("25:00-26:00")}, "InvalidParameterValue"},
		"unknown group":          {modifyInput{VpcSecurityGroupIds: []string{"sg-00000000"}}, "InvalidParameterValue"},
		"unknown parameters":     {modifyInput{DBParameterGroupName: new("mine")}, "DBParameterGroupNotFound"},
		"unknown options":        {modifyInput{OptionGroupName: new("mine")}, "OptionGroupNotFoundFault"},
		"privileged port":        {modifyInput{DBPortNumber: new(int32(99))}, "InvalidParameterValue"},
		"nothing":                {modifyInput{}, ""},
	}
	w := start(t)
	w.create(t, "db", func(in *createInput) {
		in.EngineVersion, in.AllocatedStorage = new("8.0.42"), new(int32(40))
	})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.in.DBInstanceIdentifier == nil {
				tc.in.DBInstanceIdentifier = new("db")
			}
			_, err := w.rds.ModifyDBInstance(t.Context(), &tc.in)
			wantCode(t, err, tc.want)
		})
	}
}

// TestModifyOutcome shows what becomes of a change that is applied at once.
func TestModifyOutcome(t *testing.T) {
	tests := map[string]struct {
		in   modifyInput
		got  func(types.DBInstance) any
		want any
	}{
		"class":             {modifyInput{DBInstanceClass: new("db.m6g.large")}, func(db types.DBInstance) any { return *db.DBInstanceClass }, "db.m6g.large"},
		"storage":           {modifyInput{AllocatedStorage: new(int32(50))}, func(db types.DBInstance) any { return *db.AllocatedStorage }, int32(50)},
		"storage, a little": {modifyInput{AllocatedStorage: new(int32(41))}, func(db types.DBInstance) any { return *db.AllocatedStorage }, int32(44)},
		"storage, fast from there": {
			modifyInput{AllocatedStorage: new(int32(500))},
			func(db types.DBInstance) any { return [2]int32{*db.Iops, *db.StorageThroughput} }, [2]int32{12000, 500},
		},
		"storage type": {
			modifyInput{StorageType: new("gp2")},
			func(db types.DBInstance) any { return []any{*db.StorageType, db.Iops == nil} }, []any{"gp2", true},
		},
		"autoscaling":     {modifyInput{MaxAllocatedStorage: new(int32(100))}, func(db types.DBInstance) any { return *db.MaxAllocatedStorage }, int32(100)},
		"autoscaling off": {modifyInput{MaxAllocatedStorage: new(int32(40))}, func(db types.DBInstance) any { return db.MaxAllocatedStorage == nil }, true},
		"minor version":   {modifyInput{EngineVersion: new("8.4.5")}, func(db types.DBInstance) any { return *db.EngineVersion }, "8.4.5"},
		"multi-AZ":        {modifyInput{MultiAZ: new(true)}, func(db types.DBInstance) any { return db.SecondaryAvailabilityZone != nil }, true},
		"retention":       {modifyInput{BackupRetentionPeriod: new(int32(9))}, func(db types.DBInstance) any { return *db.BackupRetentionPeriod }, int32(9)},
		"CA": {
			modifyInput{CACertificateIdentifier: new("rds-ca-ecc384-g1")},
			func(db types.DBInstance) any { return *db.CACertificateIdentifier }, "rds-ca-ecc384-g1",
		},
		"protection": {modifyInput{DeletionProtection: new(true)}, func(db types.DBInstance) any { return *db.DeletionProtection }, true},
		"windows": {
			modifyInput{PreferredMaintenanceWindow: new("tue:01:00-tue:02:00")},
			func(db types.DBInstance) any { return *db.PreferredMaintenanceWindow }, "tue:01:00-tue:02:00",
		},
		"logs": {
			modifyInput{CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: []string{"error", "audit"}}},
			func(db types.DBInstance) any { return db.EnabledCloudwatchLogsExports }, []string{"audit", "error"},
		},
		"monitoring": {
			modifyInput{MonitoringInterval: new(int32(30)), MonitoringRoleArn: new("arn:r")},
			func(db types.DBInstance) any { return *db.MonitoringInterval }, int32(30),
		},
		"insights": {
			modifyInput{EnablePerformanceInsights: new(true), PerformanceInsightsRetentionPeriod: new(int32(31))},
			func(db types.DBInstance) any { return *db.PerformanceInsightsRetentionPeriod }, int32(31),
		},
		"port": {modifyInput{DBPortNumber: new(int32(23306))}, func(db types.DBInstance) any { return *db.Endpoint.Port }, int32(23306)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.create(t, "db", func(in *createInput) { in.AllocatedStorage = new(int32(40)) })
			tc.in.DBInstanceIdentifier, tc.in.ApplyImmediately = new("db"), new(true)
			w.modify(t, &tc.in)
			db := w.get(t, "db")
			if diff := cmp.Diff(tc.want, tc.got(db)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if *db.DBInstanceStatus != "available" {
				t.Errorf("state %s", *db.DBInstanceStatus)
			}
		})
	}
}

// TestModifyPending shows that a change waits for the maintenance window, but
// for a password.
func TestModifyPending(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), DBInstanceClass: new("db.m6g.large"), MasterUserPassword: new("battery-staple")})
	db := w.get(t, "db")
	p := db.PendingModifiedValues
	if *db.DBInstanceClass != "db.t4g.small" || sdk.ToString(p.DBInstanceClass) != "db.m6g.large" || p.MasterUserPassword != nil {
		t.Errorf("class %s, pending %v, password %v", *db.DBInstanceClass, sdk.ToString(p.DBInstanceClass), p.MasterUserPassword)
	}
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), MultiAZ: new(true), ApplyImmediately: new(true)})
	if db = w.get(t, "db"); *db.DBInstanceClass != "db.m6g.large" || !*db.MultiAZ {
		t.Errorf("what was pending was not applied with the next change: class %s, multi-AZ %v", *db.DBInstanceClass, *db.MultiAZ)
	}
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), BackupRetentionPeriod: new(int32(3))})
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), BackupRetentionPeriod: new(int32(1))})
	if p := w.get(t, "db").PendingModifiedValues.BackupRetentionPeriod; p != nil {
		t.Errorf("a change that was taken back is pending: %d", *p)
	}
}

func TestMaintenanceWindow(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), DBInstanceClass: new("db.m6g.large")})
	check(t, w.Maintain(t.Context(), instance("db")))
	if db := w.get(t, "db"); *db.DBInstanceClass != "db.m6g.large" {
		t.Errorf("after its maintenance window the class is %s", *db.DBInstanceClass)
	}
}

func TestPasswordIsNeverShown(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	w.settings(t, local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(time.Hour)}})
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), MasterUserPassword: new("battery-staple")})
	db := w.get(t, "db")
	if got := sdk.ToString(db.PendingModifiedValues.MasterUserPassword); got != "****" || *db.DBInstanceStatus != "resetting-master-credentials" {
		t.Errorf("in state %s the pending password is shown as %q", *db.DBInstanceStatus, got)
	}
}

func TestMajorUpgrade(t *testing.T) {
	w := start(t)
	w.create(t, "db", asPostgres)
	w.modify(t, &modifyInput{
		DBInstanceIdentifier: new("db"), EngineVersion: new("17"), AllowMajorVersionUpgrade: new(true), ApplyImmediately: new(true),
	})
	db := w.get(t, "db")
	if *db.EngineVersion != "17.4" || *db.DBParameterGroups[0].DBParameterGroupName != "default.postgres17" {
		t.Errorf("got version %s with parameters %s", *db.EngineVersion, *db.DBParameterGroups[0].DBParameterGroupName)
	}
}

func TestReboot(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	must(w.rds.CreateDBParameterGroup(t.Context(), &rds.CreateDBParameterGroupInput{
		DBParameterGroupName: new("Mine"), DBParameterGroupFamily: new("mysql8.4"), Description: new("d"),
	}))(t)
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), DBParameterGroupName: new("mine")})
	status := func() [2]string {
		g := w.get(t, "db").DBParameterGroups[0]
		return [2]string{*g.DBParameterGroupName, *g.ParameterApplyStatus}
	}
	if got := status(); got != [2]string{"mine", "pending-reboot"} {
		t.Errorf("before the reboot: %v", got)
	}
	must(w.rds.RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: new("db")}))(t)
	if got := status(); got != [2]string{"mine", "in-sync"} {
		t.Errorf("after the reboot: %v", got)
	}
	_, err := w.rds.RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: new("db"), ForceFailover: new(true)})
	wantCode(t, err, "InvalidParameterCombination")
}

func TestVersions(t *testing.T) {
	w := start(t)
	list := func(in *rds.DescribeDBEngineVersionsInput) []types.DBEngineVersion {
		return must(w.rds.DescribeDBEngineVersions(t.Context(), in))(t).DBEngineVersions
	}
	for _, v := range list(&rds.DescribeDBEngineVersionsInput{Engine: new("mysql")}) {
		if *v.Engine != "mysql" {
			t.Errorf("%s %s among MySQL's", *v.Engine, *v.EngineVersion)
		}
	}
	found := list(&rds.DescribeDBEngineVersionsInput{Engine: new("postgres"), EngineVersion: new("16.8")})
	if len(found) != 1 || *found[0].DBParameterGroupFamily != "postgres16" ||
		len(found[0].ValidUpgradeTarget) != 3 || *found[0].ValidUpgradeTarget[0].IsMajorVersionUpgrade {
		t.Errorf("PostgreSQL 16.8: %+v", found)
	}
	if found = list(&rds.DescribeDBEngineVersionsInput{DefaultOnly: new(true)}); len(found) != 2 {
		t.Errorf("%d default versions, want one of each engine", len(found))
	}
}
