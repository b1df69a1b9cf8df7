// SPDX-License-Identifier: Apache-2.0

package rds

import "time"

// description is a DB instance as the API shows it, and thereby what the
// service keeps of it. What was not asked for and AWS does not choose is nil.
type description struct {
	DBInstanceIdentifier             string
	DBInstanceArn                    string
	DbiResourceID                    string `xml:"DbiResourceId"`
	DBInstanceStatus                 string
	DBInstanceClass                  string
	Engine                           string
	EngineVersion                    string
	LicenseModel                     string
	MasterUsername                   string
	DBName                           *string   `xml:",omitempty"`
	Endpoint                         *endpoint `xml:",omitempty"`
	DbInstancePort                   int32
	InstanceCreateTime               *time.Time `xml:",omitempty"`
	LatestRestorableTime             *time.Time `xml:",omitempty"`
	AllocatedStorage                 int32
	MaxAllocatedStorage              *int32 `xml:",omitempty"`
	StorageType                      string
	Iops                             *int32 `xml:",omitempty"`
	StorageThroughput                *int32 `xml:",omitempty"`
	StorageEncrypted                 bool
	KmsKeyID                         *string `xml:"KmsKeyId,omitempty"`
	MultiAZ                          bool
	AvailabilityZone                 string
	SecondaryAvailabilityZone        *string `xml:",omitempty"`
	PubliclyAccessible               bool
	NetworkType                      string
	DBSubnetGroup                    *subnetGroup
	VpcSecurityGroups                []groupMembership     `xml:"VpcSecurityGroups>VpcSecurityGroupMembership"`
	DBParameterGroups                []parameterGroupInUse `xml:"DBParameterGroups>DBParameterGroup"`
	OptionGroupMemberships           []optionGroupInUse    `xml:"OptionGroupMemberships>OptionGroupMembership"`
	BackupRetentionPeriod            int32
	BackupTarget                     string
	PreferredBackupWindow            string
	PreferredMaintenanceWindow       string
	AutoMinorVersionUpgrade          bool
	CopyTagsToSnapshot               bool
	DeletionProtection               bool
	IAMDatabaseAuthenticationEnabled bool
	PerformanceInsightsEnabled       bool
	PerformanceInsightsRetention     *int32 `xml:"PerformanceInsightsRetentionPeriod,omitempty"`
	MonitoringInterval               int32
	MonitoringRoleArn                *string `xml:",omitempty"`
	CACertificateIdentifier          string
	CertificateDetails               certificate
	EnabledCloudwatchLogsExports     []string `xml:"EnabledCloudwatchLogsExports>member"`
	PendingModifiedValues            pendingValues
	TagList                          []tag `xml:"TagList>Tag"`
}

type endpoint struct {
	Address      string
	Port         int32
	HostedZoneID string `xml:"HostedZoneId"`
}

type certificate struct {
	CAIdentifier string
	ValidTill    time.Time
}

type groupMembership struct {
	VpcSecurityGroupID string `xml:"VpcSecurityGroupId"`
	Status             string
}

type optionGroupInUse struct {
	OptionGroupName string
	Status          string
}

type parameterGroupInUse struct {
	DBParameterGroupName string
	ParameterApplyStatus string
}

// pendingValues are changes that were asked for and are not there yet. The
// password is shown as asterisks.
type pendingValues struct {
	DBInstanceClass         *string `xml:",omitempty"`
	AllocatedStorage        *int32  `xml:",omitempty"`
	StorageType             *string `xml:",omitempty"`
	Iops                    *int32  `xml:",omitempty"`
	StorageThroughput       *int32  `xml:",omitempty"`
	EngineVersion           *string `xml:",omitempty"`
	MultiAZ                 *bool   `xml:",omitempty"`
	BackupRetentionPeriod   *int32  `xml:",omitempty"`
	CACertificateIdentifier *string `xml:",omitempty"`
	MasterUserPassword      *string `xml:",omitempty"`
	Port                    *int32  `xml:",omitempty"`
}

type tag struct {
	Key   string
	Value string
}

// subnetGroup is a DB subnet group as the API shows it.
type subnetGroup struct {
	DBSubnetGroupName        string
	DBSubnetGroupDescription string
	DBSubnetGroupArn         string
	VpcID                    string `xml:"VpcId"`
	SubnetGroupStatus        string
	Subnets                  []groupSubnet `xml:"Subnets>Subnet"`
}

type groupSubnet struct {
	SubnetIdentifier       string
	SubnetAvailabilityZone zone
	SubnetStatus           string
}

type zone struct{ Name string }

// instanceResult is the answer of operations on one instance.
type instanceResult struct {
	DBInstance description
}
