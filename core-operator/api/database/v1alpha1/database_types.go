// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claim "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// Database is what a developer can ask of a database, whatever its engine: what
// every cloud can honour. It is inlined in the spec of each kind.
type Database struct {
	// EngineVersion is the version of the engine, as exact as it matters: "8.4"
	// lets the cloud choose among the patches of 8.4. The cloud says which
	// versions it has; it may refuse to go back to an older one.
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$`
	EngineVersion string `json:"engineVersion"`

	// StorageGiB is how much storage the database has at least, in GiB. A cloud
	// that sells it in larger steps rounds up. It can grow and never shrink.
	// +kubebuilder:validation:Minimum=20
	// +kubebuilder:validation:Maximum=16384
	StorageGiB int32 `json:"storageGiB"`

	// HighAvailability asks for a standby in another zone that takes over when
	// the first one fails. Left out, the class decides. Can be changed.
	// +optional
	HighAvailability *bool `json:"highAvailability,omitempty"`

	// Requests is the computing power that the database has at least. Left out,
	// the class decides. Can be changed.
	// +optional
	Requests *claim.Requests `json:"requests,omitempty"`

	// BackupRetentionDays is for how many days automatic backups are kept, and so
	// how far back a database can be restored to a point in time. Left out, the
	// class decides. Can be changed.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=35
	BackupRetentionDays *int32 `json:"backupRetentionDays,omitempty"`

	// DeletionProtection keeps the database although the claim is deleted: the
	// deletion waits until this is set to false. Left out, it is off.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`

	// RestoreFrom makes the database with the content of another one, as it was
	// then, in place of an empty one. The other one has to be of this namespace;
	// what comes from elsewhere an administrator restores and makes bindable. It
	// can't be changed.
	// +optional
	RestoreFrom *RestoreFrom `json:"restoreFrom,omitempty"`
}

// RestoreFrom says what to restore: a snapshot, or another database at a time.
//
// +kubebuilder:validation:XValidation:rule="has(self.snapshot) != has(self.source)",message="either snapshot or source has to be given"
// +kubebuilder:validation:XValidation:rule="!has(self.time) || has(self.source)",message="a time goes with a source"
type RestoreFrom struct {
	// Snapshot is the cloud's name of a snapshot or backup of a database of this
	// namespace, for example the one that was made when it was deleted.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9:_.-]*$`
	Snapshot string `json:"snapshot,omitempty"`

	// Source is the cloud's name of a database of this namespace whose automatic
	// backups are to be restored: the externalName in the status of its claim.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9:_.-]*$`
	Source string `json:"source,omitempty"`

	// Time to which the source is restored, within its backup retention. Left
	// out: the latest that can be restored.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
}

// Protected reports whether the claim must not be released yet.
func (d *Database) Protected() bool { return d.DeletionProtection != nil && *d.DeletionProtection }

// RestoresFrom returns the cloud's name of what is to be restored; empty where
// the database starts out empty.
func (d *Database) RestoresFrom() string {
	if d.RestoreFrom == nil {
		return ""
	}
	return cmp.Or(d.RestoreFrom.Snapshot, d.RestoreFrom.Source)
}
