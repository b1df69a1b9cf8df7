// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/aws-operator/generated/crds"))
}

// groups is the fake's groups as the conformance suite sees them.
type groups struct{ *fakeEC2 }

func (c groups) Settle()                            {}
func (c groups) Names() []string                    { return slices.Sorted(maps.Keys(c.groups)) }
func (c groups) Mutations() int                     { return c.mutations }
func (c groups) Tags(name string) map[string]string { return tagMap(c.groups[name].Tags) }
func (c groups) Vanish(name string)                 { delete(c.groups, name) }

var world = rule{protocol: "tcp", from: 22, to: 22, peer: peer{ipv4, "0.0.0.0/0"}}

func (c groups) Drift(name string) { c.groups[name].ingress[world] = "just for a moment" }

func (c groups) Drifted(name string) bool {
	_, open := c.groups[name].ingress[world]
	return open
}

func (c groups) Plant(name string, tags map[string]string) string {
	out, err := c.CreateSecurityGroup(context.Background(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: aws.String("planted"), TagSpecifications: []types.TagSpecification{{Tags: tagList(tags)}},
	})
	if err != nil {
		panic(err)
	}
	c.groups[*out.GroupId].ingress, c.groups[*out.GroupId].egress = wanted(aGroup().Spec.ForProvider.Ingress, *out.GroupId), rules{}
	return *out.GroupId
}

func aGroup() *v1alpha1.SecurityGroup {
	return &v1alpha1.SecurityGroup{Spec: v1alpha1.SecurityGroupSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.SecurityGroupParameters{
			Region:  "eu-west-1",
			Ingress: []v1alpha1.Permission{{Protocol: "tcp", FromPort: aws.Int32(3306), CIDRs: []string{"10.0.0.0/16"}}},
			Egress:  []v1alpha1.Permission{},
		},
	}}
}

func TestSecurityGroupConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.SecurityGroup, GroupObservation] {
		f := newFakeEC2()
		kind := SecurityGroup(nil)
		kind.Connect = func(context.Context, *v1alpha1.SecurityGroup) (managed.External[*v1alpha1.SecurityGroup, GroupObservation], error) {
			return securityGroup{f}, nil
		}
		return managedtest.Subject[*v1alpha1.SecurityGroup, GroupObservation]{
			Kind: kind, Cloud: groups{f}, Object: aGroup,
			Change: func(mr *v1alpha1.SecurityGroup) {
				mr.Spec.ForProvider.Egress = []v1alpha1.Permission{{Protocol: "all", CIDRs: []string{"10.0.0.0/8"}}}
			},
			Changed: func(name string) bool { return len(f.groups[name].egress) == 1 },
		}
	})
}

// made returns a group in a new fake, brought to its spec.
func made(t *testing.T, mr *v1alpha1.SecurityGroup) (*fakeEC2, securityGroup, *GroupObservation) {
	t.Helper()
	f := newFakeEC2()
	e := securityGroup{f}
	g, err := e.Create(t.Context(), mr, managed.Intent{Token: "0a1b2c3d-0000", Tags: map[string]string{"crossplane-owner": "me"}})
	if err != nil {
		t.Fatal(err)
	}
	mr.Annotations = map[string]string{contract.AnnotationExternalName: *g.GroupId}
	for range 2 {
		if g, err = e.Observe(t.Context(), mr, managed.Identity{}); err != nil {
			t.Fatal(err)
		}
		if err := e.Update(t.Context(), mr, g); err != nil {
			t.Fatal(err)
		}
	}
	return f, e, g
}

func TestANewGroupLetsThroughOnlyWhatIsWritten(t *testing.T) {
	mr := aGroup()
	mr.Name = "db"
	f, e, g := made(t, mr)
	if n := len(f.groups[*g.GroupId].egress); n != 0 {
		t.Errorf("%d rules let something out, though the spec lists none", n)
	}
	a := e.Assess(mr, g)
	if len(a.Drift)+len(a.Fixed) > 0 || a.State != managed.Available {
		t.Errorf("drift %v, fixed %v, state %s", a.Drift, a.Fixed, a.State)
	}
	if *g.GroupName != "db-0a1b2c3d" || *g.VpcId != "vpc-default" || mr.Status.AtProvider.VPCID != "vpc-default" {
		t.Errorf("name %s, VPC %s", *g.GroupName, *g.VpcId)
	}
}

