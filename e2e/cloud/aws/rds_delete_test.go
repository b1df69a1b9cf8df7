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

type deleteInput = rds.DeleteDBInstanceInput

func TestDeleteRefusals(t *testing.T) {
	tests := map[string]struct {
		in   deleteInput
		want string
	}{
		"no such instance":   {deleteInput{DBInstanceIdentifier: sdk.String("nobody"), SkipFinalSnapshot: sdk.Bool(true)}, "DBInstanceNotFound"},
		"neither snapshot":   {deleteInput{DBInstanceIdentifier: sdk.String("db")}, "InvalidParameterCombination"},
		"both":               {deleteInput{DBInstanceIdentifier: sdk.String("db"), SkipFinalSnapshot: sdk.Bool(true), FinalDBSnapshotIdentifier: sdk.String("x")}, "InvalidParameterCombination"},
		"snapshot's name":    {deleteInput{DBInstanceIdentifier: sdk.String("db"), FinalDBSnapshotIdentifier: sdk.String("-x")}, "InvalidParameterValue"},
		"snapshot taken":     {deleteInput{DBInstanceIdentifier: sdk.String("db"), FinalDBSnapshotIdentifier: sdk.String("taken")}, "DBSnapshotAlreadyExists"},
		"too many snapshots": {deleteInput{DBInstanceIdentifier: sdk.String("db"), FinalDBSnapshotIdentifier: sdk.String("another")}, "SnapshotQuotaExceeded"},
		"protected":          {deleteInput{DBInstanceIdentifier: sdk.String("safe"), SkipFinalSnapshot: sdk.Bool(true)}, "InvalidParameterCombination"},
	}
	w := start(t)
	w.create(t, "db")
	w.create(t, "safe", func(in *rds.CreateDBInstanceInput) { in.DeletionProtection = sdk.Bool(true) })
	must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: sdk.String("db"), DBSnapshotIdentifier: sdk.String("taken")}))(t)
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
	_, err = w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: sdk.String("db")})
	wantCode(t, err, "DBInstanceNotFound")
	first := w.create(t, "db")
	w.advance(t)
	if db := w.get(t, "db"); *db.DbiResourceId != *first.DbiResourceId || *db.DBInstanceStatus != "available" {
		t.Errorf("the name's next bearer is in state %s", *db.DBInstanceStatus)
	}
}

func TestSnapshots(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *rds.CreateDBInstanceInput) {
		in.Tags, in.CopyTagsToSnapshot = []types.Tag{{Key: sdk.String("team"), Value: sdk.String("a")}}, sdk.Bool(true)
	})
	w.settings(t, local.Settings{Delays: map[string]local.Duration{string(local.Snapshot): local.Duration(time.Hour)}})
	made := must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: sdk.String("db"), DBSnapshotIdentifier: sdk.String("One")}))(t).DBSnapshot
	if *made.Status != "creating" || *made.DBSnapshotIdentifier != "one" || *made.TagList[0].Value != "a" || *made.AllocatedStorage != 20 {
		t.Errorf("made %s in state %s", *made.DBSnapshotIdentifier, *made.Status)
	}
	if got := w.status(t, "db"); got != "backing-up" {
		t.Errorf("meanwhile the instance is %s", got)
	}
	_, err := w.rds.DeleteDBSnapshot(t.Context(), &rds.DeleteDBSnapshotInput{DBSnapshotIdentifier: sdk.String("one")})
	wantCode(t, err, "InvalidDBSnapshotState")
	_, err = w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &rds.RestoreDBInstanceFromDBSnapshotInput{DBInstanceIdentifier: sdk.String("b"), DBSnapshotIdentifier: sdk.String("one")})
	wantCode(t, err, "InvalidDBSnapshotState")
	w.advance(t)

	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: sdk.String("db"), FinalDBSnapshotIdentifier: sdk.String("final")}))(t)
	w.advance(t)
	for name, in := range map[string]*rds.DescribeDBSnapshotsInput{
		"by instance": {DBInstanceIdentifier: sdk.String("DB")},
		"by type":     {SnapshotType: sdk.String("manual")},
		"by filter":   {Filters: []types.Filter{{Name: sdk.String("dbi-resource-id"), Values: []string{*made.DbiResourceId}}}},
	} {
		var names []string
		for _, sn := range must(w.rds.DescribeDBSnapshots(t.Context(), in))(t).DBSnapshots {
			names = append(names, *sn.DBSnapshotIdentifier+" "+*sn.Status)
		}
		if diff := cmp.Diff([]string{"final available", "one available"}, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	must(w.rds.DeleteDBSnapshot(t.Context(), &rds.DeleteDBSnapshotInput{DBSnapshotIdentifier: sdk.String("one")}))(t)
	_, err = w.rds.DescribeDBSnapshots(t.Context(), &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: sdk.String("one")})
	wantCode(t, err, "DBSnapshotNotFound")
	_, err = w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: sdk.String("db"), DBSnapshotIdentifier: sdk.String("x")})
	wantCode(t, err, "DBInstanceNotFound")
}

