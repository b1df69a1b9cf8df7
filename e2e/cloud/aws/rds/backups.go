// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindBackup is the kind of automated backups in ledgers.
const kindBackup = "DBInstanceAutomatedBackup"

// backup is what a deleted instance's automated backups hold.
type backup struct {
	backupView

	of   description
	data *database.Snapshot
}

type backupView struct {
	DBInstanceIdentifier          string
	DbiResourceID                 string `xml:"DbiResourceId"`
	DBInstanceArn                 string
	DBInstanceAutomatedBackupsArn string
	Status                        string
	Region                        string
	Engine                        string
	EngineVersion                 string
	MasterUsername                string
	AllocatedStorage              int32
	BackupRetentionPeriod         int32
	InstanceCreateTime            *time.Time `xml:",omitempty"`
	Encrypted                     bool
	TagList                       []tag `xml:"TagList>Tag"`
}

// retain keeps the automated backups of an instance that is being deleted.
func (s *Service) retain(r *query.Request, here *region, i *instance) error {
	data, err := s.databases.Snapshot(i.DbiResourceID)
	if err != nil {
		return err
	}
	here.backups.Put(i.DbiResourceID, &backup{backupView: i.backup(here.scope, "retained"), of: i.description, data: data})
	s.record(r, kindBackup, i.DbiResourceID, local.Created)
	return nil
}

func (i *instance) backup(scope query.Scope, status string) backupView {
	return backupView{
		DBInstanceIdentifier: i.DBInstanceIdentifier, DbiResourceID: i.DbiResourceID, DBInstanceArn: i.DBInstanceArn,
		DBInstanceAutomatedBackupsArn: arn(scope, "auto-backup", strings.ToLower(strings.Replace(i.DbiResourceID, "db-", "ab-", 1))),
		Status:                        status, Region: scope.Region, Engine: i.Engine, EngineVersion: i.EngineVersion, MasterUsername: i.MasterUsername,
		AllocatedStorage: i.AllocatedStorage, BackupRetentionPeriod: i.BackupRetentionPeriod, InstanceCreateTime: i.InstanceCreateTime,
		Encrypted: i.StorageEncrypted, TagList: i.TagList,
	}
}

type describeBackupsInput struct {
	DBInstanceIdentifier string
	DbiResourceID        string `query:"DbiResourceId"`
	BackupsArn           string `query:"DBInstanceAutomatedBackupsArn"`
	Filters              []filter
	pageInput
}

type backupsPage struct {
	Backups []backupView `xml:"DBInstanceAutomatedBackups>DBInstanceAutomatedBackup"`
	Marker  string       `xml:",omitempty"`
}

func (s *Service) describeBackups(r *query.Request, in *describeBackupsInput) (*backupsPage, error) {
	here := s.in(r.Scope)
	var all local.Table[backupView]
	add := func(v backupView) {
		if (in.DBInstanceIdentifier == "" || strings.EqualFold(in.DBInstanceIdentifier, v.DBInstanceIdentifier)) &&
			(in.DbiResourceID == "" || in.DbiResourceID == v.DbiResourceID) && (in.BackupsArn == "" || in.BackupsArn == v.DBInstanceAutomatedBackupsArn) {
			all.Put(v.DbiResourceID, v)
		}
	}
	for _, i := range here.instances.All() {
		if i.BackupRetentionPeriod > 0 {
			add(i.backup(here.scope, "active"))
		}
	}
	for _, b := range here.backups.All() {
		add(b.backupView)
	}
	page, next, err := paged(all.All(), func(v backupView) string { return v.DbiResourceID }, in.pageInput)
	return &backupsPage{Backups: page, Marker: next}, err
}

type deleteBackupInput struct {
	DbiResourceID string `query:"DbiResourceId"`
	BackupsArn    string `query:"DBInstanceAutomatedBackupsArn"`
}

type backupResult struct {
	DBInstanceAutomatedBackup backupView
}

func (s *Service) deleteBackup(r *query.Request, in *deleteBackupInput) (*backupResult, error) {
	here := s.in(r.Scope)
	for _, b := range here.backups.All() {
		if b.DbiResourceID == in.DbiResourceID || (in.BackupsArn != "" && b.DBInstanceAutomatedBackupsArn == in.BackupsArn) {
			here.backups.Delete(b.DbiResourceID)
			b.data.Discard()
			s.record(r, kindBackup, b.DbiResourceID, local.Deleted)
			return &backupResult{b.backupView}, nil
		}
	}
	return nil, backupNotFound(in.DbiResourceID + in.BackupsArn)
}

func backupNotFound(id string) error {
	return notFound("DBInstanceAutomatedBackupNotFound", "DB instance automated backup %s not found.", id)
}
