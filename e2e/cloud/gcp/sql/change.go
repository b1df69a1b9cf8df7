// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func (s *Service) patch(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	next, err := rest.Merge(&i.DatabaseInstance, r.Body)
	if err != nil {
		return nil, err
	}
	return s.change(r, p, i, next)
}

// update replaces all settings: what is not given is as for a new instance.
func (s *Service) update(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.DatabaseInstance](r)
	if err != nil {
		return nil, err
	}
	if in.Settings == nil {
		return nil, rest.Refuse(http.StatusBadRequest, "missingInput", "Missing parameter: settings.")
	}
	next := i.DatabaseInstance
	next.Settings = in.Settings
	if in.DatabaseVersion != "" {
		next.DatabaseVersion = in.DatabaseVersion
	}
	fill(&next)
	return s.change(r, p, i, &next)
}

func (s *Service) change(r *rest.Request, p *project, i *instance, next *wire.DatabaseInstance) (any, error) {
	if says(r.Body, "settings", "settingsVersion") && next.Settings.SettingsVersion != i.Settings.SettingsVersion {
		return nil, rest.Refuse(http.StatusPreconditionFailed, "staleData", "Condition does not match.")
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	if err := s.checkChange(p, i, next); err != nil {
		return nil, err
	}
	s.record(r, i, kindInstance, i.Name, local.Updated)
	w := work{typ: "UPDATE", takes: local.Modify, done: func() error { return s.apply(i, next) }}
	if restarts(&i.DatabaseInstance, next) {
		w.meanwhile = maintenance
	}
	return s.begin(r, p, i, w), nil
}

// checkChange says why the instance can't become next.
func (s *Service) checkChange(p *project, i *instance, next *wire.DatabaseInstance) error {
	have, err := check(next)
	old, _ := engineOf(i.DatabaseVersion)
	ip, oldIP := next.Settings.IPConfiguration, i.Settings.IPConfiguration
	switch {
	case err != nil:
		return err
	case have != old || order(next.DatabaseVersion) < order(i.DatabaseVersion):
		return invalid("The instance can't be upgraded from %s to %s.", i.DatabaseVersion, next.DatabaseVersion)
	case next.Region != i.Region || next.Name != i.Name:
		return invalid("Region and name of an instance can't be changed.")
	case next.Settings.DataDiskSizeGb < i.Settings.DataDiskSizeGb:
		return invalid("Invalid value for: The disk size can't be decreased, from %d GB to %d GB.", i.Settings.DataDiskSizeGb, next.Settings.DataDiskSizeGb)
	case next.Settings.DataDiskType != i.Settings.DataDiskType:
		return invalid("The disk type of an instance can't be changed.")
	case oldIP.PrivateNetwork != "" && ip.PrivateNetwork != oldIP.PrivateNetwork:
		return invalid("The private network of an instance can't be changed or removed.")
	case next.Settings.BackupConfiguration.PointInTimeRecoveryEnabled && !next.Settings.BackupConfiguration.Enabled:
		return invalid("Point in time recovery needs backups.")
	}
	return s.checkNetwork(p.id, ip)
}

// restarts reports whether a change takes the database down for a while.
func restarts(old, next *wire.DatabaseInstance) bool {
	return old.Settings.Tier != next.Settings.Tier || old.Settings.Edition != next.Settings.Edition ||
		old.Settings.AvailabilityType != next.Settings.AvailabilityType || old.DatabaseVersion != next.DatabaseVersion
}

// apply makes the instance what it shall be.
func (s *Service) apply(i *instance, next *wire.DatabaseInstance) error {
	e, _ := engineOf(i.DatabaseVersion)
	if restarts(&i.DatabaseInstance, next) {
		s.databases.Restart(i.databaseID)
	}
	if next.DatabaseVersion != i.DatabaseVersion {
		i.DatabaseVersion, i.DatabaseInstalledVersion = next.DatabaseVersion, installed(next.DatabaseVersion)
		if err := s.databases.SetVersion(i.databaseID, e.version(i.DatabaseVersion)); err != nil {
			return err
		}
	}
	address := ""
	if len(i.IPAddresses) > 0 {
		address = i.IPAddresses[0].IPAddress
	}
	version := i.Settings.SettingsVersion
	i.Settings = next.Settings
	i.Settings.SettingsVersion = version + 1
	i.readdress(address)
	s.changed(i)
	return nil
}

// readdress gives the instance addresses as its settings say.
func (i *instance) readdress(address string) {
	ip := i.Settings.IPConfiguration
	i.IPAddresses = nil
	if ip.Ipv4Enabled && address != "" {
		i.IPAddresses = append(i.IPAddresses, &wire.IPMapping{IPAddress: address, Type: "PRIMARY"})
	}
	if ip.PrivateNetwork != "" && address != "" {
		i.IPAddresses = append(i.IPAddresses, &wire.IPMapping{IPAddress: address, Type: "PRIVATE"})
	}
}
