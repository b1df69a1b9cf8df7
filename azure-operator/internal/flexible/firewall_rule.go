// SPDX-License-Identifier: Apache-2.0

package flexible

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	mysqlsdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/mysql/armmysqlflexibleservers/v2"
	postgressdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/postgresql/armpostgresqlflexibleservers/v5"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/database/v1alpha1"
	azureapi "github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Rule is a firewall rule as its server's engine describes it, with the server's
// tags as far as they say whose the rule is.
type Rule struct {
	ID, Name, Start, End string
	Tags                 map[string]string
}

// RuleAPI is what an engine's service does with the firewall rules of its servers.
type RuleAPI interface {
	Get(ctx context.Context, group, name string) (*Server, error)
	Rule(ctx context.Context, group, server, name string) (*Rule, error)
	SetRule(ctx context.Context, group, server string, r Rule) error
	DeleteRule(ctx context.Context, group, server, name string) error
}

// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=firewallrules,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=firewallrules/status,verbs=patch
// +kubebuilder:rbac:groups=database.azure.crossplane.io,resources=firewallrules/finalizers,verbs=update

// FirewallRule returns the kind FirewallRule. A rule's name is ours to choose.
func FirewallRule(accounts Accounts) managed.Kind[*v1alpha1.FirewallRule, Rule] {
	return managed.Kind[*v1alpha1.FirewallRule, Rule]{
		New:      func() *v1alpha1.FirewallRule { return &v1alpha1.FirewallRule{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.FirewallRule) (managed.External[*v1alpha1.FirewallRule, Rule], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			if p := mr.Spec.ForProvider; p.PostgreSQLServerName != "" || p.PostgreSQLServerRef != nil {
				api, err := account.Client(a, newPostgres)
				return rule{api}, err
			}
			api, err := account.Client(a, newMySQL)
			return rule{api}, err
		},
		Classify:   account.Classify,
		Name:       func(mr *v1alpha1.FirewallRule, owner string) string { return serverName(mr.Name, owner) },
		ValidName:  validRuleName,
		References: ruleReferences(),
	}
}

func ruleReferences() []managed.ReferenceField[*v1alpha1.FirewallRule] {
	type of = *v1alpha1.FirewallRule
	return []managed.ReferenceField[of]{
		groupReference(func(mr of) groupFields {
			return groupFields{&mr.Spec.ForProvider.ResourceGroupName, mr.Spec.ForProvider.ResourceGroupRef}
		}),
		{
			Field: "mysqlServerRef", To: v1alpha1.GroupVersion.WithKind("MySQLServer"),
			Names:   func(mr of) []string { return managed.NameOf(mr.Spec.ForProvider.MySQLServerRef) },
			Resolve: func(mr of, names []string) { mr.Spec.ForProvider.MySQLServerName = names[0] },
		},
		{
			Field: "postgresqlServerRef", To: v1alpha1.GroupVersion.WithKind("PostgreSQLServer"),
			Names:   func(mr of) []string { return managed.NameOf(mr.Spec.ForProvider.PostgreSQLServerRef) },
			Resolve: func(mr of, names []string) { mr.Spec.ForProvider.PostgreSQLServerName = names[0] },
		},
	}
}

// rule is managed.External for the firewall rules of one engine and account.
type rule struct{ api RuleAPI }

// serverOf is the name of the server that a rule is of.
func serverOf(mr *v1alpha1.FirewallRule) string {
	return mr.Spec.ForProvider.MySQLServerName + mr.Spec.ForProvider.PostgreSQLServerName
}

// Observe implements managed.External. A rule can't carry tags. One whose name
// ends as those do that we choose for this object is this object's. Any other
// is a part of its server, and whose that is its tags say.
func (e rule) Observe(ctx context.Context, mr *v1alpha1.FirewallRule, id managed.Identity) (*Rule, error) {
	name, group, server := managed.ExternalName(mr), mr.Spec.ForProvider.ResourceGroupName, serverOf(mr)
	if at, err := arm.ParseResourceID(mr.Status.AtProvider.ID); err == nil && (group == "" || server == "") {
		group, server = at.ResourceGroupName, at.Parent.Name // what is referred to is gone
	}
	if name == "" || server == "" {
		return nil, nil //nolint:nilnil // never named, or of a server that is gone: there is none
	}
	r, err := e.api.Rule(ctx, group, server, name)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ending(id.Owner)) {
		r.Tags = id.Tags()
		return r, nil
	}
	parent, err := e.api.Get(ctx, group, server)
	if err != nil {
		return nil, err
	}
	r.Tags = parent.Tags
	return r, nil
}

// ending is how names end that we choose for an owner.
func ending(owner string) string { return "-" + owner[:min(len(owner), 8)] }

// Assess implements managed.External. A rule has no states: it is there, or not.
func (e rule) Assess(mr *v1alpha1.FirewallRule, r *Rule) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = v1alpha1.FirewallRuleObservation{ID: r.ID}
	var drift diff.Fields
	var ignored *string
	if start, end := addresses(want); want.CIDR == "" {
		diff.Text(&drift, "startIPAddress", start, &r.Start, &ignored)
		diff.Text(&drift, "endIPAddress", end, &r.End, &ignored)
	} else if start != r.Start || end != r.End {
		drift = append(drift, "cidr")
	}
	return managed.Assessment{
		Name: r.Name, Tags: r.Tags, State: managed.Available, Message: "exists", Drift: drift,
		Location: &contract.Location{Provider: "azure"},
	}
}

