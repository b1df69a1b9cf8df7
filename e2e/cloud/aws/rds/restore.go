// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/database"
)

type restoreSnapshotInput struct {
	DBInstanceIdentifier string
	DBSnapshotIdentifier string
	Engine               string
	makeInput
}

func (s *Service) restoreSnapshot(r *query.Request, in *restoreSnapshotInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	sn, err := here.findSnapshot(in.DBSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	if s.cloud.Clock.Now().Before(sn.ready) {
		return nil, refuse("InvalidDBSnapshotState", "The snapshot %s is not in the available state.", sn.DBSnapshotIdentifier)
	}
	return s.restore(r, here, source{of: sn.of, data: sn.data}, in.DBInstanceIdentifier, in.Engine, in.makeInput)
}

type restoreTimeInput struct {
	TargetDBInstanceIdentifier string
	SourceDBInstanceIdentifier string
	SourceDbiResourceID        string `query:"SourceDbiResourceId"`
	SourceBackupArn            string `query:"SourceDBInstanceAutomatedBackupsArn"`
	RestoreTime                *time.Time
	UseLatestRestorableTime    *bool
	Engine                     string
	makeInput
}

// restoreTime restores the data as they are: the local RDS keeps no log of
// what they were at other times.
func (s *Service) restoreTime(r *query.Request, in *restoreTimeInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	if (in.RestoreTime == nil) == !orElse(in.UseLatestRestorableTime, false) {
		return nil, invalidCombination("Exactly one of RestoreTime and UseLatestRestorableTime must be given.")
	}
	from, err := s.recoverable(here, in)
	if err != nil {
		return nil, err
	}
	if t := in.RestoreTime; t != nil && (t.After(s.cloud.Clock.Now()) || from.of.InstanceCreateTime == nil ||
		t.Before(from.of.InstanceCreateTime.Truncate(time.Second))) {
		return nil, invalidValue("The specified instance cannot be restored to a time that is before its creation or after its latest restorable time.")
	}
	return s.restore(r, here, from, in.TargetDBInstanceIdentifier, in.Engine, in.makeInput)
}

// source is what an instance is restored from.
type source struct {
	of   description
	data *database.Snapshot
}

// recoverable finds the instance, or the backups that it left, and its data.
func (s *Service) recoverable(here *region, in *restoreTimeInput) (source, error) {
	for _, i := range here.instances.All() {
		if i.DBInstanceIdentifier != in.SourceDBInstanceIdentifier && i.DbiResourceID != in.SourceDbiResourceID {
			continue
		}
		if i.BackupRetentionPeriod == 0 || i.InstanceCreateTime == nil {
			return source{}, refuse("PointInTimeRestoreNotEnabled", "Point in time restore is not enabled for the DB instance %s.", i.DBInstanceIdentifier)
		}
		data, err := s.databases.Snapshot(i.DbiResourceID)
		return source{of: i.description, data: data}, err
	}
	for _, b := range here.backups.All() {
		if b.DbiResourceID == in.SourceDbiResourceID || (in.SourceBackupArn != "" && b.DBInstanceAutomatedBackupsArn == in.SourceBackupArn) {
			return source{of: b.of, data: b.data}, nil
		}
	}
	if in.SourceDBInstanceIdentifier != "" {
		return source{}, instanceNotFound(in.SourceDBInstanceIdentifier)
	}
	return source{}, backupNotFound(in.SourceDbiResourceID + in.SourceBackupArn)
}

// restore makes an instance that is like the source, where the request does
// not say otherwise.
func (s *Service) restore(r *query.Request, here *region, from source, name, engine string, in makeInput) (*instanceResult, error) {
	id, err := checkIdentifier("DBInstanceIdentifier", name, longestInstanceName)
	if err != nil {
		return nil, err
	}
	if engine != "" && engine != from.of.Engine {
		return nil, invalidCombination("A %s instance cannot be restored as %s.", from.of.Engine, engine)
	}
	if err := s.free(here, id); err != nil {
		return nil, err
	}
	i := &instance{description: description{
		DBInstanceIdentifier: id, Engine: from.of.Engine, EngineVersion: from.of.EngineVersion,
		MasterUsername: from.of.MasterUsername, DBName: from.of.DBName, StorageEncrypted: from.of.StorageEncrypted, KmsKeyID: from.of.KmsKeyID,
	}}
	if err := in.inherit(from.of); err != nil {
		return nil, err
	}
	if err := s.furnish(here, i, in); err != nil {
		return nil, err
	}
	spec := database.Spec{
		Engine: database.Engine(i.Engine), Version: i.EngineVersion, Database: orElse(i.DBName, ""),
		Username: from.data.Username, Password: from.data.Password, From: from.data,
	}
	return s.launch(r, here, i, spec, in.Port)
}

// inherit fills in what the request leaves out.
func (in *makeInput) inherit(of description) error {
	in.DBInstanceClass = orString(in.DBInstanceClass, of.DBInstanceClass)
	if in.AllocatedStorage != nil && *in.AllocatedStorage < of.AllocatedStorage {
		return invalidValue("The allocated storage (%d) must not be less than that of the source (%d).", *in.AllocatedStorage, of.AllocatedStorage)
	}
	if in.AllocatedStorage == nil {
		in.AllocatedStorage = &of.AllocatedStorage
	}
	if in.StorageType == "" && in.Iops == nil && in.StorageThroughput == nil {
		in.StorageType, in.Iops = of.StorageType, of.Iops
	}
	if in.BackupRetentionPeriod == nil {
		in.BackupRetentionPeriod = &of.BackupRetentionPeriod
	}
	if in.MultiAZ == nil {
		in.MultiAZ = new(bool) // a restored instance is Single-AZ unless asked otherwise
	}
	return nil
}
