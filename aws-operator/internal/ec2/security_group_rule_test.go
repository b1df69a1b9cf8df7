// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

const theGroup = "sg-1"

// groupRules are the rules of the one group of a fake, as the conformance suite
// sees them.
type groupRules struct{ *fakeEC2 }

func aFakeWithAGroup() *fakeEC2 {
	f := newFakeEC2()
	f.groups[theGroup] = &fakeGroup{SecurityGroup: types.SecurityGroup{GroupId: aws.String(theGroup)}, sides: noRules()}
	return f
}

func (c groupRules) Settle()        {}
func (c groupRules) Mutations() int { return c.mutations }

func (c groupRules) Names() []string {
	var ids []string
	for _, r := range c.described() {
		ids = append(ids, *r.SecurityGroupRuleId)
	}
	return ids
}

func (c groupRules) Tags(name string) map[string]string {
	key, _ := c.find(name)
	return c.known[key].tags
}

func (c groupRules) Vanish(name string) {
	key, _ := c.find(name)
	c.take(key)
}

// Drift lets in a wider range.
func (c groupRules) Drift(name string) {
	key, _ := c.find(name)
	one := c.known[key]
	c.take(key)
	key.rule.peer.id = "10.0.0.0/8"
	c.known[key], c.groups[theGroup].of(key.egress)[key.rule] = one, ""
}

func (c groupRules) Drifted(name string) bool {
	key, _ := c.find(name)
	return key.rule.peer.id == "10.0.0.0/8"
}

func (c groupRules) Plant(_ string, tags map[string]string) string {
	made, err := c.allow(theGroup, false, permissions(rules{wantedRule(aRule().Spec.ForProvider): ""}), []types.TagSpecification{{Tags: tagList(tags)}})
	if err != nil {
		panic(err)
	}
	return *made[0].SecurityGroupRuleId
}

func aRule() *v1alpha1.SecurityGroupRule {
	return &v1alpha1.SecurityGroupRule{Spec: v1alpha1.SecurityGroupRuleSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "aws"}},
		ForProvider: v1alpha1.SecurityGroupRuleParameters{
			Region: "eu-west-1", SecurityGroupID: theGroup, Type: v1alpha1.Ingress,
			Protocol: "tcp", FromPort: aws.Int32(3306), CIDR: "10.1.0.0/16",
		},
	}}
}

func TestSecurityGroupRuleConformance(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule] {
		f := aFakeWithAGroup()
		kind := SecurityGroupRule(nil)
		kind.Connect = func(context.Context, *v1alpha1.SecurityGroupRule) (managed.External[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule], error) {
			return securityGroupRule{f}, nil
		}
		return managedtest.Subject[*v1alpha1.SecurityGroupRule, types.SecurityGroupRule]{
			Kind: kind, Cloud: groupRules{f}, Object: aRule,
			Change: func(mr *v1alpha1.SecurityGroupRule) {
				mr.Spec.ForProvider.CIDR, mr.Spec.ForProvider.Description = "10.2.0.0/16", "the new cluster"
			},
			Changed: func(name string) bool {
				key, _ := f.find(name)
				return key.rule.peer.id == "10.2.0.0/16" && f.groups[theGroup].ingress[key.rule] == "the new cluster"
			},
		}
	})
}

