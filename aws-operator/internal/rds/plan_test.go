// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// want and have describe the same instance, with every field that RDS returns.
func want() v1alpha1.RDSInstanceParameters {
	return v1alpha1.RDSInstanceParameters{
		Region: "eu-west-1", Engine: "mysql", EngineVersion: "8.4", Class: "db.t4g.small", AllocatedStorageGiB: aws.Int32(20),
		StorageType: "gp3", MultiAZ: aws.Bool(false), BackupRetentionDays: aws.Int32(7), DBName: "shop", MasterUsername: "admin",
		DBSubnetGroupName: "Private", VPCSecurityGroupIDs: []string{"sg-2", "sg-1"}, DBParameterGroupName: "Tuned",
		DeletionProtection: aws.Bool(false), PubliclyAccessible: aws.Bool(false), StorageEncrypted: aws.Bool(true), KMSKeyID: "1234",
		AvailabilityZone: "eu-west-1a", Port: aws.Int32(3306), OptionGroupName: "default:mysql-8-4",
	}
}

func have() *types.DBInstance {
	return &types.DBInstance{
		DBInstanceIdentifier: aws.String("db"), DBInstanceStatus: aws.String("available"),
		Engine: aws.String("mysql"), EngineVersion: aws.String("8.4.3"), DBInstanceClass: aws.String("db.t4g.small"),
		AllocatedStorage: aws.Int32(20), StorageType: aws.String("gp3"), Iops: aws.Int32(3000), StorageThroughput: aws.Int32(125),
		MultiAZ: aws.Bool(false), BackupRetentionPeriod: aws.Int32(7), DBName: aws.String("shop"), MasterUsername: aws.String("admin"),
		DBSubnetGroup: &types.DBSubnetGroup{DBSubnetGroupName: aws.String("private")},
		VpcSecurityGroups: []types.VpcSecurityGroupMembership{
			{VpcSecurityGroupId: aws.String("sg-1"), Status: aws.String("active")},
			{VpcSecurityGroupId: aws.String("sg-2"), Status: aws.String("adding")},
			{VpcSecurityGroupId: aws.String("sg-3"), Status: aws.String("removing")},
		},
		DBParameterGroups: []types.DBParameterGroupStatus{
			{DBParameterGroupName: aws.String("tuned"), ParameterApplyStatus: aws.String("pending-reboot")},
		},
		OptionGroupMemberships: []types.OptionGroupMembership{{OptionGroupName: aws.String("default:mysql-8-4"), Status: aws.String("in-sync")}},
		PubliclyAccessible:     aws.Bool(false), StorageEncrypted: aws.Bool(true), AvailabilityZone: aws.String("eu-west-1a"),
		KmsKeyId: aws.String("arn:aws:kms:eu-west-1:123456789012:key/1234"), AutoMinorVersionUpgrade: aws.Bool(true),
		PreferredBackupWindow: aws.String("03:00-03:30"), Endpoint: &types.Endpoint{Address: aws.String("db.example.org"), Port: aws.Int32(3306)},
	}
}

type situation struct {
	want func(*v1alpha1.RDSInstanceParameters)
	have func(*types.DBInstance)
}

func (s situation) make() (v1alpha1.RDSInstanceParameters, *types.DBInstance) {
	w, h := want(), have()
	if s.want != nil {
		s.want(&w)
	}
	if s.have != nil {
		s.have(h)
	}
	return w, h
}