// Create implements managed.External. A rule of another name than we choose could
// not be told from other people's.
func (e rule) Create(ctx context.Context, mr *v1alpha1.FirewallRule, in managed.Intent) (*Rule, error) {
	if !strings.HasSuffix(in.Name, ending(in.Token)) {
		return nil, fault.New(fault.Invalid, contract.ReasonInvalidExternalName,
			"a firewall rule can't be given a name: remove the annotation %s", contract.AnnotationExternalName)
	}
	return nil, e.set(account.OnlyNew(ctx), mr, in.Name)
}

// Update implements managed.External.
func (e rule) Update(ctx context.Context, mr *v1alpha1.FirewallRule, r *Rule) error {
	return e.set(ctx, mr, r.Name)
}

func (e rule) set(ctx context.Context, mr *v1alpha1.FirewallRule, name string) error {
	p := mr.Spec.ForProvider
	start, end := addresses(p)
	return e.api.SetRule(ctx, p.ResourceGroupName, serverOf(mr), Rule{Name: name, Start: start, End: end})
}

// addresses are the first and the last address that a spec lets in.
func addresses(p v1alpha1.FirewallRuleParameters) (first, last string) {
	if p.CIDR == "" {
		return p.StartIPAddress, p.EndIPAddress
	}
	prefix, err := netip.ParsePrefix(p.CIDR)
	if err != nil || !prefix.Addr().Is4() {
		return p.CIDR, p.CIDR // Azure says what is wrong with it.
	}
	end := prefix.Masked().Addr().As4()
	for bit := prefix.Bits(); bit < prefix.Addr().BitLen(); bit++ {
		end[bit/8] |= 1 << (7 - bit%8)
	}
	return prefix.Masked().Addr().String(), netip.AddrFrom4(end).String()
}

// Delete implements managed.External.
func (e rule) Delete(ctx context.Context, _ *v1alpha1.FirewallRule, r *Rule) error {
	id, err := arm.ParseResourceID(r.ID)
	if err != nil {
		return fmt.Errorf("reading the rule's id: %w", err)
	}
	return e.api.DeleteRule(ctx, id.ResourceGroupName, id.Parent.Name, r.Name)
}

// Rule implements RuleAPI.
func (m mysql) Rule(ctx context.Context, group, server, name string) (*Rule, error) {
	out, err := m.rules.Get(ctx, group, server, name, nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as RuleAPI wants it
	}
	p := orNew(out.Properties)
	return &Rule{ID: value(out.ID), Name: value(out.Name), Start: value(p.StartIPAddress), End: value(p.EndIPAddress)}, nil
}

// SetRule implements RuleAPI.
func (m mysql) SetRule(ctx context.Context, group, server string, r Rule) error {
	_, err := m.rules.BeginCreateOrUpdate(ctx, group, server, r.Name, mysqlsdk.FirewallRule{
		Properties: &mysqlsdk.FirewallRuleProperties{StartIPAddress: &r.Start, EndIPAddress: &r.End},
	}, nil)
	return err //nolint:wrapcheck // as RuleAPI wants it
}

// DeleteRule implements RuleAPI.
func (m mysql) DeleteRule(ctx context.Context, group, server, name string) error {
	_, err := m.rules.BeginDelete(ctx, group, server, name, nil)
	return err //nolint:wrapcheck // as RuleAPI wants it
}

// Rule implements RuleAPI.
func (c postgres) Rule(ctx context.Context, group, server, name string) (*Rule, error) {
	out, err := c.rules.Get(ctx, group, server, name, nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as RuleAPI wants it
	}
	p := orNew(out.Properties)
	return &Rule{ID: value(out.ID), Name: value(out.Name), Start: value(p.StartIPAddress), End: value(p.EndIPAddress)}, nil
}

// SetRule implements RuleAPI.
func (c postgres) SetRule(ctx context.Context, group, server string, r Rule) error {
	_, err := c.rules.BeginCreateOrUpdate(ctx, group, server, r.Name, postgressdk.FirewallRule{
		Properties: &postgressdk.FirewallRuleProperties{StartIPAddress: &r.Start, EndIPAddress: &r.End},
	}, nil)
	return err //nolint:wrapcheck // as RuleAPI wants it
}

// DeleteRule implements RuleAPI.
func (c postgres) DeleteRule(ctx context.Context, group, server, name string) error {
	_, err := c.rules.BeginDelete(ctx, group, server, name, nil)
	return err //nolint:wrapcheck // as RuleAPI wants it
}

// Names have up to 128 letters, digits, underscores and hyphens.
var ruleNames = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

var errInvalidRuleName = errors.New("not a name that Azure accepts for a firewall rule")

func validRuleName(name string) error {
	if !ruleNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to 128 letters, digits, underscores and hyphens", errInvalidRuleName, name)
	}
	return nil
}
