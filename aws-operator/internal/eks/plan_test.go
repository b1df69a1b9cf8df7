// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observedCluster is a cluster as aCluster wants it.
func observedCluster() *types.Cluster {
	return &types.Cluster{
		Name: aws.String("shop"), Version: aws.String("1.33"), RoleArn: aws.String("arn:aws:iam::123456789012:role/cluster"), Status: types.ClusterStatusActive,
		ResourcesVpcConfig: &types.VpcConfigResponse{
			SubnetIds: []string{"subnet-b", "subnet-a"}, EndpointPublicAccess: true, EndpointPrivateAccess: true, PublicAccessCidrs: []string{"192.0.2.0/24"},
		},
		AccessConfig:  &types.AccessConfigResponse{AuthenticationMode: types.AuthenticationModeApiAndConfigMap},
		UpgradePolicy: &types.UpgradePolicyResponse{SupportType: types.SupportTypeExtended},
		Logging: &types.Logging{ClusterLogging: []types.LogSetup{
			{Types: []types.LogType{types.LogTypeApi, types.LogTypeAudit}, Enabled: aws.Bool(true)}, {Types: []types.LogType{types.LogTypeScheduler}, Enabled: aws.Bool(false)},
		}},
	}
}

func TestPlanCluster(t *testing.T) {
	type parameters = v1alpha1.EKSClusterParameters
	for name, tc := range map[string]struct {
		change        func(*parameters)
		fields, fixed []string
		requests      int
	}{
		"in order":       {},
		"another subnet": {change: func(p *parameters) { p.SubnetIDs = []string{"subnet-a", "subnet-c"} }, fields: []string{"subnetIDs"}, requests: 1},
		"endpoint and range": {change: func(p *parameters) {
			p.EndpointPrivateAccess, p.PublicAccessCIDRs = aws.Bool(false), []string{"0.0.0.0/0"}
		}, fields: []string{"endpointPrivateAccess", "publicAccessCIDRs"}, requests: 1},
		"endpoint and logs":      {change: func(p *parameters) { p.EndpointPrivateAccess, p.LogTypes = aws.Bool(false), []string{} }, fields: []string{"endpointPrivateAccess", "logTypes"}, requests: 2},
		"endpoint left alone":    {change: func(p *parameters) { p.EndpointPublicAccess, p.PublicAccessCIDRs = nil, nil }},
		"the same logs":          {change: func(p *parameters) { p.LogTypes = []string{"audit", "api"} }},
		"protected":              {change: func(p *parameters) { p.DeletionProtection = aws.Bool(true) }, fields: []string{"deletionProtection"}, requests: 1},
		"not protected":          {change: func(p *parameters) { p.DeletionProtection = aws.Bool(false) }},
		"other support":          {change: func(p *parameters) { p.SupportType = "STANDARD" }, fields: []string{"supportType"}, requests: 1},
		"towards the API":        {change: func(p *parameters) { p.AuthenticationMode = v1alpha1.ModeAPI }, fields: []string{"authenticationMode"}, requests: 1},
		"back to the config map": {change: func(p *parameters) { p.AuthenticationMode = v1alpha1.ModeConfigMap }, fixed: []string{"authenticationMode (API_AND_CONFIG_MAP → CONFIG_MAP)"}},
		"newer":                  {change: func(p *parameters) { p.Version = "1.35" }, fields: []string{"version"}},
		"older":                  {change: func(p *parameters) { p.Version = "1.32" }, fixed: []string{"version (1.33 → 1.32)"}},
		"no version":             {change: func(p *parameters) { p.Version = "" }},
		"the role by its name":   {change: func(p *parameters) { p.RoleARN = "cluster" }},
		"another role":           {change: func(p *parameters) { p.RoleARN = "other" }, fixed: []string{"roleARN (arn:aws:iam::123456789012:role/cluster → other)"}},
		"a key":                  {change: func(p *parameters) { p.KMSKeyARN = "arn:aws:kms:x" }, fixed: []string{"kmsKeyARN (none → arn:aws:kms:x)"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := aCluster().Spec.ForProvider
			if tc.change != nil {
				tc.change(&want)
			}
			p := planCluster(want, observedCluster())
			if diff := cmp.Diff(tc.fields, []string(p.fields)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.fixed, fixedCluster(want, observedCluster())); diff != "" {
				t.Error(diff)
			}
			if len(p.configs) != tc.requests {
				t.Errorf("%d requests, want %d", len(p.configs), tc.requests)
			}
		})
	}
}