func TestPlanOfWhatIsInSyncIsEmpty(t *testing.T) {
	for name, s := range map[string]situation{
		"same but for order, case and a version prefix": {},
		"left out": {want: func(w *v1alpha1.RDSInstanceParameters) {
			*w = v1alpha1.RDSInstanceParameters{Region: w.Region, Engine: w.Engine, Class: w.Class}
		}},
		"version in full":              {want: func(w *v1alpha1.RDSInstanceParameters) { w.EngineVersion = "8.4.3" }},
		"newer patch installed by RDS": {want: func(w *v1alpha1.RDSInstanceParameters) { w.EngineVersion = "8.4.1" }},
		"storage grown by RDS": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.MaxAllocatedStorageGiB = aws.Int32(100) },
			have: func(h *types.DBInstance) { h.AllocatedStorage, h.MaxAllocatedStorage = aws.Int32(40), aws.Int32(100) },
		},
		"storage rounded up by RDS": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.AllocatedStorageGiB = aws.Int32(41) },
			have: func(h *types.DBInstance) { h.AllocatedStorage = aws.Int32(44) },
		},
		"class asked for already": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.Class = "db.m8g.large" },
			have: func(h *types.DBInstance) {
				h.PendingModifiedValues = &types.PendingModifiedValues{DBInstanceClass: aws.String("db.m8g.large")}
			},
		},
		"version asked for already": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.EngineVersion = "9" },
			have: func(h *types.DBInstance) {
				h.PendingModifiedValues = &types.PendingModifiedValues{EngineVersion: aws.String("9.1.0")}
			},
		},
		"logs asked for already": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.EnabledCloudwatchLogsExports = []string{"error"} },
			have: func(h *types.DBInstance) {
				h.EnabledCloudwatchLogsExports = []string{"audit"}
				h.PendingModifiedValues = &types.PendingModifiedValues{PendingCloudwatchLogsExports: &types.PendingCloudwatchLogsExports{
					LogTypesToEnable: []string{"error"}, LogTypesToDisable: []string{"audit"},
				}}
			},
		},
		"key by alias": {want: func(w *v1alpha1.RDSInstanceParameters) { w.KMSKeyID = "alias/databases" }},
		"key by ARN":   {want: func(w *v1alpha1.RDSInstanceParameters) { w.KMSKeyID = *have().KmsKeyId }},
		"zone after a failover": {
			want: func(w *v1alpha1.RDSInstanceParameters) { w.MultiAZ = nil },
			have: func(h *types.DBInstance) { h.MultiAZ, h.AvailabilityZone = aws.Bool(true), aws.String("eu-west-1b") },
		},
		"insights retention while insights are off": {want: func(w *v1alpha1.RDSInstanceParameters) {
			w.PerformanceInsightsRetentionDays = aws.Int32(31)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w, h := s.make()
			if _, drift := plan(w, h); len(drift) > 0 {
				t.Errorf("drift: %v", drift)
			}
			if f := fixed(w, h); len(f) > 0 {
				t.Errorf("fixed: %v", f)
			}
		})
	}
}

