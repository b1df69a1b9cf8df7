// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestDeleteRefusals(t *testing.T) {
	tests := map[string]struct {
		in   deleteInput
		want string
	}{
		"no such instance": {deleteInput{DBInstanceIdentifier: new("nobody"), SkipFinalSnapshot: new(true)}, "DBInstanceNotFound"},
		"neither snapshot": {deleteInput{DBInstanceIdentifier: new("db")}, "InvalidParameterCombination"},
		"both": {
			deleteInput{DBInstanceIdentifier: new("db"), SkipFinalSnapshot: new(true), FinalDBSnapshotIdentifier: new("x")}, "InvalidParameterCombination",
		},
		"snapshot's name":    {deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("-x")}, "InvalidParameterValue"},
		"snapshot taken":     {deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("taken")}, "DBSnapshotAlreadyExists"},
		"too many snapshots": {deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("another")}, "SnapshotQuotaExceeded"},
		"protected":          {deleteInput{DBInstanceIdentifier: new("safe"), SkipFinalSnapshot: new(true)}, "InvalidParameterCombination"},
	}
	w := start(t)
	w.create(t, "db")
	w.create(t, "safe", func(in *createInput) { in.DeletionProtection = new(true) })
	must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("taken")}))(t)
	w.settings(t, local.Settings{Quotas: map[string]int{"rds:snapshots": 1}})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := w.rds.DeleteDBInstance(t.Context(), &tc.in)
			wantCode(t, err, tc.want)
		})
	}
}

func TestDeleteWhileCreating(t *testing.T) {
	w := start(t)
	w.slow(t)
	w.create(t, "db")
	w.delete(t, "db")
	if got := w.status(t, "db"); got != "deleting" {
		t.Errorf("state %s", got)
	}
	_, err := w.rds.CreateDBInstance(t.Context(), newInstance("db"))
	wantCode(t, err, "DBInstanceAlreadyExists")
	w.advance(t)
	_, err = w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: new("db")})
	wantCode(t, err, "DBInstanceNotFound")
	first := w.create(t, "db")
	w.advance(t)
	if db := w.get(t, "db"); *db.DbiResourceId != *first.DbiResourceId || *db.DBInstanceStatus != "available" {
		t.Errorf("the name's next bearer is in state %s", *db.DBInstanceStatus)
	}
}

func TestSnapshots(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *createInput) {
		in.Tags, in.CopyTagsToSnapshot = []types.Tag{{Key: new("team"), Value: new("a")}}, new(true)
	})
	w.settings(t, local.Settings{Delays: map[string]local.Duration{string(local.Snapshot): local.Duration(time.Hour)}})
	made := must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("One")}))(t).DBSnapshot
	if *made.Status != "creating" || *made.DBSnapshotIdentifier != "one" || *made.TagList[0].Value != "a" || *made.AllocatedStorage != 20 {
		t.Errorf("made %s in state %s", *made.DBSnapshotIdentifier, *made.Status)
	}
	if got := w.status(t, "db"); got != "backing-up" {
		t.Errorf("meanwhile the instance is %s", got)
	}
	_, err := w.rds.DeleteDBSnapshot(t.Context(), &rds.DeleteDBSnapshotInput{DBSnapshotIdentifier: new("one")})
	wantCode(t, err, "InvalidDBSnapshotState")
	_, err = w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &rds.RestoreDBInstanceFromDBSnapshotInput{
		DBInstanceIdentifier: new("b"), DBSnapshotIdentifier: new("one"),
	})
	wantCode(t, err, "InvalidDBSnapshotState")
	w.advance(t)

	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("final")}))(t)
	w.advance(t)
	for name, in := range map[string]*rds.DescribeDBSnapshotsInput{
		"by instance": {DBInstanceIdentifier: new("DB")},
		"by type":     {SnapshotType: new("manual")},
		"by filter":   {Filters: []types.Filter{{Name: new("dbi-resource-id"), Values: []string{*made.DbiResourceId}}}},
	} {
		var names []string
		for _, sn := range must(w.rds.DescribeDBSnapshots(t.Context(), in))(t).DBSnapshots {
			names = append(names, *sn.DBSnapshotIdentifier+" "+*sn.Status)
		}
		if diff := cmp.Diff([]string{"final available", "one available"}, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	must(w.rds.DeleteDBSnapshot(t.Context(), &rds.DeleteDBSnapshotInput{DBSnapshotIdentifier: new("one")}))(t)
	_, err = w.rds.DescribeDBSnapshots(t.Context(), &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: new("one")})
	wantCode(t, err, "DBSnapshotNotFound")
	_, err = w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("x")})
	wantCode(t, err, "DBInstanceNotFound")
}

