// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/container/v1"
	"google.golang.org/api/googleapi"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
)

// fakeGKE is a GKE with one project and location. What it is asked for is under way
// until Settle, and a cluster does one thing at a time. Everything goes through it as
// JSON, as on the wire: what is not sent is not there.
type fakeGKE struct {
	mu         sync.Mutex
	clusters   map[string]*fakeCluster
	mutations  int
	operations []*container.Operation
	failNext   *container.Status // of the next operation
	asked      []string          // the calls that changed something
	issued     map[string]issuedToken
	now        time.Time
}

type fakeCluster struct {
	container.Cluster
	done func()
}

type issuedToken struct {
	account string
	expires time.Time
}

func newFakeGKE() *fakeGKE {
	return &fakeGKE{clusters: map[string]*fakeCluster{}, issued: map[string]issuedToken{}, now: time.Now()}
}

func refuse(status int, reason, message string) error {
	return &account.CallError{Operation: "test", Err: &googleapi.Error{
		Code: status, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason, Message: message}},
	}}
}

// copied is what arrives of v.
func copied[T any](v *T) *T {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	out := new(T)
	if err := json.Unmarshal(text, out); err != nil {
		panic(err)
	}
	return out
}

// find returns a cluster, within the lock.
func (f *fakeGKE) find(name string) (*fakeCluster, error) {
	if c := f.clusters[name]; c != nil {
		return c, nil
	}
	return nil, refuse(http.StatusNotFound, "notFound", "Not found: "+name)
}

// begin starts an operation of a cluster that has none.
func (f *fakeGKE) begin(c *fakeCluster, call, target string, done func()) error {
	if c.done != nil {
		return refuse(http.StatusBadRequest, "failedPrecondition", "Cluster is running incompatible operation operation-1.")
	}
	f.mutations++
	f.asked = append(f.asked, call)
	op := &container.Operation{
		Name: fmt.Sprintf("operation-%d", f.mutations), OperationType: call, Status: "RUNNING", TargetLink: "https://container.example.org/v1" + target,
		StartTime: fmt.Sprintf("%06d", f.mutations),
	}
	f.operations = append(f.operations, op)
	fails := f.failNext
	f.failNext = nil
	c.done = func() {
		op.Status, op.EndTime, op.Error = "DONE", f.now.UTC().Format(time.RFC3339), fails
		if fails == nil {
			done()
		}
		if c.Status == reconciling {
			c.Status = running
		}
	}
	if c.Status == running {
		c.Status = reconciling
	}
	return nil
}

// change begins a change of a cluster that is there.
func (f *fakeGKE) change(at place, call string, done func(*container.Cluster)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(at.cluster)
	if err != nil {
		return err
	}
	return f.begin(c, call, "/clusters/"+at.cluster, func() { done(&c.Cluster) })
}

// Settle ends everything that is under way.
func (f *fakeGKE) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range maps.Clone(f.clusters) {
		if done := c.done; done != nil {
			c.done = nil
			done()
		}
	}
}

func (f *fakeGKE) Cluster(_ context.Context, at place) (*container.Cluster, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(at.cluster)
	if err != nil {
		return nil, err
	}
	return copied(&c.Cluster), nil
}

func (f *fakeGKE) CreateCluster(_ context.Context, location string, in *container.Cluster) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clusters[in.Name] != nil {
		return refuse(http.StatusConflict, "alreadyExists", "Already exists: "+in.Name)
	}
	c := &fakeCluster{Cluster: *copied(in)}
	c.Status, c.Location, c.CurrentMasterVersion = provisioning, location, patched(in.InitialClusterVersion)
	for _, p := range c.NodePools {
		p.Status, p.Version = running, c.CurrentMasterVersion
	}
	f.clusters[in.Name] = c
	return f.begin(c, "CREATE_CLUSTER", "/clusters/"+in.Name, func() {
		c.Status, c.Endpoint, c.MasterAuth = running, "192.0.2.7", &container.MasterAuth{ClusterCaCertificate: "UEVN"}
	})
}

// patched is the version that an alias of one stands for.
func patched(version string) string {
	switch strings.Count(version, ".") {
	case 0:
		return "1.34.1-gke.100"
	case 1:
		return version + ".2-gke.100"
	default:
		return version
	}
}

func (f *fakeGKE) UpdateCluster(_ context.Context, at place, u *container.ClusterUpdate) error {
	u = copied(u)
	return f.change(at, "UPDATE_CLUSTER", func(c *container.Cluster) {
		switch {
		case u.DesiredMasterVersion != "":
			c.CurrentMasterVersion = patched(u.DesiredMasterVersion)
		case u.DesiredControlPlaneEndpointsConfig != nil:
			c.ControlPlaneEndpointsConfig = u.DesiredControlPlaneEndpointsConfig
		case u.DesiredReleaseChannel != nil:
			c.ReleaseChannel = u.DesiredReleaseChannel
		default:
			panic("not known to the fake")
		}
	})
}