func TestPlanOfOneRule(t *testing.T) {
	have := types.SecurityGroupRule{
		GroupId: aws.String(theGroup), IsEgress: aws.Bool(false), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(3306), ToPort: aws.Int32(3306),
		CidrIpv4: aws.String("10.1.0.0/16"), Description: aws.String("apps"),
	}
	for name, tc := range map[string]struct {
		want   func(*v1alpha1.SecurityGroupRuleParameters)
		fields []string
		fixed  []string
	}{
		"the same":                   {want: func(*v1alpha1.SecurityGroupRuleParameters) {}},
		"host bits":                  {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.CIDR = "10.1.2.3/16" }},
		"protocol by number":         {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.Protocol = "6" }},
		"both ends said":             {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.ToPort = aws.Int32(3306) }},
		"another description":        {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.Description = "jobs" }, fields: []string{"description"}},
		"another range":              {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.CIDR = "10.2.0.0/16" }, fields: []string{"cidr"}},
		"more ports":                 {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.ToPort = aws.Int32(3310) }, fields: []string{"toPort"}},
		"another port":               {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.FromPort = aws.Int32(5432) }, fields: []string{"fromPort", "toPort"}},
		"another protocol":           {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.Protocol = "udp" }, fields: []string{"protocol"}},
		"another group":              {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.SecurityGroupID = "sg-2" }, fixed: []string{"securityGroupID (sg-1 → sg-2)"}},
		"the other direction":        {want: func(p *v1alpha1.SecurityGroupRuleParameters) { p.Type = v1alpha1.Egress }, fixed: []string{"type (Ingress → Egress)"}},
		"a group instead of a range": {want: source("", "", "sg-2", ""), fixed: []string{"sourceSecurityGroupID (10.1.0.0/16 → sg-2)"}},
		"a list instead of a range":  {want: source("", "", "", "pl-2"), fixed: []string{"prefixListID (10.1.0.0/16 → pl-2)"}},
		"IPv6 instead of IPv4":       {want: source("", "2001:DB8::/32", "", ""), fixed: []string{"cidr6 (10.1.0.0/16 → 2001:db8::/32)"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := aRule().Spec.ForProvider
			tc.want(&want)
			_, fields := planRule(want, &have)
			if d := cmp.Diff(tc.fields, []string(fields)); d != "" {
				t.Errorf("can change (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.fixed, []string(fixedOfRule(want, &have))); d != "" {
				t.Errorf("can't change (-want +got):\n%s", d)
			}
		})
	}
}

// source sets one of the sources.
func source(cidr, cidr6, groupID, list string) func(*v1alpha1.SecurityGroupRuleParameters) {
	return func(p *v1alpha1.SecurityGroupRuleParameters) {
		p.CIDR, p.CIDR6, p.SourceSecurityGroupID, p.PrefixListID = cidr, cidr6, groupID, list
	}
}

