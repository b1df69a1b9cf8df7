// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestThrottling(t *testing.T) {
	w := start(t)
	w.settings(t, local.Settings{Throttle: map[string]local.Rate{"rds:DescribeDBInstances": {PerSecond: 20, Burst: 2}, "ec2": {PerSecond: 0.001, Burst: 1}}})
	describe := func() error {
		_, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
		return err
	}
	check(t, describe())
	check(t, describe())
	err := describe()
	wantCode(t, err, "Throttling")
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != 400 || response.Response.Header.Get("Retry-After") != "" {
		t.Errorf("AWS answers a call too many with 400 and no Retry-After, this was %v", err)
	}
	time.Sleep(100 * time.Millisecond)
	check(t, describe())
	w.create(t, "db") // which has a limit of its own, that is: none

	must(w.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))(t)
	_, err = w.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	wantCode(t, err, "RequestLimitExceeded")
	w.login(t, "eu-west-1", "AKIDLOCAL", "secretlocal", "")
	must(w.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))(t)
}

func TestLostResponse(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Operation: "CreateDBInstance", Count: 1, Effect: local.Effect{LostResponse: true}})
	_, err := w.rds.CreateDBInstance(t.Context(), newInstance("db"), once)
	var refusal smithy.APIError
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("got %v, want a broken connection", err)
	}
	_, err = w.rds.CreateDBInstance(t.Context(), newInstance("db"))
	wantCode(t, err, "DBInstanceAlreadyExists")
	if got := w.status(t, "db"); got != "available" {
		t.Errorf("the instance that was made is %s", got)
	}
	counts := map[string]int{}
	for _, c := range must(w.Calls(t.Context()))(t) {
		counts[c.Outcome] += c.Count
	}
	if diff := cmp.Diff(map[string]int{local.OutcomeLost: 1, "DBInstanceAlreadyExists": 1, local.OutcomeOK: 1}, counts); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestFaultsByName(t *testing.T) {
	w := start(t)
	refused := local.Effect{Error: &local.Error{Code: "InternalFailure", Message: "sorry", Status: 503}}
	id := must(w.AddFault(t.Context(), local.Rule{Service: "rds", Operation: "Create*", Name: "bad-*", Nth: 2, Count: 2, Effect: refused}))(t)
	outcome := func(name string) string {
		_, err := w.rds.CreateDBInstance(t.Context(), newInstance(name))
		if refusal, ok := errors.AsType[smithy.APIError](err); ok {
			return refusal.ErrorCode()
		}
		return "OK"
	}
	got := []string{outcome("bad-1"), outcome("good-1"), outcome("bad-2"), outcome("bad-2"), outcome("bad-2")}
	if diff := cmp.Diff([]string{"OK", "OK", "InternalFailure", "InternalFailure", "OK"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rules := must(w.Faults(t.Context()))(t)
	if len(rules) != 1 || rules[0].Seen != 4 || rules[0].Hit != 2 {
		t.Errorf("rules: %+v", rules)
	}
	check(t, w.RemoveFault(t.Context(), id))
	w.fault(t, local.Rule{Effect: refused})
	check(t, w.ClearFaults(t.Context()))
	if got := outcome("bad-9"); got != "OK" {
		t.Errorf("after the faults were cleared: %s", got)
	}
}

func TestDelay(t *testing.T) {
	w := start(t)
	w.fault(t, local.Rule{Operation: "DescribeDBInstances", Effect: local.Effect{Delay: local.Duration(150 * time.Millisecond)}})
	began := time.Now()
	must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{}))(t)
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("took %s", took)
	}
}

