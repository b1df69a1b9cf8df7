// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// apply starts what is pending: all of it, or only the password, which does
// not wait for a maintenance window.
func (s *Service) apply(here *region, i *instance, all bool) {
	p := i.PendingModifiedValues
	if !all {
		p = pendingValues{MasterUserPassword: p.MasterUserPassword}
	}
	if p == (pendingValues{}) {
		return
	}
	if i.forced == storageFull && p.AllocatedStorage != nil {
		i.forced = ""
	}
	change := s.lasts(local.Modify, p.state(), func() { s.finish(i, p) })
	steps := []step{change}
	if p.storage() {
		steps = append(steps, s.after(change, local.Optimize, optimizing))
	}
	s.begin(here, i, steps...)
}

// state is what an instance is in while the values are applied.
func (p pendingValues) state() string {
	switch {
	case p.EngineVersion != nil:
		return upgrading
	case p == pendingValues{MasterUserPassword: p.MasterUserPassword}:
		return resettingMaster
	}
	return modifying
}

// finish makes what was pending so.
func (s *Service) finish(i *instance, p pendingValues) {
	take(&i.DBInstanceClass, p.DBInstanceClass)
	take(&i.AllocatedStorage, p.AllocatedStorage)
	take(&i.StorageType, p.StorageType)
	take(&i.MultiAZ, p.MultiAZ)
	take(&i.BackupRetentionPeriod, p.BackupRetentionPeriod)
	take(&i.CACertificateIdentifier, p.CACertificateIdentifier)
	take(&i.CertificateDetails.CAIdentifier, p.CACertificateIdentifier)
	s.finishStorage(i, p)
	i.applyZones()
	if p.MasterUserPassword != nil {
		s.finishPassword(i)
	}
	if p.Port != nil {
		s.finishMove(i, *p.Port)
	}
	switch {
	case p.EngineVersion != nil:
		s.finishUpgrade(i, *p.EngineVersion)
	case p.DBInstanceClass != nil:
		s.databases.Restart(i.DbiResourceID)
	}
	if p == (pendingValues{MasterUserPassword: p.MasterUserPassword}) {
		i.PendingModifiedValues.MasterUserPassword = nil
	} else {
		i.PendingModifiedValues = pendingValues{}
	}
}

// finishStorage drops what the new kind of storage does not have.
func (s *Service) finishStorage(i *instance, p pendingValues) {
	if p.StorageType != nil {
		i.Iops, i.StorageThroughput = nil, nil
	}
	if p.Iops != nil {
		i.Iops = p.Iops
	}
	if p.StorageThroughput != nil {
		i.StorageThroughput = p.StorageThroughput
	}
}

// finishMove takes the port that is asked for if it is free, else another.
func (s *Service) finishMove(i *instance, port int32) {
	at, err := s.databases.Move(i.DbiResourceID, port)
	if err != nil {
		s.log.Error("cannot change a database's port", "instance", i.DBInstanceIdentifier, "error", err)
		return
	}
	i.at = at
	i.appear(*i.InstanceCreateTime)
}

func (s *Service) finishPassword(i *instance) {
	if err := s.databases.SetPassword(i.DbiResourceID, i.nextPassword); err != nil {
		s.log.Error("cannot change a database's password", "instance", i.DBInstanceIdentifier, "error", err)
	}
	i.nextPassword = ""
}

// finishUpgrade changes the version and, where the major version changes, goes
// from the old default parameter group to the new one.
func (s *Service) finishUpgrade(i *instance, version string) {
	if err := s.databases.SetVersion(i.DbiResourceID, version); err != nil {
		s.log.Error("cannot change a database's version", "instance", i.DBInstanceIdentifier, "error", err)
	}
	have, _ := findVersion(i.Engine, i.EngineVersion) // both are known
	next, _ := findVersion(i.Engine, version)
	i.EngineVersion = version
	if g := i.DBParameterGroups[0].DBParameterGroupName; g == "default."+have.family() {
		i.DBParameterGroups = []parameterGroupInUse{{DBParameterGroupName: "default." + next.family(), ParameterApplyStatus: "in-sync"}}
	}
}

func take[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}
