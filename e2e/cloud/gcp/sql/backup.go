// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/sql/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindBackup is the kind of backups in ledgers.
const kindBackup = "Backup"

// Types of backups.
const (
	finalType    = "FINAL"
	onDemandType = "ON_DEMAND"
)

// finalDays is for how long a final backup is kept that says nothing of it.
const finalDays = 30

// backup is a copy of an instance's data and settings.
type backup struct {
	wire.Backup

	data      *database.Snapshot
	databases local.Table[*wire.Database]
}

// keep copies an instance.
func (s *Service) keep(r *rest.Request, p *project, i *instance, typ, description string, days int64) error {
	data, err := s.databases.Snapshot(i.databaseID)
	if err != nil {
		return fmt.Errorf("copying the data: %w", err)
	}
	b := &backup{data: data, Backup: wire.Backup{
		Kind: "sql#backup", Name: "projects/" + p.id + "/backups/" + uuid(), Instance: i.Name, Type: typ, State: "SUCCESSFUL",
		Description: description, DatabaseVersion: i.DatabaseVersion, Location: i.Region, InstanceSettings: i.view(),
	}}
	for _, d := range i.databases.All() {
		b.databases.Put(d.Name, d)
	}
	if typ == finalType {
		now := s.cloud.Clock.Now()
		b.TTLDays = cmp.Or(days, finalDays)
		b.ExpiryTime = now.AddDate(0, 0, int(b.TTLDays)).Format(time.RFC3339)
		b.InstanceDeletionTime = now.Format(time.RFC3339)
	}
	p.backups.Put(b.Name, b)
	s.record(r, i, kindBackup, b.Name, local.Created)
	return nil
}

func (p *project) remove(b *backup) {
	p.backups.Delete(b.Name)
	b.data.Discard()
}

func (s *Service) createBackup(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.Backup](r)
	if err != nil {
		return nil, err
	}
	p := s.in(r.Project)
	i, err := p.find(in.Instance)
	if err != nil {
		return nil, err
	}
	if err := i.free(); err != nil {
		return nil, err
	}
	if err := s.keep(r, p, i, onDemandType, in.Description, 0); err != nil {
		return nil, err
	}
	return s.begin(r, p, i, work{typ: "BACKUP_VOLUME", takes: local.Snapshot}), nil
}

func (s *Service) listBackups(r *rest.Request) (any, error) {
	const most = 500
	page, next, err := rest.Page(r, "pageSize", most, s.in(r.Project).backups.All(), func(b *backup) string { return b.Name })
	if err != nil {
		return nil, err
	}
	out := &wire.ListBackupsResponse{NextPageToken: next}
	for _, b := range page {
		if b.fits(r.Query.Get("filter")) {
			out.Backups = append(out.Backups, &b.Backup)
		}
	}
	return out, nil
}

// fits knows the filters "instance:NAME" and "type:FINAL", joined by AND.
func (b *backup) fits(filter string) bool {
	for part := range strings.SplitSeq(filter, " AND ") {
		key, value, _ := strings.Cut(strings.ReplaceAll(part, "=", ":"), ":")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.TrimSpace(key) {
		case "instance":
			if b.Instance != value {
				return false
			}
		case "type":
			if b.Type != value {
				return false
			}
		}
	}
	return true
}

func (s *Service) find(r *rest.Request, name string) (*backup, error) {
	b, ok := s.in(r.Project).backups.Get(name)
	if !ok {
		return nil, rest.Refuse(http.StatusNotFound, "backupDoesNotExist", "The backup does not exist.")
	}
	return b, nil
}

func (s *Service) getBackup(r *rest.Request) (any, error) {
	b, err := s.find(r, "projects/"+r.Project+"/backups/"+r.Path("backup"))
	if err != nil {
		return nil, err
	}
	return &b.Backup, nil
}

func (s *Service) deleteBackup(r *rest.Request) (any, error) {
	b, err := s.find(r, "projects/"+r.Project+"/backups/"+r.Path("backup"))
	if err != nil {
		return nil, err
	}
	s.in(r.Project).remove(b)
	s.record(r, &instance{DatabaseInstance: *b.InstanceSettings}, kindBackup, b.Name, local.Deleted)
	return &wire.Operation{
		Kind: "sql#operation", Name: uuid(), OperationType: "DELETE_BACKUP", Status: "DONE", TargetProject: r.Project, User: r.Caller, InsertTime: s.now(),
	}, nil
}

// restore makes a new instance out of a backup, with other settings where the
// call gives some. Restores to an instance that exists are not modelled.
func (s *Service) restore(r *rest.Request) (any, error) {
	in, err := rest.Read[wire.InstancesRestoreBackupRequest](r)
	if err != nil {
		return nil, err
	}
	if _, there := s.in(r.Project).instances.Get(r.Path("instance")); there {
		return nil, rest.Refuse(http.StatusConflict, "instanceAlreadyExists", "The local cloud restores to new instances only.")
	}
	if in.RestoreInstanceSettings == nil {
		return nil, noInstance() // without settings the instance has to exist
	}
	b, err := s.find(r, in.Backup)
	if err != nil {
		return nil, err
	}
	next, err := rest.Merge(b.InstanceSettings, in.RestoreInstanceSettings)
	if err != nil {
		return nil, err
	}
	if next.DatabaseVersion != b.DatabaseVersion {
		return nil, invalid("The backup is of version %s.", b.DatabaseVersion)
	}
	next.Name, next.IPAddresses = r.Path("instance"), nil
	return s.make(r, next, b)
}
