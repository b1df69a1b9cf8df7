// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/google/go-cmp/cmp"

	cloudiam "github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// clusterInput asks for a cluster with access entries.
func (w *world) clusterInput(t *testing.T, name string) *eks.CreateClusterInput {
	t.Helper()
	return &eks.CreateClusterInput{
		Name: &name, Version: new("1.33"), RoleArn: new("arn:aws:iam::" + cloudiam.DefaultAccount + ":role/cluster"),
		ResourcesVpcConfig: &types.VpcConfigRequest{SubnetIds: w.subnets(t)}, ClientRequestToken: new("token-of-" + name),
		AccessConfig: &types.CreateAccessConfigRequest{AuthenticationMode: types.AuthenticationModeApi}, Tags: map[string]string{"team": "shop"},
	}
}

// cluster makes a cluster and waits until EKS shows that it is active.
func (w *world) cluster(t *testing.T, name string) types.Cluster {
	t.Helper()
	w.role(t, "cluster", "eks.amazonaws.com")
	w.role(t, "node", "ec2.amazonaws.com")
	must(w.eks.CreateCluster(t.Context(), w.clusterInput(t, name)))(t)
	return w.await(t, name, types.ClusterStatusActive)
}

// await waits for a state that API servers may take a moment for.
func (w *world) await(t *testing.T, name string, want types.ClusterStatus) types.Cluster {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c := must(w.eks.DescribeCluster(t.Context(), &eks.DescribeClusterInput{Name: &name}))(t).Cluster
		if c.Status == want {
			return *c
		}
		if time.Now().After(deadline) {
			t.Fatalf("cluster %s is %s, want %s", name, c.Status, want)
		}
	}
}

func (w *world) nodegroupInput(t *testing.T, cluster, name string) *eks.CreateNodegroupInput {
	t.Helper()
	return &eks.CreateNodegroupInput{
		ClusterName: &cluster, NodegroupName: &name, Subnets: w.subnets(t), NodeRole: new("arn:aws:iam::" + cloudiam.DefaultAccount + ":role/node"),
		ScalingConfig: &types.NodegroupScalingConfig{MinSize: new(int32(1)), MaxSize: new(int32(3)), DesiredSize: new(int32(2))},
		InstanceTypes: []string{"m5.large"}, Labels: map[string]string{"pool": name},
		Taints: []types.Taint{{Key: new("only"), Value: new("jobs"), Effect: types.TaintEffectNoSchedule}},
	}
}

func (w *world) nodegroup(t *testing.T, cluster, name string) types.Nodegroup {
	t.Helper()
	return *must(w.eks.DescribeNodegroup(t.Context(), &eks.DescribeNodegroupInput{ClusterName: &cluster, NodegroupName: &name}))(t).Nodegroup
}

