// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// hiddenPassword is how the API shows that a password is pending.
const hiddenPassword = "****"

type modifyInput struct {
	DBInstanceIdentifier       string
	ApplyImmediately           *bool
	AllowMajorVersionUpgrade   *bool
	CertificateRotationRestart *bool
	DBInstanceClass            string
	EngineVersion              string
	MasterUserPassword         string
	DBParameterGroupName       string
	DBPortNumber               *int32
	OptionGroupName            string
	LogExports                 logExportsInput `query:"CloudwatchLogsExportConfiguration"`
	VpcSecurityGroupIDs        []string        `query:"VpcSecurityGroupIds"`
	storageInput
	backupInput
	featuresInput
}

type logExportsInput struct {
	EnableLogTypes  []string
	DisableLogTypes []string
}

func (s *Service) modifyInstance(r *query.Request, in *modifyInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	i, err := here.find(in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	if !changeable(i.state()) {
		return nil, wrongState("Database instance is not in available state.")
	}
	changed, err := s.plan(here, i, in)
	if err != nil {
		return nil, err
	}
	i.description, i.nextPassword = changed.description, changed.nextPassword
	s.record(r, kindInstance, i.DBInstanceIdentifier, local.Updated)
	// The answer still shows the state from before, as AWS's does.
	answer := &instanceResult{i.view(s.cloud.Clock.Now())}
	s.apply(here, i, orElse(in.ApplyImmediately, false))
	return answer, nil
}

// plan returns a copy of i with the changes that take effect at once made, and
// the others pending.
func (s *Service) plan(here *region, i *instance, in *modifyInput) (*instance, error) {
	next := *i
	if err := next.change(in.featuresInput); err != nil {
		return nil, err
	}
	if err := next.applyBackup(in.backupInput, false); err != nil {
		return nil, err
	}
	if err := s.regroup(here, &next, in); err != nil {
		return nil, err
	}
	logs, err := exports(i.Engine, i.EnabledCloudwatchLogsExports, in.LogExports.EnableLogTypes, in.LogExports.DisableLogTypes)
	if err != nil {
		return nil, err
	}
	next.EnabledCloudwatchLogsExports = logs
	if err := next.pend(in); err != nil {
		return nil, err
	}
	return &next, pendStorage(&next, in.storageInput)
}

// regroup puts the instance into other groups of all kinds.
func (s *Service) regroup(here *region, i *instance, in *modifyInput) error {
	if len(in.VpcSecurityGroupIDs) > 0 {
		groups, err := s.memberships(here, i.DBSubnetGroup.VpcID, in.VpcSecurityGroupIDs)
		if err != nil {
			return err
		}
		i.VpcSecurityGroups = groups
	}
	if in.OptionGroupName != "" {
		if _, err := optionGroupFor(&i.description, in.OptionGroupName); err != nil {
			return err
		}
	}
	if in.DBParameterGroupName != "" {
		groups, err := here.parameterGroupFor(&i.description, in.DBParameterGroupName)
		if err != nil {
			return err
		}
		i.setParameterGroup(groups)
	}
	return nil
}

// setParameterGroup takes a group that holds from the next reboot on.
func (i *instance) setParameterGroup(groups []parameterGroupInUse) {
	if groups[0].DBParameterGroupName != i.DBParameterGroups[0].DBParameterGroupName {
		groups[0].ParameterApplyStatus = "pending-reboot"
		i.DBParameterGroups = groups
	}
}

// pend notes what differs and takes its time.
func (i *instance) pend(in *modifyInput) error {
	p := &i.PendingModifiedValues
	if in.DBInstanceClass != "" {
		if err := checkClass(in.DBInstanceClass); err != nil {
			return err
		}
		pendIf(&p.DBInstanceClass, in.DBInstanceClass, i.DBInstanceClass)
	}
	if in.EngineVersion != "" {
		v, err := findUpgrade(i.Engine, i.EngineVersion, in.EngineVersion, orElse(in.AllowMajorVersionUpgrade, false))
		if err != nil {
			return err
		}
		pendIf(&p.EngineVersion, v.version, i.EngineVersion)
	}
	if in.CACertificateIdentifier != "" {
		if err := checkAuthority(in.CACertificateIdentifier); err != nil {
			return err
		}
		pendIf(&p.CACertificateIdentifier, in.CACertificateIdentifier, i.CACertificateIdentifier)
	}
	if in.MultiAZ != nil {
		pendIf(&p.MultiAZ, *in.MultiAZ, i.MultiAZ)
	}
	if in.BackupRetentionPeriod != nil {
		pendIf(&p.BackupRetentionPeriod, *in.BackupRetentionPeriod, i.BackupRetentionPeriod)
	}
	if in.DBPortNumber != nil {
		if err := checkPort(in.DBPortNumber); err != nil {
			return err
		}
		pendIf(&p.Port, *in.DBPortNumber, i.at.Port)
	}
	return i.pendPassword(in.MasterUserPassword)
}

func (i *instance) pendPassword(password string) error {
	if password == "" {
		return nil
	}
	if err := checkPassword(i.Engine, password); err != nil {
		return err
	}
	i.nextPassword = password
	i.PendingModifiedValues.MasterUserPassword = optional(hiddenPassword)
	return nil
}

// pendStorage notes the changes of storage.
func pendStorage(i *instance, in storageInput) error {
	if in == (storageInput{}) {
		return nil
	}
	have := storageOf(&i.description)
	want := have
	size, err := grown(have.size, orElse(in.AllocatedStorage, have.size))
	if err != nil {
		return err
	}
	want.size, want.kind = size, orString(in.StorageType, have.kind)
	if want.kind != have.kind || (have.size < gp3Striped && want.size >= gp3Striped) {
		want.iops, want.throughput = nil, nil // those of the old storage mean nothing
	}
	if in.Iops != nil {
		want.iops = in.Iops
	}
	if in.StorageThroughput != nil {
		want.throughput = in.StorageThroughput
	}
	if err := want.check(i.Engine); err != nil {
		return err
	}
	want.complete()
	if err := want.scale(in.MaxAllocatedStorage); err != nil {
		return err
	}
	i.MaxAllocatedStorage = want.most
	return i.pendGrown(have, want)
}

func (i *instance) pendGrown(have, want storage) error {
	p := &i.PendingModifiedValues
	pendIf(&p.AllocatedStorage, want.size, have.size)
	pendIf(&p.StorageType, want.kind, have.kind)
	if want.iops != nil {
		pendIf(&p.Iops, *want.iops, orElse(have.iops, 0))
	}
	if want.throughput != nil {
		pendIf(&p.StorageThroughput, *want.throughput, orElse(have.throughput, 0))
	}
	if i.state() == optimizing && p.storage() {
		return invalidCombination("You can't currently modify the storage of this DB instance because the previous storage change is being optimized.")
	}
	return nil
}

// pendIf makes want pending, unless it is so already.
func pendIf[T comparable](pending **T, want, have T) {
	*pending = nil
	if want != have {
		*pending = &want
	}
}

func (p pendingValues) storage() bool {
	return p.AllocatedStorage != nil || p.StorageType != nil || p.Iops != nil || p.StorageThroughput != nil
}
