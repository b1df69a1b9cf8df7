// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/sqladmin/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/database/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// resting is an object that was ready and has nothing under way.
func resting(edits ...func(*v1alpha1.CloudSQLInstance)) *v1alpha1.CloudSQLInstance {
	mr := anInstance()
	mr.Name, mr.Annotations = "orders", map[string]string{contract.AnnotationExternalName: "orders-1"}
	mr.Status.FirstReadyTime = &metav1.Time{Time: time.Now()}
	mr.Status.AtProvider.DatabaseName = "orders"
	for _, edit := range edits {
		edit(mr)
	}
	return mr
}

func condition(typ string) func(*v1alpha1.CloudSQLInstance) {
	return func(mr *v1alpha1.CloudSQLInstance) {
		mr.Status.Conditions = append(mr.Status.Conditions, metav1.Condition{Type: typ, Status: metav1.ConditionTrue})
	}
}

// made returns a fake with the instance of resting.
func made(t *testing.T) (*fakeSQL, instance) {
	t.Helper()
	f := newFakeSQL()
	e := instance{api: f, project: "p", now: func() time.Time { return f.now }}
	if _, err := e.Create(t.Context(), resting(), managed.Intent{Name: "orders-1", Password: "first"}); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	f.instances["orders-1"].databases["orders"] = true
	f.reads = 0
	return f, e
}

