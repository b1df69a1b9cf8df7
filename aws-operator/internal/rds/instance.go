// SPDX-License-Identifier: Apache-2.0

// Package rds manages the resources of Amazon RDS.
package rds

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	network "github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	awsapi "github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// InstanceAPI is the part of the RDS client that instances need.
type InstanceAPI interface {
	tagAPI
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
	CreateDBInstance(context.Context, *rds.CreateDBInstanceInput, ...func(*rds.Options)) (*rds.CreateDBInstanceOutput, error)
	RestoreDBInstanceFromDBSnapshot(context.Context, *rds.RestoreDBInstanceFromDBSnapshotInput, ...func(*rds.Options)) (*rds.RestoreDBInstanceFromDBSnapshotOutput, error)
	RestoreDBInstanceToPointInTime(context.Context, *rds.RestoreDBInstanceToPointInTimeInput, ...func(*rds.Options)) (*rds.RestoreDBInstanceToPointInTimeOutput, error)
	ModifyDBInstance(context.Context, *rds.ModifyDBInstanceInput, ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error)
	DeleteDBInstance(context.Context, *rds.DeleteDBInstanceInput, ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error)
}

// passwordLength fits both engines: MySQL takes 8 to 41 characters, PostgreSQL
// 8 to 128 (RDS API reference, CreateDBInstance).
const passwordLength = 32

// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=rdsinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=rdsinstances/status,verbs=patch
// +kubebuilder:rbac:groups=database.aws.crossplane.io,resources=rdsinstances/finalizers,verbs=update

// settle is how long RDS may take to show, in DescribeDBInstances, a change that
// it has accepted: a new password is pending there within seconds.
const settle = 20 * time.Second

// Instance returns the kind RDSInstance. An instance's identifier is ours to
// choose, so creating it twice is harmless.
func Instance(accounts Accounts) managed.Kind[*v1alpha1.RDSInstance, types.DBInstance] {
	return managed.Kind[*v1alpha1.RDSInstance, types.DBInstance]{
		New:      func() *v1alpha1.RDSInstance { return &v1alpha1.RDSInstance{} },
		Provider: func() client.Object { return &awsapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.RDSInstance) (managed.External[*v1alpha1.RDSInstance, types.DBInstance], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			region := mr.Spec.ForProvider.Region
			return instance{rds: account.Client(a, region, newClient), trust: a.Trust(region)}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.RDSInstance, owner string) string { return instanceName(mr.Name, owner) },
		ValidName: validInstanceName,
		Password: &managed.Password[*v1alpha1.RDSInstance]{
			Length:      passwordLength,
			AfterCreate: func(mr *v1alpha1.RDSInstance) bool { return restores(mr.Spec.ForProvider.RestoreFrom) },
		},
		HoldsData:  true,
		Settle:     settle,
		References: instanceReferences(),
	}
}

func newClient(c aws.Config) *rds.Client { return rds.NewFromConfig(c) }

func instanceReferences() []managed.ReferenceField[*v1alpha1.RDSInstance] {
	return []managed.ReferenceField[*v1alpha1.RDSInstance]{{
		Field:   "dbSubnetGroupRef",
		To:      v1alpha1.GroupVersion.WithKind("DBSubnetGroup"),
		Names:   func(mr *v1alpha1.RDSInstance) []string { return managed.NameOf(mr.Spec.ForProvider.DBSubnetGroupRef) },
		Resolve: func(mr *v1alpha1.RDSInstance, names []string) { mr.Spec.ForProvider.DBSubnetGroupName = names[0] },
	}, {
		Field: "vpcSecurityGroupRefs",
		To:    network.GroupVersion.WithKind("SecurityGroup"),
		Names: func(mr *v1alpha1.RDSInstance) []string {
			return managed.NamesOf(mr.Spec.ForProvider.VPCSecurityGroupRefs)
		},
		Resolve: func(mr *v1alpha1.RDSInstance, ids []string) { mr.Spec.ForProvider.VPCSecurityGroupIDs = ids },
	}}
}

// instance is managed.External for instances of one account and region.
type instance struct {
	rds   InstanceAPI
	trust string // PEM
}

// Observe implements managed.External.
func (e instance) Observe(ctx context.Context, mr *v1alpha1.RDSInstance, _ managed.Identity) (*types.DBInstance, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	out, err := e.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name})
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	for i := range out.DBInstances {
		if strings.EqualFold(aws.ToString(out.DBInstances[i].DBInstanceIdentifier), name) {
			return &out.DBInstances[i], nil
		}
	}
	return nil, nil //nolint:nilnil // nil says that there is none
}

