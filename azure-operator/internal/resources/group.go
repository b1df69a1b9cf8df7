// SPDX-License-Identifier: Apache-2.0

// Package resources manages what Azure Resource Manager itself has.
package resources

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources/v3"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	azureapi "github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// GroupAPI is the part of the client of resource groups that they need.
type GroupAPI interface {
	Get(ctx context.Context, name string, o *sdk.ResourceGroupsClientGetOptions) (sdk.ResourceGroupsClientGetResponse, error)
	CreateOrUpdate(ctx context.Context, name string, g sdk.ResourceGroup, o *sdk.ResourceGroupsClientCreateOrUpdateOptions) (sdk.ResourceGroupsClientCreateOrUpdateResponse, error)
	Update(ctx context.Context, name string, g sdk.ResourceGroupPatchable, o *sdk.ResourceGroupsClientUpdateOptions) (sdk.ResourceGroupsClientUpdateResponse, error)
	BeginDelete(ctx context.Context, name string, o *sdk.ResourceGroupsClientBeginDeleteOptions) (*runtime.Poller[sdk.ResourceGroupsClientDeleteResponse], error)
}

// ContentAPI is the part of the client of resources that groups need.
type ContentAPI interface {
	NewListByResourceGroupPager(group string, o *sdk.ClientListByResourceGroupOptions) *runtime.Pager[sdk.ClientListByResourceGroupResponse]
}

// +kubebuilder:rbac:groups=resources.azure.crossplane.io,resources=resourcegroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=resources.azure.crossplane.io,resources=resourcegroups/status,verbs=patch
// +kubebuilder:rbac:groups=resources.azure.crossplane.io,resources=resourcegroups/finalizers,verbs=update

