// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// plan returns the request that brings o's settings to want, nil where there is
// nothing to ask for, and the names of all fields that differ. The request names
// the version of the settings that it was made from: if somebody else changed
// them meanwhile it is refused, and made anew.
//
// Of a group of settings in which something differs all are sent, with the
// values that the others have: Cloud SQL does not say of every group whether a
// patch merges it or replaces it.
func (e instance) plan(want v1alpha1.CloudSQLInstanceParameters, o *Observed) (*sqladmin.DatabaseInstance, diff.Fields) {
	patch := &sqladmin.DatabaseInstance{Settings: &sqladmin.Settings{SettingsVersion: o.Settings.SettingsVersion}}
	var d diff.Fields
	set, have := patch.Settings, o.Settings
	if value(want.AllowMajorVersionUpgrade) && upgrades(want.DatabaseVersion, o.DatabaseVersion) {
		d, patch.DatabaseVersion = append(d, "databaseVersion"), want.DatabaseVersion
	}
	text(&d, "tier", want.Tier, have.Tier, &set.Tier)
	text(&d, "edition", want.Edition, have.Edition, &set.Edition)
	text(&d, "availabilityType", want.AvailabilityType, have.AvailabilityType, &set.AvailabilityType)
	text(&d, "activationPolicy", want.ActivationPolicy, have.ActivationPolicy, &set.ActivationPolicy)
	planDisk(&d, want, have, set)
	planProtection(&d, want, have, set)
	e.planIP(&d, want.IPConfiguration, o.ip(), set)
	if want.BackupConfiguration != nil {
		planBackups(&d, *want.BackupConfiguration, o, set)
	}
	if want.DatabaseFlags != nil && !sameFlags(want.DatabaseFlags, have.DatabaseFlags) {
		d, set.DatabaseFlags = append(d, "databaseFlags"), flags(want.DatabaseFlags)
		set.ForceSendFields = append(set.ForceSendFields, "DatabaseFlags")
	}
	if w := want.MaintenanceWindow; w != nil && !sameWindow(*w, have.MaintenanceWindow) {
		d, set.MaintenanceWindow = append(d, "maintenanceWindow"), window(w)
	}
	if missing := diff.Tags(&d, want.UserLabels, have.UserLabels); len(missing) > 0 {
		d[len(d)-1] = "userLabels"
		set.UserLabels = diff.Both(have.UserLabels, missing)
	}
	if len(d) == 0 {
		patch = nil
	}
	if want.DatabaseName != "" && o.State == stateRunnable && !o.hasDatabase {
		d = append(d, "databaseName")
	}
	return patch, d
}

func planDisk(d *diff.Fields, want v1alpha1.CloudSQLInstanceParameters, have, set *sqladmin.Settings) {
	if size := want.DataDiskSizeGb; size != nil && *size > have.DataDiskSizeGb {
		*d, set.DataDiskSizeGb = append(*d, "dataDiskSizeGb"), *size
	}
	if grows := want.StorageAutoResize; grows != nil && *grows != value(have.StorageAutoResize) {
		*d, set.StorageAutoResize = append(*d, "storageAutoResize"), grows
	}
	plain(d, "storageAutoResizeLimitGb", want.StorageAutoResizeLimitGb, have.StorageAutoResizeLimit, &set.StorageAutoResizeLimit, set, "StorageAutoResizeLimit")
}

func planProtection(d *diff.Fields, want v1alpha1.CloudSQLInstanceParameters, have, set *sqladmin.Settings) {
	plain(d, "deletionProtectionEnabled", want.DeletionProtectionEnabled, have.DeletionProtectionEnabled,
		&set.DeletionProtectionEnabled, set, "DeletionProtectionEnabled")
	plain(d, "retainBackupsOnDelete", want.RetainBackupsOnDelete, have.RetainBackupsOnDelete,
		&set.RetainBackupsOnDelete, set, "RetainBackupsOnDelete")
}