// TestCallsOfALook counts what a look costs: one call at rest.
func TestCallsOfALook(t *testing.T) {
	for name, tc := range map[string]struct {
		mr   *v1alpha1.CloudSQLInstance
		want int
	}{
		"at rest":             {resting(), 1},
		"something under way": {resting(condition(contract.ConditionReconciling)), 2},
		"stalled":             {resting(condition(contract.ConditionStalled)), 3},
		"somebody asks": {resting(func(mr *v1alpha1.CloudSQLInstance) {
			mr.Annotations[contract.AnnotationReconcileRequestedAt] = "now"
		}), 3},
		"a new spec": {resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Generation = 2 }), 2},
		"never ready": {resting(func(mr *v1alpha1.CloudSQLInstance) {
			mr.Status.FirstReadyTime, mr.Status.AtProvider.DatabaseName = nil, ""
		}), 3},
		"no database wanted": {resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Spec.ForProvider.DatabaseName = "" }), 1},
		"database not seen":  {resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Status.AtProvider.DatabaseName = "" }), 2},
	} {
		t.Run(name, func(t *testing.T) {
			f, e := made(t)
			if _, err := e.Observe(t.Context(), tc.mr, managed.Identity{}); err != nil || f.reads != tc.want {
				t.Errorf("%d calls, want %d: %v", f.reads, tc.want, err)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for name, tc := range map[string]struct {
		edit  func(*Observed)
		ready bool // it was ready before
		want  managed.State
		words string
	}{
		"runs":          {func(*Observed) {}, true, managed.Available, "RUNNABLE"},
		"stopped":       {func(o *Observed) { o.Settings.ActivationPolicy = "NEVER" }, true, managed.Stopped, "stopped by its activation policy"},
		"being made":    {func(o *Observed) { o.State = "PENDING_CREATE" }, false, managed.Creating, "PENDING_CREATE"},
		"being deleted": {func(o *Observed) { o.State = "PENDING_DELETE" }, true, managed.Deleting, "PENDING_DELETE"},
		"maintenance":   {func(o *Observed) { o.State = "MAINTENANCE" }, true, managed.Unavailable, "MAINTENANCE"},
		"not paid for":  {func(o *Observed) { o.State, o.SuspensionReason = "SUSPENDED", []string{"BILLING_ISSUE"} }, true, managed.Failed, "SUSPENDED: BILLING_ISSUE"},
		"failed": {func(o *Observed) {
			o.State = "FAILED"
			o.operations = []*sqladmin.Operation{{Status: opDone, Error: &sqladmin.OperationErrors{Errors: []*sqladmin.OperationError{{Code: "X", Message: "why"}}}}}
		}, true, managed.Failed, "FAILED: why (X)"},
		"something new":   {func(o *Observed) { o.State = "DREAMING" }, true, managed.Unknown, "DREAMING"},
		"no database yet": {func(o *Observed) { o.hasDatabase = false }, false, managed.Creating, "its database orders is not made yet"},
		"its database dropped": {
			func(o *Observed) { o.hasDatabase = false }, true, managed.Failed,
			"its database orders was dropped; it is not replaced by an empty one: make it by hand, or restore the instance",
		},
	} {
		t.Run(name, func(t *testing.T) {
			mr := resting()
			if !tc.ready {
				mr.Status.FirstReadyTime = nil
			}
			if state, words := stateOf(mr, running(tc.edit)); state != tc.want || words != tc.words {
				t.Errorf("got %s, %q; want %s, %q", state, words, tc.want, tc.words)
			}
		})
	}
}

func TestConnection(t *testing.T) {
	plain := map[string]string{
		"type": "mysql", "provider": "gcp", "host": "203.0.113.7", "port": "3306", "username": "root", "database": "orders",
		"region": "europe-west1", "tls": "true", "ca.crt": "PEM",
	}
	with := func(changes ...string) map[string]string {
		out := map[string]string{}
		maps.Copy(out, plain)
		for i := 0; i < len(changes); i += 2 {
			out[changes[i]] = changes[i+1]
		}
		return out
	}
	for name, tc := range map[string]struct {
		edit  func(*Observed)
		want  map[string]string
		reach contract.Reach
	}{
		"public":  {func(*Observed) {}, plain, contract.ReachInternet},
		"private": {func(o *Observed) { o.ip().Ipv4Enabled = false }, with("host", "10.1.0.3"), contract.ReachNetwork},
		"by its name": {func(o *Observed) {
			o.DnsName, o.ip().ServerCaMode = "abc.europe-west1.sql.goog.", casCA
		}, with("host", "abc.europe-west1.sql.goog"), contract.ReachInternet},
		"a name that no certificate holds": {func(o *Observed) { o.DnsName = "abc.sql.goog." }, plain, contract.ReachInternet},
		"PostgreSQL": {func(o *Observed) {
			o.DatabaseVersion, o.DatabaseInstalledVersion = "POSTGRES_17", "POSTGRES_17_4"
		}, with("type", "postgresql", "port", "5432", "username", "postgres"), contract.ReachInternet},
		"no address yet": {func(o *Observed) { o.IpAddresses = nil }, nil, contract.ReachInternet},
	} {
		t.Run(name, func(t *testing.T) {
			a := instance{project: "p"}.Assess(resting(), running(tc.edit))
			if diff := cmp.Diff(tc.want, a.Connection); diff != "" || a.Reach != tc.reach {
				t.Errorf("reach %s: %s", a.Reach, diff)
			}
		})
	}
}

func TestOffers(t *testing.T) {
	got := offers(resting().Spec.ForProvider, running())
	want := &contract.Offer{Group: "database.crossplane.io", Kind: "MySQLInstance", Attributes: map[string]string{
		"engineVersion": "8.4.4", "storageGiB": "20", "highAvailability": "false", "databaseName": "orders",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestACreationThatFailed: for want of machines or quota it is told as that, so
// that somebody can choose another place, until the object is deleted.
func TestACreationThatFailed(t *testing.T) {
	for name, tc := range map[string]struct {
		code string
		mr   *v1alpha1.CloudSQLInstance
		want fault.Class
	}{
		"no machine left":    {"ZONE_RESOURCE_POOL_EXHAUSTED", resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Status.FirstReadyTime = nil }), fault.Capacity},
		"quota":              {"QUOTA_EXCEEDED", resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Status.FirstReadyTime = nil }), fault.Quota},
		"Google's own fault": {"INTERNAL_ERROR", resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Status.FirstReadyTime = nil }), ""},
		"being deleted": {"QUOTA_EXCEEDED", resting(func(mr *v1alpha1.CloudSQLInstance) {
			mr.Status.FirstReadyTime, mr.DeletionTimestamp = nil, &metav1.Time{Time: time.Now()}
		}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeSQL()
			f.failNext = &sqladmin.OperationError{Code: tc.code, Message: "no"}
			e := instance{api: f, project: "p", now: time.Now}
			if _, err := e.Create(t.Context(), tc.mr, managed.Intent{Name: "orders-1"}); err != nil {
				t.Fatal(err)
			}
			f.Settle()
			o, err := e.Observe(t.Context(), tc.mr, managed.Identity{})
			if tc.want != "" {
				if !fault.Is(err, tc.want) {
					t.Errorf("got %v, want %s", err, tc.want)
				}
				return
			}
			if err != nil || e.Assess(tc.mr, o).State != managed.Failed {
				t.Errorf("got %v", err)
			}
			if err := e.Delete(t.Context(), tc.mr, o); err != nil || f.deleted["orders-1"] != nil {
				t.Errorf("of what failed there is no last backup: %v, %v", f.deleted["orders-1"], err)
			}
		})
	}
}

