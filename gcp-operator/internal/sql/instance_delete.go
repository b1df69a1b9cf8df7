// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"context"

	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
)

// protected says why Cloud SQL will not delete the instance as the spec stands.
// Only a spec that says so lifts the protection.
func protected(want v1alpha1.CloudSQLInstanceParameters, o *Observed) string {
	switch {
	case value(want.DeletionProtectionEnabled):
		return "deletionProtectionEnabled is on: set spec.forProvider.deletionProtectionEnabled to false to have the instance deleted"
	case o.Settings != nil && o.Settings.DeletionProtectionEnabled && want.DeletionProtectionEnabled == nil:
		return "Cloud SQL protects the instance from deletion: set spec.forProvider.deletionProtectionEnabled to false to lift that"
	default:
		return ""
	}
}

// Delete implements managed.External. It lifts a protection that the spec does
// not want any more; the next call deletes.
func (e instance) Delete(ctx context.Context, mr *v1alpha1.CloudSQLInstance, o *Observed) error {
	if o.Settings.DeletionProtectionEnabled {
		return e.api.Patch(ctx, o.Name, &sqladmin.DatabaseInstance{Settings: &sqladmin.Settings{
			SettingsVersion: o.Settings.SettingsVersion, ForceSendFields: []string{"DeletionProtectionEnabled"},
		}})
	}
	return e.api.Delete(ctx, o.Name, keeps(mr, o))
}

// keeps is the last backup to make: one wherever there can be data and Cloud
// SQL can make one. Of an instance that failed it can't.
func keeps(mr *v1alpha1.CloudSQLInstance, o *Observed) *lastBackup {
	want := mr.Spec.ForProvider.FinalBackup
	if want == nil {
		want = &v1alpha1.FinalBackup{}
	}
	if want.Enabled != nil && !*want.Enabled || o.State == stateFailed {
		return nil
	}
	return &lastBackup{description: cmp.Or(want.Description, "the last of CloudSQLInstance "+mr.Name), days: value(want.RetentionDays)}
}
