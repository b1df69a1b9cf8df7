// SPDX-License-Identifier: Apache-2.0

package container

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// updateCluster makes one change: more in one request are refused, as by GKE.
func (s *Service) updateCluster(r *rest.Request) (any, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.UpdateClusterRequest](r)
	if err != nil {
		return nil, err
	}
	if n := fieldsOf(r.Body); in.Update == nil || n != 1 {
		return nil, invalid("Must specify exactly one field to update, got %d.", n)
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	u := in.Update
	if u.DesiredMasterVersion != nil {
		return s.upgradeMaster(r, here, c, *u.DesiredMasterVersion)
	}
	if err := checkZones(c.Location, u.DesiredLocations); err != nil {
		return nil, err
	}
	return s.alter(r, here, c, "UPDATE_CLUSTER", func() { c.change(u) }), nil
}

// fieldsOf counts the fields of the update in a request.
func fieldsOf(body []byte) int {
	var request struct {
		Update map[string]json.RawMessage `json:"update"`
	}
	_ = json.Unmarshal(body, &request) // it was read before
	return len(request.Update)
}

// change makes one change.
func (c *cluster) change(u *wire.ClusterUpdate) {
	switch {
	case u.DesiredControlPlaneEndpointsConfig != nil:
		c.ControlPlaneEndpointsConfig = u.DesiredControlPlaneEndpointsConfig
		open(c.ControlPlaneEndpointsConfig)
		c.readdress()
	case u.DesiredDefaultEnablePrivateNodes != nil:
		c.NetworkConfig = &wire.NetworkConfig{DefaultEnablePrivateNodes: *u.DesiredDefaultEnablePrivateNodes}
	case u.DesiredLocations != nil:
		c.Locations = u.DesiredLocations
	case u.DesiredReleaseChannel != nil:
		c.ReleaseChannel = u.DesiredReleaseChannel
	case u.DesiredWorkloadIdentityConfig != nil:
		c.WorkloadIdentityConfig = u.DesiredWorkloadIdentityConfig
	case u.DesiredDatabaseEncryption != nil:
		c.DatabaseEncryption = u.DesiredDatabaseEncryption
	case u.DesiredLoggingConfig != nil:
		c.LoggingConfig = u.DesiredLoggingConfig
	case u.DesiredMonitoringConfig != nil:
		c.MonitoringConfig = u.DesiredMonitoringConfig
	}
}

// upgradeMaster goes up one minor version at most, and leaves no nodes behind.
func (s *Service) upgradeMaster(r *rest.Request, here *location, c *cluster, alias string) (any, error) {
	version, ok := resolve(alias)
	switch {
	case !ok:
		return nil, invalid("Master version \"%s\" is unsupported.", alias)
	case older(version, c.CurrentMasterVersion):
		return nil, invalid("Master cannot be downgraded to \"%s\".", version)
	case minor(version) > minor(c.CurrentMasterVersion)+1:
		return nil, invalid("Master cannot be upgraded to \"%s\": cannot upgrade the master more than a minor version at a time.", version)
	}
	for _, p := range c.pools.All() {
		if minor(version)-minor(p.Version) > mostBehind {
			return nil, invalid("Node pool \"%s\" has version \"%s\", which is more than %d minor versions older than \"%s\".", p.Name, p.Version, mostBehind, version)
		}
	}
	return s.alter(r, here, c, "UPGRADE_MASTER", func() { c.CurrentMasterVersion = version }), nil
}

func (s *Service) setLabels(r *rest.Request) (any, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.SetLabelsRequest](r)
	if err != nil {
		return nil, err
	}
	if in.LabelFingerprint != c.LabelFingerprint {
		return nil, rest.Refuse(http.StatusPreconditionFailed, "conditionNotMet", "Labels could not be set due to fingerprint mismatch.")
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	return s.alter(r, here, c, "UPDATE_CLUSTER", func() {
		c.ResourceLabels, c.LabelFingerprint = in.ResourceLabels, strings.ToLower(rand.Text()[:8])
	}), nil
}

func (s *Service) setMaintenance(r *rest.Request) (any, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[wire.SetMaintenancePolicyRequest](r)
	if err != nil {
		return nil, err
	}
	have := ""
	if c.MaintenancePolicy != nil {
		have = c.MaintenancePolicy.ResourceVersion
	}
	switch {
	case in.MaintenancePolicy == nil:
		return nil, invalid("Missing maintenance_policy.")
	case in.MaintenancePolicy.ResourceVersion != have:
		return nil, rest.Refuse(http.StatusPreconditionFailed, "conditionNotMet", "The maintenance policy was changed meanwhile.")
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	return s.alter(r, here, c, "UPDATE_CLUSTER", func() {
		c.MaintenancePolicy = in.MaintenancePolicy
		c.stampMaintenance()
	}), nil
}

func (c *cluster) stampMaintenance() {
	if c.MaintenancePolicy != nil {
		c.MaintenancePolicy.ResourceVersion = strings.ToLower(rand.Text()[:8])
	}
}

// alter changes the cluster when that has taken its time.
func (s *Service) alter(r *rest.Request, here *location, c *cluster, typ string, done func()) *wire.Operation {
	s.record(r, c, kindCluster, c.Name, local.Updated)
	op := s.begin(r, here, c, work{typ: typ, takes: local.Modify, done: done})
	s.publish(c, kindCluster, c.Name, c.state())
	return op
}