func TestClusterLivesAsAtEKS(t *testing.T) {
	w := start(t)
	ctx, name := t.Context(), new("shop")
	c := w.cluster(t, *name)
	if sdk.ToString(c.Endpoint) == "" || sdk.ToString(c.CertificateAuthority.Data) == "" || c.Tags["team"] != "shop" ||
		c.CreatedAt == nil || !c.ResourcesVpcConfig.EndpointPublicAccess || c.ResourcesVpcConfig.PublicAccessCidrs[0] != "0.0.0.0/0" {
		t.Errorf("got %+v", c)
	}
	again := must(w.eks.CreateCluster(ctx, w.clusterInput(t, *name)))(t).Cluster
	if *again.Arn != *c.Arn {
		t.Errorf("the same request made another cluster: %s", *again.Arn)
	}
	other := w.clusterInput(t, *name)
	other.ClientRequestToken = new("another")
	wantCode(t, second(w.eks.CreateCluster(ctx, other)), "ResourceInUseException")

	w.slow(t)
	u := must(w.eks.UpdateClusterConfig(ctx, &eks.UpdateClusterConfigInput{Name: name, ResourcesVpcConfig: &types.VpcConfigRequest{
		EndpointPrivateAccess: new(true), PublicAccessCidrs: []string{"192.0.2.0/24"},
	}}))(t).Update
	w.await(t, *name, types.ClusterStatusUpdating)
	wantCode(t, second(w.eks.UpdateClusterVersion(ctx, &eks.UpdateClusterVersionInput{Name: name, Version: new("1.34")})), "ResourceInUseException")
	wantCode(t, second(w.eks.DeleteCluster(ctx, &eks.DeleteClusterInput{Name: name})), "ResourceInUseException")
	w.advance(t)
	c = w.await(t, *name, types.ClusterStatusActive)
	if !c.ResourcesVpcConfig.EndpointPrivateAccess || c.ResourcesVpcConfig.PublicAccessCidrs[0] != "192.0.2.0/24" {
		t.Errorf("the endpoint is %+v", c.ResourcesVpcConfig)
	}
	ended := must(w.eks.DescribeUpdate(ctx, &eks.DescribeUpdateInput{Name: name, UpdateId: u.Id}))(t).Update
	if ended.Status != types.UpdateStatusSuccessful || ended.Type != types.UpdateTypeEndpointAccessUpdate {
		t.Errorf("the update is %+v", ended)
	}
	must(w.eks.UpdateClusterVersion(ctx, &eks.UpdateClusterVersionInput{Name: name, Version: new("1.34")}))(t)
	w.advance(t)
	if c = w.await(t, *name, types.ClusterStatusActive); *c.Version != "1.34" {
		t.Errorf("version %s", *c.Version)
	}
	must(w.eks.DeleteCluster(ctx, &eks.DeleteClusterInput{Name: name}))(t)
	w.await(t, *name, types.ClusterStatusDeleting)
	w.advance(t)
	wantCode(t, second(w.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: name})), "ResourceNotFoundException")
	wantLedger(t, w, "Cluster", map[string]int{local.Created: 1, local.Updated: 2, local.Deleted: 1})
}

func TestEKSRefusesClusters(t *testing.T) {
	w := start(t)
	w.cluster(t, "shop")
	one := w.subnets(t)[:1]
	for name, tc := range map[string]struct {
		change func(*eks.CreateClusterInput)
		code   string
	}{
		"one zone":         {func(in *eks.CreateClusterInput) { in.ResourcesVpcConfig.SubnetIds = one }, "InvalidParameterException"},
		"no such subnet":   {func(in *eks.CreateClusterInput) { in.ResourcesVpcConfig.SubnetIds = []string{"subnet-0"} }, "InvalidParameterException"},
		"no such role":     {func(in *eks.CreateClusterInput) { in.RoleArn = new("arn:aws:iam::000000000001:role/none") }, "InvalidParameterException"},
		"role of others":   {func(in *eks.CreateClusterInput) { in.RoleArn = new("arn:aws:iam::000000000001:role/node") }, "InvalidParameterException"},
		"unknown version":  {func(in *eks.CreateClusterInput) { in.Version = new("1.7") }, "InvalidParameterException"},
		"nobody gets in":   {func(in *eks.CreateClusterInput) { in.ResourcesVpcConfig.EndpointPublicAccess = new(false) }, "InvalidParameterException"},
		"reserved tag":     {func(in *eks.CreateClusterInput) { in.Tags = map[string]string{"aws:x": "1"} }, "BadRequestException"},
		"nothing is wrong": {func(*eks.CreateClusterInput) {}, ""},
		"one too many": {func(*eks.CreateClusterInput) {
			w.settings(t, local.Settings{Quotas: map[string]int{"eks:clusters": 1}})
		}, "ResourceLimitExceededException"},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.clusterInput(t, "other")
			in.ClientRequestToken = nil
			tc.change(in)
			wantCode(t, second(w.eks.CreateCluster(t.Context(), in)), tc.code)
			w.settings(t, local.Settings{Quotas: map[string]int{"eks:clusters": 0}})
			if tc.code == "" {
				w.await(t, "other", types.ClusterStatusActive)
				must(w.eks.DeleteCluster(t.Context(), &eks.DeleteClusterInput{Name: in.Name}))(t)
			}
		})
	}
}