// TestAChangeThatFailed: it is told, and not asked for again at once, unless
// somebody changed the spec.
func TestAChangeThatFailed(t *testing.T) {
	f, e := made(t)
	mr := resting(condition(contract.ConditionReconciling))
	mr.Spec.ForProvider.Tier = "db-custom-4-15360"
	update := func() error {
		o, err := e.Observe(t.Context(), mr, managed.Identity{})
		if err != nil {
			t.Fatal(err)
		}
		return e.Update(t.Context(), mr, o)
	}
	f.failNext = &sqladmin.OperationError{Code: "invalid", Message: "that tier is not to be had"}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	before := f.mutations
	if err := update(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "that tier is not to be had") || f.mutations != before {
		t.Errorf("got %v, %d changes", err, f.mutations-before)
	}
	f.now = f.now.Add(time.Hour)
	if err := update(); err != nil || f.mutations == before {
		t.Errorf("an hour later: %v", err)
	}
	f.Settle()
	f.instances["orders-1"].operations[0].Error = &sqladmin.OperationErrors{Errors: []*sqladmin.OperationError{{Code: "invalid"}}}
	mr.Generation, mr.Spec.ForProvider.Tier = 2, "db-custom-8-30720"
	if err := update(); err != nil {
		t.Errorf("another spec: %v", err)
	}
}

// TestAPasswordThatFailed is told by its operation alone, and only the last counts.
func TestAPasswordThatFailed(t *testing.T) {
	f, e := made(t)
	mr := resting(condition(contract.ConditionReconciling))
	set := func(fails *sqladmin.OperationError) managed.Assessment {
		o, err := e.Observe(t.Context(), mr, managed.Identity{})
		if err != nil {
			t.Fatal(err)
		}
		f.failNext = fails
		if err := e.SetPassword(t.Context(), mr, o, "second"); err != nil {
			t.Fatal(err)
		}
		o, _ = e.Observe(t.Context(), mr, managed.Identity{})
		if a := e.Assess(mr, o); !a.PasswordPending || !a.Busy || a.PasswordFailed != "" {
			t.Errorf("under way: %+v", a)
		}
		f.Settle()
		o, _ = e.Observe(t.Context(), mr, managed.Identity{})
		return e.Assess(mr, o)
	}
	if a := set(&sqladmin.OperationError{Code: "X", Message: "no"}); a.PasswordPending || a.PasswordFailed != "no (X)" {
		t.Errorf("failed: %+v", a)
	}
	if a := set(nil); a.PasswordPending || a.PasswordFailed != "" {
		t.Errorf("set: %+v", a)
	}
}

