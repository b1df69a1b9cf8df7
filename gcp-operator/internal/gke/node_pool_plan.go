// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"maps"
	"strings"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// poolStep is one change of a node pool.
type poolStep struct {
	autoscaling *container.NodePoolAutoscaling
	management  *container.NodeManagement
	size        *int64
	update      *container.UpdateNodePoolRequest
}

// poolPlan collects what differs, and what to do about it.
type poolPlan struct {
	steps  []poolStep
	fields diff.Fields
}

func (p *poolPlan) add(field string, s poolStep) {
	p.fields, p.steps = append(p.fields, field), append(p.steps, s)
}

func (p *poolPlan) update(field string, u *container.UpdateNodePoolRequest) {
	p.add(field, poolStep{update: u})
}

// planPool returns how a pool comes to its spec, and the names of the fields that
// differ. Each is a step of its own, in the order in which they are to be made: what
// replaces nodes comes last.
func planPool(want v1alpha1.GKENodePoolParameters, o *ObservedPool) ([]poolStep, diff.Fields) {
	var p poolPlan
	p.size(want, o)
	p.behaviour(want, o)
	p.marks(want, o.configOf())
	if missing := diff.Tags(new(diff.Fields), want.ResourceLabels, o.configOf().ResourceLabels); len(missing) > 0 {
		p.update("resourceLabels", relabelledPool(o, missing))
	}
	p.machines(want, o.configOf())
	if target := targetVersion(want.Version, o); target != "" {
		p.update("version", &container.UpdateNodePoolRequest{NodeVersion: target})
	}
	return p.steps, p.fields
}

// relabelledPool adds labels to those that a pool has: the request replaces all.
func relabelledPool(o *ObservedPool, more map[string]string) *container.UpdateNodePoolRequest {
	return &container.UpdateNodePoolRequest{ResourceLabels: &container.ResourceLabels{Labels: diff.Both(o.configOf().ResourceLabels, more)}}
}

// size compares how many nodes there are and who decides it. What GKE tells is the
// number that it was asked for last, by whomever.
func (p *poolPlan) size(want v1alpha1.GKENodePoolParameters, o *ObservedPool) {
	have := o.Autoscaling
	if have == nil {
		have = &container.NodePoolAutoscaling{}
	}
	switch a := want.Autoscaling; {
	case a != nil && !sameAutoscaling(*a, have):
		p.add("autoscaling", poolStep{autoscaling: autoscaling(*a)})
	case want.NodeCount != nil && have.Enabled:
		p.add("autoscaling", poolStep{autoscaling: &container.NodePoolAutoscaling{ForceSendFields: []string{"Enabled"}}})
	}
	if want.NodeCount != nil && *want.NodeCount != o.InitialNodeCount {
		p.add("nodeCount", poolStep{size: want.NodeCount})
	}
	if len(want.NodeLocations) > 0 && !diff.Same(want.NodeLocations, o.Locations) {
		p.update("nodeLocations", &container.UpdateNodePoolRequest{Locations: want.NodeLocations})
	}
}

func sameAutoscaling(want v1alpha1.NodePoolAutoscaling, have *container.NodePoolAutoscaling) bool {
	return have.Enabled && value(want.MinNodeCount) == have.MinNodeCount && value(want.MaxNodeCount) == have.MaxNodeCount &&
		value(want.TotalMinNodeCount) == have.TotalMinNodeCount && value(want.TotalMaxNodeCount) == have.TotalMaxNodeCount &&
		(want.LocationPolicy == "" || want.LocationPolicy == have.LocationPolicy)
}

func autoscaling(want v1alpha1.NodePoolAutoscaling) *container.NodePoolAutoscaling {
	return &container.NodePoolAutoscaling{
		Enabled: true, MinNodeCount: value(want.MinNodeCount), MaxNodeCount: value(want.MaxNodeCount),
		TotalMinNodeCount: value(want.TotalMinNodeCount), TotalMaxNodeCount: value(want.TotalMaxNodeCount), LocationPolicy: want.LocationPolicy,
	}
}

// behaviour compares what GKE does with nodes by itself.
func (p *poolPlan) behaviour(want v1alpha1.GKENodePoolParameters, o *ObservedPool) {
	have := o.Management
	if have == nil {
		have = &container.NodeManagement{}
	}
	if next := managementOf(want.Management, have); next.AutoUpgrade != have.AutoUpgrade || next.AutoRepair != have.AutoRepair {
		p.add("management", poolStep{management: next})
	}
	if w, h := want.UpgradeSettings, o.UpgradeSettings; w != nil && (h == nil || w.MaxSurge != h.MaxSurge || w.MaxUnavailable != h.MaxUnavailable) {
		p.update("upgradeSettings", &container.UpdateNodePoolRequest{UpgradeSettings: upgradeSettings(*w, h)})
	}
}

// managementOf is what there is with what the spec says.
func managementOf(want *v1alpha1.NodeManagement, have *container.NodeManagement) *container.NodeManagement {
	next := &container.NodeManagement{AutoUpgrade: have.AutoUpgrade, AutoRepair: have.AutoRepair, ForceSendFields: []string{"AutoUpgrade", "AutoRepair"}}
	if want != nil {
		flag(new(diff.Fields), "", want.AutoUpgrade, &next.AutoUpgrade)
		flag(new(diff.Fields), "", want.AutoRepair, &next.AutoRepair)
	}
	return next
}

