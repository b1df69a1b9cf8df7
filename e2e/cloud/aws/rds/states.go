// SPDX-License-Identifier: Apache-2.0

package rds

// The states that instances enter by themselves, of
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
const (
	available       = "available"
	backingUp       = "backing-up"
	creating        = "creating"
	deleting        = "deleting"
	modifying       = "modifying"
	rebooting       = "rebooting"
	resettingMaster = "resetting-master-credentials"
	optimizing      = "storage-optimization"
	upgrading       = "upgrading"
)

// States that only somebody else's hand brings about.
const (
	failed      = "failed"
	storageFull = "storage-full"

	wrongParameters = "incompatible-parameters"
)

// serving says whether clients can use a database in that state. A state that
// nobody knows is none that stops a database.
func serving(state string) bool {
	switch state {
	case creating, deleting, rebooting, upgrading, failed, "stopped", "stopping", "starting",
		"inaccessible-encryption-credentials", "inaccessible-encryption-credentials-recoverable",
		"incompatible-network", wrongParameters, "incompatible-restore", "restore-error":
		return false
	}
	return true
}

// changeable says whether RDS accepts changes of an instance in that state.
func changeable(state string) bool {
	return state == available || state == optimizing || state == storageFull || state == wrongParameters
}

// copyable says whether a snapshot of an instance in that state can be made.
func copyable(state string) bool {
	switch state {
	case available, backingUp, optimizing, storageFull, "stopped":
		return true
	}
	return false
}
