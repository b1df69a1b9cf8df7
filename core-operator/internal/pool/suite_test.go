// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/core-operator/internal/pool"
	"github.com/crossplaneio/crossplane/core-operator/internal/schedule"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const (
	system  = "crossplane-system"
	account = "core-operator"
	settle  = 300 * time.Millisecond
)

var (
	world  *kubetest.Cluster
	core1  *operator        // core, which tests end and begin again
	faults = &faultBook{}   // what goes wrong
	writes = &ledger{}      // what core wrote, or tried to
	now    = &movingClock{} // the time, as pools see it
	lag    sync.RWMutex     // locked: what happens to applications does not come to be known
)

// TestMain runs the pools beside the claims that they make and the scheduler that uses
// them, with core's own rights and no more.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // they wait, most of the time
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.Background())
	code := kubetest.Run(ending{m, func() { cancel(); core1.end() }}, func(c *kubetest.Cluster) error {
		world = c
		err := errors.Join(core.AddToScheme(c.Scheme), compute.AddToScheme(c.Scheme), database.AddToScheme(c.Scheme), workload.AddToScheme(c.Scheme), prepare(ctx))
		if err != nil {
			return err
		}
		core1, err = begin()
		go tidy(ctx)
		return err
	}, "charts/core-operator/generated/crds", "charts/workload-operator/generated/crds", "core-operator/internal/claim/testdata/crds")
	os.Exit(code)
}

// ending ends core before the API server, which would wait for it.
type ending struct {
	*testing.M

	end func()
}

func (e ending) Run() int {
	defer e.end()
	return e.M.Run()
}

// operator is a core-operator that runs.
type operator struct {
	pools     *pool.Pools
	workloads *contract.Workloads
	cancel    context.CancelFunc
	ended     chan struct{}
}

func (o *operator) end() {
	o.cancel()
	<-o.ended
}

// begin starts core with the pools and the claims of clusters.
func begin() (*operator, error) {
	ctx, cancel := context.WithCancel(context.Background())
	o := &operator{cancel: cancel, ended: make(chan struct{})}
	cfg := world.ConfigAs("system:serviceaccount:" + system + ":" + account)
	cfg.QPS = -1
	cfg.Wrap(writes.count)
	cfg.Wrap(lagging)
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:     world.Scheme,
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}, Unstructured: true}},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		return nil, err
	}
	kinds, err := contract.New(cfg)
	if err != nil {
		return nil, err
	}
	workloads, err := contract.NewWorkloads(cfg)
	if err != nil {
		return nil, err
	}
	o.workloads = workloads
	o.pools = pool.New(pool.Env{
		Kube: faulty{mgr.GetClient()}, Live: mgr.GetAPIReader(), Workloads: workloads, Clock: now, Events: mgr.GetEventRecorder(account),
		Pause: 20 * time.Millisecond, Settle: settle,
	})
	claims := []schema.GroupVersionKind{
		{Group: compute.Group, Version: "v1alpha1", Kind: "KubernetesCluster"}, {Group: database.Group, Version: "v1alpha1", Kind: "MySQLInstance"},
	}
	scheduler, err := schedule.Setup(ctx, mgr, schedule.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Kinds: kinds, Workloads: workloads, Claims: claims, Namespace: system, Clock: now,
		Events: mgr.GetEventRecorder(account), Nomination: o.pools.Nomination, Draining: o.pools.Draining,
		Departure: o.pools.Departure, Reserved: o.pools.Reserved,
	})
	if err != nil {
		return nil, err
	}
	o.pools.Scheduler = scheduler
	o.pools.OnChange(func(_ []types.UID, targets []string) { scheduler.Reconsider(targets...) })
	err = errors.Join(mgr.Add(kinds), mgr.Add(workloads), o.pools.SetupWithManager(mgr), claim.Setup(ctx, mgr, claim.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Kinds: kinds, Workloads: workloads, Clock: clock.RealClock{}, Events: mgr.GetEventRecorder(account),
		Library: &class.Library{
			Revisions: &class.Revisions{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Namespace: system},
			Schemas:   class.KnownTo(kinds),
		},
	}, &compute.KubernetesCluster{}))
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(o.ended)
		if err := mgr.Start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "the manager ended:", err)
			os.Exit(1)
		}
	}()
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		return nil, errors.New("the caches did not sync")
	}
	return o, nil
}

