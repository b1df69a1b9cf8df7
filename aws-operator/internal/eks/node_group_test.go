// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observedNodes is a group as aGroup wants it, which an autoscaler made larger.
func observedNodes() *NodeGroupObservation {
	return &NodeGroupObservation{ClusterVersion: "1.33", Nodegroup: types.Nodegroup{
		ClusterName: aws.String("shop"), NodegroupName: aws.String("general"), Version: aws.String("1.33"), Status: types.NodegroupStatusActive,
		NodeRole: aws.String("arn:aws:iam::123456789012:role/node"), Subnets: []string{"subnet-a"}, InstanceTypes: []string{"t3.medium"},
		ScalingConfig: &types.NodegroupScalingConfig{MinSize: aws.Int32(1), MaxSize: aws.Int32(3), DesiredSize: aws.Int32(2)},
		Labels:        map[string]string{"pool": "general"}, CapacityType: types.CapacityTypesOnDemand,
		Taints:       []types.Taint{{Key: aws.String("only"), Value: aws.String("jobs"), Effect: types.TaintEffectNoSchedule}},
		UpdateConfig: &types.NodegroupUpdateConfig{MaxUnavailable: aws.Int32(1)},
	}}
}

func TestPlanNodeGroup(t *testing.T) {
	type parameters = v1alpha1.EKSNodeGroupParameters
	type request = eks.UpdateNodegroupConfigInput
	for name, tc := range map[string]struct {
		change        func(*parameters, *NodeGroupObservation)
		fields, fixed []string
		request       *request
		version       string
	}{
		"in order, scaled by others": {},
		"size asked for": {
			change: func(p *parameters, _ *NodeGroupObservation) { p.Scaling.DesiredSize = aws.Int32(3) }, fields: []string{"scaling.desiredSize"},
			request: &request{ScalingConfig: &types.NodegroupScalingConfig{DesiredSize: aws.Int32(3)}},
		},
		"bounds that leave no choice": {
			change: func(p *parameters, _ *NodeGroupObservation) { p.Scaling.MinSize, p.Scaling.MaxSize = 4, 6 },
			fields: []string{"scaling.minSize", "scaling.maxSize", "scaling.desiredSize"},
			request: &request{ScalingConfig: &types.NodegroupScalingConfig{
				MinSize: aws.Int32(4), MaxSize: aws.Int32(6), DesiredSize: aws.Int32(4),
			}},
		},
		"labels": {
			change: func(p *parameters, _ *NodeGroupObservation) {
				p.Labels = map[string]v1alpha1.LabelValue{"tier": "back"}
			}, fields: []string{"labels"},
			request: &request{Labels: &types.UpdateLabelsPayload{AddOrUpdateLabels: map[string]string{"tier": "back"}, RemoveLabels: []string{"pool"}}},
		},
		"no labels": {
			change: func(p *parameters, _ *NodeGroupObservation) { p.Labels = map[string]v1alpha1.LabelValue{} }, fields: []string{"labels"},
			request: &request{Labels: &types.UpdateLabelsPayload{RemoveLabels: []string{"pool"}}},
		},
		"another value of a taint": {
			change: func(p *parameters, _ *NodeGroupObservation) {
				p.Taints = []v1alpha1.Taint{{Key: "only", Value: "web", Effect: "NO_SCHEDULE"}}
			}, fields: []string{"taints"},
			request: &request{Taints: &types.UpdateTaintsPayload{AddOrUpdateTaints: []types.Taint{{Key: aws.String("only"), Value: aws.String("web"), Effect: types.TaintEffectNoSchedule}}}},
		},
		"no taints": {
			change: func(p *parameters, _ *NodeGroupObservation) { p.Taints = []v1alpha1.Taint{} }, fields: []string{"taints"},
			request: &request{Taints: &types.UpdateTaintsPayload{RemoveTaints: []types.Taint{{Key: aws.String("only"), Value: aws.String("jobs"), Effect: types.TaintEffectNoSchedule}}}},
		},
		"faster upgrades": {
			change: func(p *parameters, _ *NodeGroupObservation) { p.MaxUnavailable = aws.Int32(2) }, fields: []string{"maxUnavailable"},
			request: &request{UpdateConfig: &types.NodegroupUpdateConfig{MaxUnavailable: aws.Int32(2)}},
		},
		"behind the control plane":        {change: func(_ *parameters, o *NodeGroupObservation) { o.ClusterVersion = "1.34" }, fields: []string{"version"}, version: "1.34"},
		"held back by the spec":           {change: func(p *parameters, o *NodeGroupObservation) { o.ClusterVersion, p.Version = "1.34", "1.33" }},
		"the control plane goes first":    {change: func(p *parameters, _ *NodeGroupObservation) { p.Version = "1.34" }},
		"older than it is":                {change: func(p *parameters, _ *NodeGroupObservation) { p.Version = "1.32" }, fixed: []string{"version (1.33 → 1.32)"}},
		"another subnet":                  {change: func(p *parameters, _ *NodeGroupObservation) { p.SubnetIDs = []string{"subnet-b"} }, fixed: []string{"subnetIDs (subnet-a → subnet-b)"}},
		"another machine":                 {change: func(p *parameters, _ *NodeGroupObservation) { p.InstanceTypes = []string{"m5.large"} }, fixed: []string{"instanceTypes (t3.medium → m5.large)"}},
		"cheaper":                         {change: func(p *parameters, _ *NodeGroupObservation) { p.CapacityType = "SPOT" }, fixed: []string{"capacityType (ON_DEMAND → SPOT)"}},
		"the role by its name, no change": {change: func(p *parameters, _ *NodeGroupObservation) { p.NodeRoleARN = "node" }},
	} {
		t.Run(name, func(t *testing.T) {
			want, obs := aGroup().Spec.ForProvider, observedNodes()
			if tc.change != nil {
				tc.change(&want, obs)
			}
			p := planNodeGroup(want, obs)
			if diff := cmp.Diff(tc.fields, []string(p.fields)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.fixed, fixedNodeGroup(want, &obs.Nodegroup)); diff != "" {
				t.Error(diff)
			}
			if tc.request != nil {
				tc.request.ClusterName, tc.request.NodegroupName = obs.ClusterName, obs.NodegroupName
			}
			if diff := cmp.Diff(tc.request, p.config, cmpopts.IgnoreUnexported(request{}, types.NodegroupScalingConfig{}, types.UpdateLabelsPayload{},
				types.UpdateTaintsPayload{}, types.Taint{}, types.NodegroupUpdateConfig{})); diff != "" {
				t.Error(diff)
			}
			if got := p.version; (got == nil) != (tc.version == "") || got != nil && *got.Version != tc.version {
				t.Errorf("version %v", got)
			}
		})
	}
}

