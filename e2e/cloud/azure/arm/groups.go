// SPDX-License-Identifier: Apache-2.0

package arm

import (
	"net/http"
	"path"
	"regexp"
	"strings"
)

const deleting = "Deleting"

// Locations are the regions that there are, by their short names.
func Locations() map[string]string {
	return map[string]string{
		"eastus": "East US", "westus2": "West US 2", "westeurope": "West Europe", "northeurope": "North Europe",
	}
}

// short is a region's short name: Azure takes and gives both "West Europe" and
// "westeurope".
func short(location string) string { return strings.ToLower(strings.ReplaceAll(location, " ", "")) }

func checkLocation(b Body, id ID) error {
	location := Text(b, "location")
	if location == "" {
		return Refuse(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	}
	if _, ok := Locations()[short(location)]; ok {
		return nil
	}
	if id.Type() == groupType {
		return Refuse(http.StatusBadRequest, "LocationNotAvailableForResourceGroup",
			"The provided location '%s' is not available for resource group. List of available regions is 'eastus,northeurope,westeurope,westus2'.", location)
	}
	return Refuse(http.StatusBadRequest, "LocationNotAvailableForResourceType",
		"The provided location '%s' is not available for resource type '%s'. List of available regions for the resource type is "+
			"'eastus,northeurope,westeurope,westus2'.", location, id.Type())
}

// Resource group names have 1 to 90 letters, digits, underscores, hyphens, full
// stops and parentheses, and do not end with a full stop.
var groupNames = regexp.MustCompile(`^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$`)

// groups is the type of resource groups.
func (m *Manager) groups() Type {
	return Type{
		Name: groupType, Regional: true, Instant: true, Creating: "Creating", Updating: "Updating", Deleting: deleting,
		Create: func(_ *Call, r *Resource) error {
			if !groupNames.MatchString(r.ID.Group) {
				return Refuse(http.StatusBadRequest, "InvalidResourceGroupName", "The provided resource group name '%s' is invalid.", r.ID.Group)
			}
			r.Body["location"] = short(Text(r.Body, "location"))
			return nil
		},
		Change: func(_ *Call, r *Resource, _ Body) (func(), error) {
			if r.State() == deleting {
				return nil, Refuse(http.StatusConflict, "ResourceGroupBeingDeleted",
					"The resource group '%s' is in deprovisioning state and cannot perform this operation.", r.ID.Group)
			}
			return func() {}, nil
		},
		View: provisioned,
	}
}

// Policy denies to create what it matches, as Azure Policy does.
type Policy struct {
	Name     string `json:"name"`
	Type     string `json:"type,omitempty"`     // a glob of types; all where empty
	Location string `json:"location,omitempty"` // a glob of regions; all where empty
}

// Policies replaces the policies in force.
func (m *Manager) Policies(p []Policy) { m.policies = p }

// allowed says whether the policies allow a resource.
func (m *Manager) allowed(r *Resource) error {
	for _, p := range m.policies {
		if Matches(p.Type, r.ID.Type()) && Matches(p.Location, r.location()) {
			return Refuse(http.StatusForbidden, "RequestDisallowedByPolicy",
				"Resource '%s' was disallowed by policy. Policy identifiers: '[{\"policyAssignment\":{\"name\":\"%s\"}}]'.", r.ID.Name(), p.Name)
		}
	}
	return nil
}

// Matches compares as Azure's roles do: * is any text, slashes included.
func Matches(pattern, s string) bool {
	flat := strings.NewReplacer("/", "\x00")
	ok, err := path.Match(flat.Replace(strings.ToLower(pattern)), flat.Replace(strings.ToLower(s)))
	return pattern == "" || ok && err == nil
}
