// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ServerParameters are what a user may say of a flexible server, whichever
// engine it runs. A field that is left out is Azure's to choose: it is neither
// sent nor compared. Fields that are said to be fixed are set when the server is
// created; a later change is reported and never carried out.
type ServerParameters struct {
	// Location that the server runs in, for example westeurope. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a server can't move to another location"
	Location string `json:"location"`

	// ResourceGroupName names the resource group that the server is in. Never
	// changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$`
	// +kubebuilder:validation:MaxLength=90
	ResourceGroupName string `json:"resourceGroupName,omitempty"`

	// ResourceGroupRef names a ResourceGroup object instead. The server is
	// created when that is ready. Never changes.
	// +optional
	ResourceGroupRef *v1alpha1.Reference `json:"resourceGroupRef,omitempty"`

	// SKU is the size of the machine. It can change, with an outage of a minute
	// or so.
	SKU ServerSKU `json:"sku"`

	// StorageAutoGrow lets Azure grow the storage by itself when it gets full.
	// While it does, more storage than asked for is in order. It can change.
	// Absent: on for MySQL, off for PostgreSQL.
	// +optional
	StorageAutoGrow *bool `json:"storageAutoGrow,omitempty"`

	// AdministratorLogin is the name of the server's first user, without those
	// that Azure keeps for itself. Fixed; ignored when restoring. Absent:
	// crossplane.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_]*$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="!(self.lowerAscii() in ['azure_superuser','azure_pg_admin','admin','administrator','root','guest','sa','public']) && !self.lowerAscii().startsWith('pg_')",message="Azure keeps this name for itself"
	AdministratorLogin string `json:"administratorLogin,omitempty"`

	// HighAvailability keeps a standby. It can change. Absent: a new server has
	// none. The Burstable tier can have none.
	// +optional
	HighAvailability *HighAvailability `json:"highAvailability,omitempty"`

	// Zone is the availability zone that the server runs in: 1, 2 or 3. Fixed.
	// Absent: Azure chooses.
	// +optional
	// +kubebuilder:validation:Enum="1";"2";"3"
	Zone string `json:"zone,omitempty"`

	// GeoRedundantBackup keeps the backups in the paired region, too. Fixed.
	// Absent: false.
	// +optional
	GeoRedundantBackup *bool `json:"geoRedundantBackup,omitempty"`

	// MaintenanceWindow is when maintenance may happen each week. It can change.
	// Absent: Azure chooses.
	// +optional
	MaintenanceWindow *MaintenanceWindow `json:"maintenanceWindow,omitempty"`

	// DelegatedSubnetID is the resource id of the subnet that the server lives
	// in; it is then reached from this network alone. Fixed. Absent: no network,
	// but addresses that firewall rules let in.
	// +optional
	// +kubebuilder:validation:Pattern=`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	DelegatedSubnetID string `json:"delegatedSubnetID,omitempty"`

	// PrivateDNSZoneID is the resource id of the private DNS zone that gets the
	// server's name. Fixed; it goes with delegatedSubnetID.
	// +optional
	// +kubebuilder:validation:Pattern=`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/privateDnsZones/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	PrivateDNSZoneID string `json:"privateDNSZoneID,omitempty"`

	// PublicNetworkAccess lets in whom firewall rules let in; a new server has no
	// rule. False leaves private endpoints only. It can change. Absent: Azure's
	// default, true unless delegatedSubnetID is set.
	// +optional
	PublicNetworkAccess *bool `json:"publicNetworkAccess,omitempty"`

	// Databases are made on the server, and it is not ready before they are
	// there. The first one is the database of the connection details. Taking one
	// off the list leaves it, and its data, where it is; one that was there and
	// is gone is not replaced by an empty one. Absent: none is made.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	Databases []Database `json:"databases,omitempty"`

	// Tags of the server. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 512 && !k.matches('[<>%&?/]') && !k.contains('\\\\'))",message="tag names have 1 to 512 characters and none of <>%&?/ or a backslash"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('microsoft') && !k.startsWith('azure') && !k.startsWith('windows'))",message="tags that begin with crossplane-, microsoft, azure or windows are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// RestoreFrom makes the new server out of another one's backups instead of an
	// empty one. It is read when the server is created; later changes have no
	// effect. Absent or empty: an empty server.
	// +optional
	RestoreFrom *RestoreSource `json:"restoreFrom,omitempty"`
}

