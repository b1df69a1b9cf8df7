// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestStates(t *testing.T) {
	w := start(t)
	w.settings(t, local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(4 * time.Hour)}})
	var seen []string
	note := func(by time.Duration) types.DBInstance {
		check(t, w.Advance(t.Context(), by))
		db := w.get(t, "db")
		seen = append(seen, *db.DBInstanceStatus)
		return db
	}
	w.create(t, "db")
	if db := note(3 * time.Hour); db.Endpoint != nil {
		t.Errorf("an endpoint while creating: %v", *db.Endpoint.Address)
	}
	if db := note(time.Hour); db.Endpoint == nil {
		t.Error("no endpoint while backing up")
	}
	note(time.Hour)
	db := w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), AllocatedStorage: new(int32(40)), ApplyImmediately: new(true)})
	if *db.DBInstanceStatus != "available" || *db.PendingModifiedValues.AllocatedStorage != 40 || *db.AllocatedStorage != 20 {
		t.Errorf("the answer to a change shows %s, %d GiB, pending %v", *db.DBInstanceStatus, *db.AllocatedStorage, db.PendingModifiedValues.AllocatedStorage)
	}
	note(0)
	if db := note(4 * time.Hour); *db.AllocatedStorage != 40 || db.PendingModifiedValues.AllocatedStorage != nil {
		t.Errorf("while optimizing: %d GiB, pending %v", *db.AllocatedStorage, db.PendingModifiedValues.AllocatedStorage)
	}
	_, err := w.rds.ModifyDBInstance(t.Context(), &modifyInput{DBInstanceIdentifier: new("db"), AllocatedStorage: new(int32(80))})
	wantCode(t, err, "InvalidParameterCombination")
	note(time.Hour)
	must(w.rds.RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: new("db")}))(t)
	note(0)
	note(2 * time.Hour)
	w.delete(t, "db")
	note(0)
	want := []string{"creating", "backing-up", "available", "modifying", "storage-optimization", "available", "rebooting", "available", "deleting"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	w.wantEvents(t, append(want, "deleted"))
}

// wantEvents checks that the events since the start tell of these states, each
// told at least once.
func (w *world) wantEvents(t *testing.T, want []string) {
	t.Helper()
	check(t, w.Advance(t.Context(), 4*time.Hour))
	_, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: new("db")})
	wantCode(t, err, "DBInstanceNotFound")
	var told []string
	for _, e := range must(w.Events(t.Context(), 0))(t) {
		if len(told) == 0 || told[len(told)-1] != e.State {
			told = append(told, e.State)
		}
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestWrongState shows what is refused in which state.
func TestWrongState(t *testing.T) {
	calls := map[string]func(*world) error{
		"modify": func(w *world) error {
			_, err := w.rds.ModifyDBInstance(t.Context(), &modifyInput{DBInstanceIdentifier: new("db"), DBInstanceClass: new("db.m6g.large")})
			return err
		},
		"reboot": func(w *world) error {
			_, err := w.rds.RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: new("db")})
			return err
		},
		"snapshot": func(w *world) error {
			_, err := w.rds.CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{DBInstanceIdentifier: new("db"), DBSnapshotIdentifier: new("sn")})
			return err
		},
		"delete, keeping a snapshot": func(w *world) error {
			_, err := w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("last")})
			return err
		},
		"delete": func(w *world) error {
			_, err := w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: new("db"), SkipFinalSnapshot: new(true)})
			return err
		},
	}
	allowed := map[string][]string{
		"available":                           {"modify", "reboot", "snapshot", "delete, keeping a snapshot", "delete"},
		"backing-up":                          {"snapshot", "delete, keeping a snapshot", "delete"},
		"storage-full":                        {"modify", "snapshot", "delete, keeping a snapshot", "delete"},
		"stopped":                             {"snapshot", "delete, keeping a snapshot", "delete"},
		"incompatible-parameters":             {"modify", "delete"},
		"failed":                              {"delete"},
		"inaccessible-encryption-credentials": {"delete"},
		"modifying":                           {"delete"},
		"creating":                            {"delete"},
		"a-state-of-next-year":                {"delete"},
		"deleting":                            {},
	}
	for state, ok := range allowed {
		for call, do := range calls {
			t.Run(call+" while "+state, func(t *testing.T) {
				w := start(t)
				w.create(t, "db")
				check(t, w.Force(t.Context(), instance("db"), state))
				if got := w.status(t, "db"); got != state {
					t.Fatalf("forced into %s, got %s", state, got)
				}
				want := "InvalidDBInstanceState"
				for _, name := range ok {
					if name == call {
						want = ""
					}
				}
				wantCode(t, do(w), want)
			})
		}
	}
}

