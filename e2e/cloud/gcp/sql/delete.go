// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"strconv"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func (s *Service) delete(r *rest.Request) (any, error) {
	p := s.in(r.Project)
	i, err := p.find(r.Path("instance"))
	if err != nil {
		return nil, err
	}
	if i.Settings.DeletionProtectionEnabled {
		return nil, invalid("The instance is protected. Please disable the deletion protection and try again. " +
			"To disable deletion protection, update the instance settings with deletionProtectionEnabled set to false.")
	}
	if i.state() != failed {
		if err := i.free(); err != nil {
			return nil, err
		}
	}
	if err := s.finalBackup(r, p, i); err != nil {
		return nil, err
	}
	if !i.Settings.RetainBackupsOnDelete {
		for _, b := range p.backups.All() {
			if b.Instance == i.Name && b.Type != finalType {
				p.remove(b)
			}
		}
	}
	s.record(r, i, kindInstance, i.Name, local.Deleted)
	i.forced = ""
	return s.begin(r, p, i, work{typ: "DELETE", takes: local.Delete, meanwhile: pendingDelete, done: func() error {
		p.instances.Delete(i.Name)
		p.taken[i.Name] = s.cloud.Clock.Now().Add(namesRest)
		s.databases.Remove(i.databaseID)
		s.cloud.Events.Publish(local.Resource{Service: serviceName, Region: i.Region, Kind: kindInstance, ID: i.Name, State: "DELETED"})
		return nil
	}}), nil
}

// finalBackup makes the last backup where the call or the settings ask for it.
func (s *Service) finalBackup(r *rest.Request, p *project, i *instance) error {
	days, config := int64(0), i.Settings.FinalBackupConfig
	wanted := config != nil && config.Enabled
	if wanted {
		days = config.RetentionDays
	}
	if text := r.Query.Get("enableFinalBackup"); text != "" {
		wanted = text == "true"
	}
	if text := r.Query.Get("finalBackupTtlDays"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return invalid("finalBackupTtlDays is not a number")
		}
		days = n
	}
	if !wanted || i.state() == failed {
		return nil
	}
	return s.keep(r, p, i, finalType, r.Query.Get("finalBackupDescription"), days)
}