func upgradeSettings(want v1alpha1.UpgradeSettings, have *container.UpgradeSettings) *container.UpgradeSettings {
	next := &container.UpgradeSettings{MaxSurge: want.MaxSurge, MaxUnavailable: want.MaxUnavailable, ForceSendFields: []string{"MaxSurge", "MaxUnavailable"}}
	if have != nil {
		next.Strategy = have.Strategy
	}
	return next
}

// marks compares what nodes are known by. Each request replaces all.
func (p *poolPlan) marks(want v1alpha1.GKENodePoolParameters, have *container.NodeConfig) {
	if want.Labels != nil && !maps.Equal(labels(want.Labels), withoutGoogles(have.Labels, want.Labels)) {
		p.update("labels", &container.UpdateNodePoolRequest{Labels: &container.NodeLabels{Labels: labels(want.Labels), ForceSendFields: []string{"Labels"}}})
	}
	if want.Taints != nil && !diff.Same(each(taints(want.Taints), taintText), each(have.Taints, taintText)) {
		p.update("taints", &container.UpdateNodePoolRequest{Taints: &container.NodeTaints{Taints: taints(want.Taints), ForceSendFields: []string{"Taints"}}})
	}
	if want.NetworkTags != nil && !diff.Same(want.NetworkTags, have.Tags) {
		p.update("networkTags", &container.UpdateNodePoolRequest{Tags: &container.NetworkTags{Tags: want.NetworkTags, ForceSendFields: []string{"Tags"}}})
	}
}

// withoutGoogles leaves out the labels that GKE puts on nodes by itself, unless
// they are wanted.
func withoutGoogles(have map[string]string, want map[string]v1alpha1.NodeLabel) map[string]string {
	out := map[string]string{}
	for key, value := range have {
		if _, wanted := want[key]; wanted || !strings.HasPrefix(key, "cloud.google.com/") {
			out[key] = value
		}
	}
	return out
}

func labels(want map[string]v1alpha1.NodeLabel) map[string]string {
	out := make(map[string]string, len(want))
	for key, value := range want {
		out[key] = string(value)
	}
	return out
}

func taints(want []v1alpha1.Taint) []*container.NodeTaint {
	var out []*container.NodeTaint
	for _, t := range want {
		out = append(out, &container.NodeTaint{Key: t.Key, Value: t.Value, Effect: t.Effect})
	}
	return out
}

func taintText(t *container.NodeTaint) string { return t.Key + "=" + t.Value + ":" + t.Effect }

// machines compares what nodes are. All of it is one change, so that they are
// replaced once.
func (p *poolPlan) machines(want v1alpha1.GKENodePoolParameters, have *container.NodeConfig) {
	var d diff.Fields
	u := &container.UpdateNodePoolRequest{}
	differs := func(field string, differs bool) bool {
		if differs {
			d = append(d, field)
		}
		return differs
	}
	if w := want.MachineType; differs("machineType", w != "" && w != have.MachineType) {
		u.MachineType = w
	}
	if w := want.DiskSizeGb; differs("diskSizeGb", w != nil && *w != have.DiskSizeGb) {
		u.DiskSizeGb = *w
	}
	if w := want.DiskType; differs("diskType", w != "" && w != have.DiskType) {
		u.DiskType = w
	}
	if w := want.ImageType; differs("imageType", w != "" && !strings.EqualFold(w, have.ImageType)) {
		u.ImageType = w
	}
	if len(d) > 0 {
		p.fields, p.steps = append(p.fields, d...), append(p.steps, poolStep{update: u})
	}
}

// targetVersion is what the nodes should be raised to now, empty if they are well as
// they are: to no more than the control plane, which goes first. Where the spec says
// nothing they follow its minors; of its patches GKE takes care.
func targetVersion(want string, o *ObservedPool) string {
	target := o.ControlPlane
	switch {
	case want == "" && minor(target) > minor(o.Version) && minor(o.Version) >= 0:
		return target
	case want == "" || !newer(want, o.Version):
		return ""
	case newer(target, want):
		target = want
	}
	if newer(target, o.Version) {
		return target
	}
	return ""
}

// fixedPool lists what differs and can't be changed.
func fixedPool(want v1alpha1.GKENodePoolParameters, o *ObservedPool) []string {
	var d diff.Fields
	have := o.configOf()
	diff.FixedText(&d, "clusterName", want.ClusterName, &o.Cluster)
	diff.Fixed(&d, "spot", want.Spot, &have.Spot)
	diff.FixedText(&d, "serviceAccount", want.ServiceAccount, &have.ServiceAccount)
	if len(want.OAuthScopes) > 0 && !diff.Same(want.OAuthScopes, have.OauthScopes) {
		scopes := strings.Join(have.OauthScopes, ", ")
		diff.FixedText(&d, "oauthScopes", strings.Join(want.OAuthScopes, ", "), &scopes)
	}
	if o.MaxPodsConstraint != nil {
		diff.Fixed(&d, "maxPodsPerNode", want.MaxPodsPerNode, &o.MaxPodsConstraint.MaxPodsPerNode)
	}
	return d
}