func TestWhatIsNotListedStays(t *testing.T) {
	mr := aGroup()
	mr.Spec.ForProvider.Ingress, mr.Spec.ForProvider.Egress = nil, nil
	f, e, g := made(t, mr)
	f.groups[*g.GroupId].ingress[world] = ""
	g, err := e.Observe(t.Context(), mr, managed.Identity{})
	if err != nil {
		t.Fatal(err)
	}
	if a := e.Assess(mr, g); len(a.Drift) > 0 {
		t.Errorf("drift %v", a.Drift)
	}
	if n := len(f.groups[*g.GroupId].egress); n != 1 {
		t.Errorf("%d rules let something out, want EC2's", n)
	}
}

func TestRulesOfObjectsAreLeftAlone(t *testing.T) {
	here := managed.Identity{Hub: "hub", Owner: "group", FormerHubs: []string{"hub-0"}}
	for name, tc := range map[string]struct {
		owner managed.Identity
		left  int
	}{
		"of this control plane": {managed.Identity{Hub: "hub", Owner: "rule"}, 2},
		"of the one before":     {managed.Identity{Hub: "hub-0", Owner: "rule"}, 2},
		"of another":            {managed.Identity{Hub: "hub-2", Owner: "rule"}, 1},
		"of nobody":             {managed.Identity{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			mr := aGroup()
			f, e, g := made(t, mr)
			var tags []types.TagSpecification
			if tc.owner.Hub != "" {
				tags = []types.TagSpecification{{Tags: tagList(tc.owner.Tags())}}
			}
			if _, err := f.allow(*g.GroupId, false, permissions(rules{world: ""}), tags); err != nil {
				t.Fatal(err)
			}
			g, err := e.Observe(t.Context(), mr, here)
			if err != nil {
				t.Fatal(err)
			}
			if drift := e.Assess(mr, g).Drift; (len(drift) > 0) != (tc.left == 1) {
				t.Errorf("drift %v", drift)
			}
			if err := e.Update(t.Context(), mr, g); err != nil {
				t.Fatal(err)
			}
			if n := len(f.groups[*g.GroupId].ingress); n != tc.left {
				t.Errorf("%d rules are left, want %d", n, tc.left)
			}
		})
	}
}

// One that was asked for and whose id no one knew yet, when the control plane was lost.
func TestAGroupOfTheControlPlaneBeforeIsFound(t *testing.T) {
	mr := aGroup()
	_, e, g := made(t, mr)
	if err := e.Adopt(t.Context(), mr, g, managed.Identity{Hub: "hub-0", Owner: "group"}.Tags()); err != nil {
		t.Fatal(err)
	}
	mr.Annotations = nil
	for name, tc := range map[string]struct {
		id   managed.Identity
		want bool
	}{
		"in its place":            {managed.Identity{Hub: "hub", Owner: "group", FormerHubs: []string{"hub-0"}}, true},
		"not in its place":        {managed.Identity{Hub: "hub", Owner: "group"}, false},
		"another object's":        {managed.Identity{Hub: "hub", Owner: "another", FormerHubs: []string{"hub-0"}}, false},
		"in the one before":       {managed.Identity{Hub: "hub-0", Owner: "group"}, true},
		"in the place of a third": {managed.Identity{Hub: "hub", Owner: "group", FormerHubs: []string{"hub-3"}}, false},
	} {
		if got, err := e.Observe(t.Context(), mr, tc.id); err != nil || (got != nil) != tc.want {
			t.Errorf("%s: found %v, %v; want %v", name, got != nil, err, tc.want)
		}
	}
}