func TestEKSRefusesUpdates(t *testing.T) {
	w := start(t)
	w.cluster(t, "shop")
	for name, in := range map[string]*eks.UpdateClusterConfigInput{
		"nothing": {},
		"two at once": {
			Logging:            &types.Logging{ClusterLogging: []types.LogSetup{{Types: []types.LogType{types.LogTypeApi}, Enabled: new(true)}}},
			DeletionProtection: new(true),
		},
		"what is so":     {ResourcesVpcConfig: &types.VpcConfigRequest{EndpointPublicAccess: new(true)}},
		"back to before": {AccessConfig: &types.UpdateAccessConfigRequest{AuthenticationMode: types.AuthenticationModeApiAndConfigMap}},
	} {
		t.Run(name, func(t *testing.T) {
			in.Name = new("shop")
			wantCode(t, second(w.eks.UpdateClusterConfig(t.Context(), in)), "InvalidParameterException")
		})
	}
	for _, version := range []string{"1.32", "1.33", "1.35"} {
		wantCode(t, second(w.eks.UpdateClusterVersion(t.Context(), &eks.UpdateClusterVersionInput{Name: new("shop"), Version: &version})), "InvalidParameterException")
	}
	check(t, w.Key(t.Context(), cloudiam.Change{ID: cloudiam.DefaultKeyID, Deny: &[]string{"eks:*"}}))
	wantCode(t, second(w.eks.ListClusters(t.Context(), &eks.ListClustersInput{})), "AccessDeniedException")
}

func TestNodegroupLivesAsAtEKS(t *testing.T) {
	w := start(t)
	ctx, cluster, name := t.Context(), new("shop"), new("jobs")
	w.cluster(t, *cluster)
	w.slow(t)
	must(w.eks.CreateNodegroup(ctx, w.nodegroupInput(t, *cluster, *name)))(t)
	wantCode(t, second(w.eks.CreateNodegroup(ctx, w.nodegroupInput(t, *cluster, *name))), "ResourceInUseException")
	if g := w.nodegroup(t, *cluster, *name); g.Status != types.NodegroupStatusCreating || *g.Version != "1.33" {
		t.Errorf("got %+v", g)
	}
	w.advance(t)
	wantCode(t, second(w.eks.DeleteCluster(ctx, &eks.DeleteClusterInput{Name: cluster})), "ResourceInUseException")
	wantCode(t, second(w.eks.UpdateNodegroupVersion(ctx, &eks.UpdateNodegroupVersionInput{ClusterName: cluster, NodegroupName: name, Version: new("1.34")})), "InvalidParameterException")

	must(w.eks.UpdateNodegroupConfig(ctx, &eks.UpdateNodegroupConfigInput{
		ClusterName: cluster, NodegroupName: name, ScalingConfig: &types.NodegroupScalingConfig{DesiredSize: new(int32(3))},
		Labels: &types.UpdateLabelsPayload{AddOrUpdateLabels: map[string]string{"tier": "back"}, RemoveLabels: []string{"pool"}},
		Taints: &types.UpdateTaintsPayload{RemoveTaints: []types.Taint{{Key: new("only"), Value: new("jobs"), Effect: types.TaintEffectNoSchedule}}},
	}))(t)
	if g := w.nodegroup(t, *cluster, *name); g.Status != types.NodegroupStatusUpdating {
		t.Errorf("it is %s", g.Status)
	}
	w.advance(t)
	g := w.nodegroup(t, *cluster, *name)
	if *g.ScalingConfig.DesiredSize != 3 || len(g.Taints) != 0 || !cmp.Equal(g.Labels, map[string]string{"tier": "back"}) {
		t.Errorf("got %+v %v %v", g.ScalingConfig, g.Taints, g.Labels)
	}
	check(t, w.Force(ctx, local.Target{Kind: "Nodegroup", ID: "shop/jobs"}, "DEGRADED"))
	check(t, w.Change(ctx, local.Target{Kind: "Nodegroup", ID: "shop/jobs"}, map[string]any{
		"health": map[string]any{"issues": []any{map[string]any{"code": "AsgInstanceLaunchFailures", "message": "no more machines", "resourceIds": []string{"asg"}}}},
	}))
	if g := w.nodegroup(t, *cluster, *name); g.Status != types.NodegroupStatusDegraded || *g.Health.Issues[0].Message != "no more machines" {
		t.Errorf("got %+v", g)
	}
	must(w.eks.DeleteNodegroup(ctx, &eks.DeleteNodegroupInput{ClusterName: cluster, NodegroupName: name}))(t)
	w.advance(t)
	if left := must(w.eks.ListNodegroups(ctx, &eks.ListNodegroupsInput{ClusterName: cluster}))(t).Nodegroups; len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	must(w.eks.DeleteCluster(ctx, &eks.DeleteClusterInput{Name: cluster}))(t)
}

