// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// CloudSQLInstanceParameters are what a user may say of a Cloud SQL instance, in
// Cloud SQL's own terms. A field that is left out is Cloud SQL's to choose,
// unless it says otherwise here: it is neither sent nor compared. Fields that
// are said to be fixed are set when the instance is created; a later change is
// reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.databaseName) == has(oldSelf.databaseName)",message="databaseName is given when the instance is created, or never"
type CloudSQLInstanceParameters struct {
	// Region that the instance runs in, for example europe-west1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]+-[a-z]+[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an instance can't move to another region"
	Region string `json:"region"`

	// DatabaseVersion: engine and major version, for example MYSQL_8_4 or
	// POSTGRES_17. The engine never changes; the version can be raised, with
	// allowMajorVersionUpgrade, and Cloud SQL can't go back.
	// +kubebuilder:validation:Pattern=`^(MYSQL|POSTGRES)_[0-9]+(_[0-9]+)*$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.startsWith('MYSQL') == oldSelf.startsWith('MYSQL')",message="an instance can't change its engine"
	DatabaseVersion string `json:"databaseVersion"`

	// AllowMajorVersionUpgrade must be true for databaseVersion to be raised. It
	// is not a property of the instance. Absent: false.
	// +optional
	AllowMajorVersionUpgrade *bool `json:"allowMajorVersionUpgrade,omitempty"`

	// DatabaseName is a database to make on the new instance. Never changes.
	// Absent: none; PostgreSQL has the database postgres.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_-]*$`
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the database is made once: its name can't change"
	DatabaseName string `json:"databaseName,omitempty"`

	// Tier is the machine type, for example db-custom-1-3840 or
	// db-perf-optimized-N-2. It can change, with an outage of some minutes.
	// +kubebuilder:validation:Pattern=`^db-[a-zA-Z0-9-]+$`
	// +kubebuilder:validation:MaxLength=64
	Tier string `json:"tier"`

	// Edition: ENTERPRISE or ENTERPRISE_PLUS. It can change, with an outage. The
	// tier has to be one of the edition's. Absent: Cloud SQL's default, which is
	// ENTERPRISE_PLUS from MySQL 8.4 and PostgreSQL 16 on.
	// +optional
	// +kubebuilder:validation:Enum=ENTERPRISE;ENTERPRISE_PLUS
	Edition string `json:"edition,omitempty"`

	// AvailabilityType: REGIONAL has a standby in another zone, ZONAL has none.
	// It can change. Absent: ZONAL for a new instance.
	// +optional
	// +kubebuilder:validation:Enum=ZONAL;REGIONAL
	AvailabilityType string `json:"availabilityType,omitempty"`

	// ActivationPolicy: ALWAYS runs the instance, NEVER stops it. It can change.
	// Absent: a new instance runs.
	// +optional
	// +kubebuilder:validation:Enum=ALWAYS;NEVER
	ActivationPolicy string `json:"activationPolicy,omitempty"`

	// Zone that a new instance shall be in, for example europe-west1-b. Where it
	// moves to later is Cloud SQL's business. Absent: Cloud SQL chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]+-[a-z]+[0-9]+-[a-z]$`
	// +kubebuilder:validation:MaxLength=34
	Zone string `json:"zone,omitempty"`

	// DataDiskSizeGb is the size of the disk in GB, 10 to 65536. It can grow and
	// never shrink. While the disk grows by itself, more than asked for is in
	// order. Absent: 10 for a new instance, a restored one has its backup's.
	// +optional
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=65536
	DataDiskSizeGb *int64 `json:"dataDiskSizeGb,omitempty"`

	// DataDiskType: PD_SSD, PD_HDD or HYPERDISK_BALANCED. Fixed. Absent: Cloud
	// SQL's default for the tier.
	// +optional
	// +kubebuilder:validation:Enum=PD_SSD;PD_HDD;HYPERDISK_BALANCED
	DataDiskType string `json:"dataDiskType,omitempty"`

	// StorageAutoResize lets the disk grow when it is nearly full. It can change.
	// Absent: Cloud SQL's default, true.
	// +optional
	StorageAutoResize *bool `json:"storageAutoResize,omitempty"`

	// StorageAutoResizeLimitGb, in GB, is how large the disk may grow by itself;
	// 0 is without limit. It can change. Absent: Cloud SQL's default, 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65536
	StorageAutoResizeLimitGb *int64 `json:"storageAutoResizeLimitGb,omitempty"`

	// IPConfiguration says how clients reach the instance. Absent: a public
	// address that nobody is let in at.
	// +optional
	IPConfiguration *IPConfiguration `json:"ipConfiguration,omitempty"`

	// BackupConfiguration of automated backups. Absent: a new instance makes none.
	// +optional
	BackupConfiguration *BackupConfiguration `json:"backupConfiguration,omitempty"`

	// RetainBackupsOnDelete keeps the instance's backups when it is deleted, as
	// long as they would have been kept. It can change. Absent: they go with it.
	// +optional
	RetainBackupsOnDelete *bool `json:"retainBackupsOnDelete,omitempty"`

	// FinalBackup is what is kept when the instance is deleted. Absent: one last
	// backup, for as long as Cloud SQL keeps it, 30 days.
	// +optional
	FinalBackup *FinalBackup `json:"finalBackup,omitempty"`

	// DeletionProtectionEnabled makes Cloud SQL refuse to delete the instance.
	// The operator never switches it off by itself: deletion waits until this
	// says false. It can change. Absent: a new instance has none.
	// +optional
	DeletionProtectionEnabled *bool `json:"deletionProtectionEnabled,omitempty"`

	// DatabaseFlags configure the database server. They can change; some changes
	// restart it. Where any are given, others that the instance has are removed;
	// an empty list removes all. Absent: none for a new instance.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	DatabaseFlags []DatabaseFlag `json:"databaseFlags,omitzero"`

	// MaintenanceWindow is when Cloud SQL may restart the instance for
	// maintenance. It can change. Absent: any time.
	// +optional
	MaintenanceWindow *MaintenanceWindow `json:"maintenanceWindow,omitempty"`

	// UserLabels of the instance. Those listed are kept as they are here; others
	// that it has, and those that are taken off this list, are left alone.
	// Absent: only the labels by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=60
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z][a-z0-9_-]{0,62}$') && self[k].matches('^[a-z0-9_-]{0,63}$'))",message="labels have lower-case letters, digits, hyphens and underscores, at most 63; keys begin with a letter"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-'))",message="labels that begin with crossplane- are reserved"
	UserLabels map[string]LabelValue `json:"userLabels,omitempty"`

	// RestoreFrom makes the new instance out of a backup instead of an empty
	// one. It is read when the instance is created; later changes have no
	// effect. Absent or empty: an empty instance.
	// +optional
	RestoreFrom *RestoreSource `json:"restoreFrom,omitempty"`
}

