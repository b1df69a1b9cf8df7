// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

func TestStateOf(t *testing.T) {
	for status, want := range map[string]managed.State{
		"creating":                            managed.Creating,
		"available":                           managed.Available,
		"backing-up":                          managed.Available,
		"modifying":                           managed.Available,
		"storage-optimization":                managed.Available,
		"rebooting":                           managed.Unavailable,
		"upgrading":                           managed.Unavailable,
		"stopped":                             managed.Stopped,
		"failed":                              managed.Failed,
		"storage-full":                        managed.Failed,
		"inaccessible-encryption-credentials": managed.Failed,
		"deleting":                            managed.Deleting,
		"levitating":                          managed.Unknown,
		"":                                    managed.Unknown,
	} {
		t.Run(status, func(t *testing.T) {
			if got := stateOf(status); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestAssess(t *testing.T) {
	mr := anInstance()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "Db"}
	mr.Spec.ForProvider.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
	db := have()
	db.TagList = []types.Tag{{Key: aws.String("aws:rds:primaryDBInstanceArn"), Value: aws.String("x")}, {Key: aws.String("team"), Value: aws.String("shop")}}
	got := instance{trust: "PEM"}.Assess(mr, db)
	want := managed.Assessment{
		Name: "Db", State: managed.Available, Message: "available",
		Tags:     map[string]string{"aws:rds:primaryDBInstanceArn": "x", "team": "shop"},
		Location: &contract.Location{Provider: "aws", Region: "eu-west-1", Zone: "eu-west-1a"},
		Reach:    contract.ReachNetwork,
		Offers: &contract.Offer{Group: "database.crossplane.io", Kind: "MySQLInstance", Attributes: map[string]string{
			"engineVersion": "8.4.3", "storageGiB": "20", "highAvailability": "false", "databaseName": "shop",
		}},
		Connection: map[string]string{
			"type": "mysql", "provider": "aws", "host": "db.example.org", "port": "3306", "username": "admin",
			"database": "shop", "region": "eu-west-1", "tls": "true", "ca.crt": "PEM",
		},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if at := mr.Status.AtProvider; at.Endpoint != "db.example.org:3306" || at.EngineVersion != "8.4.3" {
		t.Errorf("atProvider: %+v", at)
	}
}

func TestAssessPostgresWithoutADatabaseOfItsOwn(t *testing.T) {
	db := have()
	db.Engine, db.DBName, db.PubliclyAccessible = aws.String("postgres"), nil, aws.Bool(true)
	got := instance{}.Assess(anInstance(), db)
	if got.Connection["type"] != "postgresql" || got.Connection["database"] != "postgres" || got.Offers.Kind != "PostgreSQLInstance" {
		t.Errorf("connection %v, offers %v", got.Connection, got.Offers)
	}
	if _, there := got.Connection["ca.crt"]; there || got.Reach != contract.ReachInternet {
		t.Errorf("without a bundle there is no ca.crt, and a public address is on the Internet: %v, %s", got.Connection, got.Reach)
	}
}

func TestNothingToConnectToWithoutAnEndpoint(t *testing.T) {
	db := have()
	db.Endpoint, db.DBInstanceStatus = nil, aws.String("creating")
	if got := (instance{}).Assess(anInstance(), db); got.Connection != nil || got.State != managed.Creating || !got.Busy {
		t.Errorf("got %+v", got)
	}
}

func TestBusy(t *testing.T) {
	pending := &types.PendingModifiedValues{DBInstanceClass: aws.String("db.m8g.large"), ProcessorFeatures: []types.ProcessorFeature{}}
	for name, tc := range map[string]struct {
		status      string
		pending     *types.PendingModifiedValues
		immediately *bool
		want        bool
	}{
		"at rest":                {status: "available"},
		"storage is rearranged":  {status: "storage-optimization"},
		"full, to be made good":  {status: "storage-full"},
		"backup under way":       {status: "backing-up", want: true},
		"change agreed":          {status: "available", pending: pending, want: true},
		"change waits for night": {status: "available", pending: pending, immediately: aws.Bool(false)},
		"nothing really pending": {status: "available", pending: &types.PendingModifiedValues{ProcessorFeatures: []types.ProcessorFeature{}}},
	} {
		t.Run(name, func(t *testing.T) {
			mr, db := anInstance(), have()
			mr.Spec.ForProvider.ApplyImmediately = tc.immediately
			db.DBInstanceStatus, db.PendingModifiedValues = &tc.status, tc.pending
			if got := (instance{}).Assess(mr, db).Busy; got != tc.want {
				t.Errorf("busy: got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestPendingPasswordIsNamedAndNotShown(t *testing.T) {
	mr, db := anInstance(), have()
	db.PendingModifiedValues = &types.PendingModifiedValues{MasterUserPassword: aws.String("****")}
	if a := (instance{}).Assess(mr, db); !a.PasswordPending {
		t.Error("a password that is pending is not confirmed")
	}
	if d := cmp.Diff([]string{"MasterUserPassword"}, mr.Status.AtProvider.PendingModifications); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestInstanceName(t *testing.T) {
	const owner = "0a1b2c3d-0000-4000-8000-000000000000"
	for name, want := range map[string]string{
		"orders":                  "orders-0a1b2c3d",
		"Shop.Orders--v2":         "shop-orders-v2-0a1b2c3d",
		"7days":                   "db-7days-0a1b2c3d",
		strings.Repeat("x", 80):   strings.Repeat("x", 54) + "-0a1b2c3d",
		strings.Repeat("ab-", 30): strings.TrimSuffix(strings.Repeat("ab-", 18), "-") + "-0a1b2c3d",
		"---":                     "db-0a1b2c3d",
	} {
		t.Run(name, func(t *testing.T) {
			got := instanceName(name, owner)
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if err := validInstanceName(got); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNamesThatRDSRefuses(t *testing.T) {
	for _, name := range []string{"", "9lives", "a--b", "a-", "a_b", "a.b", strings.Repeat("x", 64)} {
		if validInstanceName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	for _, name := range []string{"", "Default", "a/b", strings.Repeat("x", 256)} {
		if validSubnetGroupName(name) == nil {
			t.Errorf("subnet group %q is accepted", name)
		}
	}
}

func TestDeletion(t *testing.T) {
	for name, tc := range map[string]struct {
		situation
		want rds.DeleteDBInstanceInput
	}{
		"keeps a last snapshot": {
			want: rds.DeleteDBInstanceInput{SkipFinalSnapshot: aws.Bool(false), FinalDBSnapshotIdentifier: aws.String("db-final")},
		},
		"under a name that was asked for": {
			situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) {
				w.FinalSnapshotIdentifier, w.DeleteAutomatedBackups = "farewell", aws.Bool(false)
			}},
			want: rds.DeleteDBInstanceInput{
				SkipFinalSnapshot: aws.Bool(false), FinalDBSnapshotIdentifier: aws.String("farewell"), DeleteAutomatedBackups: aws.Bool(false),
			},
		},
		"keeps none": {
			situation: situation{want: func(w *v1alpha1.RDSInstanceParameters) { w.SkipFinalSnapshot = aws.Bool(true) }},
			want:      rds.DeleteDBInstanceInput{SkipFinalSnapshot: aws.Bool(true)},
		},
		"what never was there has no data": {
			situation: situation{have: func(h *types.DBInstance) { h.DBInstanceStatus = aws.String("creating") }},
			want:      rds.DeleteDBInstanceInput{SkipFinalSnapshot: aws.Bool(true)},
		},
		"keeps the backups of what can make no snapshot": {
			situation: situation{have: func(h *types.DBInstance) { h.DBInstanceStatus = aws.String("failed") }},
			want:      rds.DeleteDBInstanceInput{SkipFinalSnapshot: aws.Bool(true), DeleteAutomatedBackups: aws.Bool(false)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want.DBInstanceIdentifier = aws.String("db")
			if d := cmp.Diff(&tc.want, deletion(tc.make()), cmpopts.IgnoreUnexported(rds.DeleteDBInstanceInput{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// made returns an instance that is available in a new fake.
func made(t *testing.T, change func(*v1alpha1.RDSInstance)) (*fakeRDS, instance, *v1alpha1.RDSInstance, *types.DBInstance) {
	t.Helper()
	f := newFakeRDS()
	e, mr := instance{rds: f}, anInstance()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "db"}
	change(mr)
	if _, err := e.Create(t.Context(), mr, managed.Intent{Name: "db", Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	db, err := e.Observe(t.Context(), mr, managed.Identity{})
	if err != nil {
		t.Fatal(err)
	}
	return f, e, mr, db
}

func TestATakenSnapshotNameDoesNotBlockTheDeletion(t *testing.T) {
	f, e, mr, db := made(t, func(*v1alpha1.RDSInstance) {})
	f.snapshots["db-final"] = true
	if err := e.Delete(t.Context(), mr, db); err != nil {
		t.Fatal(err)
	}
	if *f.instances["db"].DBInstanceStatus != "deleting" || !f.snapshots["db-final-db-0001"] {
		t.Errorf("status %s, snapshots %v", *f.instances["db"].DBInstanceStatus, f.snapshots)
	}
}

func TestDeletionProtectionIsLiftedOnlyBySayingSo(t *testing.T) {
	f, e, mr, db := made(t, func(mr *v1alpha1.RDSInstance) { mr.Spec.ForProvider.DeletionProtection = aws.Bool(true) })
	for name, protection := range map[string]*bool{"on": aws.Bool(true), "not mentioned": nil} {
		mr.Spec.ForProvider.DeletionProtection = protection
		if a := e.Assess(mr, db); !strings.Contains(a.Protected, "set spec.forProvider.deletionProtection to false") {
			t.Errorf("%s: protected: %q", name, a.Protected)
		}
	}
	mr.Spec.ForProvider.DeletionProtection = aws.Bool(false)
	if a := e.Assess(mr, db); a.Protected != "" {
		t.Errorf("protected: %q", a.Protected)
	}
	for range 2 {
		if err := e.Delete(t.Context(), mr, db); err != nil {
			t.Fatal(err)
		}
		f.Settle()
		db, _ = e.Observe(t.Context(), mr, managed.Identity{})
	}
	if db != nil {
		t.Errorf("still there: %s", *db.DBInstanceStatus)
	}
}

func TestCreateAsksForWhatTheSpecSays(t *testing.T) {
	f, _, _, db := made(t, func(mr *v1alpha1.RDSInstance) {
		p := want()
		p.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
		mr.Spec.ForProvider = p
	})
	if _, drift := plan(want(), withGroups(db)); len(drift) > 0 {
		t.Errorf("a new instance differs from its spec: %v", drift)
	}
	if f.instances["db"].password != "secret" || tagMap(db.TagList)["team"] != "shop" {
		t.Errorf("password %q, tags %v", f.instances["db"].password, db.TagList)
	}
}

// withGroups adds what the fake does not keep.
func withGroups(db *types.DBInstance) *types.DBInstance {
	db.DBParameterGroups, db.OptionGroupMemberships = have().DBParameterGroups, have().OptionGroupMemberships
	return db
}

func TestASilentSpecMakesAPrivateInstanceWithTheEnginesUser(t *testing.T) {
	for engine, user := range map[string]string{"mysql": "admin", "postgres": "postgres"} {
		t.Run(engine, func(t *testing.T) {
			_, _, _, db := made(t, func(mr *v1alpha1.RDSInstance) { mr.Spec.ForProvider.Engine = engine })
			if *db.MasterUsername != user || aws.ToBool(db.PubliclyAccessible) || db.PubliclyAccessible == nil {
				t.Errorf("user %s, public %v", *db.MasterUsername, db.PubliclyAccessible)
			}
		})
	}
}

func TestRestore(t *testing.T) {
	at := metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	for name, tc := range map[string]struct {
		from  v1alpha1.RestoreSource
		check func(request any) bool
	}{
		"from a snapshot": {v1alpha1.RestoreSource{SnapshotIdentifier: "last"}, func(r any) bool {
			in, ok := r.(*rds.RestoreDBInstanceFromDBSnapshotInput)
			return ok && *in.DBSnapshotIdentifier == "last" && *in.DBInstanceIdentifier == "db"
		}},
		"to a time": {v1alpha1.RestoreSource{SourceInstance: "old", RestoreTime: &at}, func(r any) bool {
			in, ok := r.(*rds.RestoreDBInstanceToPointInTimeInput)
			return ok && *in.SourceDBInstanceIdentifier == "old" && in.RestoreTime.Equal(at.Time) && in.UseLatestRestorableTime == nil
		}},
		"of a deleted instance, as late as can be": {v1alpha1.RestoreSource{SourceResourceID: "db-OLD"}, func(r any) bool {
			in, ok := r.(*rds.RestoreDBInstanceToPointInTimeInput)
			return ok && *in.SourceDbiResourceId == "db-OLD" && in.RestoreTime == nil && *in.UseLatestRestorableTime
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f, mr := newFakeRDS(), anInstance()
			f.snapshots["last"] = true
			mr.Spec.ForProvider.RestoreFrom = &tc.from
			obs, err := instance{rds: f}.Create(t.Context(), mr, managed.Intent{Name: "db", Tags: map[string]string{"crossplane-owner": "me"}})
			if err != nil {
				t.Fatal(err)
			}
			if !tc.check(f.restores[0]) || tagMap(obs.TagList)["crossplane-owner"] != "me" {
				t.Errorf("request %+v, tags %v", f.restores[0], obs.TagList)
			}
			if kind := Instance(nil); !kind.Password.AfterCreate(mr) {
				t.Error("a restore call carries no password, so it has to be set afterwards")
			}
		})
	}
}

func TestAnEmptyRestoreSourceMakesAnEmptyInstance(t *testing.T) {
	f, _, mr, _ := made(t, func(mr *v1alpha1.RDSInstance) { mr.Spec.ForProvider.RestoreFrom = &v1alpha1.RestoreSource{} })
	if len(f.restores) > 0 || Instance(nil).Password.AfterCreate(mr) {
		t.Errorf("restored: %v", f.restores)
	}
}

func TestUpdateSendsNothingThatDoesNotDiffer(t *testing.T) {
	f, e, mr, db := made(t, func(*v1alpha1.RDSInstance) {})
	before := f.mutations
	if err := e.Update(t.Context(), mr, db); err != nil || f.mutations != before {
		t.Errorf("error %v, %d calls", err, f.mutations-before)
	}
	mr.Spec.ForProvider.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
	if a := e.Assess(mr, db); !cmp.Equal(a.Drift, []string{"tags"}) {
		t.Errorf("drift %v", a.Drift)
	}
	if err := e.Update(t.Context(), mr, db); err != nil || f.mutations != before+1 {
		t.Errorf("tags: error %v, %d calls", err, f.mutations-before)
	}
}

func TestReferences(t *testing.T) {
	mr := anInstance()
	mr.Spec.ForProvider.DBSubnetGroupRef = &contract.Reference{Name: "private"}
	mr.Spec.ForProvider.VPCSecurityGroupRefs = []contract.Reference{{Name: "a"}, {Name: "b"}}
	external := map[string]string{"private": "private-1", "a": "sg-a", "b": "sg-b"}
	for _, ref := range instanceReferences() {
		var names []string
		for _, n := range ref.Names(mr) {
			names = append(names, external[n])
		}
		ref.Resolve(mr, names)
	}
	p := mr.Spec.ForProvider
	if p.DBSubnetGroupName != "private-1" || !cmp.Equal(p.VPCSecurityGroupIDs, []string{"sg-a", "sg-b"}) {
		t.Errorf("got %q and %v", p.DBSubnetGroupName, p.VPCSecurityGroupIDs)
	}
	for _, ref := range instanceReferences() {
		if names := ref.Names(anInstance()); names != nil {
			t.Errorf("%s: %v, though nothing is referred to", ref.Field, names)
		}
	}
}