func TestDelete(t *testing.T) {
	for name, tc := range map[string]struct {
		want *v1alpha1.FinalBackup
		last *lastBackup
	}{
		"nothing said": {nil, &lastBackup{description: "the last of CloudSQLInstance orders"}},
		"for long":     {&v1alpha1.FinalBackup{RetentionDays: new(int64(90)), Description: "x"}, &lastBackup{description: "x", days: 90}},
		"none":         {&v1alpha1.FinalBackup{Enabled: new(false)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, e := made(t)
			mr := resting(func(mr *v1alpha1.CloudSQLInstance) { mr.Spec.ForProvider.FinalBackup = tc.want })
			o, err := e.Observe(t.Context(), mr, managed.Identity{})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Delete(t.Context(), mr, o); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.last, f.deleted["orders-1"], cmp.AllowUnexported(lastBackup{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProtection(t *testing.T) {
	f, e := made(t)
	f.instances["orders-1"].Settings.DeletionProtectionEnabled = true
	mr := resting()
	o, _ := e.Observe(t.Context(), mr, managed.Identity{})
	if a := e.Assess(mr, o); !strings.HasPrefix(a.Protected, "Cloud SQL protects the instance") {
		t.Errorf("protected by somebody else: %q", a.Protected)
	}
	mr.Spec.ForProvider.DeletionProtectionEnabled = new(true)
	if a := e.Assess(mr, o); !strings.HasPrefix(a.Protected, "deletionProtectionEnabled is on") {
		t.Errorf("protected by the spec: %q", a.Protected)
	}
	mr.Spec.ForProvider.DeletionProtectionEnabled = new(false)
	if a := e.Assess(mr, o); a.Protected != "" {
		t.Errorf("not protected any more: %q", a.Protected)
	}
	for range 2 {
		o, _ = e.Observe(t.Context(), mr, managed.Identity{})
		if err := e.Delete(t.Context(), mr, o); err != nil {
			t.Fatal(err)
		}
		f.Settle()
	}
	if len(f.instances) > 0 {
		t.Error("still there")
	}
}

// resting names are those of instances that were deleted lately.
type deletedLately struct{ *fakeSQL }

func (deletedLately) Insert(context.Context, *sqladmin.DatabaseInstance) error {
	return refuse(409, "instanceAlreadyExists")
}

func TestANameThatRests(t *testing.T) {
	e := instance{api: deletedLately{newFakeSQL()}, project: "p", now: time.Now}
	_, err := e.Create(t.Context(), resting(), managed.Intent{Name: "orders-1"})
	if !fault.Is(err, fault.Dependency) || !strings.Contains(err.Error(), "gives no name twice within a week") {
		t.Errorf("got %v", err)
	}
}

func TestRestore(t *testing.T) {
	f := newFakeSQL()
	e := instance{api: f, project: "p", now: time.Now}
	mr := resting(func(mr *v1alpha1.CloudSQLInstance) {
		mr.Spec.ForProvider.RestoreFrom = &v1alpha1.RestoreSource{Backup: "projects/p/backups/b"}
	})
	if !Instance(nil).Password.AfterCreate(mr) {
		t.Error("a backup has its own password, which has to be replaced afterwards")
	}
	if _, err := e.Create(t.Context(), mr, managed.Intent{Name: "orders-1", Tags: map[string]string{"crossplane-owner": "o"}}); err != nil {
		t.Fatal(err)
	}
	if i := f.instances["orders-1"]; i == nil || i.password != "of the backup" || i.Settings.UserLabels["crossplane-owner"] != "o" {
		t.Errorf("got %+v", i)
	}
}

func TestInstanceNames(t *testing.T) {
	for name, ok := range map[string]bool{"orders-0b5c": true, "Orders": false, "1st": false, "orders-": false, strings.Repeat("a", 64): false} {
		if err := validInstanceName(name); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