// LabelValue is the value of a label.
// +kubebuilder:validation:MaxLength=63
type LabelValue string

// IPConfiguration says how clients reach an instance.
//
// +kubebuilder:validation:XValidation:rule="!has(self.privateNetwork) || !has(self.privateNetworkRef)",message="set privateNetwork or privateNetworkRef, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.ipv4Enabled) || self.ipv4Enabled || has(self.privateNetwork) || has(self.privateNetworkRef) || (has(self.pscEnabled) && self.pscEnabled)",message="without a public address the instance needs a private network or Private Service Connect"
// +kubebuilder:validation:XValidation:rule="!has(self.pscAllowedConsumerProjects) || (has(self.pscEnabled) && self.pscEnabled)",message="pscAllowedConsumerProjects goes with pscEnabled"
type IPConfiguration struct {
	// IPv4Enabled gives the instance a public address; who gets in is decided by
	// authorizedNetworks. It can change. Absent: a new instance has one where it
	// could not be reached otherwise.
	// +optional
	IPv4Enabled *bool `json:"ipv4Enabled,omitempty"`

	// AuthorizedNetworks are let in at the public address. They can change;
	// where any are given, others are removed, and an empty list removes all, but
	// those of CloudSQLAuthorizedNetwork objects. Absent: nobody, for a new
	// instance.
	// +optional
	// +listType=map
	// +listMapKey=cidr
	// +kubebuilder:validation:MaxItems=100
	AuthorizedNetworks []AuthorizedNetwork `json:"authorizedNetworks,omitzero"`

	// PrivateNetwork is a VPC network in which the instance has a private
	// address: projects/PROJECT/global/networks/NAME. The network must have a
	// connection to Google's services (ServiceConnection). It can be added, and
	// is fixed from then on. Absent, like privateNetworkRef: none.
	// +optional
	// +kubebuilder:validation:Pattern=`^projects/[a-z0-9.:-]+/global/networks/[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=256
	PrivateNetwork string `json:"privateNetwork,omitempty"`

	// PrivateNetworkRef names a Network object instead.
	// +optional
	PrivateNetworkRef *v1alpha1.Reference `json:"privateNetworkRef,omitempty"`

	// ServiceConnectionRef names the ServiceConnection object that connects the
	// private network. The instance is created when it is ready.
	// +optional
	ServiceConnectionRef *v1alpha1.Reference `json:"serviceConnectionRef,omitempty"`

	// AllocatedIPRange is the name of the reserved range that a new instance's
	// private address is taken from. Absent: any of the connection's.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	AllocatedIPRange string `json:"allocatedIPRange,omitempty"`

	// PSCEnabled lets clients in other networks reach the instance by Private
	// Service Connect. Fixed. Absent: false for a new instance.
	// +optional
	PSCEnabled *bool `json:"pscEnabled,omitempty"`

	// PSCAllowedConsumerProjects are the projects, by id or number, whose
	// networks may connect. They can change. Absent: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=128
	PSCAllowedConsumerProjects []string `json:"pscAllowedConsumerProjects,omitzero"`

	// SSLMode: ENCRYPTED_ONLY refuses clients without TLS,
	// ALLOW_UNENCRYPTED_AND_ENCRYPTED takes all, and
	// TRUSTED_CLIENT_CERTIFICATE_REQUIRED asks clients for a certificate that
	// they have to get by themselves. It can change. Absent: ENCRYPTED_ONLY for
	// a new instance.
	// +optional
	// +kubebuilder:validation:Enum=ENCRYPTED_ONLY;ALLOW_UNENCRYPTED_AND_ENCRYPTED;TRUSTED_CLIENT_CERTIFICATE_REQUIRED
	SSLMode string `json:"sslMode,omitempty"`

	// ServerCAMode says who signs the instance's certificate. With
	// GOOGLE_MANAGED_CAS_CA it holds the instance's DNS name, so that clients
	// can verify whom they talk to; with GOOGLE_MANAGED_INTERNAL_CA it does not,
	// and clients can only verify who signed it. It can change. Absent:
	// GOOGLE_MANAGED_CAS_CA for a new instance.
	// +optional
	// +kubebuilder:validation:Enum=GOOGLE_MANAGED_INTERNAL_CA;GOOGLE_MANAGED_CAS_CA
	ServerCAMode string `json:"serverCaMode,omitempty"`
}