func TestVersionsAreTakenOneAfterTheOther(t *testing.T) {
	want := aCluster().Spec.ForProvider
	want.Version = "1.36"
	if p := planCluster(want, observedCluster()); *p.version.Version != "1.34" {
		t.Errorf("next version %s", *p.version.Version)
	}
}

const viewer = "arn:aws:iam::123456789012:role/viewer"

func TestAccessEntriesComeToTheSpec(t *testing.T) {
	f := newFakeEKS()
	e := cluster{f, f, signer{signing()}}
	mr := aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	clusters{f}.Plant("shop", map[string]string{contract.TagHub: "hub", contract.TagOwner: "me"})
	f.clusters["shop"].entries["arn:aws:iam::123456789012:role/creator"] = &Entry{Policies: map[string][]string{}}

	view, edit := "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
	for _, step := range []struct {
		name   string
		spec   []v1alpha1.AccessEntry
		groups []string
		want   map[string][]string
	}{
		{
			"made", []v1alpha1.AccessEntry{{PrincipalARN: viewer, KubernetesGroups: []string{"readers"}, Policies: []v1alpha1.AccessPolicy{{PolicyARN: view}}}},
			[]string{"readers"}, map[string][]string{view: nil},
		},
		{"narrowed", []v1alpha1.AccessEntry{{PrincipalARN: viewer, Policies: []v1alpha1.AccessPolicy{{PolicyARN: view, Namespaces: []string{"a"}}}}}, []string{}, map[string][]string{view: {"a"}}},
		{"another policy", []v1alpha1.AccessEntry{{PrincipalARN: viewer, Policies: []v1alpha1.AccessPolicy{{PolicyARN: edit}}}}, []string{}, map[string][]string{edit: nil}},
		{"not listed any more, and of a cluster that another control plane has taken over", nil, nil, nil},
	} {
		if step.spec == nil {
			f.clusters["shop"].Tags[contract.TagHub] = "hub-2"
		}
		mr.Spec.ForProvider.AccessEntries = step.spec
		for pass := range 2 {
			obs, err := e.Observe(t.Context(), mr, managed.Identity{})
			if err != nil {
				t.Fatal(err)
			}
			drift := sets.New(e.Assess(mr, obs).Drift...).Has("accessEntries")
			if drift != (pass == 0) {
				t.Errorf("%s: drift %v in pass %d", step.name, drift, pass)
			}
			if err := e.Update(t.Context(), mr, obs); err != nil {
				t.Fatal(err)
			}
		}
		got := f.clusters["shop"].entries[viewer]
		if (got == nil) != (step.spec == nil) {
			t.Fatalf("%s: entry %v", step.name, got)
		}
		if got != nil && (!cmp.Equal(got.KubernetesGroups, step.groups) || !cmp.Equal(got.Policies, step.want)) {
			t.Errorf("%s: groups %v, policies %v", step.name, got.KubernetesGroups, got.Policies)
		}
	}
	if f.clusters["shop"].entries["arn:aws:iam::123456789012:role/creator"] == nil {
		t.Error("an entry of somebody else was deleted")
	}
}

func TestAClusterWaitsForItsNodeGroups(t *testing.T) {
	f := newFakeEKS()
	clusters{f}.Plant("shop", nil)
	groups{f}.Plant("general", nil)
	err := cluster{eks: f}.Delete(t.Context(), aCluster(), &ClusterObservation{Cluster: f.clusters["shop"].Cluster})
	if got := fault.Of(account.Classify(err)); got == nil || got.Class != fault.Dependency || !strings.Contains(got.Error(), "general") {
		t.Errorf("got %v", err)
	}
}