func instance(name string) local.Target { return local.Target{Kind: "DBInstance", ID: name} }

func TestForcedStateEnds(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	check(t, w.Force(t.Context(), instance("db"), "storage-full"))
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), AllocatedStorage: new(int32(30)), ApplyImmediately: new(true)})
	if got := w.status(t, "db"); got != "available" {
		t.Errorf("with more storage: %s", got)
	}
	check(t, w.Force(t.Context(), instance("db"), "failed"))
	check(t, w.Force(t.Context(), instance("db"), ""))
	if got := w.status(t, "db"); got != "available" {
		t.Errorf("let go: %s", got)
	}
	if err := w.Force(t.Context(), instance("other"), "failed"); err == nil {
		t.Error("an instance that is not there was forced into a state")
	}
}

func TestPaging(t *testing.T) {
	w := start(t)
	for i := range 250 {
		w.create(t, fmt.Sprintf("db-%03d", i))
	}
	w.login(t, "eu-west-1", "AKIDLOCAL", "secretlocal", "")
	w.create(t, "elsewhere")
	w.login(t, "us-east-1", "AKIDLOCAL", "secretlocal", "")
	for size, pages := range map[int32]int{0: 3, 100: 3, 20: 13} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			in := &rds.DescribeDBInstancesInput{}
			if size > 0 {
				in.MaxRecords = &size
			}
			names, n := map[string]bool{}, 0
			for p := rds.NewDescribeDBInstancesPaginator(w.rds, in); p.HasMorePages(); n++ {
				for _, db := range must(p.NextPage(t.Context()))(t).DBInstances {
					names[*db.DBInstanceIdentifier] = true
				}
			}
			if n != pages || len(names) != 250 || names["elsewhere"] {
				t.Errorf("%d instances on %d pages, want 250 on %d", len(names), n, pages)
			}
		})
	}
	for _, size := range []int32{19, 101} {
		_, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{MaxRecords: &size})
		wantCode(t, err, "InvalidParameterValue")
	}
	_, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{Marker: new("%%%")})
	wantCode(t, err, "InvalidParameterValue")
}

func TestPageAfterDeletion(t *testing.T) {
	w := start(t)
	for i := range 60 {
		w.create(t, fmt.Sprintf("db-%02d", i))
	}
	first := must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{MaxRecords: new(int32(30))}))(t)
	w.delete(t, "db-29")
	w.delete(t, "db-03")
	rest := must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{Marker: first.Marker}))(t)
	if len(rest.DBInstances) != 30 || *rest.DBInstances[0].DBInstanceIdentifier != "db-30" {
		t.Errorf("the second page has %d instances from %s on", len(rest.DBInstances), *rest.DBInstances[0].DBInstanceIdentifier)
	}
}

func TestFilters(t *testing.T) {
	w := start(t)
	w.create(t, "one")
	two := w.create(t, "two", asPostgres)
	tests := map[string]struct {
		filter string
		values []string
		want   []string
		code   string
	}{
		"by name":        {filter: "db-instance-id", values: []string{"one", "none"}, want: []string{"one"}},
		"by ARN":         {filter: "db-instance-id", values: []string{*two.DBInstanceArn}, want: []string{"two"}},
		"by resource ID": {filter: "dbi-resource-id", values: []string{*two.DbiResourceId}, want: []string{"two"}},
		"by engine":      {filter: "engine", values: []string{"mysql"}, want: []string{"one"}},
		"nobody":         {filter: "db-instance-id", values: []string{"none"}, want: nil},
		"unknown":        {filter: "colour", values: []string{"red"}, code: "InvalidParameterValue"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{Filters: []types.Filter{{Name: &tc.filter, Values: tc.values}}})
			wantCode(t, err, tc.code)
			if err != nil {
				return
			}
			var got []string
			for _, db := range out.DBInstances {
				got = append(got, *db.DBInstanceIdentifier)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
