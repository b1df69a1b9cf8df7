// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

var clusterNames = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$`)

// create checks what is asked for, and starts what runs behind it.
func (s *Service) create(_ *arm.Call, r *arm.Resource) error {
	region := strings.ToLower(strings.ReplaceAll(arm.Text(r.Body, "location"), " ", ""))
	if s.cloud.Settings.Exceeds(provider+":"+kindClusters, s.manager.Count(clusterType, r.ID.Subscription, region)+1) {
		return arm.Refuse(http.StatusBadRequest, "QuotaExceeded", "Provisioning of resource(s) exceeds the quota of managed clusters in region %s.", region)
	}
	if !clusterNames.MatchString(r.ID.Name()) {
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "The value of parameter resourceName is invalid: %s.", r.ID.Name())
	}
	complete(r)
	if err := check(r.Body); err != nil {
		return err
	}
	o := &cluster{id: arm.UUID(), static: arm.UUID(), version: full(arm.Text(r.Body, "properties", "kubernetesVersion"))}
	r.Own = o
	if err := s.adoptPools(r); err != nil {
		return err
	}
	s.clusters[r.ID.Key()] = r
	s.launch(r)
	return nil
}

// longestGroup is how long the name of the group of a cluster's nodes can be.
const longestGroup = 80

// complete fills in what is left out.
func complete(r *arm.Resource) {
	b := r.Body
	arm.Default(b, arm.Body{}, "properties")
	arm.Default(b, "Base", "sku", "name")
	arm.Default(b, "Free", "sku", "tier")
	arm.Default(b, defaultVersion, "properties", "kubernetesVersion")
	nodes := "MC_" + r.ID.Group + "_" + r.ID.Name() + "_" + arm.Text(b, "location")
	arm.Default(b, nodes[:min(len(nodes), longestGroup)], "properties", "nodeResourceGroup")
	arm.Default(b, "azure", "properties", "networkProfile", "networkPlugin")
	arm.Default(b, "10.0.0.0/16", "properties", "networkProfile", "serviceCidr")
	arm.Default(b, "10.0.0.10", "properties", "networkProfile", "dnsServiceIP")
	arm.Default(b, "loadBalancer", "properties", "networkProfile", "outboundType")
	arm.Default(b, false, "properties", "disableLocalAccounts")
}

// check says what is wrong with a cluster as it would be.
func check(b arm.Body) error {
	if v := arm.Text(b, "properties", "kubernetesVersion"); full(v) == "" {
		return arm.Refuse(http.StatusBadRequest, "K8sVersionNotSupported", "Managed cluster is on version %s, which is not supported in this region.", v)
	}
	if arm.Text(b, "properties", "dnsPrefix") == "" {
		return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "Required parameter dnsPrefix is missing (null).")
	}
	switch arm.Text(b, "identity", "type") {
	case "SystemAssigned", "UserAssigned":
	default:
		return refuse("Provisioning of resource(s) failed: neither an identity nor a service principal is given.")
	}
	ranges, _ := arm.Value(b, "properties", "apiServerAccessProfile", "authorizedIPRanges").([]any)
	private, _ := arm.Value(b, "properties", "apiServerAccessProfile", "enablePrivateCluster").(bool)
	if private && len(ranges) > 0 {
		return refuse("Authorized IP ranges are not supported for a private cluster.")
	}
	for _, r := range ranges {
		text, _ := r.(string)
		if _, _, err := net.ParseCIDR(text); err != nil && net.ParseIP(text) == nil {
			return arm.Refuse(http.StatusBadRequest, "InvalidParameter", "The authorized IP range '%s' is invalid.", text)
		}
	}
	managed, _ := arm.Value(b, "properties", "aadProfile", "managed").(bool)
	if disabled, _ := arm.Value(b, "properties", "disableLocalAccounts").(bool); disabled && !managed {
		return refuse("Local accounts can only be disabled on clusters with managed Microsoft Entra ID integration.")
	}
	return nil
}

// launch starts the API server. The cluster is not made before that serves.
func (s *Service) launch(r *arm.Resource) {
	o := own(r)
	authenticate := func(token string) (user kubernetes.User, ok bool) {
		s.cloud.Do(func() { user, ok = s.authenticate(r, token) })
		return user, ok
	}
	s.servers.Start(o.id, authenticate, func(at kubernetes.Endpoint, err error) {
		s.cloud.Do(func() {
			o.serving, o.at, o.err = true, at, err
			if err != nil {
				s.log.Error("cannot start an API server", "cluster", r.ID.Name(), "error", err)
			} else {
				s.balance(r)
			}
			s.manager.Advance(r)
			s.refresh(r)
		})
	})
}