// AuthorizedNetwork is a range of addresses that is let in.
//
// +kubebuilder:validation:XValidation:rule="!self.cidr.endsWith('/0') || (has(self.wholeInternet) && self.wholeInternet)",message="a range that ends with /0 lets the whole Internet in: say so with wholeInternet: true, or choose a range"
type AuthorizedNetwork struct {
	// CIDR is the range, for example 203.0.113.0/24.
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="an address and a prefix length, for example 203.0.113.0/24"
	CIDR string `json:"cidr"`

	// Name of the range, for people. Absent: none.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('crossplane-')",message="names that begin with crossplane- are those of CloudSQLAuthorizedNetwork objects"
	Name string `json:"name,omitempty"`

	// WholeInternet has to be true where the range is the whole Internet, and has
	// no other effect. Absent: false.
	// +optional
	WholeInternet *bool `json:"wholeInternet,omitempty"`
}

// BackupConfiguration says how automated backups are made.
//
// +kubebuilder:validation:XValidation:rule="!has(self.pointInTimeRecoveryEnabled) || !self.pointInTimeRecoveryEnabled || !has(self.enabled) || self.enabled",message="recovery to a point in time needs backups"
type BackupConfiguration struct {
	// Enabled makes a backup each day. It can change. Absent: none for a new
	// instance.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// StartTime of the window of four hours in which backups are made, in UTC:
	// "03:00". It can change. Absent: Cloud SQL chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^([01][0-9]|2[0-3]):[0-5][0-9]$`
	StartTime string `json:"startTime,omitempty"`

	// RetainedBackups is how many automated backups are kept, 1 to 365. It can
	// change. Absent: Cloud SQL's default, 7.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	RetainedBackups *int64 `json:"retainedBackups,omitempty"`

	// PointInTimeRecoveryEnabled keeps what it takes to go back to any moment:
	// the binary log for MySQL, the write-ahead log for PostgreSQL. It can
	// change, with a restart. Absent: false for a new instance.
	// +optional
	PointInTimeRecoveryEnabled *bool `json:"pointInTimeRecoveryEnabled,omitempty"`

	// TransactionLogRetentionDays is for how many days that is kept, 1 to 35. It
	// can change. Absent: Cloud SQL's default for the edition.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=35
	TransactionLogRetentionDays *int64 `json:"transactionLogRetentionDays,omitempty"`

	// Location of the backups: a region, or a multi-region such as eu. It can
	// change. Absent: the multi-region nearest to the instance.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]+(-[a-z]+[0-9]+)?$`
	// +kubebuilder:validation:MaxLength=32
	Location string `json:"location,omitempty"`
}