func TestRestoreSnapshot(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *rds.CreateDBInstanceInput) {
		in.AllocatedStorage, in.StorageEncrypted, in.BackupRetentionPeriod = sdk.Int32(50), sdk.Bool(true), sdk.Int32(5)
		in.DeletionProtection = sdk.Bool(true)
	})
	must(w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: sdk.String("db"), DBSnapshotIdentifier: sdk.String("sn")}))(t)

	type input = rds.RestoreDBInstanceFromDBSnapshotInput
	refusals := map[string]struct {
		in   input
		want string
	}{
		"no such snapshot": {input{DBInstanceIdentifier: sdk.String("new"), DBSnapshotIdentifier: sdk.String("none")}, "DBSnapshotNotFound"},
		"name taken":       {input{DBInstanceIdentifier: sdk.String("db"), DBSnapshotIdentifier: sdk.String("sn")}, "DBInstanceAlreadyExists"},
		"another engine":   {input{DBInstanceIdentifier: sdk.String("new"), DBSnapshotIdentifier: sdk.String("sn"), Engine: sdk.String("postgres")}, "InvalidParameterCombination"},
		"less storage":     {input{DBInstanceIdentifier: sdk.String("new"), DBSnapshotIdentifier: sdk.String("sn"), AllocatedStorage: sdk.Int32(20)}, "InvalidParameterValue"},
	}
	for name, tc := range refusals {
		_, err := w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &tc.in)
		t.Run(name, func(t *testing.T) { wantCode(t, err, tc.want) })
	}
	must(w.rds.RestoreDBInstanceFromDBSnapshot(t.Context(), &input{
		DBInstanceIdentifier: sdk.String("new"), DBSnapshotIdentifier: sdk.String("sn"), DBInstanceClass: sdk.String("db.m6g.large"), MultiAZ: sdk.Bool(true),
		Tags: []types.Tag{{Key: sdk.String("k"), Value: sdk.String("v")}},
	}))(t)
	db := w.get(t, "new")
	got := []any{*db.DBInstanceClass, *db.AllocatedStorage, *db.StorageEncrypted, *db.BackupRetentionPeriod, *db.MasterUsername, *db.EngineVersion, *db.DeletionProtection, len(db.TagList), *db.MultiAZ}
	if diff := cmp.Diff([]any{"db.m6g.large", int32(50), true, int32(5), "root", "8.4.3", false, 1, true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRestoreTime(t *testing.T) {
	w := start(t)
	source := w.create(t, "db")
	w.create(t, "plain", func(in *rds.CreateDBInstanceInput) { in.BackupRetentionPeriod = sdk.Int32(0) })
	w.advance(t)
	type input = rds.RestoreDBInstanceToPointInTimeInput
	latest := sdk.Bool(true)
	tests := map[string]struct {
		in   input
		want string
	}{
		"latest":             {input{SourceDBInstanceIdentifier: sdk.String("db"), UseLatestRestorableTime: latest}, ""},
		"by resource":        {input{SourceDbiResourceId: source.DbiResourceId, UseLatestRestorableTime: latest}, ""},
		"a time":             {input{SourceDBInstanceIdentifier: sdk.String("db"), RestoreTime: sdk.Time(time.Now().Add(30 * time.Minute))}, ""},
		"no time":            {input{SourceDBInstanceIdentifier: sdk.String("db")}, "InvalidParameterCombination"},
		"before it was":      {input{SourceDBInstanceIdentifier: sdk.String("db"), RestoreTime: sdk.Time(time.Now().Add(-time.Hour))}, "InvalidParameterValue"},
		"in the future":      {input{SourceDBInstanceIdentifier: sdk.String("db"), RestoreTime: sdk.Time(time.Now().Add(5 * time.Hour))}, "InvalidParameterValue"},
		"without backups":    {input{SourceDBInstanceIdentifier: sdk.String("plain"), UseLatestRestorableTime: latest}, "PointInTimeRestoreNotEnabled"},
		"of nobody":          {input{SourceDBInstanceIdentifier: sdk.String("nobody"), UseLatestRestorableTime: latest}, "DBInstanceNotFound"},
		"of nobody's backup": {input{SourceDbiResourceId: sdk.String("db-NOBODY"), UseLatestRestorableTime: latest}, "DBInstanceAutomatedBackupNotFound"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.in.TargetDBInstanceIdentifier = sdk.String("new")
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
		return must(w.rds.DescribeDBInstanceAutomatedBackups(t.Context(), &rds.DescribeDBInstanceAutomatedBackupsInput{DbiResourceId: db.DbiResourceId}))(t).DBInstanceAutomatedBackups
	}
	if got := list(); len(got) != 1 || *got[0].Status != "active" {
		t.Fatalf("of a living instance: %+v", got)
	}
	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: sdk.String("db"), SkipFinalSnapshot: sdk.Bool(true), DeleteAutomatedBackups: sdk.Bool(false)}))(t)
	if got := list(); len(got) != 1 || *got[0].Status != "retained" {
		t.Fatalf("of a deleted instance: %+v", got)
	}
	restored := must(w.rds.RestoreDBInstanceToPointInTime(t.Context(), &rds.RestoreDBInstanceToPointInTimeInput{
		TargetDBInstanceIdentifier: sdk.String("back"), SourceDbiResourceId: db.DbiResourceId, UseLatestRestorableTime: sdk.Bool(true),
	}))(t).DBInstance
	if *restored.EngineVersion != "8.4.3" {
		t.Errorf("restored as %s", *restored.EngineVersion)
	}
	must(w.rds.DeleteDBInstanceAutomatedBackup(t.Context(), &rds.DeleteDBInstanceAutomatedBackupInput{DbiResourceId: db.DbiResourceId}))(t)
	_, err := w.rds.DeleteDBInstanceAutomatedBackup(t.Context(), &rds.DeleteDBInstanceAutomatedBackupInput{DbiResourceId: db.DbiResourceId})
	wantCode(t, err, "DBInstanceAutomatedBackupNotFound")
}