func TestWhatIsFixed(t *testing.T) {
	mr := aGroup()
	_, e, g := made(t, mr)
	mr.Spec.ForProvider.VPCID, mr.Spec.ForProvider.GroupName, mr.Spec.ForProvider.Description = "vpc-other", "other", "other"
	want := []string{"vpcID (vpc-default → vpc-other)", "groupName (-0a1b2c3d → other)", "description (Managed by Crossplane:  → other)"}
	if d := cmp.Diff(want, e.Assess(mr, g).Fixed); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestARuleThatSomebodyElseIsAboutToChange(t *testing.T) {
	mr := aGroup()
	f, e, g := made(t, mr)
	stale := *g
	stale.own = sides{rules{}, everythingOut()}
	if err := e.Update(t.Context(), mr, &stale); err != nil {
		t.Errorf("a rule that is there already, and one that is gone already, are no trouble: %v", err)
	}
	if len(f.groups[*g.GroupId].ingress) != 1 {
		t.Errorf("rules: %v", f.groups[*g.GroupId].ingress)
	}
}

func TestRevokesEvenWhereARuleIsRefused(t *testing.T) {
	mr := aGroup()
	f, e, g := made(t, mr)
	f.groups[*g.GroupId].ingress[world] = ""
	f.fail = refusal("RulesPerSecurityGroupLimitExceeded")
	mr.Spec.ForProvider.Ingress[0].FromPort = aws.Int32(5432)
	g, _ = e.Observe(t.Context(), mr, managed.Identity{})
	err := account.Classify(e.Update(t.Context(), mr, g))
	if !fault.Is(err, fault.Quota) {
		t.Errorf("error: %v", err)
	}
	if n := len(f.groups[*g.GroupId].ingress); n != 0 {
		t.Errorf("%d rules are left that the spec does not have", n)
	}
}

func TestAGroupInUseCanNotBeDeletedYet(t *testing.T) {
	mr := aGroup()
	f, e, g := made(t, mr)
	f.inUse = true
	if err := account.Classify(e.Delete(t.Context(), mr, g)); !fault.Is(err, fault.Dependency) {
		t.Errorf("error: %v", err)
	}
}

func TestTagsAreKept(t *testing.T) {
	mr := aGroup()
	f, e, g := made(t, mr)
	mr.Spec.ForProvider.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
	if err := e.Update(t.Context(), mr, g); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"team": "shop", "crossplane-owner": "me"}, tagMap(f.groups[*g.GroupId].Tags)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReferencesOfRules(t *testing.T) {
	mr := aGroup()
	mr.Spec.ForProvider.Ingress = []v1alpha1.Permission{
		{Protocol: "tcp", SecurityGroupRefs: []contract.Reference{{Name: "a"}, {Name: "b"}}},
		{Protocol: "udp", CIDRs: []string{"10.0.0.0/8"}},
	}
	mr.Spec.ForProvider.Egress = []v1alpha1.Permission{
		{Protocol: "tcp", SecurityGroupIDs: []string{"sg-0"}, SecurityGroupRefs: []contract.Reference{{Name: "c"}}},
	}
	ref := groupReferences()[0]
	if d := cmp.Diff([]string{"a", "b", "c"}, ref.Names(mr)); d != "" {
		t.Fatalf("names (-want +got):\n%s", d)
	}
	ref.Resolve(mr, []string{"sg-a", "sg-b", "sg-c"})
	p := mr.Spec.ForProvider
	if !cmp.Equal(p.Ingress[0].SecurityGroupIDs, []string{"sg-a", "sg-b"}) || !cmp.Equal(p.Egress[0].SecurityGroupIDs, []string{"sg-0", "sg-c"}) {
		t.Errorf("rules: %+v", p)
	}
	if ref.Names(mr) != nil {
		t.Error("what is resolved is not asked for again")
	}
}

func TestIDsThatEC2NeverAssigns(t *testing.T) {
	for _, id := range []string{"", "db", "sg-", "sg-XYZ", "subnet-1"} {
		if validGroupID(id) == nil {
			t.Errorf("%q is accepted", id)
		}
	}
	if err := validGroupID("sg-0a1b2c"); err != nil {
		t.Error(err)
	}
}
