// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type rebootInput struct {
	DBInstanceIdentifier string
	ForceFailover        *bool
}

func (s *Service) rebootInstance(r *query.Request, in *rebootInput) (*instanceResult, error) {
	here := s.in(r.Scope)
	i, err := here.find(in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	if i.state() != available {
		return nil, wrongState("Database instance is not in available state.")
	}
	if orElse(in.ForceFailover, false) && !i.MultiAZ {
		return nil, invalidCombination("ForceFailover cannot be specified since the instance is not configured for either MultiAZ or High Availability")
	}
	s.record(r, kindInstance, i.DBInstanceIdentifier, local.Updated)
	s.databases.Restart(i.DbiResourceID)
	s.begin(here, i, s.lasts(local.Reboot, rebooting, func() {
		name := i.DBParameterGroups[0].DBParameterGroupName
		i.DBParameterGroups = []parameterGroupInUse{{DBParameterGroupName: name, ParameterApplyStatus: "in-sync"}}
	}))
	return &instanceResult{i.view(s.cloud.Clock.Now())}, nil
}