func TestProtectionIsLiftedBeforeTheDeletion(t *testing.T) {
	f := newFakeEKS()
	clusters{f}.Plant("shop", nil)
	f.clusters["shop"].DeletionProtection = aws.Bool(true)
	e, mr := cluster{eks: f}, aCluster()
	obs := &ClusterObservation{Cluster: f.clusters["shop"].Cluster}
	if e.Assess(mr, obs).Protected == "" {
		t.Error("nobody said that the protection may go")
	}
	mr.Spec.ForProvider.DeletionProtection = aws.Bool(false)
	if said := e.Assess(mr, obs).Protected; said != "" {
		t.Error(said)
	}
	if err := e.Delete(t.Context(), mr, obs); err != nil || len(f.requests) != 1 || aws.ToBool(f.requests[0].DeletionProtection) {
		t.Errorf("got %v, %v", err, f.requests)
	}
}

func TestARoleIsFoundByItsName(t *testing.T) {
	f := newFakeEKS()
	mr := aCluster()
	mr.Spec.ForProvider.RoleARN = "shop-cluster"
	obs, err := cluster{f, f, signer{}}.Create(context.Background(), mr, managed.Intent{Name: "shop", Token: "me"})
	if err != nil || *obs.RoleArn != "arn:aws:iam::123456789012:role/shop-cluster" {
		t.Errorf("got %v, %v", obs, err)
	}
}

func TestErrorsOfEKS(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want fault.Class
	}{
		"taken":              {refusal("CreateCluster", "ResourceInUseException", "Cluster already exists"), fault.Exists},
		"changing":           {refusal("UpdateClusterConfig", "ResourceInUseException", "in progress"), fault.Conflict},
		"has node groups":    {refusal("DeleteCluster", "ResourceInUseException", "Cluster has nodegroups attached"), fault.Dependency},
		"cluster not active": {refusal("CreateNodegroup", "InvalidRequestException", "Cluster is not in ACTIVE status"), fault.Dependency},
		"nodes behind":       {refusal("UpdateClusterVersion", "InvalidRequestException", "must be updated"), fault.Dependency},
		"role not known yet": {refusal("CreateCluster", "InvalidParameterException", "Role r could not be assumed because it does not exist or the trusted entity is not correct"), fault.Dependency},
		"mistake":            {refusal("CreateCluster", "InvalidParameterException", "unsupported Kubernetes version"), fault.Invalid},
		"zone":               {refusal("CreateCluster", "UnsupportedAvailabilityZoneException", "us-east-1e"), fault.Capacity},
		"limit":              {refusal("CreateCluster", "ResourceLimitExceededException", "limit"), fault.Quota},
		"not allowed":        {refusal("CreateCluster", "AccessDeniedException", "no"), fault.Permission},
		"gone":               {refusal("DeleteCluster", "ResourceNotFoundException", "no"), fault.Gone},
		"cluster gone":       {refusal("CreateNodegroup", "ResourceNotFoundException", "no"), fault.Dependency},
		"their fault":        {refusal("CreateCluster", "ServerException", "no"), fault.Transient},
	} {
		if got := fault.Of(account.Classify(tc.err)).Class; got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestStates(t *testing.T) {
	for _, status := range types.ClusterStatus("").Values() {
		if clusterState(status) == managed.Unknown {
			t.Errorf("cluster %s is not mapped", status)
		}
	}
	for _, status := range types.NodegroupStatus("").Values() {
		if nodeGroupState(status) == managed.Unknown {
			t.Errorf("node group %s is not mapped", status)
		}
	}
	if clusterState("ASLEEP") != managed.Unknown || nodeGroupState("ASLEEP") != managed.Unknown {
		t.Error("what is new is not a failure")
	}
}

func TestNames(t *testing.T) {
	for object, want := range map[string]string{
		"shop": "shop-12345678", "Shop.Prod": "shop-prod-12345678", "...": "12345678",
		strings.Repeat("a", 100): strings.Repeat("a", 54) + "-12345678",
	} {
		if got := chosenName(object, "12345678-abcd"); got != want || validGroupName(got) != nil {
			t.Errorf("%s: %s, want %s", object, got, want)
		}
	}
	for _, bad := range []string{"", "-a", "a.b", "a b", strings.Repeat("a", 101)} {
		if validName(bad) == nil {
			t.Errorf("%q is a name", bad)
		}
	}
}
