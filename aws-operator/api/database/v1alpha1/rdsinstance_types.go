// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Engines of an RDSInstance.
const (
	EngineMySQL    = "mysql"
	EnginePostgres = "postgres"
)

// RDSInstanceParameters are what a user may say of an RDS instance. A field
// that is left out is AWS's to choose: it is neither sent nor compared. Fields
// that are said to be fixed are set when the instance is created; a later
// change is reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.allocatedStorageGiB) || has(self.restoreFrom)",message="allocatedStorageGiB is required unless the instance is restored"
// +kubebuilder:validation:XValidation:rule="!has(self.dbSubnetGroupName) || !has(self.dbSubnetGroupRef)",message="set dbSubnetGroupName or dbSubnetGroupRef, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcSecurityGroupIDs) || !has(self.vpcSecurityGroupRefs)",message="set vpcSecurityGroupIDs or vpcSecurityGroupRefs, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.availabilityZone) || !has(self.multiAZ) || !self.multiAZ",message="availabilityZone can't be chosen for a Multi-AZ instance"
// +kubebuilder:validation:XValidation:rule="!has(self.maxAllocatedStorageGiB) || !has(self.allocatedStorageGiB) || self.maxAllocatedStorageGiB >= self.allocatedStorageGiB",message="maxAllocatedStorageGiB must not be less than allocatedStorageGiB"
// +kubebuilder:validation:XValidation:rule="!has(self.kmsKeyID) || !has(self.storageEncrypted) || self.storageEncrypted",message="kmsKeyID goes with encrypted storage only"
// +kubebuilder:validation:XValidation:rule="!has(self.monitoringIntervalSeconds) || self.monitoringIntervalSeconds == 0 || has(self.monitoringRoleARN)",message="enhanced monitoring needs monitoringRoleARN"
// +kubebuilder:validation:XValidation:rule="!has(self.finalSnapshotIdentifier) || !has(self.skipFinalSnapshot) || !self.skipFinalSnapshot",message="finalSnapshotIdentifier goes with a final snapshot; skipFinalSnapshot forbids one"
type RDSInstanceParameters struct {
	// Region that the instance runs in, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an instance can't move to another region"
	Region string `json:"region"`

	// Engine: mysql or postgres. Never changes.
	// +kubebuilder:validation:Enum=mysql;postgres
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an instance can't change its engine"
	Engine string `json:"engine"`

	// EngineVersion, whole or its beginning: with "8.4" any 8.4.x is in order.
	// It can be raised; to raise the major version takes
	// allowMajorVersionUpgrade too. RDS can't go back. Absent: RDS's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9A-Za-z-]+)*$`
	// +kubebuilder:validation:MaxLength=32
	EngineVersion string `json:"engineVersion,omitempty"`

	// Class is the instance class, for example db.t4g.small. It can change,
	// with an outage of some minutes.
	// +kubebuilder:validation:Pattern=`^db\.[a-z0-9-]+\.[a-z0-9.-]+$`
	// +kubebuilder:validation:MaxLength=64
	Class string `json:"class"`

	// AllocatedStorageGiB is the size of the storage in GiB, 20 to 65536. It can
	// grow, by a tenth at least, to which RDS rounds up, and never shrink.
	// Required unless restoreFrom is set; a restored instance has what its source
	// had. While maxAllocatedStorageGiB is set, more than asked for is in order:
	// RDS grew it.
	// +optional
	// +kubebuilder:validation:Minimum=20
	// +kubebuilder:validation:Maximum=65536
	AllocatedStorageGiB *int32 `json:"allocatedStorageGiB,omitempty"`

	// MaxAllocatedStorageGiB, in GiB, lets RDS grow the storage by itself up to
	// this size. It can change. Absent: RDS does not grow a new instance's storage.
	// +optional
	// +kubebuilder:validation:Minimum=20
	// +kubebuilder:validation:Maximum=65536
	MaxAllocatedStorageGiB *int32 `json:"maxAllocatedStorageGiB,omitempty"`

	// StorageType: gp2, gp3, io1, io2 or standard. It can change. Absent: RDS's
	// default for the class.
	// +optional
	// +kubebuilder:validation:Enum=gp2;gp3;io1;io2;standard
	StorageType string `json:"storageType,omitempty"`

	// IOPS provisioned, in operations per second, for io1, io2 and gp3. It can
	// change. Absent: the storage type's baseline.
	// +optional
	// +kubebuilder:validation:Minimum=1000
	// +kubebuilder:validation:Maximum=256000
	IOPS *int32 `json:"iops,omitempty"`

	// StorageThroughput in MiB per second, for gp3. It can change. Absent: the
	// baseline.
	// +optional
	// +kubebuilder:validation:Minimum=125
	// +kubebuilder:validation:Maximum=4000
	StorageThroughput *int32 `json:"storageThroughput,omitempty"`

	// StorageEncrypted says whether the storage is encrypted at rest. Fixed.
	// Absent: RDS's default, which is not to encrypt.
	// +optional
	StorageEncrypted *bool `json:"storageEncrypted,omitempty"`

	// KMSKeyID is the id, ARN or alias of the key that encrypts the storage.
	// Fixed. Absent: the account's default key for RDS.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	KMSKeyID string `json:"kmsKeyID,omitempty"`

	// MultiAZ keeps a standby in another availability zone. It can change.
	// Absent: a new instance has none.
	// +optional
	MultiAZ *bool `json:"multiAZ,omitempty"`

	// AvailabilityZone that the instance runs in, for example eu-west-1a. Fixed;
	// not with multiAZ. Absent: RDS chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+[a-z-]+[0-9a-z-]*$`
	// +kubebuilder:validation:MaxLength=48
	AvailabilityZone string `json:"availabilityZone,omitempty"`

	// DBName is the name of the database that the new instance starts with:
	// letters, digits and underscores, beginning with a letter. Fixed. Absent:
	// MySQL has none; PostgreSQL always has one named postgres.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_]*$`
	// +kubebuilder:validation:MaxLength=63
	DBName string `json:"dbName,omitempty"`

	// MasterUsername is the name of the instance's first user. Fixed; ignored
	// when restoring. Absent: admin for MySQL, postgres for PostgreSQL.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_]*$`
	// +kubebuilder:validation:MaxLength=63
	MasterUsername string `json:"masterUsername,omitempty"`

	// Port that the instance listens on. It can change, with a restart. Absent:
	// the engine's own, 3306 or 5432.
	// +optional
	// +kubebuilder:validation:Minimum=1150
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// DBSubnetGroupName names the DB subnet group that the instance lives in.
	// Fixed. Absent, like dbSubnetGroupRef: the default VPC.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DBSubnetGroupName string `json:"dbSubnetGroupName,omitempty"`

	// DBSubnetGroupRef names a DBSubnetGroup object instead. The instance is
	// created when that is ready.
	// +optional
	DBSubnetGroupRef *v1alpha1.Reference `json:"dbSubnetGroupRef,omitempty"`

	// VPCSecurityGroupIDs are the security groups that guard the instance. They
	// can change. Absent, like vpcSecurityGroupRefs: the VPC's default group.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^sg-[0-9a-z]+$`
	VPCSecurityGroupIDs []string `json:"vpcSecurityGroupIDs,omitempty"`

	// VPCSecurityGroupRefs name SecurityGroup objects instead.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	VPCSecurityGroupRefs []v1alpha1.Reference `json:"vpcSecurityGroupRefs,omitempty"`

	// DBParameterGroupName names the parameter group. It can change; some
	// parameters wait for a restart. Absent: the engine version's default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DBParameterGroupName string `json:"dbParameterGroupName,omitempty"`

	// OptionGroupName names the option group. It can change. Absent: the engine
	// version's default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	OptionGroupName string `json:"optionGroupName,omitempty"`

	// BackupRetentionDays is for how many days automated backups are kept, 0 to
	// 35; 0 switches them off, and with them restores to a point in time. It can
	// change. Absent: RDS's default, 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=35
	BackupRetentionDays *int32 `json:"backupRetentionDays,omitempty"`

	// PreferredBackupWindow is when backups are made each day, in UTC:
	// "03:00-03:30", at least 30 minutes. It can change. Absent: RDS chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`
	PreferredBackupWindow string `json:"preferredBackupWindow,omitempty"`

	// PreferredMaintenanceWindow is when maintenance may happen each week, in
	// UTC: "sun:04:00-sun:04:30", at least 30 minutes. It can change. Absent: RDS
	// chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$`
	PreferredMaintenanceWindow string `json:"preferredMaintenanceWindow,omitempty"`

	// AutoMinorVersionUpgrade lets RDS install minor versions in the maintenance
	// window. It can change. Absent: RDS's default, true.
	// +optional
	AutoMinorVersionUpgrade *bool `json:"autoMinorVersionUpgrade,omitempty"`

	// AllowMajorVersionUpgrade must be true for engineVersion to be raised to
	// another major version. It is not a property of the instance. Absent: false.
	// +optional
	AllowMajorVersionUpgrade *bool `json:"allowMajorVersionUpgrade,omitempty"`

	// ApplyImmediately says when changes are made: true at once, even where that
	// restarts the instance; false in its next maintenance window. Absent: true.
	// +optional
	ApplyImmediately *bool `json:"applyImmediately,omitempty"`

	// DeletionProtection makes RDS refuse to delete the instance. The operator
	// never switches it off by itself: deletion waits until this says false. It
	// can change. Absent: a new instance has none.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`

	// SkipFinalSnapshot deletes the instance without a last snapshot of its
	// data. Absent: false.
	// +optional
	SkipFinalSnapshot *bool `json:"skipFinalSnapshot,omitempty"`

	// FinalSnapshotIdentifier names the last snapshot: up to 255 letters, digits
	// and single hyphens, beginning with a letter. Where a snapshot of that name
	// exists, the instance's resource id is appended. Absent:
	// "<external name>-final".
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`
	// +kubebuilder:validation:MaxLength=224
	FinalSnapshotIdentifier string `json:"finalSnapshotIdentifier,omitempty"`

	// DeleteAutomatedBackups says whether the automated backups go with the
	// instance. Absent: RDS's default, true.
	// +optional
	DeleteAutomatedBackups *bool `json:"deleteAutomatedBackups,omitempty"`

	// PubliclyAccessible gives the instance a public address. Its security
	// groups still decide who gets in. It can change. Absent: a new instance has
	// none, also where RDS would give it one.
	// +optional
	PubliclyAccessible *bool `json:"publiclyAccessible,omitempty"`

	// CACertificateIdentifier names the authority that signs the instance's
	// certificate, for example rds-ca-rsa2048-g1. It can change. Absent: the
	// account's default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	CACertificateIdentifier string `json:"caCertificateIdentifier,omitempty"`

	// EnabledCloudwatchLogsExports are the logs that RDS sends to CloudWatch:
	// audit, error, general, slowquery for MySQL; postgresql, upgrade,
	// iam-db-auth-error for PostgreSQL. They can change; an empty list switches
	// all off. Absent: none is sent by a new instance.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=32
	EnabledCloudwatchLogsExports []string `json:"enabledCloudwatchLogsExports,omitzero"`

	// IAMDatabaseAuthentication lets IAM identities log in. It can change.
	// Absent: false for a new instance.
	// +optional
	IAMDatabaseAuthentication *bool `json:"iamDatabaseAuthentication,omitempty"`

	// PerformanceInsightsEnabled switches Performance Insights on. It can
	// change. Absent: off for a new instance.
	// +optional
	PerformanceInsightsEnabled *bool `json:"performanceInsightsEnabled,omitempty"`

	// PerformanceInsightsRetentionDays is for how many days its data are kept: 7,
	// a multiple of 31, or 731. It can change. Absent: 7.
	// +optional
	// +kubebuilder:validation:Minimum=7
	// +kubebuilder:validation:Maximum=731
	PerformanceInsightsRetentionDays *int32 `json:"performanceInsightsRetentionDays,omitempty"`

	// MonitoringIntervalSeconds is how often enhanced monitoring measures: 1, 5,
	// 10, 15, 30 or 60 seconds, or 0 for never. It can change. Absent: never, for
	// a new instance.
	// +optional
	// +kubebuilder:validation:Enum=0;1;5;10;15;30;60
	MonitoringIntervalSeconds *int32 `json:"monitoringIntervalSeconds,omitempty"`

	// MonitoringRoleARN is the role with which RDS sends these measurements to
	// CloudWatch. It can change.
	// +optional
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	// +kubebuilder:validation:MaxLength=2048
	MonitoringRoleARN string `json:"monitoringRoleARN,omitempty"`

	// CopyTagsToSnapshot says whether snapshots get the instance's tags. It can
	// change. Absent: RDS's default, false.
	// +optional
	CopyTagsToSnapshot *bool `json:"copyTagsToSnapshot,omitempty"`

	// Tags of the instance. Those listed are kept as they are here; others that
	// it has, and those that are taken off this list, are left alone. Absent:
	// only the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128 && size(self[k]) <= 256)",message="tag keys have 1 to 128 characters, values up to 256"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// RestoreFrom makes the new instance out of a backup instead of an empty one.
	// It is read when the instance is created; later changes have no effect.
	// Absent or empty: an empty instance.
	// +optional
	RestoreFrom *RestoreSource `json:"restoreFrom,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// RestoreSource says which backup an instance is made from.
//
// +kubebuilder:validation:XValidation:rule="[has(self.snapshotIdentifier), has(self.sourceInstance), has(self.sourceResourceID)].filter(x, x).size() <= 1",message="set at most one of snapshotIdentifier, sourceInstance and sourceResourceID"
// +kubebuilder:validation:XValidation:rule="!has(self.restoreTime) || has(self.sourceInstance) || has(self.sourceResourceID)",message="restoreTime goes with sourceInstance or sourceResourceID"
type RestoreSource struct {
	// SnapshotIdentifier is the name or ARN of a DB snapshot.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	SnapshotIdentifier string `json:"snapshotIdentifier,omitempty"`

	// SourceInstance is the identifier of an existing instance whose automated
	// backups are used.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	SourceInstance string `json:"sourceInstance,omitempty"`

	// SourceResourceID is the resource id (db-...) of a deleted instance whose
	// automated backups were kept.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	SourceResourceID string `json:"sourceResourceID,omitempty"`

	// RestoreTime is the moment whose data the instance gets. Absent: the
	// latest that can be restored.
	// +optional
	RestoreTime *metav1.Time `json:"restoreTime,omitempty"`
}

// RDSInstanceObservation is what RDS says of an instance.
type RDSInstanceObservation struct {
	// State is RDS's own word: available, modifying, storage-full and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ARN of the instance.
	// +optional
	ARN string `json:"arn,omitempty"`
	// ResourceID never changes and names the instance's automated backups.
	// +optional
	ResourceID string `json:"resourceID,omitempty"`
	// EngineVersion in full.
	// +optional
	EngineVersion string `json:"engineVersion,omitempty"`
	// Class of the instance.
	// +optional
	Class string `json:"class,omitempty"`
	// AllocatedStorageGiB in GiB.
	// +optional
	AllocatedStorageGiB int32 `json:"allocatedStorageGiB,omitempty"`
	// MultiAZ says whether there is a standby.
	// +optional
	MultiAZ bool `json:"multiAZ,omitempty"`
	// Endpoint as host:port.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// PendingModifications names what RDS has agreed to change and not changed yet.
	// +optional
	// +listType=atomic
	PendingModifications []string `json:"pendingModifications,omitempty"`
}

// RDSInstanceSpec is what an RDS instance shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type RDSInstanceSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the instance in RDS's own terms.
	ForProvider RDSInstanceParameters `json:"forProvider"`
}

// RDSInstanceStatus is what is known of an RDS instance.
type RDSInstanceStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what RDS says of the instance.
	// +optional
	AtProvider RDSInstanceObservation `json:"atProvider,omitempty"`
}

// RDSInstance is a MySQL or PostgreSQL database server of Amazon RDS. It
// satisfies claims of kind MySQLInstance or PostgreSQLInstance.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=rds
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Class",type=string,JSONPath=`.status.atProvider.class`
// +kubebuilder:printcolumn:name="Engine",type=string,JSONPath=`.spec.forProvider.engine`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.engineVersion`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.forProvider.region`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type RDSInstance struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec RDSInstanceSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status RDSInstanceStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (r *RDSInstance) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &r.Spec.ManagedSpec, &r.Status.ManagedStatus
}

// RDSInstanceList is a list of RDSInstances.
//
// +kubebuilder:object:root=true
type RDSInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []RDSInstance `json:"items"`
}