var planned = map[string]struct {
	situation
	request rds.ModifyDBInstanceInput
	drift   diff.Fields
}{
	"class": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.Class = "db.m8g.large" }},
		request:   rds.ModifyDBInstanceInput{DBInstanceClass: aws.String("db.m8g.large")},
		drift:     diff.Fields{"class"},
	},
	"in the maintenance window": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.Class, w.ApplyImmediately = "db.m8g.large", aws.Bool(false)
		}},
		request: rds.ModifyDBInstanceInput{DBInstanceClass: aws.String("db.m8g.large"), ApplyImmediately: aws.Bool(false)},
		drift:   diff.Fields{"class"},
	},
	"another value than the one asked for": {
		situation: situation{have: func(h *types.DBInstance) {
			h.PendingModifiedValues = &types.PendingModifiedValues{DBInstanceClass: aws.String("db.m8g.large")}
		}},
		request: rds.ModifyDBInstanceInput{DBInstanceClass: aws.String("db.t4g.small")},
		drift:   diff.Fields{"class"},
	},
	"patch": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.EngineVersion = "8.4.5" }},
		request:   rds.ModifyDBInstanceInput{EngineVersion: aws.String("8.4.5")},
		drift:     diff.Fields{"engineVersion"},
	},
	"major version": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.EngineVersion, w.AllowMajorVersionUpgrade = "10.0", aws.Bool(true)
		}},
		request: rds.ModifyDBInstanceInput{EngineVersion: aws.String("10.0"), AllowMajorVersionUpgrade: aws.Bool(true)},
		drift:   diff.Fields{"engineVersion"},
	},
	"storage grows, and its properties go along": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.AllocatedStorageGiB, w.IOPS = aws.Int32(500), aws.Int32(3000)
		}},
		request: rds.ModifyDBInstanceInput{AllocatedStorage: aws.Int32(500), StorageType: aws.String("gp3"), Iops: aws.Int32(3000)},
		drift:   diff.Fields{"allocatedStorageGiB"},
	},
	"iops, and the size goes along": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.IOPS = aws.Int32(12000) }},
		request:   rds.ModifyDBInstanceInput{AllocatedStorage: aws.Int32(20), StorageType: aws.String("gp3"), Iops: aws.Int32(12000)},
		drift:     diff.Fields{"iops"},
	},
	"autoscaling": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.MaxAllocatedStorageGiB = aws.Int32(100) }},
		request:   rds.ModifyDBInstanceInput{MaxAllocatedStorage: aws.Int32(100)},
		drift:     diff.Fields{"maxAllocatedStorageGiB"},
	},
	"network": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.Port, w.VPCSecurityGroupIDs, w.CACertificateIdentifier = aws.Int32(3307), []string{"sg-9"}, "rds-ca-rsa4096-g1"
		}, have: func(h *types.DBInstance) { h.PubliclyAccessible = aws.Bool(true) }},
		request: rds.ModifyDBInstanceInput{
			DBPortNumber: aws.Int32(3307), VpcSecurityGroupIds: []string{"sg-9"}, PubliclyAccessible: aws.Bool(false),
			CACertificateIdentifier: aws.String("rds-ca-rsa4096-g1"),
		},
		drift: diff.Fields{"port", "vpcSecurityGroupIDs", "publiclyAccessible", "caCertificateIdentifier"},
	},
	"groups": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.DBParameterGroupName, w.OptionGroupName = "other", "another"
		}},
		request: rds.ModifyDBInstanceInput{DBParameterGroupName: aws.String("other"), OptionGroupName: aws.String("another")},
		drift:   diff.Fields{"dbParameterGroupName", "optionGroupName"},
	},
	"logs": {
		situation: situation{
			want: func(w *v1alpha1.RDSInstanceParameters) { w.EnabledCloudwatchLogsExports = []string{"error", "audit"} },
			have: func(h *types.DBInstance) { h.EnabledCloudwatchLogsExports = []string{"audit", "general"} },
		},
		request: rds.ModifyDBInstanceInput{CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{
			EnableLogTypes: []string{"error"}, DisableLogTypes: []string{"general"},
		}},
		drift: diff.Fields{"enabledCloudwatchLogsExports"},
	},
	"no logs at all": {
		situation: situation{
			want: func(w *v1alpha1.RDSInstanceParameters) { w.EnabledCloudwatchLogsExports = []string{} },
			have: func(h *types.DBInstance) { h.EnabledCloudwatchLogsExports = []string{"audit"} },
		},
		request: rds.ModifyDBInstanceInput{CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{
			DisableLogTypes: []string{"audit"},
		}},
		drift: diff.Fields{"enabledCloudwatchLogsExports"},
	},
	"operation": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.MultiAZ, w.BackupRetentionDays, w.DeletionProtection = aws.Bool(true), aws.Int32(0), aws.Bool(true)
			w.PreferredBackupWindow, w.PreferredMaintenanceWindow = "01:00-02:00", "sun:05:00-sun:06:00"
			w.CopyTagsToSnapshot, w.AutoMinorVersionUpgrade, w.IAMDatabaseAuthentication = aws.Bool(true), aws.Bool(false), aws.Bool(true)
		}},
		request: rds.ModifyDBInstanceInput{
			MultiAZ: aws.Bool(true), BackupRetentionPeriod: aws.Int32(0), DeletionProtection: aws.Bool(true),
			PreferredBackupWindow: aws.String("01:00-02:00"), PreferredMaintenanceWindow: aws.String("sun:05:00-sun:06:00"),
			CopyTagsToSnapshot: aws.Bool(true), AutoMinorVersionUpgrade: aws.Bool(false), EnableIAMDatabaseAuthentication: aws.Bool(true),
		},
		drift: diff.Fields{
			"autoMinorVersionUpgrade", "iamDatabaseAuthentication", "multiAZ", "backupRetentionDays", "preferredBackupWindow",
			"preferredMaintenanceWindow", "deletionProtection", "copyTagsToSnapshot",
		},
	},
	"monitoring": {
		situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
			w.PerformanceInsightsEnabled, w.PerformanceInsightsRetentionDays = aws.Bool(true), aws.Int32(31)
			w.MonitoringIntervalSeconds, w.MonitoringRoleARN = aws.Int32(60), "arn:aws:iam::123456789012:role/monitor"
		}},
		request: rds.ModifyDBInstanceInput{
			EnablePerformanceInsights: aws.Bool(true), PerformanceInsightsRetentionPeriod: aws.Int32(31),
			MonitoringInterval: aws.Int32(60), MonitoringRoleArn: aws.String("arn:aws:iam::123456789012:role/monitor"),
		},
		drift: diff.Fields{"performanceInsightsEnabled", "performanceInsightsRetentionDays", "monitoringIntervalSeconds", "monitoringRoleARN"},
	},
}