// TestEachSource makes a rule with each kind of source and changes it: what EC2
// is asked for is what it then has, and nothing differs.
func TestEachSource(t *testing.T) {
	type both = [2]func(*v1alpha1.SecurityGroupRuleParameters)
	for name, sources := range map[string]both{
		"IPv4":   {source("10.1.0.0/16", "", "", ""), source("10.2.0.0/16", "", "", "")},
		"IPv6":   {source("", "2001:db8::/32", "", ""), source("", "2001:db9::/32", "", "")},
		"groups": {source("", "", "sg-2", ""), source("", "", "sg-3", "")},
		"lists":  {source("", "", "", "pl-2"), source("", "", "", "pl-3")},
	} {
		for _, direction := range []v1alpha1.Direction{v1alpha1.Ingress, v1alpha1.Egress} {
			t.Run(fmt.Sprint(name, direction), func(t *testing.T) {
				f := aFakeWithAGroup()
				e, mr := securityGroupRule{f}, aRule()
				mr.Spec.ForProvider.Type, mr.Spec.ForProvider.Description = direction, "kept"
				sources[0](&mr.Spec.ForProvider)
				r, err := e.Create(t.Context(), mr, managed.Intent{Tags: map[string]string{contract.TagOwner: "me"}})
				if err != nil {
					t.Fatal(err)
				}
				if a := e.Assess(mr, r); len(a.Drift)+len(a.Fixed) > 0 || a.Tags[contract.TagOwner] != "me" {
					t.Errorf("a new rule: %+v", a)
				}
				mr.Annotations = map[string]string{contract.AnnotationExternalName: *r.SecurityGroupRuleId}
				sources[1](&mr.Spec.ForProvider)
				mr.Spec.ForProvider.Description = ""
				mr.Spec.ForProvider.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
				if err := e.Update(t.Context(), mr, r); err != nil {
					t.Fatal(err)
				}
				if r, err = e.Observe(t.Context(), mr, managed.Identity{}); err != nil {
					t.Fatal(err)
				}
				a := e.Assess(mr, r)
				if len(a.Drift)+len(a.Fixed) > 0 || a.Tags["team"] != "shop" || aws.ToString(r.Description) != "kept" {
					t.Errorf("a changed rule: %+v, description %q", a, aws.ToString(r.Description))
				}
				if err := e.Delete(t.Context(), mr, r); err != nil {
					t.Fatal(err)
				}
				if left := (groupRules{f}).Names(); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		}
	}
}

func TestARuleThatIsThereAlready(t *testing.T) {
	me := managed.Identity{Hub: "hub", Owner: "me"}
	for name, tc := range map[string]struct {
		tags  map[string]string
		owner managed.Owner
	}{
		"a group's own":                    {nil, managed.Nobodys},
		"another object's":                 {managed.Identity{Hub: "hub", Owner: "another"}.Tags(), managed.Foreign},
		"made by this object, name unsaid": {me.Tags(), managed.Ours},
	} {
		t.Run(name, func(t *testing.T) {
			f := aFakeWithAGroup()
			e, mr := securityGroupRule{f}, aRule()
			if _, err := f.allow(theGroup, false, permissions(rules{world: ""}), nil); err != nil {
				t.Fatal(err)
			}
			planted := (groupRules{f}).Plant("", tc.tags)
			if tc.owner != managed.Ours {
				_, err := e.Create(t.Context(), mr, managed.Intent{Tags: me.Tags()})
				if !fault.Is(account.Classify(err), fault.Exists) {
					t.Errorf("a group has no two rules alike: %v", err)
				}
			}
			r, err := e.Observe(t.Context(), mr, me)
			if err != nil || r == nil {
				t.Fatal(r, err)
			}
			a := e.Assess(mr, r)
			if got := me.OwnerOf(a.Tags); got != tc.owner || a.Name != planted {
				t.Errorf("%s is %s, want %s, which is %s", a.Name, got, planted, tc.owner)
			}
		})
	}
}

func TestARuleOfAnotherKindIsNotAlike(t *testing.T) {
	for name, change := range map[string]func(*ruleKey){
		"port":      func(k *ruleKey) { k.rule.to++ },
		"protocol":  func(k *ruleKey) { k.rule.protocol = "udp" },
		"range":     func(k *ruleKey) { k.rule.peer.id = "10.0.0.0/8" },
		"direction": func(k *ruleKey) { k.egress = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := aFakeWithAGroup()
			mr := aRule()
			key := ruleKey{theGroup, false, wantedRule(mr.Spec.ForProvider)}
			change(&key)
			f.groups[theGroup].of(key.egress)[key.rule] = ""
			if r, err := (securityGroupRule{f}).Observe(t.Context(), mr, managed.Identity{Hub: "hub", Owner: "me"}); r != nil || err != nil {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}

func TestAGroupThatIsGoneTakesItsRulesAlong(t *testing.T) {
	f := aFakeWithAGroup()
	e, mr := securityGroupRule{f}, aRule()
	r, err := e.Create(t.Context(), mr, managed.Intent{})
	if err != nil {
		t.Fatal(err)
	}
	mr.Annotations = map[string]string{contract.AnnotationExternalName: *r.SecurityGroupRuleId}
	delete(f.groups, theGroup)
	if err := account.Classify(e.Delete(t.Context(), mr, r)); !fault.Is(err, fault.Gone) {
		t.Errorf("deletion: %v", err)
	}
	if left, err := e.Observe(t.Context(), mr, managed.Identity{}); left != nil || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestReferencesOfOneRule(t *testing.T) {
	mr := aRule()
	mr.Spec.ForProvider.SecurityGroupRef = &contract.Reference{Name: "db"}
	mr.Spec.ForProvider.SourceSecurityGroupRef = &contract.Reference{Name: "nodes"}
	for i, want := range []string{"db", "nodes"} {
		ref := ruleReferences()[i]
		if got := ref.Names(mr); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: names %v", ref.Field, got)
		}
		ref.Resolve(mr, []string{"sg-" + want})
	}
	if p := mr.Spec.ForProvider; p.SecurityGroupID != "sg-db" || p.SourceSecurityGroupID != "sg-nodes" {
		t.Errorf("resolved: %+v", p)
	}
}

func TestIDsOfRulesThatEC2NeverAssigns(t *testing.T) {
	for _, id := range []string{"", "sg-1", "sgr-", "sgr-XYZ"} {
		if validRuleID(id) == nil {
			t.Errorf("%q is accepted", id)
		}
	}
	if err := validRuleID("sgr-0a1b2c"); err != nil {
		t.Error(err)
	}
}
