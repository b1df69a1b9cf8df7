// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// pool is what the API does not show of an agent pool.
type pool struct {
	version string // in full
	word    string // for the state while it is changed
}

func ownPool(r *arm.Resource) *pool {
	o, _ := r.Own.(*pool)
	return o
}

func (s *Service) poolType() arm.Type {
	return arm.Type{
		Name: poolType, Whole: true, Creating: creating, Updating: updating, Deleting: deleting,
		Create: s.createPool,
		Change: func(_ *arm.Call, r *arm.Resource, next arm.Body) (func(), error) {
			parent, err := s.parent(r)
			if err != nil {
				return nil, err
			}
			done, err := s.changePool(parent, r, next)
			return func() {
				done()
				s.touch(parent)
			}, err
		},
		Delete: s.removePool,
		Gone: func(r *arm.Resource) {
			id, _ := r.ID.Parent()
			if parent, ok := s.manager.Find(id); ok {
				s.touch(parent)
			}
		},
		View: func(r *arm.Resource, b arm.Body) {
			for key, value := range shown(r) {
				arm.Set(b, value, "properties", key)
			}
		},
		Turned: func(r *arm.Resource) {
			if id, _ := r.ID.Parent(); !r.Busy() {
				if parent, ok := s.manager.Find(id); ok {
					s.touch(parent)
				}
			}
		},
	}
}

// touch notes that a cluster has changed with one of its pools.
func (s *Service) touch(parent *arm.Resource) {
	parent.Replace(parent.Body)
	s.refresh(parent)
}

// parent returns the cluster that a pool belongs to, if nothing is under way there.
func (s *Service) parent(r *arm.Resource) (*arm.Resource, error) {
	id, _ := r.ID.Parent()
	parent, ok := s.manager.Find(id)
	if !ok {
		return nil, arm.Refuse(http.StatusNotFound, "ParentResourceNotFound", "The managed cluster '%s' was not found.", id.Name())
	}
	return parent, s.idle(parent)
}

func poolID(cluster *arm.Resource, name string) arm.ID {
	id := cluster.ID
	id.Types, id.Names = append(slices.Clone(id.Types), kindPools), append(slices.Clone(id.Names), name)
	return id
}

// poolBody is a part of a cluster as a pool by itself.
func poolBody(p any) (string, arm.Body) {
	profile, _ := p.(map[string]any)
	b := arm.Body{"properties": arm.Copy(profile)}
	name := arm.Text(profile, "name")
	delete(b["properties"].(map[string]any), "name") //nolint:errcheck,forcetypeassert // it was just put there
	forget(b)
	return name, b
}

// profile is a pool as a part of its cluster.
func profile(r *arm.Resource) arm.Body {
	p, _ := arm.Copy(r.Body)["properties"].(map[string]any)
	maps.Copy(p, shown(r))
	p["name"] = r.ID.Name()
	return p
}

// shown is what the service itself knows of a pool.
func shown(r *arm.Resource) arm.Body {
	o, state := ownPool(r), r.State()
	switch {
	case state == updating && o.word != "":
		state = o.word
	case state == "":
		state = succeeded
	}
	return arm.Body{
		"provisioningState": state, "powerState": arm.Body{"code": "Running"}, "currentOrchestratorVersion": o.version,
		"nodeImageVersion": "AKSUbuntu-2204gen2containerd-202611.01.0", "eTag": r.ETag(),
	}
}

var poolNames = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)

func (s *Service) createPool(_ *arm.Call, r *arm.Resource) error {
	parent, err := s.parent(r)
	if err != nil {
		return err
	}
	if state := stateOf(parent); state == deleting || own(parent).off {
		return refuse("The managed cluster is in state %s.", state)
	}
	if s.cloud.Settings.Exceeds(provider+":"+kindPools, len(s.pools(parent))+1) {
		return arm.Refuse(http.StatusBadRequest, "QuotaExceeded", "Provisioning of resource(s) exceeds the quota of agent pools.")
	}
	forget(r.Body)
	return completePool(parent, r)
}

