// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// Operation is something that takes Cloud SQL some time.
type Operation struct {
	Kind          string           `json:"kind,omitempty"`
	Name          string           `json:"name,omitempty"`
	OperationType string           `json:"operationType,omitempty"`
	Status        string           `json:"status,omitempty"`
	User          string           `json:"user,omitempty"`
	TargetID      string           `json:"targetId,omitempty"`
	TargetProject string           `json:"targetProject,omitempty"`
	TargetLink    string           `json:"targetLink,omitempty"`
	SelfLink      string           `json:"selfLink,omitempty"`
	InsertTime    string           `json:"insertTime,omitempty"`
	StartTime     string           `json:"startTime,omitempty"`
	EndTime       string           `json:"endTime,omitempty"`
	Error         *OperationErrors `json:"error,omitempty"`
}

// OperationErrors are why an operation failed.
type OperationErrors struct {
	Kind   string            `json:"kind,omitempty"`
	Errors []*OperationError `json:"errors,omitempty"`
}

// OperationError is one of them.
type OperationError struct {
	Kind    string `json:"kind,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// OperationsListResponse is a list of operations.
type OperationsListResponse struct {
	Kind  string       `json:"kind,omitempty"`
	Items []*Operation `json:"items,omitempty"`
}

// Database is a database on an instance.
type Database struct {
	Kind      string `json:"kind,omitempty"`
	Name      string `json:"name,omitempty"`
	Instance  string `json:"instance,omitempty"`
	Project   string `json:"project,omitempty"`
	Charset   string `json:"charset,omitempty"`
	Collation string `json:"collation,omitempty"`
	SelfLink  string `json:"selfLink,omitempty"`
}

// DatabasesListResponse is a list of databases.
type DatabasesListResponse struct {
	Kind  string      `json:"kind,omitempty"`
	Items []*Database `json:"items,omitempty"`
}

// User is a user of an instance.
type User struct {
	Kind     string `json:"kind,omitempty"`
	Name     string `json:"name,omitempty"`
	Host     string `json:"host,omitempty"`
	Instance string `json:"instance,omitempty"`
	Project  string `json:"project,omitempty"`
	Password string `json:"password,omitempty"`
}

// UsersListResponse is a list of users.
type UsersListResponse struct {
	Kind  string  `json:"kind,omitempty"`
	Items []*User `json:"items,omitempty"`
}

// Backup is a copy of an instance.
type Backup struct {
	Kind                 string            `json:"kind,omitempty"`
	Name                 string            `json:"name,omitempty"`
	Instance             string            `json:"instance,omitempty"`
	Type                 string            `json:"type,omitempty"`
	State                string            `json:"state,omitempty"`
	Description          string            `json:"description,omitempty"`
	DatabaseVersion      string            `json:"databaseVersion,omitempty"`
	Location             string            `json:"location,omitempty"`
	TTLDays              int64             `json:"ttlDays,omitempty,string"`
	ExpiryTime           string            `json:"expiryTime,omitempty"`
	InstanceDeletionTime string            `json:"instanceDeletionTime,omitempty"`
	InstanceSettings     *DatabaseInstance `json:"instanceSettings,omitempty"`
}

// ListBackupsResponse is a page of backups.
type ListBackupsResponse struct {
	Backups       []*Backup `json:"backups,omitempty"`
	NextPageToken string    `json:"nextPageToken,omitempty"`
}

// InstancesRestoreBackupRequest asks for an instance out of a backup.
type InstancesRestoreBackupRequest struct {
	Backup string `json:"backup,omitempty"`
	// RestoreInstanceSettings are merged into those of the backup.
	RestoreInstanceSettings json.RawMessage `json:"restoreInstanceSettings,omitempty"`
}