// Group returns the kind ResourceGroup. A group's name is ours to choose.
func Group(accounts Accounts) managed.Kind[*v1alpha1.ResourceGroup, sdk.ResourceGroup] {
	return managed.Kind[*v1alpha1.ResourceGroup, sdk.ResourceGroup]{
		New:      func() *v1alpha1.ResourceGroup { return &v1alpha1.ResourceGroup{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.ResourceGroup) (managed.External[*v1alpha1.ResourceGroup, sdk.ResourceGroup], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return account.Client(a, newGroup)
		},
		Classify:  account.Classify,
		ValidName: validGroupName,
	}
}

// group is managed.External for the resource groups of one account.
type group struct {
	groups  GroupAPI
	content ContentAPI
}

func newGroup(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (group, error) {
	f, err := sdk.NewClientFactory(subscription, c, o)
	if err != nil {
		return group{}, err //nolint:wrapcheck // account.Client says what was done
	}
	return group{f.NewResourceGroupsClient(), f.NewClient()}, nil
}

// Observe implements managed.External.
func (e group) Observe(ctx context.Context, mr *v1alpha1.ResourceGroup, _ managed.Identity) (*sdk.ResourceGroup, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	out, err := e.groups.Get(ctx, name, nil)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	return &out.ResourceGroup, nil
}

// states maps the states of provisioning that the Resource Manager documents.
//
//nolint:gochecknoglobals // a table
var states = map[string]managed.State{
	"Succeeded": managed.Available,
	"Updating":  managed.Available,
	"Accepted":  managed.Creating,
	"Creating":  managed.Creating,
	"Created":   managed.Creating,
	"Deleting":  managed.Deleting,
	"Failed":    managed.Failed,
	"Canceled":  managed.Failed,
}

// Assess implements managed.External.
func (e group) Assess(mr *v1alpha1.ResourceGroup, g *sdk.ResourceGroup) managed.Assessment {
	want, status := mr.Spec.ForProvider, ""
	if g.Properties != nil {
		status = value(g.Properties.ProvisioningState)
	}
	mr.Status.AtProvider = v1alpha1.ResourceGroupObservation{State: status, ID: value(g.ID)}
	state, known := states[status]
	if !known {
		state = managed.Unknown
	}
	tags := tagMap(g.Tags)
	var drift, fixed diff.Fields
	diff.Tags(&drift, want.Tags, tags)
	diff.FixedText(&fixed, "location", want.Location, g.Location)
	return managed.Assessment{
		Name: value(g.Name), Tags: tags, State: state, Message: status, Busy: status != "Succeeded",
		Drift: drift, Fixed: fixed, Location: &contract.Location{Provider: "azure", Region: want.Location},
	}
}

// Create implements managed.External. What would be changed by it, were it there
// already, are the tags: Observe finds whose it is before.
func (e group) Create(ctx context.Context, mr *v1alpha1.ResourceGroup, in managed.Intent) (*sdk.ResourceGroup, error) {
	out, err := e.groups.CreateOrUpdate(account.OnlyNew(ctx), in.Name, sdk.ResourceGroup{
		Location: &mr.Spec.ForProvider.Location, Tags: tagPointers(diff.Both(mr.Spec.ForProvider.Tags, in.Tags)),
	}, nil)
	if err != nil {
		return nil, err
	}
	return &out.ResourceGroup, nil
}

// Update implements managed.External.
func (e group) Update(ctx context.Context, mr *v1alpha1.ResourceGroup, g *sdk.ResourceGroup) error {
	var d diff.Fields
	return e.tag(ctx, g, diff.Tags(&d, mr.Spec.ForProvider.Tags, tagMap(g.Tags)))
}

// Adopt implements managed.Adopter.
func (e group) Adopt(ctx context.Context, _ *v1alpha1.ResourceGroup, g *sdk.ResourceGroup, tags map[string]string) error {
	return e.tag(ctx, g, tags)
}

// tag adds tags to those that the group has: Azure replaces all.
func (e group) tag(ctx context.Context, g *sdk.ResourceGroup, more map[string]string) error {
	tags := tagMap(g.Tags)
	maps.Copy(tags, more)
	_, err := e.groups.Update(ctx, value(g.Name), sdk.ResourceGroupPatchable{Tags: tagPointers(tags)}, nil)
	return err
}

// Delete implements managed.External. With a group Azure deletes all that is in
// it: so it has to be empty, and whoever finds it is not says what is there.
func (e group) Delete(ctx context.Context, _ *v1alpha1.ResourceGroup, g *sdk.ResourceGroup) error {
	page, err := e.content.NewListByResourceGroupPager(value(g.Name), nil).NextPage(ctx)
	if err != nil {
		return err //nolint:wrapcheck // Classify judges it
	}
	if n := len(page.Value); n > 0 {
		first, more := page.Value[0], ""
		if n > 1 {
			more = fmt.Sprintf(" and %d more", n-1)
		}
		return fault.New(fault.Dependency, contract.ReasonDependency,
			"the group holds %s (%s)%s, which Azure would delete with it: delete that first, or move it elsewhere", value(first.Name), value(first.Type), more)
	}
	_, err = e.groups.BeginDelete(ctx, value(g.Name), nil)
	return err
}

// Names have up to 90 letters, digits, underscores, hyphens, full stops and
// parentheses, and do not end with a full stop (Azure Resource Manager, "Naming
// rules and restrictions for Azure resources").
var groupNames = regexp.MustCompile(`^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$`)

var errInvalidName = errors.New("not a name that Azure accepts for a resource group")

func validGroupName(name string) error {
	if !groupNames.MatchString(name) {
		return fmt.Errorf("%w: %q is not up to 90 letters, digits and _-.()", errInvalidName, name)
	}
	return nil
}

func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

func tagMap(tags map[string]*string) map[string]string {
	out := make(map[string]string, len(tags))
	for k, v := range tags {
		out[k] = value(v)
	}
	return out
}

func tagPointers(tags map[string]string) map[string]*string {
	out := make(map[string]*string, len(tags))
	for k, v := range tags {
		out[k] = &v
	}
	return out
}
