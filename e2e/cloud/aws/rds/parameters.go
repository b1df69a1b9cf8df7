// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type modifyParameterGroupInput struct {
	DBParameterGroupName string
	Parameters           []parameter
}

type parameterGroupName struct {
	DBParameterGroupName string
}

func (s *Service) modifyParameterGroup(r *query.Request, in *modifyParameterGroupInput) (*parameterGroupName, error) {
	here := s.in(r.Scope)
	name := strings.ToLower(in.DBParameterGroupName)
	if strings.HasPrefix(name, "default.") {
		return nil, refuse("InvalidDBParameterGroupState", "The parameter group %s is a default one and cannot be modified", name)
	}
	g, ok := here.parameterGroups.Get(name)
	if !ok {
		return nil, parameterGroupNotFound(name)
	}
	for _, p := range in.Parameters {
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	for _, p := range in.Parameters {
		p.Source = "user"
		g.parameters.Put(p.ParameterName, p)
		here.reparameter(name, p.ApplyMethod)
	}
	s.record(r, kindParameterGroup, name, local.Updated)
	return &parameterGroupName{name}, nil
}

func (p parameter) check() error {
	switch {
	case p.ParameterName == "" || strings.Trim(p.ParameterName, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != "":
		return invalidValue("Could not find parameter with name: %s", p.ParameterName)
	case p.ApplyMethod != "immediate" && p.ApplyMethod != "pending-reboot":
		return invalidValue("Invalid apply method: %s", p.ApplyMethod)
	}
	return nil
}

// reparameter tells the group's instances that they have to be rebooted.
func (r *region) reparameter(group, method string) {
	for _, i := range r.instances.All() {
		if method == "pending-reboot" && i.DBParameterGroups[0].DBParameterGroupName == group {
			i.DBParameterGroups = []parameterGroupInUse{{DBParameterGroupName: group, ParameterApplyStatus: "pending-reboot"}}
		}
	}
}

type describeParametersInput struct {
	DBParameterGroupName string
	Source               string
	Filters              []filter
	pageInput
}

type parametersPage struct {
	Parameters []parameter `xml:"Parameters>Parameter"`
	Marker     string      `xml:",omitempty"`
}

// describeParameters lists the parameters that were set; of those of the
// engine the local RDS knows nothing.
func (s *Service) describeParameters(r *query.Request, in *describeParametersInput) (*parametersPage, error) {
	here := s.in(r.Scope)
	name := strings.ToLower(in.DBParameterGroupName)
	if !slices.ContainsFunc(here.everyParameterGroup(), func(v parameterGroupView) bool { return v.DBParameterGroupName == name }) {
		return nil, parameterGroupNotFound(name)
	}
	var set []parameter
	if g, ok := here.parameterGroups.Get(name); ok && (in.Source == "" || in.Source == "user") {
		set = g.parameters.All()
	}
	page, next, err := paged(set, func(p parameter) string { return p.ParameterName }, in.pageInput)
	return &parametersPage{Parameters: page, Marker: next}, err
}
