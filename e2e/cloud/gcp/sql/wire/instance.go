// SPDX-License-Identifier: Apache-2.0

// Package wire is how the Cloud SQL Admin API writes what it is about: the fields
// that the local Cloud SQL models, by the names that the API's reference has for
// them. Integers of 64 bits are texts there, except where they are small.
package wire

// DatabaseInstance is an instance.
type DatabaseInstance struct {
	Kind                     string       `json:"kind,omitempty"`
	Name                     string       `json:"name,omitempty"`
	Project                  string       `json:"project,omitempty"`
	Region                   string       `json:"region,omitempty"`
	GceZone                  string       `json:"gceZone,omitempty"`
	State                    string       `json:"state,omitempty"`
	SuspensionReason         []string     `json:"suspensionReason,omitempty"`
	DatabaseVersion          string       `json:"databaseVersion,omitempty"`
	DatabaseInstalledVersion string       `json:"databaseInstalledVersion,omitempty"`
	BackendType              string       `json:"backendType,omitempty"`
	InstanceType             string       `json:"instanceType,omitempty"`
	ConnectionName           string       `json:"connectionName,omitempty"`
	IPAddresses              []*IPMapping `json:"ipAddresses,omitempty"`
	ServerCaCert             *SslCert     `json:"serverCaCert,omitempty"`
	RootPassword             string       `json:"rootPassword,omitempty"`
	Settings                 *Settings    `json:"settings,omitempty"`
	SelfLink                 string       `json:"selfLink,omitempty"`
	CreateTime               string       `json:"createTime,omitempty"`
}

// Settings are what a user may say of an instance.
type Settings struct {
	Kind                      string               `json:"kind,omitempty"`
	SettingsVersion           int64                `json:"settingsVersion,omitempty,string"`
	Tier                      string               `json:"tier,omitempty"`
	Edition                   string               `json:"edition,omitempty"`
	PricingPlan               string               `json:"pricingPlan,omitempty"`
	ActivationPolicy          string               `json:"activationPolicy,omitempty"`
	AvailabilityType          string               `json:"availabilityType,omitempty"`
	DataDiskSizeGb            int64                `json:"dataDiskSizeGb,omitempty,string"`
	DataDiskType              string               `json:"dataDiskType,omitempty"`
	StorageAutoResize         *bool                `json:"storageAutoResize,omitempty"`
	StorageAutoResizeLimit    int64                `json:"storageAutoResizeLimit,omitempty,string"`
	DeletionProtectionEnabled bool                 `json:"deletionProtectionEnabled"`
	RetainBackupsOnDelete     bool                 `json:"retainBackupsOnDelete,omitempty"`
	UserLabels                map[string]string    `json:"userLabels,omitempty"`
	DatabaseFlags             []*DatabaseFlags     `json:"databaseFlags,omitempty"`
	IPConfiguration           *IPConfiguration     `json:"ipConfiguration,omitempty"`
	BackupConfiguration       *BackupConfiguration `json:"backupConfiguration,omitempty"`
	FinalBackupConfig         *FinalBackupConfig   `json:"finalBackupConfig,omitempty"`
	LocationPreference        *LocationPreference  `json:"locationPreference,omitempty"`
	MaintenanceWindow         *MaintenanceWindow   `json:"maintenanceWindow,omitempty"`
}

// IPConfiguration says how an instance is reached.
type IPConfiguration struct {
	Ipv4Enabled        bool        `json:"ipv4Enabled"`
	AuthorizedNetworks []*ACLEntry `json:"authorizedNetworks,omitempty"`
	PrivateNetwork     string      `json:"privateNetwork,omitempty"`
	AllocatedIPRange   string      `json:"allocatedIpRange,omitempty"`
	SslMode            string      `json:"sslMode,omitempty"`
	ServerCaMode       string      `json:"serverCaMode,omitempty"`
	PscConfig          *PscConfig  `json:"pscConfig,omitempty"`
}

// PscConfig says who may connect by Private Service Connect.
type PscConfig struct {
	PscEnabled              bool     `json:"pscEnabled,omitempty"`
	AllowedConsumerProjects []string `json:"allowedConsumerProjects,omitempty"`
}

// ACLEntry is a range of addresses that is let in.
type ACLEntry struct {
	Kind           string `json:"kind,omitempty"`
	Name           string `json:"name,omitempty"`
	Value          string `json:"value,omitempty"`
	ExpirationTime string `json:"expirationTime,omitempty"`
}

// BackupConfiguration says how automated backups are made.
type BackupConfiguration struct {
	Kind                        string                   `json:"kind,omitempty"`
	Enabled                     bool                     `json:"enabled"`
	StartTime                   string                   `json:"startTime,omitempty"`
	Location                    string                   `json:"location,omitempty"`
	BinaryLogEnabled            bool                     `json:"binaryLogEnabled,omitempty"`
	PointInTimeRecoveryEnabled  bool                     `json:"pointInTimeRecoveryEnabled,omitempty"`
	TransactionLogRetentionDays int64                    `json:"transactionLogRetentionDays,omitempty"`
	BackupRetentionSettings     *BackupRetentionSettings `json:"backupRetentionSettings,omitempty"`
}

// BackupRetentionSettings say how many backups are kept.
type BackupRetentionSettings struct {
	RetentionUnit   string `json:"retentionUnit,omitempty"`
	RetainedBackups int64  `json:"retainedBackups,omitempty"`
}

// FinalBackupConfig says whether an instance that is deleted leaves a backup.
type FinalBackupConfig struct {
	Enabled       bool  `json:"enabled,omitempty"`
	RetentionDays int64 `json:"retentionDays,omitempty"`
}

// LocationPreference is where an instance shall be.
type LocationPreference struct {
	Kind string `json:"kind,omitempty"`
	Zone string `json:"zone,omitempty"`
}

// MaintenanceWindow is when an instance may be restarted.
type MaintenanceWindow struct {
	Kind        string `json:"kind,omitempty"`
	Day         int64  `json:"day,omitempty"`
	Hour        int64  `json:"hour"`
	UpdateTrack string `json:"updateTrack,omitempty"`
}

// DatabaseFlags is one setting of a database server.
type DatabaseFlags struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// IPMapping is an address of an instance.
type IPMapping struct {
	IPAddress string `json:"ipAddress,omitempty"`
	Type      string `json:"type,omitempty"`
}

// SslCert is a certificate.
type SslCert struct {
	Kind       string `json:"kind,omitempty"`
	Instance   string `json:"instance,omitempty"`
	Cert       string `json:"cert,omitempty"`
	CommonName string `json:"commonName,omitempty"`
	CreateTime string `json:"createTime,omitempty"`
}

// InstancesListResponse is a page of instances.
type InstancesListResponse struct {
	Kind          string              `json:"kind,omitempty"`
	Items         []*DatabaseInstance `json:"items,omitempty"`
	NextPageToken string              `json:"nextPageToken,omitempty"`
}
