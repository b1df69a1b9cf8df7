// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type deleteInput struct {
	DBInstanceIdentifier      string
	SkipFinalSnapshot         *bool
	FinalDBSnapshotIdentifier string
	DeleteAutomatedBackups    *bool
}

func (s *Service) deleteInstance(r *query.Request, in *deleteInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	i, err := here.find(in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	if err := in.check(i); err != nil {
		return nil, err
	}
	if err := s.keep(r, here, i, in); err != nil {
		return nil, err
	}
	s.record(r, kindInstance, i.DBInstanceIdentifier, local.Deleted)
	i.forced, i.steps = "", nil
	s.begin(here, i, s.lasts(local.Delete, deleting, func() { s.remove(here, i) }))
	return &instanceResult{i.view(s.cloud.Clock.Now())}, nil
}

func (in *deleteInput) check(i *instance) error {
	skip := orElse(in.SkipFinalSnapshot, false)
	switch {
	case i.state() == deleting:
		return wrongState("Instance %s is already being deleted.", i.DBInstanceIdentifier)
	case skip && in.FinalDBSnapshotIdentifier != "":
		return invalidCombination("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set.")
	case !skip && in.FinalDBSnapshotIdentifier == "":
		return invalidCombination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	case i.DeletionProtection:
		return invalidCombination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
	case !skip && !copyable(i.state()):
		return wrongState("Cannot create a final snapshot of instance %s because it is %s.", i.DBInstanceIdentifier, i.state())
	}
	return nil
}

// keep copies what shall outlive the instance.
func (s *Service) keep(r *query.Request, here *region, i *instance, in *deleteInput) error {
	if in.FinalDBSnapshotIdentifier != "" {
		if _, err := s.copy(r, here, i, in.FinalDBSnapshotIdentifier, nil); err != nil {
			return err
		}
	}
	if !orElse(in.DeleteAutomatedBackups, true) && i.BackupRetentionPeriod > 0 {
		return s.retain(r, here, i)
	}
	return nil
}

// remove ends the instance and its database.
func (s *Service) remove(here *region, i *instance) {
	here.instances.Delete(i.DBInstanceIdentifier)
	s.databases.Remove(i.DbiResourceID)
	s.cloud.Events.Publish(local.Resource{
		Service: serviceName, Region: here.scope.Region, Kind: kindInstance, ID: i.DBInstanceIdentifier, State: "deleted",
	})
}
