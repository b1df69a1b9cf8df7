// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
)

// protected says why RDS will not delete the instance as the spec stands. Only
// a spec that says so lifts the protection.
func protected(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) string {
	switch {
	case aws.ToBool(want.DeletionProtection):
		return "deletionProtection is on: set spec.forProvider.deletionProtection to false to have the instance deleted"
	case aws.ToBool(db.DeletionProtection) && want.DeletionProtection == nil:
		return "RDS protects the instance from deletion: set spec.forProvider.deletionProtection to false to lift that"
	default:
		return ""
	}
}

// Delete implements managed.External. It lifts a protection that the spec does
// not want any more; the next call deletes.
func (e instance) Delete(ctx context.Context, mr *v1alpha1.RDSInstance, db *types.DBInstance) error {
	if aws.ToBool(db.DeletionProtection) {
		_, err := e.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
			DBInstanceIdentifier: db.DBInstanceIdentifier, DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
		})
		return err
	}
	request := deletion(mr.Spec.ForProvider, db)
	_, err := e.rds.DeleteDBInstance(ctx, request)
	if account.IsSnapshotTaken(err) {
		request.FinalDBSnapshotIdentifier = aws.String(another(request.FinalDBSnapshotIdentifier, db))
		_, err = e.rds.DeleteDBInstance(ctx, request)
	}
	return err
}

// deletion asks for a last snapshot wherever there can be data and RDS can make
// one. Where it can't, the automated backups are kept unless the spec says
// otherwise: they are all that is left.
func deletion(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) *rds.DeleteDBInstanceInput {
	request := &rds.DeleteDBInstanceInput{
		DBInstanceIdentifier:   db.DBInstanceIdentifier,
		DeleteAutomatedBackups: want.DeleteAutomatedBackups,
	}
	switch status := aws.ToString(db.DBInstanceStatus); {
	case aws.ToBool(want.SkipFinalSnapshot), status == "creating":
		request.SkipFinalSnapshot = aws.Bool(true)
	case snapshotImpossible(status):
		request.SkipFinalSnapshot = aws.Bool(true)
		if want.DeleteAutomatedBackups == nil {
			request.DeleteAutomatedBackups = aws.Bool(false)
		}
	default:
		request.SkipFinalSnapshot = aws.Bool(false)
		request.FinalDBSnapshotIdentifier = aws.String(finalSnapshot(want, db))
	}
	return request
}

// snapshotImpossible holds in the states in which RDS only deletes an instance
// without a final snapshot (RDS API reference, DeleteDBInstance).
func snapshotImpossible(status string) bool {
	return status == "failed" || status == "incompatible-restore" || status == "incompatible-network" || status == "incompatible-create"
}

func finalSnapshot(want v1alpha1.RDSInstanceParameters, db *types.DBInstance) string {
	if want.FinalSnapshotIdentifier != "" {
		return want.FinalSnapshotIdentifier
	}
	return aws.ToString(db.DBInstanceIdentifier) + "-final"
}

// another is the name of the final snapshot where the first choice is taken: an
// instance's resource id is never used again.
func another(taken *string, db *types.DBInstance) string {
	return aws.ToString(taken) + "-" + strings.ToLower(aws.ToString(db.DbiResourceId))
}