// completePool fills in what is left out of a new pool, and checks it.
func completePool(parent, r *arm.Resource) error {
	b := r.Body
	arm.Default(b, arm.Body{}, "properties")
	arm.Default(b, own(parent).version, "properties", "orchestratorVersion")
	if !poolNames.MatchString(r.ID.Name()) {
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "The value of parameter agentPoolName is invalid: %s.", r.ID.Name())
	}
	version := full(arm.Text(b, "properties", "orchestratorVersion"))
	if version == "" {
		return arm.Refuse(http.StatusBadRequest, "AgentPoolK8sVersionNotSupported", "Version %s is not supported.", arm.Text(b, "properties", "orchestratorVersion"))
	}
	if controlPlane := own(parent).version; fits(arm.Text(b, "properties", "orchestratorVersion"), controlPlane) {
		version = controlPlane
	}
	r.Own = &pool{version: version}
	defaults(b)
	if arm.Text(b, "properties", "scaleSetPriority") == "Spot" {
		arm.Set(b, "spot", "properties", "nodeLabels", "kubernetes.azure.com/scalesetpriority")
		taints, _ := arm.Value(b, "properties", "nodeTaints").([]any)
		arm.Set(b, append(taints, any("kubernetes.azure.com/scalesetpriority=spot:NoSchedule")), "properties", "nodeTaints")
	}
	if err := skewed(version, own(parent).version); err != nil {
		return err
	}
	return checkPool(b)
}

// defaults are what a pool has that nobody says; numbers as JSON has them.
func defaults(b arm.Body) {
	for key, value := range map[string]any{
		"count": 1.0, "mode": "User", "osType": "Linux", "osSKU": "Ubuntu", "osDiskType": "Managed", "osDiskSizeGB": 128.0, "maxPods": 110.0,
		"type": "VirtualMachineScaleSets", "enableAutoScaling": false,
	} {
		arm.Default(b, value, "properties", key)
	}
}

// checkPool says what is wrong with a pool as it would be.
func checkPool(b arm.Body) error {
	if size := arm.Text(b, "properties", "vmSize"); capacity(size) == (machine{}) {
		return arm.Refuse(http.StatusBadRequest, "VMSizeNotSupported", "The VM size of %s is not allowed in your subscription in this location.", size)
	}
	count, _ := arm.Number(b, "properties", "count")
	least, hasLeast := arm.Number(b, "properties", "minCount")
	most, hasMost := arm.Number(b, "properties", "maxCount")
	scales, _ := arm.Value(b, "properties", "enableAutoScaling").(bool)
	system := arm.Text(b, "properties", "mode") == "System"
	switch {
	case scales && (!hasLeast || !hasMost || least > count || count > most):
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "The count %d has to be between minCount and maxCount.", count)
	case !scales && (hasLeast || hasMost):
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "minCount and maxCount can only be given with enableAutoScaling.")
	case system && (count < 1 || scales && least < 1):
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "A system pool must have at least one node.")
	}
	list, _ := arm.Value(b, "properties", "nodeTaints").([]any)
	for _, t := range list {
		if _, ok := taint(t); !ok {
			return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "The taint '%v' is invalid.", t)
		}
	}
	return nil
}

// changePool checks a change of a pool, and returns what is done when it is made.
func (s *Service) changePool(parent, r *arm.Resource, next arm.Body) (func(), error) {
	forget(next)
	defaults(next)
	arm.Default(next, arm.Text(r.Body, "properties", "orchestratorVersion"), "properties", "orchestratorVersion")
	if err := unchanged("properties.", r.Body, next, "vmSize", "osType", "osSKU", "osDiskType", "osDiskSizeGB", "maxPods", "vnetSubnetID", "availabilityZones",
		"scaleSetPriority", "spotMaxPrice", "type"); err != nil {
		return nil, err
	}
	if err := checkPool(next); err != nil {
		return nil, err
	}
	if isSystem(r) && arm.Text(next, "properties", "mode") != "System" && s.systems(parent) == 1 {
		return nil, lastSystem()
	}
	o, version := ownPool(r), ownPool(r).version
	if asked := arm.Text(next, "properties", "orchestratorVersion"); asked != "" && !fits(asked, version) {
		switch version = full(asked); {
		case version == "":
			return nil, arm.Refuse(http.StatusBadRequest, "AgentPoolK8sVersionNotSupported", "Version %s is not supported.", asked)
		case older(version, o.version):
			return nil, refuse("Downgrading the node pool from %s to %s is not allowed.", o.version, asked)
		}
		if err := skewed(version, own(parent).version); err != nil {
			return nil, err
		}
		o.word = upgrading
	}
	return func() { o.version, o.word = version, "" }, nil
}

func isSystem(r *arm.Resource) bool { return arm.Text(r.Body, "properties", "mode") == "System" }

func (s *Service) systems(parent *arm.Resource) int {
	n := 0
	for _, p := range s.pools(parent) {
		if isSystem(p) {
			n++
		}
	}
	return n
}

func lastSystem() error {
	return arm.Refuse(http.StatusBadRequest, "OperationNotAllowed", "There has to be at least one system agent pool.")
}

func (s *Service) removePool(_ *arm.Call, r *arm.Resource) error {
	parent, err := s.parent(r)
	if err != nil {
		return err
	}
	if isSystem(r) && s.systems(parent) == 1 {
		return lastSystem()
	}
	return nil
}
