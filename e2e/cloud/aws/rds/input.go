// SPDX-License-Identifier: Apache-2.0

package rds

// The parameters that several operations have in common. What is nil or empty
// was not given.

type storageInput struct {
	AllocatedStorage    *int32
	MaxAllocatedStorage *int32
	StorageType         string
	Iops                *int32
	StorageThroughput   *int32
}

type backupInput struct {
	BackupRetentionPeriod      *int32
	PreferredBackupWindow      string
	PreferredMaintenanceWindow string
}

type featuresInput struct {
	AutoMinorVersionUpgrade         *bool
	CACertificateIdentifier         string
	CopyTagsToSnapshot              *bool
	DeletionProtection              *bool
	EnableIAMDatabaseAuthentication *bool
	EnablePerformanceInsights       *bool
	LicenseModel                    string
	MonitoringInterval              *int32
	MonitoringRoleArn               string
	MultiAZ                         *bool
	NetworkType                     string
	PerformanceInsightsRetention    *int32 `query:"PerformanceInsightsRetentionPeriod"`
	PubliclyAccessible              *bool
}

type placementInput struct {
	AvailabilityZone     string
	DBParameterGroupName string
	DBSubnetGroupName    string
	OptionGroupName      string
	VpcSecurityGroupIDs  []string `query:"VpcSecurityGroupIds"`
}

// makeInput is what every way of making an instance takes.
type makeInput struct {
	DBInstanceClass             string
	EnableCloudwatchLogsExports []string
	EngineLifecycleSupport      string
	Port                        *int32
	Tags                        []tag
	storageInput
	backupInput
	featuresInput
	placementInput
}

func orElse[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}

func orString(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