func TestRestoreSnapshot(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *createInput) {
		in.AllocatedStorage, in.StorageEncrypted, in.BackupRetentionPeriod = new(int32(50)), new(true), new(int32(5))
		in.DeletionProtection = new(true)
	})
	must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("sn")}))(t)

	type input = rds.RestoreDBInstanceFromDBSnapshotInput
	refusals := map[string]struct {
		in   input
		want string
	}{
		"no such snapshot": {input{DBInstanceIdentifier: new("new"), DBSnapshotIdentifier: new("none")}, "DBSnapshotNotFound"},
		"name taken":       {input{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("sn")}, "DBInstanceAlreadyExists"},
		"another engine":   {input{DBInstanceIdentifier: new("new"), DBSnapshotIdentifier: new("sn"), Engine: new("postgres")}, "InvalidParameterCombination"},
		"less storage":     {input{DBInstanceIdentifier: new("new"), DBSnapshotIdentifier: new("sn"), AllocatedStorage: new(int32(20))}, "InvalidParameterValue"},
	}
	for name, tc := range refusals {
		_, err := w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &tc.in)
		t.Run(name, func(t *testing.T) { wantCode(t, err, tc.want) })
	}
	must(w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &input{
		DBInstanceIdentifier: new("new"), DBSnapshotIdentifier: new("sn"), DBInstanceClass: new("db.m6g.large"), MultiAZ: new(true),
		Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
	}))(t)
	db := w.get(t, "new")
	got := []any{
		*db.DBInstanceClass, *db.AllocatedStorage, *db.StorageEncrypted, *db.BackupRetentionPeriod, *db.MasterUsername, *db.EngineVersion,
		*db.DeletionProtection, len(db.TagList), *db.MultiAZ,
	}
	if diff := cmp.Diff([]any{"db.m6g.large", int32(50), true, int32(5), "root", "8.4.3", false, 1, true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRestoreTime(t *testing.T) {
	w := start(t)
	source := w.create(t, "db")
	w.create(t, "plain", func(in *createInput) { in.BackupRetentionPeriod = new(int32(0)) })
	w.advance(t)
	type input = rds.RestoreDBInstanceToPointInTimeInput
	latest := new(true)
	tests := map[string]struct {
		in   input
		want string
	}{
		"latest":             {input{SourceDBInstanceIdentifier: new("db"), UseLatestRestorableTime: latest}, ""},
		"by resource":        {input{SourceDbiResourceId: source.DbiResourceId, UseLatestRestorableTime: latest}, ""},
		"a time":             {input{SourceDBInstanceIdentifier: new("db"), RestoreTime: sdk.Time(time.Now().Add(30 * time.Minute))}, ""},
		"no time":            {input{SourceDBInstanceIdentifier: new("db")}, "InvalidParameterCombination"},
		"before it was":      {input{SourceDBInstanceIdentifier: new("db"), RestoreTime: sdk.Time(time.Now().Add(-time.Hour))}, "InvalidParameterValue"},
		"in the future":      {input{SourceDBInstanceIdentifier: new("db"), RestoreTime: sdk.Time(time.Now().Add(5 * time.Hour))}, "InvalidParameterValue"},
		"without backups":    {input{SourceDBInstanceIdentifier: new("plain"), UseLatestRestorableTime: latest}, "PointInTimeRestoreNotEnabled"},
		"of nobody":          {input{SourceDBInstanceIdentifier: new("nobody"), UseLatestRestorableTime: latest}, "DBInstanceNotFound"},
		"of nobody's backup": {input{SourceDbiResourceId: new("db-NOBODY"), UseLatestRestorableTime: latest}, "DBInstanceAutomatedBackupNotFound"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.in.TargetDBInstanceIdentifier = new("new")
			_, err := w.rds.RestoreDBInstanceToPointInTime(t.Context(), &tc.in)
			wantCode(t, err, tc.want)
			if err == nil {
				w.delete(t, "new")
				w.get(t, "db")
			}
		})
	}
}

func TestAutomatedBackupsOutliveTheirInstance(t *testing.T) {
	w := start(t)
	db := w.create(t, "db")
	list := func() []types.DBInstanceAutomatedBackup {
		return must(w.rds.DescribeDBInstanceAutomatedBackups(t.Context(), &rds.DescribeDBInstanceAutomatedBackupsInput{
			DbiResourceId: db.DbiResourceId,
		}))(t).DBInstanceAutomatedBackups
	}
	if got := list(); len(got) != 1 || *got[0].Status != "active" {
		t.Fatalf("of a living instance: %+v", got)
	}
	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: new("db"), SkipFinalSnapshot: new(true), DeleteAutomatedBackups: new(false)}))(t)
	if got := list(); len(got) != 1 || *got[0].Status != "retained" {
		t.Fatalf("of a deleted instance: %+v", got)
	}
	restored := must(w.rds.RestoreDBInstanceToPointInTime(t.Context(), &rds.RestoreDBInstanceToPointInTimeInput{
		TargetDBInstanceIdentifier: new("back"), SourceDbiResourceId: db.DbiResourceId, UseLatestRestorableTime: new(true),
	}))(t).DBInstance
	if *restored.EngineVersion != "8.4.3" {
		t.Errorf("restored as %s", *restored.EngineVersion)
	}
	must(w.rds.DeleteDBInstanceAutomatedBackup(t.Context(), &rds.DeleteDBInstanceAutomatedBackupInput{DbiResourceId: db.DbiResourceId}))(t)
	_, err := w.rds.DeleteDBInstanceAutomatedBackup(t.Context(), &rds.DeleteDBInstanceAutomatedBackupInput{DbiResourceId: db.DbiResourceId})
	wantCode(t, err, "DBInstanceAutomatedBackupNotFound")
}
