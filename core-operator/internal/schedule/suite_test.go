// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/core-operator/internal/schedule"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const (
	system   = "crossplane-system"
	account  = "core-operator"
	coreUser = "system:serviceaccount:" + system + ":" + account
)

var (
	world   *kubetest.Cluster
	asked   audit.Log // what was asked of the API server
	running *replica  // core, as all scenes but those with replicas of their own have it
)

// TestMain runs core's scheduler and its claim controllers, with core's own rights
// and no more.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "16") // they wait, most of the time
	if os.Getenv("LOG") == "" {
		log.SetLogger(logr.Discard())
		klog.SetLogger(logr.Discard())
	} else {
		log.SetLogger(klog.NewKlogr())
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	var stop func()
	var err error
	world, asked, stop, err = newWorld(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot start:", err)
		return 1
	}
	defer stop()
	if running, err = newReplica(ctx, world, nil); err != nil {
		fmt.Fprintln(os.Stderr, "cannot start core:", err)
		return 1
	}
	return m.Run()
}

// newWorld starts a Kubernetes API with all that core's chart and that of a provider
// bring.
func newWorld(ctx context.Context) (*kubetest.Cluster, audit.Log, func(), error) {
	dir, err := os.MkdirTemp("", "schedule-")
	if err != nil {
		return nil, audit.Log{}, nil, err
	}
	path := filepath.Join(dir, "audit.log")
	c, err := kubetest.StartAudited(path, "charts/core-operator/generated/crds", "charts/workload-operator/generated/crds", "core-operator/internal/claim/testdata/crds")
	if err != nil {
		return nil, audit.Log{}, nil, err
	}
	stop := func() { _ = errors.Join(c.Stop(), os.RemoveAll(dir)) }
	if err := errors.Join(core.AddToScheme(c.Scheme), database.AddToScheme(c.Scheme), workload.AddToScheme(c.Scheme), prepare(ctx, c)); err != nil {
		stop()
		return nil, audit.Log{}, nil, err
	}
	return c, audit.Open(path), stop, nil
}

func prepare(ctx context.Context, c *kubetest.Cluster) error {
	for _, name := range []string{system, "crossplane-test-connections"} { // the latter is the provider's
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := c.Client.Create(ctx, ns); err != nil {
			return err
		}
	}
	if err := c.Apply(ctx, "charts/core-operator/generated/rbac", "charts/core-operator/rbac", "core-operator/internal/claim/testdata/rbac"); err != nil {
		return err
	}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}}
	for _, role := range []string{"core-operator", "core-operator-providers"} {
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		}
		if err := c.Client.Create(ctx, binding); err != nil {
			return err
		}
	}
	return c.Client.Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: account}, Subjects: subject,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: account},
	})
}

// replica is one core.
type replica struct {
	scheduler *schedule.Scheduler
	workloads *contract.Workloads
	ended     chan error
	dead      atomic.Bool  // nothing that it asks arrives any more
	unlucky   atomic.Int32 // so many of its looks at all applications fail
	lag       sync.RWMutex // locked: what happens to applications does not come to be known

	mu        sync.Mutex
	nominated map[types.UID]*workload.Nomination
	departing map[types.UID]*schedule.Departure
	reserved  map[string]bool
	requests  map[string]int // what it asked, by verb and resource
}

// newReplica runs core, with leader election where elect makes it so.
func newReplica(ctx context.Context, c *kubetest.Cluster, elect func(*ctrl.Options, *rest.Config) error) (*replica, error) {
	r := &replica{ended: make(chan error, 1), nominated: map[types.UID]*workload.Nomination{}, departing: map[types.UID]*schedule.Departure{}, reserved: map[string]bool{}, requests: map[string]int{}}
	r.unlucky.Store(2)
	cfg := c.ConfigAs(coreUser)
	cfg.QPS = -1
	cfg.Wrap(r.wire)
	options := ctrl.Options{
		Scheme:     c.Scheme,
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}, Unstructured: true}},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	}
	if elect != nil {
		if err := elect(&options, cfg); err != nil {
			return nil, err
		}
	}
	mgr, err := ctrl.NewManager(cfg, options)
	if err != nil {
		return nil, err
	}
	if err := r.setUp(ctx, mgr, cfg); err != nil {
		return nil, err
	}
	go func() { r.ended <- mgr.Start(ctx) }()
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		return nil, errors.New("the caches did not sync")
	}
	for end := time.Now().Add(patience); elect == nil && !r.scheduler.Begun(); time.Sleep(quiet / 10) {
		if time.Now().After(end) {
			return nil, errors.New("it does not begin to decide")
		}
	}
	return r, nil
}