// FinalBackup says what is kept of an instance that is deleted.
//
// +kubebuilder:validation:XValidation:rule="!has(self.enabled) || self.enabled || (!has(self.retentionDays) && !has(self.description))",message="retentionDays and description go with a final backup; enabled: false forbids one"
type FinalBackup struct {
	// Enabled: false deletes the instance without a last backup of its data.
	// Absent: true.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// RetentionDays is for how many days it is kept, 1 to 365. Absent: Cloud
	// SQL's default, 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	RetentionDays *int64 `json:"retentionDays,omitempty"`

	// Description of the backup, for people. Absent: which object it was.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Description string `json:"description,omitempty"`
}

// DatabaseFlag is one setting of a database server.
type DatabaseFlag struct {
	// Name of the setting, as Cloud SQL lists it: max_connections.
	// +kubebuilder:validation:Pattern=`^[a-zA-Z][a-zA-Z0-9_.]*$`
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name"`

	// Value of the setting, always a text: "200", "on".
	// +kubebuilder:validation:MaxLength=1024
	Value string `json:"value"`
}

// MaintenanceWindow is an hour of the week.
type MaintenanceWindow struct {
	// Day of the week, 1 for Monday to 7 for Sunday, in UTC.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=7
	Day int64 `json:"day"`

	// Hour of that day, 0 to 23, in UTC.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=23
	Hour int64 `json:"hour"`

	// UpdateTrack: canary has maintenance first, stable a week later, week5 five
	// weeks later. Absent: Cloud SQL's default.
	// +optional
	// +kubebuilder:validation:Enum=canary;stable;week5
	UpdateTrack string `json:"updateTrack,omitempty"`
}

// RestoreSource says which backup an instance is made from.
type RestoreSource struct {
	// Backup is the name of a backup, of an instance that may be gone:
	// projects/PROJECT/backups/BACKUP.
	// +optional
	// +kubebuilder:validation:Pattern=`^(projects/[a-z0-9.:-]+/backups/[A-Za-z0-9-]+)?$`
	// +kubebuilder:validation:MaxLength=256
	Backup string `json:"backup,omitempty"`
}

// CloudSQLInstanceObservation is what Cloud SQL says of an instance.
type CloudSQLInstanceObservation struct {
	// State is Cloud SQL's own word: RUNNABLE, PENDING_CREATE, MAINTENANCE and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ConnectionName is what Cloud SQL's connectors know the instance by.
	// +optional
	ConnectionName string `json:"connectionName,omitempty"`
	// DatabaseVersion in full, for example MYSQL_8_4_4.
	// +optional
	DatabaseVersion string `json:"databaseVersion,omitempty"`
	// DatabaseName is the database that was seen to exist.
	// +optional
	DatabaseName string `json:"databaseName,omitempty"`
	// Tier of the instance.
	// +optional
	Tier string `json:"tier,omitempty"`
	// Edition of the instance.
	// +optional
	Edition string `json:"edition,omitempty"`
	// AvailabilityType of the instance.
	// +optional
	AvailabilityType string `json:"availabilityType,omitempty"`
	// DataDiskSizeGb in GB.
	// +optional
	DataDiskSizeGb int64 `json:"dataDiskSizeGb,omitempty"`
	// Endpoint as host:port.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// PSCServiceAttachment is what an endpoint of Private Service Connect points at.
	// +optional
	PSCServiceAttachment string `json:"pscServiceAttachment,omitempty"`
}

// CloudSQLInstanceSpec is what a Cloud SQL instance shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type CloudSQLInstanceSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the instance in Cloud SQL's own terms.
	ForProvider CloudSQLInstanceParameters `json:"forProvider"`
}

// CloudSQLInstanceStatus is what is known of a Cloud SQL instance.
type CloudSQLInstanceStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Cloud SQL says of the instance.
	// +optional
	AtProvider CloudSQLInstanceObservation `json:"atProvider,omitempty"`
}

// CloudSQLInstance is a MySQL or PostgreSQL database server of Google's Cloud
// SQL. It satisfies claims of kind MySQLInstance or PostgreSQLInstance.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=cloudsql
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Tier",type=string,JSONPath=`.status.atProvider.tier`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.databaseVersion`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.forProvider.region`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type CloudSQLInstance struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec CloudSQLInstanceSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status CloudSQLInstanceStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (i *CloudSQLInstance) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &i.Spec.ManagedSpec, &i.Status.ManagedStatus
}

// CloudSQLInstanceList is a list of CloudSQLInstances.
//
// +kubebuilder:object:root=true
type CloudSQLInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []CloudSQLInstance `json:"items"`
}