func (f *fakeGKE) SetLabels(_ context.Context, at place, r *container.SetLabelsRequest) error {
	return f.change(at, "UPDATE_CLUSTER", func(c *container.Cluster) { c.ResourceLabels = copied(r).ResourceLabels })
}

func (f *fakeGKE) SetMaintenance(_ context.Context, at place, p *container.MaintenancePolicy) error {
	return f.change(at, "UPDATE_CLUSTER", func(c *container.Cluster) { c.MaintenancePolicy = copied(p) })
}

func (f *fakeGKE) DeleteCluster(_ context.Context, at place) error {
	err := f.change(at, "DELETE_CLUSTER", func(c *container.Cluster) { delete(f.clusters, c.Name) })
	if err == nil {
		f.clusters[at.cluster].Status = stopping
	}
	return err
}

func (f *fakeGKE) CreatePool(_ context.Context, at place, in *container.NodePool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(at.cluster)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(c.NodePools, func(p *container.NodePool) bool { return p.Name == in.Name }) {
		return refuse(http.StatusConflict, "alreadyExists", "Already exists: "+in.Name)
	}
	p := copied(in)
	p.Status, p.Version = provisioning, patched(p.Version)
	if in.Version == "" {
		p.Version = c.CurrentMasterVersion
	}
	err = f.begin(c, "CREATE_NODE_POOL", "/clusters/"+at.cluster+"/nodePools/"+in.Name, func() { p.Status = running })
	if err == nil {
		c.NodePools = append(c.NodePools, p)
	}
	return err
}

// changePool begins a change of a pool that is there.
func (f *fakeGKE) changePool(at place, name, call, status string, done func(*fakeCluster, *container.NodePool)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(at.cluster)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.NodePools, func(p *container.NodePool) bool { return p.Name == name })
	if i < 0 {
		return refuse(http.StatusNotFound, "notFound", "Not found: "+name)
	}
	p := c.NodePools[i]
	err = f.begin(c, call, "/clusters/"+at.cluster+"/nodePools/"+name, func() {
		p.Status = running
		done(c, p)
	})
	if err == nil {
		p.Status = status
	}
	return err
}

func (f *fakeGKE) UpdatePool(_ context.Context, at place, pool string, r *container.UpdateNodePoolRequest) error {
	r = copied(r)
	return f.changePool(at, pool, "UPGRADE_NODES", reconciling, func(_ *fakeCluster, p *container.NodePool) {
		switch {
		case r.NodeVersion != "":
			p.Version = patched(r.NodeVersion)
		case r.ResourceLabels != nil:
			p.Config.ResourceLabels = r.ResourceLabels.Labels
		case r.Labels != nil:
			p.Config.Labels = r.Labels.Labels
		case r.MachineType != "":
			p.Config.MachineType = r.MachineType
		default:
			panic("not known to the fake")
		}
	})
}

func (f *fakeGKE) SetSize(_ context.Context, at place, pool string, nodes int64) error {
	return f.changePool(at, pool, "SET_NODE_POOL_SIZE", reconciling, func(_ *fakeCluster, p *container.NodePool) { p.InitialNodeCount = nodes })
}

func (f *fakeGKE) SetAutoscaling(_ context.Context, at place, pool string, a *container.NodePoolAutoscaling) error {
	return f.changePool(at, pool, "UPDATE_CLUSTER", reconciling, func(_ *fakeCluster, p *container.NodePool) { p.Autoscaling = copied(a) })
}

func (f *fakeGKE) SetManagement(_ context.Context, at place, pool string, m *container.NodeManagement) error {
	return f.changePool(at, pool, "SET_NODE_POOL_MANAGEMENT", reconciling, func(_ *fakeCluster, p *container.NodePool) { p.Management = copied(m) })
}

func (f *fakeGKE) DeletePool(_ context.Context, at place, pool string) error {
	return f.changePool(at, pool, "DELETE_NODE_POOL", stopping, func(c *fakeCluster, p *container.NodePool) {
		c.NodePools = slices.DeleteFunc(c.NodePools, func(o *container.NodePool) bool { return o == p })
	})
}

func (f *fakeGKE) Operations(context.Context, string) ([]*container.Operation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.operations, nil
}

// Issue gives tokens that are good for an hour.
func (f *fakeGKE) Issue(_ context.Context, serviceAccount string) (string, time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	token := fmt.Sprintf("ya29.%d", len(f.issued))
	f.issued[token] = issuedToken{serviceAccount, f.now.Add(time.Hour)}
	return token, f.issued[token].expires, nil
}