func (r *replica) setUp(ctx context.Context, mgr ctrl.Manager, cfg *rest.Config) error {
	kinds, err := contract.New(cfg)
	if err != nil {
		return err
	}
	workloads, err := contract.NewWorkloads(cfg)
	if err != nil {
		return err
	}
	r.workloads = workloads
	if err := errors.Join(mgr.Add(kinds), mgr.Add(workloads)); err != nil {
		return err
	}
	group := schema.GroupVersion{Group: database.Group, Version: "v1alpha1"}
	r.scheduler, err = schedule.Setup(ctx, mgr, schedule.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Kinds: kinds, Workloads: workloads, Namespace: system,
		Claims: []schema.GroupVersionKind{group.WithKind("MySQLInstance"), group.WithKind("PostgreSQLInstance")},
		Clock:  clock.RealClock{}, Events: mgr.GetEventRecorder(account), Nomination: r.nomination,
		Departure: r.departure, Reserved: r.isReserved,
	})
	if err != nil {
		return err
	}
	return claim.Setup(ctx, mgr, claim.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Kinds: kinds, Workloads: workloads, Clock: clock.RealClock{}, Events: mgr.GetEventRecorder(account),
		Library: &class.Library{
			Revisions: &class.Revisions{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Namespace: system},
			Schemas:   class.KnownTo(kinds),
		},
	}, &database.MySQLInstance{}, &database.PostgreSQLInstance{})
}

func (r *replica) nomination(uid types.UID) *workload.Nomination {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nominated[uid]
}

// nominate has a cluster being made for an application.
func (r *replica) nominate(uid types.UID, n *workload.Nomination) {
	r.mu.Lock()
	r.nominated[uid] = n
	r.mu.Unlock()
	r.scheduler.Reconsider()
}

func (r *replica) departure(uid types.UID) *schedule.Departure {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.departing[uid]
}

func (r *replica) isReserved(target string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reserved[target]
}

// depart has applications leave a target, and none of those go to targets that are
// reserved.
func (r *replica) depart(from string, reserved []string, applications ...*workload.KubernetesApplication) {
	r.mu.Lock()
	for _, name := range reserved {
		r.reserved[name] = true
	}
	for _, a := range applications {
		r.departing[a.UID] = &schedule.Departure{From: from, Why: "a pool drains it"}
	}
	r.mu.Unlock()
	r.scheduler.Reconsider(from)
}

var (
	errDead    = errors.New("killed")
	errUnlucky = errors.New("the API server took too long")
)

// wire lets nothing through from a replica that was killed, and not the first looks of
// a scheduler that begins: an API server that has just come up is slow.
func (r *replica) wire(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if r.dead.Load() {
			return nil, errDead
		}
		page := request.URL.Query()
		begins := strings.HasSuffix(request.URL.Path, "/kubernetesapplications") && page.Has("limit") && !page.Has("resourceVersion") && !page.Has("watch")
		if begins && r.unlucky.Add(-1) >= 0 {
			return nil, errUnlucky
		}
		r.note(request)
		answer, err := next.RoundTrip(request)
		if err == nil && strings.HasSuffix(request.URL.Path, "/kubernetesapplications") && page.Has("watch") {
			answer.Body = laggard{answer.Body, &r.lag}
		}
		return answer, err
	})
}

// note counts a request.
func (r *replica) note(request *http.Request) {
	_, path, _ := strings.Cut(request.URL.Path, "/apis/")
	parts := strings.Split(path, "/")[1:] // without the group
	if len(parts) > 3 && parts[1] == "namespaces" {
		parts = slices.Delete(parts, 1, 3)
	}
	if len(parts) < 2 || request.URL.Query().Has("watch") {
		return
	}
	what := request.Method + " " + parts[1]
	switch {
	case len(parts) > 3:
		what += "/" + parts[3]
	case request.Method == http.MethodGet && len(parts) == 2:
		what = "LIST " + parts[1]
	}
	r.mu.Lock()
	r.requests[what]++
	r.mu.Unlock()
}

// asked returns how often a replica asked for what, so far.
func (r *replica) asked() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.requests)
}

// laggard holds up what a watch tells.
type laggard struct {
	io.ReadCloser

	lag *sync.RWMutex
}

func (l laggard) Read(into []byte) (int, error) {
	n, err := l.ReadCloser.Read(into)
	l.lag.RLock()
	defer l.lag.RUnlock()
	return n, err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const patience = 2 * time.Minute // of a machine that is busy