// planIP compares how the instance is reached.
func (e instance) planIP(d *diff.Fields, want *v1alpha1.IPConfiguration, have *sqladmin.IpConfiguration, set *sqladmin.Settings) {
	if want == nil {
		return
	}
	next, before := *have, len(*d)
	next.ForceSendFields = []string{"Ipv4Enabled", "AuthorizedNetworks"}
	if open := want.IPv4Enabled; open != nil && *open != have.Ipv4Enabled {
		*d, next.Ipv4Enabled = append(*d, "ipConfiguration.ipv4Enabled"), *open
	}
	if want.AuthorizedNetworks != nil && !sameEntries(want.AuthorizedNetworks, ofInstance(have.AuthorizedNetworks)) {
		*d = append(*d, "ipConfiguration.authorizedNetworks")
		next.AuthorizedNetworks = append(entries(want.AuthorizedNetworks), ofObjects(have.AuthorizedNetworks)...)
	}
	if have.PrivateNetwork == "" {
		text(d, "ipConfiguration.privateNetwork", e.networkPath(want.PrivateNetwork), "", &next.PrivateNetwork)
	}
	text(d, "ipConfiguration.sslMode", want.SSLMode, have.SslMode, &next.SslMode)
	text(d, "ipConfiguration.serverCaMode", want.ServerCAMode, have.ServerCaMode, &next.ServerCaMode)
	if want.PSCAllowedConsumerProjects != nil && have.PscConfig != nil && !diff.Same(want.PSCAllowedConsumerProjects, have.PscConfig.AllowedConsumerProjects) {
		psc := *have.PscConfig
		psc.AllowedConsumerProjects, psc.ForceSendFields = want.PSCAllowedConsumerProjects, []string{"AllowedConsumerProjects"}
		*d, next.PscConfig = append(*d, "ipConfiguration.pscAllowedConsumerProjects"), &psc
	}
	if len(*d) > before {
		set.IpConfiguration = &next
	}
}

func planBackups(d *diff.Fields, want v1alpha1.BackupConfiguration, o *Observed, set *sqladmin.Settings) {
	have := o.Settings.BackupConfiguration
	if have == nil {
		have = &sqladmin.BackupConfiguration{}
	}
	if next, differ := backups(want, have, engineOf(o.DatabaseVersion)); len(differ) > 0 {
		*d, set.BackupConfiguration = append(*d, differ...), next
	}
}

// backups returns have with what want says, and what differs. Recovery to a
// point in time is called otherwise for each engine.
func backups(want v1alpha1.BackupConfiguration, have *sqladmin.BackupConfiguration, e engine) (*sqladmin.BackupConfiguration, diff.Fields) {
	next := *have
	next.ForceSendFields = []string{"Enabled"}
	var d diff.Fields
	set := func(field string, differs bool) bool {
		if differs {
			d = append(d, "backupConfiguration."+field)
		}
		return differs
	}
	if on := want.Enabled; on != nil && set("enabled", *on != have.Enabled) {
		next.Enabled = *on
	}
	if at := want.StartTime; at != "" && set("startTime", at != have.StartTime) {
		next.StartTime = at
	}
	if at := want.Location; at != "" && set("location", at != have.Location) {
		next.Location = at
	}
	if n := want.RetainedBackups; n != nil && set("retainedBackups", have.BackupRetentionSettings == nil || *n != have.BackupRetentionSettings.RetainedBackups) {
		next.BackupRetentionSettings = &sqladmin.BackupRetentionSettings{RetentionUnit: "COUNT", RetainedBackups: *n}
	}
	log, name := &next.PointInTimeRecoveryEnabled, "PointInTimeRecoveryEnabled"
	if e.typ == "mysql" {
		log, name = &next.BinaryLogEnabled, "BinaryLogEnabled"
	}
	next.ForceSendFields = append(next.ForceSendFields, name)
	if on := want.PointInTimeRecoveryEnabled; on != nil && set("pointInTimeRecoveryEnabled", *on != *log) {
		*log = *on
	}
	if n := want.TransactionLogRetentionDays; n != nil && set("transactionLogRetentionDays", *n != have.TransactionLogRetentionDays) {
		next.TransactionLogRetentionDays = *n
	}
	return &next, d
}

