// SPDX-License-Identifier: Apache-2.0

// Package containers is the local Azure's Kubernetes Service: managed clusters
// and their agent pools, with their states, rules and errors. The API servers
// behind its endpoints are real ones, of package kubernetes.
package containers

import (
	"log/slog"
	"net/http"
	"net/url"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

const (
	provider     = "Microsoft.ContainerService"
	kindClusters = "managedClusters"
	kindPools    = "agentPools"

	clusterType = provider + "/" + kindClusters
	poolType    = clusterType + "/" + kindPools
)

// The provisioning states.
const (
	creating  = "Creating"
	updating  = "Updating"
	upgrading = "Upgrading"
	deleting  = "Deleting"
	succeeded = "Succeeded"
	failed    = "Failed"
)

// Servers runs the API servers behind the endpoints.
type Servers interface {
	Start(id string, authenticate kubernetes.Authenticate, ready func(kubernetes.Endpoint, error))
	Keep(id string, want kubernetes.Content)
	Stop(id string)
}

// Directory knows who calls.
type Directory interface {
	Holder(token, audience string) (entra.Application, bool)
	List() []entra.Application
}

// Service is the clusters of all subscriptions.
type Service struct {
	cloud     *local.Cloud
	manager   *arm.Manager
	servers   Servers
	directory Directory
	log       *slog.Logger
	clusters  map[string]*arm.Resource // by the key of their ID
}

// cluster is what the API does not show of a cluster.
type cluster struct {
	id      string // of its API server
	static  string // the token of its local account
	version string // in full
	off     bool   // stopped
	word    string // for the state while it is changed

	serving bool // the API server has started, well or not
	at      kubernetes.Endpoint
	err     error // why the API server could not start
}

// New returns a service without a cluster, known to the manager.
func New(cloud *local.Cloud, manager *arm.Manager, servers Servers, directory Directory, log *slog.Logger) *Service {
	s := &Service{cloud: cloud, manager: manager, servers: servers, directory: directory, log: log, clusters: map[string]*arm.Resource{}}
	manager.Add(s.clusterType())
	manager.Add(s.poolType())
	return s
}

func (s *Service) clusterType() arm.Type {
	return arm.Type{
		Name: clusterType, Regional: true, Whole: true, Creating: creating, Updating: updating, Deleting: deleting,
		Create: s.create,
		Change: s.change,
		Delete: func(_ *arm.Call, r *arm.Resource) error { return s.idle(r) },
		Gone: func(r *arm.Resource) {
			delete(s.clusters, r.ID.Key())
			s.manager.Unmake(outbound(r))
			s.servers.Stop(own(r).id)
		},
		Kept: func(r *arm.Resource) bool { return !own(r).serving },
		View: s.view,
		Actions: map[string]func(*arm.Call, *arm.Resource) error{
			"stop":  func(_ *arm.Call, r *arm.Resource) error { return s.turn(r, "Stopping", true) },
			"start": func(_ *arm.Call, r *arm.Resource) error { return s.turn(r, "Starting", false) },
		},
		Questions: map[string]func(*arm.Call, *arm.Resource) (any, error){
			"listClusterUserCredential":  s.userCredential,
			"listClusterAdminCredential": s.adminCredential,
		},
	}
}

func own(r *arm.Resource) *cluster {
	o, _ := r.Own.(*cluster)
	return o
}

// stateOf is the cluster's provisioning state.
func stateOf(r *arm.Resource) string {
	o := own(r)
	switch state := r.State(); {
	case state == updating && o.word != "":
		return o.word
	case state != "":
		return state
	case o.err != nil:
		return failed
	default:
		return succeeded
	}
}

// idle says whether nothing is under way in a cluster: AKS does one thing at a time.
func (s *Service) idle(r *arm.Resource) error {
	busy := r.Busy()
	what := "managed cluster " + r.ID.Name()
	for _, p := range s.pools(r) {
		if p.Busy() {
			busy, what = true, "agent pool "+p.ID.Name()
		}
	}
	if !busy {
		return nil
	}
	return arm.Refuse(http.StatusConflict, "OperationNotAllowed",
		"Operation is not allowed because there's an in progress operation on the %s. Please wait until it is finished.", what)
}

// pools are those of a cluster, by their names.
func (s *Service) pools(r *arm.Resource) []*arm.Resource { return s.manager.Children(r.ID, kindPools) }

// view adds what the service itself knows of a cluster.
func (s *Service) view(r *arm.Resource, b arm.Body) {
	o := own(r)
	b["eTag"] = r.ETag()
	power := "Running"
	if o.off {
		power = "Stopped"
	}
	profiles := []any{}
	for _, p := range s.pools(r) {
		profiles = append(profiles, profile(p))
	}
	for key, value := range map[string]any{
		"provisioningState": stateOf(r), "powerState": arm.Body{"code": power}, "currentKubernetesVersion": o.version,
		"agentPoolProfiles": profiles, "maxAgentPools": 100,
	} {
		arm.Set(b, value, "properties", key)
	}
	if u, err := url.Parse(o.at.URL); err == nil && o.serving && o.err == nil {
		arm.Set(b, u.Hostname(), "properties", hostKey(b))
	}
	s.showOutbound(r, b)
	if o.err != nil {
		arm.Set(b, arm.Body{"code": "InternalServerError", "message": "The control plane could not be started."}, "properties", "status", "provisioningError")
	}
	if arm.Text(b, "identity", "type") == "SystemAssigned" {
		arm.Set(b, "e"+o.id[1:], "identity", "principalId")
	}
}

func hostKey(b arm.Body) string {
	if private, _ := arm.Value(b, "properties", "apiServerAccessProfile", "enablePrivateCluster").(bool); private {
		return "privateFQDN"
	}
	return "fqdn"
}

// turn switches a cluster off or on. Its API server works on: nobody notices but
// who asks for the state.
func (s *Service) turn(r *arm.Resource, through string, off bool) error {
	if err := s.idle(r); err != nil {
		return err
	}
	s.manager.Begin(r, local.Reboot, through, func() { own(r).off = off })
	return nil
}

// Refresh tells all API servers what is to be in them.
func (s *Service) Refresh() {
	for _, r := range s.clusters {
		s.refresh(r)
	}
}

func (s *Service) refresh(r *arm.Resource) {
	content := kubernetes.Content{Grants: s.grants(r)}
	for _, p := range s.pools(r) {
		content.Nodes = append(content.Nodes, nodes(r, p)...)
	}
	s.servers.Keep(own(r).id, content)
}

func refuse(format string, args ...any) error {
	return arm.Refuse(http.StatusBadRequest, "BadRequest", format, args...)
}