func TestHealthIssuesAreTold(t *testing.T) {
	obs, mr := observedNodes(), aGroup()
	obs.Status = types.NodegroupStatusDegraded
	obs.Health = &types.NodegroupHealth{Issues: []types.Issue{{
		Code: types.NodegroupIssueCodeAsgInstanceLaunchFailures, Message: aws.String("no more machines"), ResourceIds: []string{"asg-1"},
	}}}
	a := nodeGroup{}.Assess(mr, obs)
	if a.State != managed.Unavailable || a.Message != "DEGRADED; AsgInstanceLaunchFailures: no more machines (asg-1)" || a.Busy {
		t.Errorf("got %+v", a)
	}
	if len(mr.Status.AtProvider.Issues) != 1 {
		t.Errorf("got %+v", mr.Status.AtProvider)
	}
}

// A group whose cluster's object is gone is still found, to be deleted.
func TestAGroupRemembersItsCluster(t *testing.T) {
	f := newFakeEKS()
	clusters{f}.Plant("shop", nil)
	groups{f}.Plant("general", nil)
	mr := aGroup()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "general"}
	mr.Spec.ForProvider.ClusterName, mr.Status.AtProvider.ClusterName = "", "shop"
	obs, err := nodeGroup{f, f}.Observe(t.Context(), mr, managed.Identity{})
	if err != nil || obs == nil {
		t.Errorf("got %v, %v", obs, err)
	}
	mr.Status.AtProvider.ClusterName = "gone"
	if obs, err := (nodeGroup{f, f}).Observe(t.Context(), mr, managed.Identity{}); err != nil || obs != nil {
		t.Errorf("of a cluster that is gone: %v, %v", obs, err)
	}
}