func TestAccessEntriesLiveAsAtEKS(t *testing.T) {
	w := start(t)
	ctx, cluster := t.Context(), new("shop")
	w.cluster(t, *cluster)
	principal := new("arn:aws:iam::000000000001:role/teams/viewer")
	made := must(w.eks.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{
		ClusterName: cluster, PrincipalArn: principal, KubernetesGroups: []string{"readers"}, Tags: map[string]string{"a": "b"},
	}))(t).AccessEntry
	if *made.Username != "arn:aws:sts::000000000001:assumed-role/viewer/{{SessionName}}" {
		t.Errorf("user %s", *made.Username)
	}
	wantCode(t, second(w.eks.CreateAccessEntry(ctx, &eks.CreateAccessEntryInput{ClusterName: cluster, PrincipalArn: principal})), "ResourceInUseException")
	masters := &eks.UpdateAccessEntryInput{ClusterName: cluster, PrincipalArn: principal, KubernetesGroups: []string{"system:masters"}}
	wantCode(t, second(w.eks.UpdateAccessEntry(ctx, masters)), "InvalidParameterException")
	view := new("arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy")
	must(w.eks.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{
		ClusterName: cluster, PrincipalArn: principal, PolicyArn: view, AccessScope: &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: []string{"default"}},
	}))(t)
	got := must(w.eks.ListAssociatedAccessPolicies(ctx, &eks.ListAssociatedAccessPoliciesInput{ClusterName: cluster, PrincipalArn: principal}))(t).AssociatedAccessPolicies
	if len(got) != 1 || *got[0].PolicyArn != *view || got[0].AccessScope.Namespaces[0] != "default" {
		t.Errorf("got %+v", got)
	}
	must(w.eks.TagResource(ctx, &eks.TagResourceInput{ResourceArn: made.AccessEntryArn, Tags: map[string]string{"c": "d"}}))(t)
	must(w.eks.UntagResource(ctx, &eks.UntagResourceInput{ResourceArn: made.AccessEntryArn, TagKeys: []string{"a"}}))(t)
	if tags := must(w.eks.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: cluster, PrincipalArn: principal}))(t).AccessEntry.Tags; !cmp.Equal(tags, map[string]string{"c": "d"}) {
		t.Errorf("tags %v", tags)
	}
	must(w.eks.DisassociateAccessPolicy(ctx, &eks.DisassociateAccessPolicyInput{ClusterName: cluster, PrincipalArn: principal, PolicyArn: view}))(t)
	must(w.eks.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: cluster, PrincipalArn: principal}))(t)
	entries := must(w.eks.ListAccessEntries(ctx, &eks.ListAccessEntriesInput{ClusterName: cluster}))(t).AccessEntries
	if !cmp.Equal(entries, []string{"arn:aws:iam::000000000001:user/akidlocal"}) {
		t.Errorf("entries %v", entries)
	}
}
