// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// change checks a change of a cluster and its pools.
func (s *Service) change(c *arm.Call, r *arm.Resource, next arm.Body) (func(), error) {
	if err := s.idle(r); err != nil {
		return nil, err
	}
	profiles, _ := arm.Value(next, "properties", "agentPoolProfiles").([]any)
	forget(next)
	arm.Default(next, arm.Text(r.Body, "properties", "kubernetesVersion"), "properties", "kubernetesVersion")
	complete(&arm.Resource{ID: r.ID, Body: next})
	if err := check(next); err != nil {
		return nil, err
	}
	if err := unchanged("properties.", r.Body, next, "dnsPrefix", "nodeResourceGroup", "networkProfile.networkPlugin", "networkProfile.networkPluginMode",
		"networkProfile.networkPolicy", "networkProfile.podCidr", "networkProfile.serviceCidr", "networkProfile.dnsServiceIP",
		"networkProfile.outboundType", "apiServerAccessProfile.enablePrivateCluster"); err != nil {
		return nil, err
	}
	version, err := s.upgrade(r, arm.Text(next, "properties", "kubernetesVersion"))
	if err != nil {
		return nil, err
	}
	var pools func()
	if c.Method == http.MethodPut {
		if pools, err = s.changeProfiles(r, profiles); err != nil {
			return nil, err
		}
	}
	o := own(r)
	if o.word = updating; version != o.version {
		o.word = upgrading
	}
	return func() {
		o.version, o.word = version, ""
		if pools != nil {
			pools()
		}
		s.refresh(r)
	}, nil
}

// forget drops what only the service says, and a caller sends back.
func forget(b arm.Body) {
	p, _ := b["properties"].(map[string]any)
	for _, key := range []string{
		"agentPoolProfiles", "provisioningState", "powerState", "currentKubernetesVersion", "maxAgentPools", "fqdn", "privateFQDN", "status",
		"currentOrchestratorVersion", "eTag", "nodeImageVersion",
	} {
		delete(p, key)
	}
	if identity, ok := b["identity"].(map[string]any); ok {
		delete(identity, "principalId")
	}
}

// unchanged refuses to change what is decided when something is made.
func unchanged(in string, have, next arm.Body, fields ...string) error {
	for _, field := range fields {
		path := strings.Split(in+field, ".")
		if was, will := arm.Value(have, path...), arm.Value(next, path...); !reflect.DeepEqual(was, will) && !blank(was, will) {
			return arm.Refuse(http.StatusBadRequest, "PropertyChangeNotAllowed", "Changing property '%s' is not allowed.", in+field)
		}
	}
	return nil
}

// blank reports whether neither says anything: false is what is not there.
func blank(a, b any) bool {
	none := func(v any) bool { return v == nil || v == false || v == "" }
	return none(a) && none(b)
}

// upgrade returns what a cluster's control plane is to run.
func (s *Service) upgrade(r *arm.Resource, asked string) (string, error) {
	have := own(r).version
	if fits(asked, have) {
		return have, nil
	}
	want := full(asked)
	switch {
	case older(want, have):
		return "", refuse("Downgrading Kubernetes version %s to %s is not allowed.", have, asked)
	case minor(want) > minor(have)+1:
		return "", refuse("Upgrading Kubernetes version %s to %s is not allowed. Available upgrades: the patches of this and the next minor version.", have, asked)
	}
	for _, p := range s.pools(r) {
		if err := skewed(ownPool(p).version, want); err != nil {
			return "", err
		}
	}
	return want, nil
}

// farthest is how many minor versions nodes can be behind their control plane
// (https://learn.microsoft.com/azure/aks/use-multiple-node-pools, "Upgrade a node pool").
const farthest = 2

// skewed refuses nodes of a version that does not go with the control plane's.
func skewed(nodes, controlPlane string) error {
	if !older(controlPlane, nodes) && minor(controlPlane)-minor(nodes) <= farthest {
		return nil
	}
	return arm.Refuse(http.StatusBadRequest, "NodePoolMcVersionIncompatible",
		"Node pool version %s and control plane version %s are incompatible. For more information, please check https://aka.ms/version-skew-policy",
		nodes, controlPlane)
}

// adoptPools makes the pools that a new cluster is asked for with.
func (s *Service) adoptPools(r *arm.Resource) error {
	profiles, _ := arm.Value(r.Body, "properties", "agentPoolProfiles").([]any)
	forget(r.Body)
	var made []*arm.Resource
	for _, p := range profiles {
		name, b := poolBody(p)
		one := &arm.Resource{ID: poolID(r, name), Body: b}
		if err := completePool(r, one); err != nil {
			return err
		}
		made = append(made, one)
	}
	if !slices.ContainsFunc(made, isSystem) {
		return arm.Refuse(http.StatusBadRequest, "MustDefineAtLeastOneSystemPool", "Must define at least one system pool.")
	}
	for _, one := range made {
		s.manager.Adopt(r, kindPools, one.ID.Name(), one.Body)
		there, _ := s.manager.Find(one.ID)
		there.Own = one.Own
	}
	return nil
}

// changeProfiles checks changes of pools as parts of their cluster.
func (s *Service) changeProfiles(r *arm.Resource, profiles []any) (func(), error) {
	if len(profiles) < len(s.pools(r)) {
		return nil, refuse("Agent pools can't be removed by an update of their cluster.")
	}
	var all []func()
	for _, p := range profiles {
		name, b := poolBody(p)
		there, ok := s.manager.Find(poolID(r, name))
		if !ok {
			return nil, refuse("The local cloud adds no agent pool by an update of the cluster: %s.", name)
		}
		done, err := s.changePool(r, there, b)
		if err != nil {
			return nil, err
		}
		all = append(all, func() {
			there.Replace(b)
			done()
		})
	}
	return func() {
		for _, f := range all {
			f()
		}
	}, nil
}
