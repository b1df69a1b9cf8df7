// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindParameterGroup is the kind of DB parameter groups in ledgers.
const kindParameterGroup = "DBParameterGroup"

// parameterGroup is a group that somebody made. Its parameters are kept, and
// have no effect on databases.
type parameterGroup struct {
	parameterGroupView

	parameters local.Table[parameter]
	tags       []tag
}

type parameterGroupView struct {
	DBParameterGroupName   string
	DBParameterGroupFamily string
	Description            string
	DBParameterGroupArn    string
}

type parameter struct {
	ParameterName  string
	ParameterValue string
	ApplyMethod    string
	Source         string
}

type createParameterGroupInput struct {
	DBParameterGroupName   string
	DBParameterGroupFamily string
	Description            string
	Tags                   []tag
}

type parameterGroupResult struct {
	DBParameterGroup parameterGroupView
}

func (s *Service) createParameterGroup(r *query.Request, in *createParameterGroupInput) (*parameterGroupResult, error) {
	here := s.in(r.Scope)
	name, err := checkIdentifier("DBParameterGroupName", in.DBParameterGroupName, longestName)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(versions(), func(v engineVersion) bool { return v.family() == in.DBParameterGroupFamily }) {
		return nil, invalidValue("ParameterGroupFamily %s is not a valid parameter group family", in.DBParameterGroupFamily)
	}
	if in.Description == "" {
		return nil, missing("Description")
	}
	if _, exists := here.parameterGroups.Get(name); exists {
		return nil, refuse("DBParameterGroupAlreadyExists", "Parameter group %s already exists", name)
	}
	if s.cloud.Settings.Exceeds("rds:parameterGroups", here.parameterGroups.Len()+1) {
		return nil, refuse("DBParameterGroupQuotaExceeded", "The request would exceed the allowed number of DB parameter groups.")
	}
	tags, err := mergedTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	g := &parameterGroup{tags: tags, parameterGroupView: parameterGroupView{
		DBParameterGroupName: name, DBParameterGroupFamily: in.DBParameterGroupFamily, Description: in.Description, DBParameterGroupArn: arn(here.scope, "pg", name),
	}}
	here.parameterGroups.Put(name, g)
	s.record(r, kindParameterGroup, name, local.Created)
	return &parameterGroupResult{g.parameterGroupView}, nil
}

type describeParameterGroupsInput struct {
	DBParameterGroupName string
	Filters              []filter
	pageInput
}

type parameterGroupsPage struct {
	DBParameterGroups []parameterGroupView `xml:"DBParameterGroups>DBParameterGroup"`
	Marker            string               `xml:",omitempty"`
}

func (s *Service) describeParameterGroups(r *query.Request, in *describeParameterGroupsInput) (*parameterGroupsPage, error) {
	all := s.in(r.Scope).everyParameterGroup()
	if name := strings.ToLower(in.DBParameterGroupName); name != "" {
		all = slices.DeleteFunc(all, func(v parameterGroupView) bool { return v.DBParameterGroupName != name })
		if len(all) == 0 {
			return nil, parameterGroupNotFound(name)
		}
	}
	page, next, err := paged(all, func(v parameterGroupView) string { return v.DBParameterGroupName }, in.pageInput)
	return &parameterGroupsPage{DBParameterGroups: page, Marker: next}, err
}

// everyParameterGroup returns those that were made and the default ones.
func (r *region) everyParameterGroup() []parameterGroupView {
	var all local.Table[parameterGroupView]
	for _, v := range versions() {
		name := "default." + v.family()
		all.Put(name, parameterGroupView{
			DBParameterGroupName: name, DBParameterGroupFamily: v.family(),
			Description: "Default parameter group for " + v.family(), DBParameterGroupArn: arn(r.scope, "pg", name),
		})
	}
	for _, g := range r.parameterGroups.All() {
		all.Put(g.DBParameterGroupName, g.parameterGroupView)
	}
	return all.All()
}

// parameterGroupFor returns the group of that name, which must fit, or the
// default one.
func (r *region) parameterGroupFor(d *description, name string) ([]parameterGroupInUse, error) {
	v, err := findVersion(d.Engine, d.EngineVersion)
	if err != nil {
		return nil, err
	}
	name = strings.ToLower(orString(name, "default."+v.family()))
	for _, g := range r.everyParameterGroup() {
		if g.DBParameterGroupName != name {
			continue
		}
		if g.DBParameterGroupFamily != v.family() {
			return nil, invalidCombination("The parameter group %s with DBParameterGroupFamily %s can't be used for this instance. "+
				"Please use a parameter group with DBParameterGroupFamily %s",
				name, g.DBParameterGroupFamily, v.family())
		}
		return []parameterGroupInUse{{DBParameterGroupName: name, ParameterApplyStatus: "in-sync"}}, nil
	}
	return nil, parameterGroupNotFound(name)
}

type deleteParameterGroupInput struct {
	DBParameterGroupName string
}

func (s *Service) deleteParameterGroup(r *query.Request, in *deleteParameterGroupInput) (*query.Empty, error) {
	here := s.in(r.Scope)
	name := strings.ToLower(in.DBParameterGroupName)
	if strings.HasPrefix(name, "default.") {
		return nil, refuse("InvalidDBParameterGroupState", "The default DB parameter group cannot be deleted.")
	}
	if _, ok := here.parameterGroups.Get(name); !ok {
		return nil, parameterGroupNotFound(name)
	}
	for _, i := range here.instances.All() {
		if i.DBParameterGroups[0].DBParameterGroupName == name {
			return nil, refuse("InvalidDBParameterGroupState", "One or more database instances "+
				"are still members of this parameter group %s, so the group cannot be deleted", name)
		}
	}
	here.parameterGroups.Delete(name)
	s.record(r, kindParameterGroup, name, local.Deleted)
	return &query.Empty{}, nil
}

func parameterGroupNotFound(name string) error {
	return notFound("DBParameterGroupNotFound", "DBParameterGroup not found: %s", name)
}