func TestNotYetVisible(t *testing.T) {
	tests := map[string]func(*world){
		"by a fault": func(w *world) {
			w.fault(t, local.Rule{Operation: "Create*", Effect: local.Effect{Hide: &local.Visibility{Reads: 2}}})
		},
		"by settings": func(w *world) { w.settings(t, local.Settings{Hidden: &local.Visibility{Reads: 2}}) },
	}
	for name, hide := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			hide(w)
			w.create(t, "db")
			w.wantNo(t, "db")
			if all := must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{}))(t); len(all.DBInstances) != 0 {
				t.Error("it is in the list")
			}
			w.get(t, "db")

			id := w.group(t, "g")
			_, err := w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
			wantCode(t, err, "InvalidGroup.NotFound")
			found := must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: filters("tag:name", "g")}))(t)
			if len(found.SecurityGroups) != 0 {
				t.Error("the group is found by its tag")
			}
			must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t)
		})
	}
	t.Run("for a time", func(t *testing.T) {
		w := start(t)
		w.settings(t, local.Settings{Hidden: &local.Visibility{Duration: local.Duration(time.Minute)}})
		w.create(t, "db")
		w.wantNo(t, "db")
		w.advance(t)
		w.get(t, "db")
	})
}

func TestLedger(t *testing.T) {
	w := start(t)
	w.create(t, "db")
	w.modify(t, &modifyInput{DBInstanceIdentifier: new("db"), DeletionProtection: new(false)})
	id := w.group(t, "g")
	mark := len(must(w.Ledger(t.Context(), 0))(t))
	must(w.ec2.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: &id}))(t)
	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: new("db"), FinalDBSnapshotIdentifier: new("last")}))(t)
	var got []string
	for _, e := range must(w.Ledger(t.Context(), mark))(t) {
		got = append(got, e.Service+" "+e.Action+" "+e.Kind+" "+e.Operation+" "+e.Caller)
	}
	const by = "arn:aws:iam::000000000001:user/akidlocal"
	want := []string{
		"ec2 delete SecurityGroup DeleteSecurityGroup " + by, "rds create DBSnapshot DeleteDBInstance " + by, "rds delete DBInstance DeleteDBInstance " + by,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("since entry %d (-want +got):\n%s", mark, diff)
	}
	live := must(w.Live(t.Context()))(t)
	if diff := cmp.Diff([]local.Resource{{Service: "rds", Region: "us-east-1", Kind: "DBSnapshot", ID: "last", State: "available"}}, live); diff != "" {
		t.Errorf("live (-want +got):\n%s", diff)
	}
}

func TestSomebodyElse(t *testing.T) {
	w := start(t)
	w.create(t, "db", func(in *createInput) { in.MaxAllocatedStorage = new(int32(100)) })
	check(t, w.Change(t.Context(), instance("db"), map[string]any{
		"DBInstanceClass": "db.m6g.large", "AllocatedStorage": 44, "DeletionProtection": true, "EngineVersion": "8.4.4",
		"TagList": []types.Tag{{Key: new("k"), Value: new("v")}},
	}))
	db := w.get(t, "db")
	got := []any{*db.DBInstanceClass, *db.AllocatedStorage, *db.DeletionProtection, *db.EngineVersion, len(db.TagList)}
	if diff := cmp.Diff([]any{"db.m6g.large", int32(44), true, "8.4.4", 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, fields := range map[string]map[string]any{"a field that is not there": {"Colour": "red"}, "a value of another kind": {"AllocatedStorage": "much"}} {
		if err := w.Change(t.Context(), instance("db"), fields); !errors.Is(err, control.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReset(t *testing.T) {
	w := start(t)
	w.slow(t)
	w.create(t, "db")
	w.group(t, "g")
	w.fault(t, local.Rule{Operation: "Nothing"})
	w.advance(t)
	check(t, w.Reset(t.Context()))
	left := []int{
		len(must(w.Ledger(t.Context(), 0))(t)), len(must(w.Live(t.Context()))(t)), len(must(w.Calls(t.Context()))(t)), len(must(w.Faults(t.Context()))(t)),
	}
	if diff := cmp.Diff([]int{0, 0, 0, 0}, left); diff != "" {
		t.Errorf("left over (-want +got):\n%s", diff)
	}
	w.create(t, "db")
	if got := w.status(t, "db"); got != "available" {
		t.Errorf("the delays are not those of the start: %s", got)
	}
}
