// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// Profile is a pool as a part of its cluster. A pool by itself is the same to
// Azure, and another type to the SDK.
type Profile = sdk.ManagedClusterAgentPoolProfile

// profileOf is a pool by itself as a part of its cluster.
func profileOf(p *sdk.AgentPool) (Profile, error) {
	var out Profile
	if err := across(p.Properties, &out); err != nil {
		return out, err
	}
	out.Name = p.Name
	return out, nil
}

// poolOf is a part of a cluster as a pool by itself.
func poolOf(p Profile) (sdk.AgentPool, error) {
	properties := &sdk.ManagedClusterAgentPoolProfileProperties{}
	err := across(p, properties)
	return sdk.AgentPool{Properties: properties}, err
}

// across goes by what both are written as.
func across(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("writing a pool: %w", err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("reading a pool: %w", err)
	}
	return nil
}

// newPool is a pool as it is asked for.
func newPool(want v1alpha1.NodePool) Profile {
	p := Profile{
		VMSize: &want.VMSize, Type: new(sdk.AgentPoolTypeVirtualMachineScaleSets), OSType: new(sdk.OSTypeLinux),
		OSDiskSizeGB: want.OSDiskSizeGB, OSDiskType: word[sdk.OSDiskType](want.OSDiskType), OSSKU: word[sdk.OSSKU](want.OSSKU),
		MaxPods: want.MaxPods, VnetSubnetID: word[string](want.VnetSubnetID),
	}
	if len(want.Zones) > 0 {
		p.AvailabilityZones = pointers(want.Zones)
	}
	var d diff.Fields
	planPool(&d, "", want, &p)
	if p.Count == nil {
		p.Count = new(int32(1))
	}
	return p
}

// planPool lets a pool become what is wanted as far as it can change, and says
// which fields that are.
func planPool(d *diff.Fields, in string, want v1alpha1.NodePool, p *Profile) {
	planSize(d, in, want, p)
	planLabels(d, in+"labels", want.Labels, p)
	planTaints(d, in+"taints", want.Taints, p)
	if s := want.UpgradeSettings; s != nil {
		part(d, &p.UpgradeSettings, func(have *sdk.AgentPoolUpgradeSettings) {
			set(d, in+"upgradeSettings.maxSurge", s.MaxSurge, &have.MaxSurge)
			diff.Value(d, in+"upgradeSettings.drainTimeoutMinutes", s.DrainTimeoutMinutes, have.DrainTimeoutInMinutes, &have.DrainTimeoutInMinutes)
		})
	}
}

// planSize compares how many nodes there are only where no autoscaler decides.
// Bounds that the pool is out of move it: Azure refuses them otherwise.
func planSize(d *diff.Fields, in string, want v1alpha1.NodePool, p *Profile) {
	if a := want.Autoscaling; a != nil {
		before := len(*d)
		diff.Value(d, in+"autoscaling", new(true), p.EnableAutoScaling, &p.EnableAutoScaling)
		diff.Value(d, in+"autoscaling.min", &a.Min, p.MinCount, &p.MinCount)
		diff.Value(d, in+"autoscaling.max", &a.Max, p.MaxCount, &p.MaxCount)
		if len(*d) > before {
			p.Count = new(min(max(value(p.Count), a.Min), a.Max))
		}
		return
	}
	if want.Count == nil {
		return
	}
	if value(p.EnableAutoScaling) {
		*d = append(*d, in+"autoscaling")
		p.EnableAutoScaling, p.MinCount, p.MaxCount = new(false), nil, nil
	}
	diff.Value(d, in+"count", want.Count, p.Count, &p.Count)
}

// ownPrefix is what labels and taints begin with that AKS itself puts on nodes.
const ownPrefix = "kubernetes.azure.com/"

func planLabels(d *diff.Fields, field string, want map[string]v1alpha1.LabelValue, p *Profile) {
	if want == nil {
		return
	}
	next, changed := map[string]string{}, false
	for key, have := range textMap(p.NodeLabels) {
		wanted, there := want[key]
		switch {
		case strings.HasPrefix(key, ownPrefix):
			next[key] = have
		case !there || string(wanted) != have:
			changed = true
		}
	}
	for key, wanted := range want {
		_, there := p.NodeLabels[key]
		next[key], changed = string(wanted), changed || !there
	}
	if changed {
		*d = append(*d, field)
		p.NodeLabels = pointerMap(next)
	}
}

func planTaints(d *diff.Fields, field string, want []v1alpha1.Taint, p *Profile) {
	if want == nil {
		return
	}
	wanted, have, kept := []string{}, []string{}, []string{}
	for _, t := range want {
		wanted = append(wanted, taintText(t))
	}
	for _, t := range values(p.NodeTaints) {
		if strings.HasPrefix(t, ownPrefix) {
			kept = append(kept, t)
			continue
		}
		have = append(have, strings.Replace(t, "=:", ":", 1))
	}
	if !diff.Same(wanted, have) {
		*d = append(*d, field)
		p.NodeTaints = pointers(append(kept, wanted...))
	}
}

// taintText is a taint as kubectl writes it.
func taintText(t v1alpha1.Taint) string {
	text := t.Key
	if t.Value != "" {
		text += "=" + t.Value
	}
	return text + ":" + t.Effect
}

// fixedPool lists what differs of a pool and can't be changed.
func fixedPool(d *diff.Fields, in string, want v1alpha1.NodePool, have *Profile) {
	fixedID(d, in+"vmSize", want.VMSize, have.VMSize)
	diff.Fixed(d, in+"osDiskSizeGB", want.OSDiskSizeGB, have.OSDiskSizeGB)
	diff.FixedText(d, in+"osDiskType", want.OSDiskType, said(have.OSDiskType))
	diff.FixedText(d, in+"osSKU", want.OSSKU, said(have.OSSKU))
	if zones := values(have.AvailabilityZones); len(want.Zones) > 0 && !diff.Same(want.Zones, zones) {
		diff.FixedText(d, in+"zones", strings.Join(want.Zones, ", "), new(strings.Join(zones, ", ")))
	}
	diff.Fixed(d, in+"maxPods", want.MaxPods, have.MaxPods)
	fixedID(d, in+"vnetSubnetID", want.VnetSubnetID, have.VnetSubnetID)
}

// runs is the version that a pool's nodes run, in full where Azure tells it.
func runs(p *Profile) string {
	return cmp.Or(value(p.CurrentOrchestratorVersion), value(p.OrchestratorVersion))
}