// ServerSKU is the size of a server's machine.
type ServerSKU struct {
	// Name of the size, for example Standard_B1ms.
	// +kubebuilder:validation:Pattern=`^Standard_[A-Za-z0-9_]+$`
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name"`

	// Tier that the size belongs to.
	// +kubebuilder:validation:Enum=Burstable;GeneralPurpose;MemoryOptimized
	Tier string `json:"tier"`
}

// HighAvailability says where a server's standby is.
//
// +kubebuilder:validation:XValidation:rule="!has(self.standbyZone) || self.mode != 'Disabled'",message="standbyZone goes with a standby"
type HighAvailability struct {
	// Mode: Disabled for no standby, SameZone or ZoneRedundant.
	// +kubebuilder:validation:Enum=Disabled;SameZone;ZoneRedundant
	Mode string `json:"mode"`

	// StandbyZone is the availability zone of the standby: 1, 2 or 3. Absent:
	// Azure chooses.
	// +optional
	// +kubebuilder:validation:Enum="1";"2";"3"
	StandbyZone string `json:"standbyZone,omitempty"`
}

// MaintenanceWindow begins at an hour of a day of the week, in UTC.
type MaintenanceWindow struct {
	// DayOfWeek: 0 is Sunday.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=6
	DayOfWeek int32 `json:"dayOfWeek"`
	// StartHour of the day.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=23
	StartHour int32 `json:"startHour"`
	// StartMinute of the hour. Absent: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=59
	StartMinute int32 `json:"startMinute,omitempty"`
}

// Database is a database on a server.
type Database struct {
	// Name: letters, digits, underscores and hyphens, not beginning with a digit.
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_-]*$`
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// Charset of the new database. Absent: the server's default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Charset string `json:"charset,omitempty"`
	// Collation of the new database. Absent: the charset's default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Collation string `json:"collation,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// RestoreSource says whose backups a server is made from.
//
// +kubebuilder:validation:XValidation:rule="!has(self.sourceServerName) || !has(self.sourceServerID)",message="set sourceServerName or sourceServerID, not both"
type RestoreSource struct {
	// SourceServerName is the name of a server of the same engine and in the same
	// resource group whose backups are used. Of a deleted server Azure keeps them
	// for five days.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`
	SourceServerName string `json:"sourceServerName,omitempty"`

	// SourceServerID is the resource id of the server instead, where it is in
	// another resource group.
	// +optional
	// +kubebuilder:validation:Pattern=`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]DBfor(MySQL|PostgreSQL)/flexibleServers/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	SourceServerID string `json:"sourceServerID,omitempty"`

	// RestoreTime is the moment whose data the server gets; of a deleted server
	// one before its deletion. Absent: the time at which the object was created.
	// +optional
	RestoreTime *metav1.Time `json:"restoreTime,omitempty"`
}

// ServerObservation is what Azure says of a server.
type ServerObservation struct {
	// State is Azure's own word: Ready, Updating, Stopped and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ID of the server.
	// +optional
	ID string `json:"id,omitempty"`
	// Version in full, where Azure tells it.
	// +optional
	Version string `json:"version,omitempty"`
	// SKU is the size of the machine.
	// +optional
	SKU string `json:"sku,omitempty"`
	// StorageGiB in GiB.
	// +optional
	StorageGiB int32 `json:"storageGiB,omitempty"`
	// HighAvailability is the mode of the standby, or Disabled.
	// +optional
	HighAvailability string `json:"highAvailability,omitempty"`
	// Endpoint as host:port.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// Databases that spec.forProvider.databases lists and that were seen on the
	// server. They are not looked for again until one is added to the list, or
	// somebody asks for a look.
	// +optional
	// +listType=set
	Databases []string `json:"databases,omitempty"`
}