// tidy removes the targets whose claims are gone, as workload-operator does.
func tidy(ctx context.Context) {
	for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		list := &workload.KubernetesTargetList{}
		if err := world.Client.List(ctx, list); err != nil {
			continue
		}
		for i := range list.Items {
			namespace, name, _ := strings.Cut(list.Items[i].Annotations[workload.AnnotationClaim], "/")
			if err := world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &compute.KubernetesCluster{}); isGone(err) {
				_ = world.Client.Delete(ctx, &list.Items[i])
			}
		}
	}
}

// prepare installs what core's chart and that of a provider bring.
func prepare(ctx context.Context) error {
	for _, name := range []string{system, "crossplane-test-connections"} {
		if err := world.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
	}
	if err := world.Apply(ctx, "charts/core-operator/generated/rbac", "core-operator/internal/claim/testdata/rbac"); err != nil {
		return err
	}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}}
	for _, role := range []string{"core-operator", "test-operator-core-access"} {
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		}
		if err := world.Client.Create(ctx, binding); err != nil {
			return err
		}
	}
	for _, role := range []string{"core-operator", "core-operator-revisions"} {
		binding := &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: role}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role},
		}
		if err := world.Client.Create(ctx, binding); err != nil {
			return err
		}
	}
	return nil
}

// movingClock is ahead of the real one by as much as tests have put it forward.
type movingClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *movingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *movingClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *movingClock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// faultBook holds what goes wrong once when a claim is made in a namespace.
type faultBook struct {
	mu   sync.Mutex
	next map[string]func(create func() error) error
}

func (b *faultBook) plan(namespace string, fault func(create func() error) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = map[string]func(func() error) error{}
	}
	b.next[namespace] = fault
}

func (b *faultBook) take(namespace string) func(func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	fault := b.next[namespace]
	delete(b.next, namespace)
	return fault
}

// faulty is a client to which that happens.
type faulty struct{ client.Client }

func (f faulty) Create(ctx context.Context, o client.Object, options ...client.CreateOption) error {
	create := func() error { return f.Client.Create(ctx, o, options...) }
	if fault := faults.take(o.GetNamespace()); fault != nil {
		return fault(create)
	}
	return create()
}

// lagging holds up what watches of applications tell while lag is locked.
func lagging(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(request)
		if err == nil && strings.HasSuffix(request.URL.Path, "/kubernetesapplications") && request.URL.Query().Has("watch") {
			answer.Body = laggard{answer.Body}
		}
		return answer, err
	})
}

type laggard struct{ io.ReadCloser }

func (l laggard) Read(into []byte) (int, error) {
	n, err := l.ReadCloser.Read(into)
	lag.RLock()
	defer lag.RUnlock()
	return n, err
}

// ledger keeps what core did.
type ledger struct {
	mu      sync.Mutex
	entries []string
}

func (l *ledger) count(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if request.Method != http.MethodGet && !strings.Contains(request.URL.Path, "/events") {
			l.mu.Lock()
			l.entries = append(l.entries, request.Method+" "+request.URL.Path)
			l.mu.Unlock()
		}
		return next.RoundTrip(request)
	})
}

// of returns how many entries have all these texts in them.
func (l *ledger) of(texts ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, entry := range l.entries {
		has := true
		for _, text := range texts {
			has = has && strings.Contains(entry, text)
		}
		if has {
			n++
		}
	}
	return n
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