// fixed returns what differs and can't be changed, each with why.
func (e instance) fixed(want v1alpha1.CloudSQLInstanceParameters, o *Observed) diff.Fields {
	var d diff.Fields
	have := o.Settings
	switch {
	case want.DatabaseVersion == o.DatabaseVersion || strings.HasPrefix(o.installed(), want.DatabaseVersion):
	case !upgrades(want.DatabaseVersion, o.DatabaseVersion):
		d = append(d, fmt.Sprintf("databaseVersion (%s → %s: Cloud SQL can't go back)", o.DatabaseVersion, want.DatabaseVersion))
	case !value(want.AllowMajorVersionUpgrade):
		d = append(d, fmt.Sprintf("databaseVersion (%s → %s: needs allowMajorVersionUpgrade)", o.DatabaseVersion, want.DatabaseVersion))
	}
	if size := want.DataDiskSizeGb; size != nil && *size < have.DataDiskSizeGb && !value(have.StorageAutoResize) {
		d = append(d, fmt.Sprintf("dataDiskSizeGb (%d → %d: a disk can't shrink)", have.DataDiskSizeGb, *size))
	}
	diff.FixedText(&d, "dataDiskType", want.DataDiskType, &have.DataDiskType)
	if ip := want.IPConfiguration; ip != nil {
		if path := e.networkPath(ip.PrivateNetwork); o.ip().PrivateNetwork != "" && !sameNetwork(path, o.ip().PrivateNetwork) {
			d = append(d, fmt.Sprintf("ipConfiguration.privateNetwork (%s → %s)", o.ip().PrivateNetwork, path))
		}
		psc := o.ip().PscConfig
		on := psc != nil && psc.PscEnabled
		diff.Fixed(&d, "ipConfiguration.pscEnabled", ip.PSCEnabled, &on)
	}
	return d
}

// sameNetwork holds also where one names the project by its number: Google
// answers with either.
func sameNetwork(want, have string) bool {
	cut := func(s string) string { return s[strings.Index(s, "/global/")+1:] }
	return want == "" || want == have || cut(want) == cut(have)
}

// upgrades reports whether want is a later version than have.
func upgrades(want, have string) bool {
	e := engineOf(have)
	return e.prefix != "" && strings.HasPrefix(want, e.prefix) && compareVersions(e.version(want), e.version(have)) > 0
}

// compareVersions compares number by number.
func compareVersions(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
}

func sameFlags(want []v1alpha1.DatabaseFlag, have []*sqladmin.DatabaseFlags) bool {
	return diff.Same(
		each(want, func(f v1alpha1.DatabaseFlag) string { return f.Name + "=" + f.Value }),
		each(have, func(f *sqladmin.DatabaseFlags) string { return f.Name + "=" + f.Value }))
}

func sameEntries(want []v1alpha1.AuthorizedNetwork, have []*sqladmin.AclEntry) bool {
	return diff.Same(
		each(want, func(n v1alpha1.AuthorizedNetwork) string { return n.CIDR + " " + n.Name }),
		each(have, func(a *sqladmin.AclEntry) string { return a.Value + " " + a.Name }))
}

func sameWindow(want v1alpha1.MaintenanceWindow, have *sqladmin.MaintenanceWindow) bool {
	return have != nil && want.Day == have.Day && want.Hour == have.Hour && (want.UpdateTrack == "" || want.UpdateTrack == have.UpdateTrack)
}

func each[T any](list []T, f func(T) string) []string {
	var out []string
	for _, one := range list {
		out = append(out, f(one))
	}
	return out
}

// text puts want into request if it is said and differs from have.
func text(d *diff.Fields, field, want, have string, request *string) {
	if want != "" && want != have {
		*d, *request = append(*d, field), want
	}
}

// plain is text for values of which the zero one has to be sent, too.
func plain[T comparable](d *diff.Fields, field string, want *T, have T, request *T, set *sqladmin.Settings, sent string) {
	if want != nil && *want != have {
		*d, *request = append(*d, field), *want
		set.ForceSendFields = append(set.ForceSendFields, sent)
	}
}
