// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"context"
	"strings"

	"google.golang.org/api/sqladmin/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// What a new instance gets where the spec says nothing.
const (
	casCA         = "GOOGLE_MANAGED_CAS_CA"
	encryptedOnly = "ENCRYPTED_ONLY"
)

// restores reports whether the instance is made out of a backup.
func restores(p v1alpha1.CloudSQLInstanceParameters) bool {
	return p.RestoreFrom != nil && p.RestoreFrom.Backup != ""
}

// Create implements managed.External. A database of its own can't be asked for
// along with an instance: it follows once the instance is there.
func (e instance) Create(ctx context.Context, mr *v1alpha1.CloudSQLInstance, in managed.Intent) (*Observed, error) {
	p := mr.Spec.ForProvider
	request := e.describe(p, in)
	var err error
	if restores(p) {
		err = e.api.Restore(ctx, in.Name, &sqladmin.InstancesRestoreBackupRequest{Backup: p.RestoreFrom.Backup, RestoreInstanceSettings: request})
	} else {
		request.RootPassword = in.Password
		err = e.api.Insert(ctx, request)
	}
	if account.IsInstanceNameTaken(err) {
		err = e.taken(ctx, in.Name, err)
	}
	if err != nil {
		return nil, err
	}
	request.State, request.RootPassword = stateCreating, "" // all that is known of it so far
	return &Observed{DatabaseInstance: request}, nil
}

// taken tells an instance that is there from one that was: its name rests for a
// week.
func (e instance) taken(ctx context.Context, name string, taken error) error {
	if _, err := e.api.Instance(ctx, name); !account.IsNotFound(err) {
		return taken
	}
	return fault.New(fault.Dependency, contract.ReasonDependency,
		"an instance %s was deleted less than a week ago, and Cloud SQL gives no name twice within a week: delete this object and make a new one", name)
}

// describe is the instance to make. Cloud SQL's settings have no word for "not
// said": those that are false or empty are Cloud SQL's to choose.
func (e instance) describe(p v1alpha1.CloudSQLInstanceParameters, in managed.Intent) *sqladmin.DatabaseInstance {
	set := &sqladmin.Settings{
		Tier:                      p.Tier,
		Edition:                   p.Edition,
		AvailabilityType:          p.AvailabilityType,
		ActivationPolicy:          p.ActivationPolicy,
		DataDiskSizeGb:            value(p.DataDiskSizeGb),
		DataDiskType:              p.DataDiskType,
		StorageAutoResize:         p.StorageAutoResize,
		StorageAutoResizeLimit:    value(p.StorageAutoResizeLimitGb),
		RetainBackupsOnDelete:     value(p.RetainBackupsOnDelete),
		DeletionProtectionEnabled: value(p.DeletionProtectionEnabled),
		DatabaseFlags:             flags(p.DatabaseFlags),
		MaintenanceWindow:         window(p.MaintenanceWindow),
		UserLabels:                diff.Both(p.UserLabels, account.Labels(in.Tags)),
		IpConfiguration:           e.newIP(p.IPConfiguration),
	}
	if p.Zone != "" {
		set.LocationPreference = &sqladmin.LocationPreference{Zone: p.Zone}
	}
	if p.BackupConfiguration != nil {
		set.BackupConfiguration, _ = backups(*p.BackupConfiguration, &sqladmin.BackupConfiguration{}, engineOf(p.DatabaseVersion))
	}
	return &sqladmin.DatabaseInstance{Name: in.Name, Region: p.Region, DatabaseVersion: p.DatabaseVersion, Settings: set}
}

// newIP is how a new instance is reached. It is closed to everybody, speaks TLS
// only and has a certificate that can be verified unless the spec says
// otherwise: Cloud SQL's defaults are laxer.
func (e instance) newIP(p *v1alpha1.IPConfiguration) *sqladmin.IpConfiguration {
	if p == nil {
		p = &v1alpha1.IPConfiguration{}
	}
	ip := &sqladmin.IpConfiguration{
		Ipv4Enabled:        p.PrivateNetwork == "" && !value(p.PSCEnabled),
		AuthorizedNetworks: entries(p.AuthorizedNetworks),
		PrivateNetwork:     e.networkPath(p.PrivateNetwork),
		AllocatedIpRange:   p.AllocatedIPRange,
		SslMode:            cmp.Or(p.SSLMode, encryptedOnly),
		ServerCaMode:       cmp.Or(p.ServerCAMode, casCA),
		ForceSendFields:    []string{"Ipv4Enabled"},
	}
	if p.IPv4Enabled != nil {
		ip.Ipv4Enabled = *p.IPv4Enabled
	}
	if value(p.PSCEnabled) {
		ip.PscConfig = &sqladmin.PscConfig{PscEnabled: true, AllowedConsumerProjects: p.PSCAllowedConsumerProjects}
	}
	return ip
}

// networkPath is a network's name as Cloud SQL wants it: a Network object's
// external name is the last part only.
func (e instance) networkPath(name string) string {
	if name == "" || strings.Contains(name, "/") {
		return name
	}
	return "projects/" + e.project + "/global/networks/" + name
}

func entries(networks []v1alpha1.AuthorizedNetwork) []*sqladmin.AclEntry {
	var out []*sqladmin.AclEntry
	for _, n := range networks {
		out = append(out, &sqladmin.AclEntry{Value: n.CIDR, Name: n.Name})
	}
	return out
}

func flags(list []v1alpha1.DatabaseFlag) []*sqladmin.DatabaseFlags {
	var out []*sqladmin.DatabaseFlags
	for _, f := range list {
		out = append(out, &sqladmin.DatabaseFlags{Name: f.Name, Value: f.Value})
	}
	return out
}

func window(w *v1alpha1.MaintenanceWindow) *sqladmin.MaintenanceWindow {
	if w == nil {
		return nil
	}
	return &sqladmin.MaintenanceWindow{Day: w.Day, Hour: w.Hour, UpdateTrack: w.UpdateTrack, ForceSendFields: []string{"Hour"}}
}

func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
