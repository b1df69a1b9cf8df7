// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// nodeGroupPlan is how a node group comes to its spec: what is nil is as it should
// be.
type nodeGroupPlan struct {
	config  *eks.UpdateNodegroupConfigInput
	version *eks.UpdateNodegroupVersionInput

	fields diff.Fields
}

// planNodeGroup compares a group with its spec.
func planNodeGroup(want v1alpha1.EKSNodeGroupParameters, obs *NodeGroupObservation) nodeGroupPlan {
	var p nodeGroupPlan
	in := &eks.UpdateNodegroupConfigInput{ClusterName: obs.ClusterName, NodegroupName: obs.NodegroupName}
	planScaling(&p.fields, want.Scaling, obs.ScalingConfig, in)
	planLabels(&p.fields, want.Labels, obs.Labels, in)
	planTaints(&p.fields, want.Taints, obs.Taints, in)
	planUnavailable(&p.fields, want.MaxUnavailable, obs.UpdateConfig, in)
	if len(p.fields) > 0 {
		p.config = in
	}
	if target := targetVersion(want.Version, obs.ClusterVersion); newer(target, aws.ToString(obs.Version)) {
		p.fields = append(p.fields, "version")
		p.version = &eks.UpdateNodegroupVersionInput{
			ClusterName: obs.ClusterName, NodegroupName: obs.NodegroupName, Version: &target, Force: aws.ToBool(want.ForceUpgrade),
		}
	}
	return p
}

// targetVersion is what the nodes should have now: no more than the control plane,
// which goes first.
func targetVersion(want, controlPlane string) string {
	if want == "" || newer(want, controlPlane) {
		return controlPlane
	}
	return want
}

// planScaling compares how many nodes there are only where the spec says so; an
// autoscaler may have changed it. Bounds that it is out of move it.
func planScaling(d *diff.Fields, want v1alpha1.NodeScaling, have *types.NodegroupScalingConfig, in *eks.UpdateNodegroupConfigInput) {
	if have == nil {
		have = &types.NodegroupScalingConfig{}
	}
	request := &types.NodegroupScalingConfig{}
	before := len(*d)
	diff.Value(d, "scaling.minSize", &want.MinSize, have.MinSize, &request.MinSize)
	diff.Value(d, "scaling.maxSize", &want.MaxSize, have.MaxSize, &request.MaxSize)
	desired := want.DesiredSize
	if desired == nil {
		desired = aws.Int32(min(max(aws.ToInt32(have.DesiredSize), want.MinSize), want.MaxSize))
	}
	diff.Value(d, "scaling.desiredSize", desired, have.DesiredSize, &request.DesiredSize)
	if len(*d) > before {
		in.ScalingConfig = request
	}
}

func planLabels(d *diff.Fields, want map[string]v1alpha1.LabelValue, have map[string]string, in *eks.UpdateNodegroupConfigInput) {
	if want == nil {
		return
	}
	change := &types.UpdateLabelsPayload{}
	for key, value := range labels(want) {
		if v, there := have[key]; !there || v != value {
			if change.AddOrUpdateLabels == nil {
				change.AddOrUpdateLabels = map[string]string{}
			}
			change.AddOrUpdateLabels[key] = value
		}
	}
	for key := range have {
		if _, wanted := want[key]; !wanted {
			change.RemoveLabels = append(change.RemoveLabels, key)
		}
	}
	slices.Sort(change.RemoveLabels)
	if len(change.AddOrUpdateLabels)+len(change.RemoveLabels) > 0 {
		*d = append(*d, "labels")
		in.Labels = change
	}
}

func labels(want map[string]v1alpha1.LabelValue) map[string]string {
	out := make(map[string]string, len(want))
	for key, value := range want {
		out[key] = string(value)
	}
	return out
}

func planTaints(d *diff.Fields, want []v1alpha1.Taint, have []types.Taint, in *eks.UpdateNodegroupConfigInput) {
	if want == nil {
		return
	}
	change, wanted := &types.UpdateTaintsPayload{}, taints(want)
	for _, w := range wanted {
		if !slices.ContainsFunc(have, func(h types.Taint) bool { return sameTaint(w, h) && aws.ToString(w.Value) == aws.ToString(h.Value) }) {
			change.AddOrUpdateTaints = append(change.AddOrUpdateTaints, w)
		}
	}
	for _, h := range have {
		if !slices.ContainsFunc(wanted, func(w types.Taint) bool { return sameTaint(w, h) }) {
			change.RemoveTaints = append(change.RemoveTaints, h)
		}
	}
	if len(change.AddOrUpdateTaints)+len(change.RemoveTaints) > 0 {
		*d = append(*d, "taints")
		in.Taints = change
	}
}

// sameTaint says whether one would take the place of the other.
func sameTaint(a, b types.Taint) bool {
	return aws.ToString(a.Key) == aws.ToString(b.Key) && a.Effect == b.Effect
}

func taints(want []v1alpha1.Taint) []types.Taint {
	out := make([]types.Taint, 0, len(want))
	for _, t := range want {
		out = append(out, types.Taint{Key: aws.String(t.Key), Value: text(t.Value), Effect: types.TaintEffect(t.Effect)})
	}
	return out
}

func planUnavailable(d *diff.Fields, want *int32, have *types.NodegroupUpdateConfig, in *eks.UpdateNodegroupConfigInput) {
	if have == nil {
		have = &types.NodegroupUpdateConfig{}
	}
	var request *int32
	if diff.Value(d, "maxUnavailable", want, have.MaxUnavailable, &request); request != nil {
		in.UpdateConfig = &types.NodegroupUpdateConfig{MaxUnavailable: request}
	}
}

// fixedNodeGroup lists what differs and can't be changed.
func fixedNodeGroup(want v1alpha1.EKSNodeGroupParameters, g *types.Nodegroup) []string {
	var d diff.Fields
	diff.FixedText(&d, "clusterName", want.ClusterName, g.ClusterName)
	if given := want.NodeRoleARN; given != "" && !sameRole(given, g.NodeRole) {
		diff.FixedText(&d, "nodeRoleARN", given, g.NodeRole)
	}
	fixedSet(&d, "subnetIDs", want.SubnetIDs, g.Subnets)
	fixedSet(&d, "instanceTypes", want.InstanceTypes, g.InstanceTypes)
	diff.FixedText(&d, "capacityType", want.CapacityType, aws.String(string(g.CapacityType)))
	diff.FixedText(&d, "amiType", want.AMIType, aws.String(string(g.AmiType)))
	diff.Fixed(&d, "diskSizeGiB", want.DiskSizeGiB, g.DiskSize)
	if have := aws.ToString(g.Version); newer(have, want.Version) {
		diff.FixedText(&d, "version", want.Version, &have)
	}
	return d
}

func fixedSet(d *diff.Fields, field string, want, have []string) {
	if len(want) > 0 && !diff.Same(want, have) {
		diff.FixedText(d, field, strings.Join(want, ", "), aws.String(strings.Join(have, ", ")))
	}
}