func TestPlanRequestsWhatDiffers(t *testing.T) {
	for name, tc := range planned {
		t.Run(name, func(t *testing.T) {
			tc.request.DBInstanceIdentifier = aws.String("db")
			if tc.request.ApplyImmediately == nil {
				tc.request.ApplyImmediately = aws.Bool(true)
			}
			request, drift := plan(tc.make())
			if d := cmp.Diff(&tc.request, request, cmpopts.IgnoreUnexported(rds.ModifyDBInstanceInput{}, types.CloudwatchLogsExportConfiguration{})); d != "" {
				t.Errorf("request (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.drift, drift); d != "" {
				t.Errorf("drift (-want +got):\n%s", d)
			}
			if f := fixed(tc.make()); len(f) > 0 {
				t.Errorf("fixed: %v", f)
			}
		})
	}
}

func TestWhatCanNotBeChangedIsSaidAndNotSent(t *testing.T) {
	for name, tc := range map[string]struct {
		situation
		fixed diff.Fields
	}{
		"engine": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.Engine, w.EngineVersion = "postgres", "" }},
			diff.Fields{"engine (mysql → postgres)"},
		},
		"older major version": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.EngineVersion = "8.0" }},
			diff.Fields{"engineVersion (8.4.3 → 8.0: RDS can't go back)"},
		},
		"older patch where RDS installs none by itself": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) {
				w.EngineVersion, w.AutoMinorVersionUpgrade = "8.4.1", aws.Bool(false)
			}, have: func(h *types.DBInstance) { h.AutoMinorVersionUpgrade = aws.Bool(false) }},
			diff.Fields{"engineVersion (8.4.3 → 8.4.1: RDS can't go back)"},
		},
		"storage shrunk": {
			situation{have: func(h *types.DBInstance) { h.AllocatedStorage = aws.Int32(40) }},
			diff.Fields{"allocatedStorageGiB (40 → 20: storage can't shrink)"},
		},
		"database name": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.DBName = "store" }},
			diff.Fields{"dbName (shop → store)"},
		},
		"database name where there is none": {
			situation{have: func(h *types.DBInstance) { h.DBName = nil }},
			diff.Fields{"dbName (none → shop)"},
		},
		"master user": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.MasterUsername = "boss" }},
			diff.Fields{"masterUsername (admin → boss)"},
		},
		"encryption": {
			situation{have: func(h *types.DBInstance) { h.StorageEncrypted, h.KmsKeyId = nil, nil }},
			diff.Fields{"storageEncrypted (false → true)", "kmsKeyID (none → 1234)"},
		},
		"place": {
			situation{want: func(w *v1alpha1.RDSInstanceParameters) {
				w.DBSubnetGroupName, w.AvailabilityZone = "public", "eu-west-1c"
			}},
			diff.Fields{"availabilityZone (eu-west-1a → eu-west-1c)", "dbSubnetGroupName (private → public)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.fixed, fixed(tc.make())); d != "" {
				t.Errorf("fixed (-want +got):\n%s", d)
			}
			if _, drift := plan(tc.make()); len(drift) > 0 {
				t.Errorf("drift: %v", drift)
			}
		})
	}
}

func TestMasterUserOfARestoredInstanceIsTheSources(t *testing.T) {
	w, h := want(), have()
	w.MasterUsername, w.RestoreFrom = "boss", &v1alpha1.RestoreSource{SnapshotIdentifier: "last"}
	if f := fixed(w, h); len(f) > 0 {
		t.Errorf("fixed: %v", f)
	}
}
