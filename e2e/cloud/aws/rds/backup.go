// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"regexp"
	"strings"
	"time"
)

// What who asks for nothing gets.
const (
	defaultRetention         = 1
	defaultBackupWindow      = "03:00-03:30" //nolint:gosec // G101: a time of day
	defaultMaintenanceWindow = "sun:05:00-sun:05:30"
	longestRetention         = 35
	shortestWindow           = 30 * time.Minute
)

// applyBackup sets retention and windows; a new instance gets defaults for what
// is not given. For others the retention is not touched: see pend.
func (i *instance) applyBackup(in backupInput, fresh bool) error {
	if err := checkRetention(in.BackupRetentionPeriod); err != nil {
		return err
	}
	if fresh {
		i.BackupRetentionPeriod = orElse(in.BackupRetentionPeriod, defaultRetention)
		i.PreferredBackupWindow, i.PreferredMaintenanceWindow = defaultBackupWindow, defaultMaintenanceWindow
	}
	backup := orString(in.PreferredBackupWindow, i.PreferredBackupWindow)
	maintenance := orString(strings.ToLower(in.PreferredMaintenanceWindow), i.PreferredMaintenanceWindow)
	if err := checkBackupWindow(backup); err != nil {
		return err
	}
	if err := checkMaintenanceWindow(maintenance); err != nil {
		return err
	}
	i.PreferredBackupWindow, i.PreferredMaintenanceWindow = backup, maintenance
	return nil
}

func checkRetention(days *int32) error {
	if days != nil && (*days < 0 || *days > longestRetention) {
		return invalidValue("Invalid backup retention period: %d. Must be between 0 and %d.", *days, longestRetention)
	}
	return nil
}

func checkBackupWindow(w string) error {
	if !regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$`).MatchString(w) {
		return invalidValue("The parameter PreferredBackupWindow must be in the format hh24:mi-hh24:mi.")
	}
	from, to, _ := strings.Cut(w, "-")
	if windowLength(from, to, "15:04", 24*time.Hour) < shortestWindow {
		return invalidValue("The backup window must be at least 30 minutes.")
	}
	return nil
}

func checkMaintenanceWindow(w string) error {
	const day = `(mon|tue|wed|thu|fri|sat|sun)`
	if !regexp.MustCompile(`^` + day + `:([01]\d|2[0-3]):[0-5]\d-` + day + `:([01]\d|2[0-3]):[0-5]\d$`).MatchString(w) {
		return invalidValue("The parameter PreferredMaintenanceWindow must be in the format ddd:hh24:mi-ddd:hh24:mi.")
	}
	from, to, _ := strings.Cut(w, "-")
	if from[:3] == to[:3] && windowLength(from[4:], to[4:], "15:04", 7*24*time.Hour) < shortestWindow {
		return invalidValue("The maintenance window must be at least 30 minutes.")
	}
	return nil
}

// windowLength returns how long it is from one time to the next time that it
// is to; both were checked.
func windowLength(from, to, layout string, cycle time.Duration) time.Duration {
	a, _ := time.Parse(layout, from)
	b, _ := time.Parse(layout, to)
	if d := b.Sub(a); d >= 0 {
		return d
	}
	return b.Sub(a) + cycle
}
