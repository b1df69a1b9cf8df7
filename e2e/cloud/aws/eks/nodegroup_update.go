// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"maps"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type updateNodegroupInput struct {
	nodegroupInput

	Labels  *labelChange  `json:"labels"`
	Taints  *taintChange  `json:"taints"`
	Scaling *scaling      `json:"scalingConfig"`
	Update  *updateConfig `json:"updateConfig"`
	Repair  *repairConfig `json:"nodeRepairConfig"`
	Token   string        `json:"clientRequestToken"`
}

type labelChange struct {
	Set    map[string]string `json:"addOrUpdateLabels"`
	Remove []string          `json:"removeLabels"`
}

type taintChange struct {
	Set    []taint `json:"addOrUpdateTaints"`
	Remove []taint `json:"removeTaints"`
}

type nodegroupVersionInput struct {
	nodegroupInput

	Version        string `json:"version"`
	ReleaseVersion string `json:"releaseVersion"`
	Force          *bool  `json:"force"`
	Token          string `json:"clientRequestToken"`
}

func (s *Service) updateNodegroup(r *query.Request, in *updateNodegroupInput) (*updateResult, error) {
	here, c, g, err := s.group(r.Scope, in.nodegroupInput)
	if err != nil {
		return nil, err
	}
	if err := g.changeable(); err != nil {
		return nil, err
	}
	after := g.nodegroupView
	after.alter(in)
	if err := after.Scaling.check(); err != nil {
		return nil, err
	}
	return s.alterNodes(r, here, c, g, "ConfigUpdate", func(v *nodegroupView) { v.alter(in) }), nil
}

// updateNodegroupVersion goes up to the cluster's version at most.
func (s *Service) updateNodegroupVersion(r *query.Request, in *nodegroupVersionInput) (*updateResult, error) {
	here, c, g, err := s.group(r.Scope, in.nodegroupInput)
	if err != nil {
		return nil, err
	}
	if err := g.changeable(); err != nil {
		return nil, err
	}
	version := in.Version
	if version == "" {
		version = c.Version
	}
	if !slices.Contains(versions(), version) || newer(version, c.Version) || newer(g.Version, version) {
		return nil, invalid("Requested Nodegroup version %s is not compatible with cluster version %s and nodegroup version %s", version, c.Version, g.Version)
	}
	return s.alterNodes(r, here, c, g, "VersionUpdate", func(v *nodegroupView) { v.Version, v.ReleaseVersion = version, release(version) }), nil
}

// changeable says why the group can't be changed just now. One in trouble can:
// that may be what helps it.
func (g *nodegroup) changeable() error {
	if state := g.state(active); state != active && state != degraded {
		return inUse("Nodegroup cannot be updated as it is currently not in Active State but in %s", state)
	}
	return nil
}

func (s *Service) alterNodes(r *query.Request, here *region, c *cluster, g *nodegroup, name string, alter func(*nodegroupView)) *updateResult {
	u := s.newUpdate(name, nil)
	c.updates.Put(u.ID, u)
	s.record(r, kindNodegroup, g.id(), local.Updated)
	g.forced = ""
	s.begin(here, &g.work, s.lasts(local.Modify, updating, func() {
		alter(&g.nodegroupView)
		g.ModifiedAt, u.Status = moment(s.cloud.Clock.Now()), "Successful"
		s.populate(here, c, g)
		s.publish(here, kindNodegroup, g.id(), g.state(active))
	}))
	s.publish(here, kindNodegroup, g.id(), updating)
	return &updateResult{*u}
}

// alter changes what is asked for. Lists and maps are made new: the old ones may
// be part of an answer on its way.
func (v *nodegroupView) alter(in *updateNodegroupInput) {
	if l := in.Labels; l != nil {
		v.Labels = maps.Clone(v.Labels)
		maps.Copy(v.Labels, l.Set)
		maps.DeleteFunc(v.Labels, func(k, _ string) bool { return slices.Contains(l.Remove, k) })
	}
	if t := in.Taints; t != nil {
		v.Taints = slices.DeleteFunc(slices.Clone(v.Taints), func(have taint) bool {
			same := func(o taint) bool { return o.Key == have.Key && o.Effect == have.Effect }
			return slices.ContainsFunc(t.Set, same) || slices.ContainsFunc(t.Remove, same)
		})
		v.Taints = append(v.Taints, t.Set...)
	}
	if sc := in.Scaling; sc != nil {
		v.Scaling = scaling{
			MinSize: new(orElse(sc.MinSize, *v.Scaling.MinSize)), MaxSize: new(orElse(sc.MaxSize, *v.Scaling.MaxSize)),
			DesiredSize: new(orElse(sc.DesiredSize, *v.Scaling.DesiredSize)),
		}
	}
	if in.Update != nil {
		v.Update = *in.Update
	}
	if in.Repair != nil {
		v.Repair = in.Repair
	}
}