// Assess implements managed.External.
func (e instance) Assess(mr *v1alpha1.RDSInstance, db *types.DBInstance) managed.Assessment {
	want, status := mr.Spec.ForProvider, aws.ToString(db.DBInstanceStatus)
	pending := pendingModifications(db)
	mr.Status.AtProvider = observed(db, pending)
	_, drift := plan(want, db)
	diff.Tags(&drift, want.Tags, tagMap(db.TagList))
	a := managed.Assessment{
		Name:            sameName(managed.ExternalName(mr), aws.ToString(db.DBInstanceIdentifier)),
		Tags:            tagMap(db.TagList),
		State:           stateOf(status),
		Message:         status,
		Busy:            refusesChanges(status) || len(pending) > 0 && immediately(want),
		Drift:           drift,
		Fixed:           fixed(want, db),
		Protected:       protected(want, db),
		PasswordPending: passwordPending(db),
		Location:        &contract.Location{Provider: "aws", Region: want.Region, Zone: aws.ToString(db.AvailabilityZone)},
		Offers:          offers(db),
		Reach:           contract.ReachNetwork,
	}
	if aws.ToBool(db.PubliclyAccessible) {
		a.Reach = contract.ReachInternet
	}
	if db.Endpoint != nil && aws.ToString(db.Endpoint.Address) != "" {
		a.Connection = e.connection(want.Region, db)
	}
	return a
}

func observed(db *types.DBInstance, pending []string) v1alpha1.RDSInstanceObservation {
	o := v1alpha1.RDSInstanceObservation{
		State:                aws.ToString(db.DBInstanceStatus),
		ARN:                  aws.ToString(db.DBInstanceArn),
		ResourceID:           aws.ToString(db.DbiResourceId),
		EngineVersion:        aws.ToString(db.EngineVersion),
		Class:                aws.ToString(db.DBInstanceClass),
		AllocatedStorageGiB:  aws.ToInt32(db.AllocatedStorage),
		MultiAZ:              aws.ToBool(db.MultiAZ),
		PendingModifications: pending,
	}
	if db.Endpoint != nil && db.Endpoint.Address != nil {
		o.Endpoint = *db.Endpoint.Address + ":" + strconv.Itoa(int(aws.ToInt32(db.Endpoint.Port)))
	}
	return o
}

// claimKinds says by engine which claim kind an instance satisfies and what
// clients call its type.
//
//nolint:gochecknoglobals // a table
var claimKinds = map[string]struct{ kind, typ, username, database string }{
	v1alpha1.EngineMySQL:    {kind: "MySQLInstance", typ: "mysql", username: "admin"},
	v1alpha1.EnginePostgres: {kind: "PostgreSQLInstance", typ: "postgresql", username: "postgres", database: "postgres"},
}

func offers(db *types.DBInstance) *contract.Offer {
	kind := claimKinds[aws.ToString(db.Engine)].kind
	if kind == "" {
		return nil
	}
	attributes := map[string]string{
		"engineVersion":    aws.ToString(db.EngineVersion),
		"storageGiB":       strconv.Itoa(int(aws.ToInt32(db.AllocatedStorage))),
		"highAvailability": strconv.FormatBool(aws.ToBool(db.MultiAZ)),
	}
	if name := aws.ToString(db.DBName); name != "" {
		attributes["databaseName"] = name
	}
	return &contract.Offer{Group: "database.crossplane.io", Kind: kind, Attributes: attributes}
}

func (e instance) connection(region string, db *types.DBInstance) map[string]string {
	engine := claimKinds[aws.ToString(db.Engine)]
	c := map[string]string{
		contract.KeyType:     engine.typ,
		contract.KeyProvider: "aws",
		contract.KeyHost:     aws.ToString(db.Endpoint.Address),
		contract.KeyPort:     strconv.Itoa(int(aws.ToInt32(db.Endpoint.Port))),
		contract.KeyUsername: aws.ToString(db.MasterUsername),
		contract.KeyDatabase: aws.ToString(db.DBName),
		contract.KeyRegion:   region,
		contract.KeyTLS:      "true",
		contract.KeyCA:       e.trust,
	}
	if c[contract.KeyDatabase] == "" {
		c[contract.KeyDatabase] = engine.database
	}
	for key, value := range c {
		if value == "" {
			delete(c, key)
		}
	}
	return c
}

// Update implements managed.External.
func (e instance) Update(ctx context.Context, mr *v1alpha1.RDSInstance, db *types.DBInstance) error {
	request, drift := plan(mr.Spec.ForProvider, db)
	if len(drift) > 0 {
		if _, err := e.rds.ModifyDBInstance(ctx, request); err != nil {
			return err
		}
	}
	return addTags(ctx, e.rds, db.DBInstanceArn, diff.Tags(&drift, mr.Spec.ForProvider.Tags, tagMap(db.TagList)))
}

// SetPassword implements managed.PasswordSetter.
func (e instance) SetPassword(ctx context.Context, _ *v1alpha1.RDSInstance, db *types.DBInstance, password string) error {
	_, err := e.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: db.DBInstanceIdentifier,
		MasterUserPassword:   &password,
		ApplyImmediately:     aws.Bool(true),
	})
	return err
}

// Adopt implements managed.Adopter.
func (e instance) Adopt(ctx context.Context, _ *v1alpha1.RDSInstance, db *types.DBInstance, tags map[string]string) error {
	return addTags(ctx, e.rds, db.DBInstanceArn, tags)
}
