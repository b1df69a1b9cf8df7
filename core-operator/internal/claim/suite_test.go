// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const (
	system      = "crossplane-system"
	connections = "crossplane-test-connections"
	account     = "core-operator"
	user        = "system:serviceaccount:" + system + ":" + account
)

var (
	world  *kubetest.Cluster
	writes = &ledger{} // what core wrote, or tried to
	passes = &ledger{} // which claims it looked at

	// What core has seen so far.
	seen  client.Reader
	kinds *contract.Kinds
)

// TestMain runs core's claim controllers, with core's own rights and no more, on
// a whole control plane: garbage collection and the end of a namespace matter.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // they wait, most of the time
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, end := context.WithCancel(context.Background())
	code := kubetest.RunFull(m, func(c *kubetest.Cluster) error {
		world = c
		return start(ctx)
	}, "charts/core-operator/generated/crds", "charts/workload-operator/generated/crds", "core-operator/internal/claim/testdata/crds")
	end()
	os.Exit(code)
}

func start(ctx context.Context) error {
	if err := errors.Join(core.AddToScheme(world.Scheme), database.AddToScheme(world.Scheme), compute.AddToScheme(world.Scheme), workload.AddToScheme(world.Scheme), prepare(ctx)); err != nil {
		return err
	}
	mgr, err := manager(ctx, world.ConfigAs(user))
	if err != nil {
		return err
	}
	go func() {
		if err := mgr.Start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "the manager ended:", err)
			os.Exit(1)
		}
	}()
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		return errors.New("the caches did not sync")
	}
	return nil
}

// manager returns a manager with the claim controllers and nothing else.
func manager(ctx context.Context, cfg *rest.Config) (ctrl.Manager, error) {
	cfg.QPS = -1
	cfg.Wrap(writes.count)
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:     world.Scheme,
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}, Unstructured: true}},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		return nil, err
	}
	if kinds, err = contract.New(cfg); err != nil {
		return nil, err
	}
	workloads, err := contract.NewWorkloads(cfg)
	if err != nil {
		return nil, err
	}
	seen = mgr.GetCache()
	return mgr, errors.Join(mgr.Add(kinds), mgr.Add(workloads), claim.Setup(ctx, mgr, claim.Env{
		Kube: looking{mgr.GetClient()}, Live: mgr.GetAPIReader(), Kinds: kinds, Workloads: workloads, Clock: clock.RealClock{}, Events: mgr.GetEventRecorder(account),
		Library: &class.Library{
			Revisions: &class.Revisions{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Namespace: system},
			Schemas:   class.KnownTo(kinds),
		},
	}, &database.MySQLInstance{}, &database.PostgreSQLInstance{}, &compute.KubernetesCluster{}))
}

// prepare installs what core's chart and that of a provider bring.
func prepare(ctx context.Context) error {
	for _, name := range []string{system, connections} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := world.Client.Create(ctx, ns); client.IgnoreAlreadyExists(err) != nil {
			return err
		}
	}
	err := world.Apply(ctx, "charts/core-operator/generated/rbac", "charts/core-operator/rbac", "core-operator/internal/claim/testdata/rbac")
	if err != nil {
		return err
	}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}}
	for _, role := range []string{"core-operator", "core-operator-providers"} {
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		}
		if err := world.Client.Create(ctx, binding); err != nil {
			return err
		}
	}
	return world.Client.Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "core-operator-revisions"}, Subjects: subject,
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "core-operator-revisions"},
	})
}

// ledger keeps what core did.
type ledger struct {
	mu      sync.Mutex
	entries []string
}

// looking notes each look at a claim: every pass begins with one.
type looking struct{ client.Client }

func (l looking) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	if _, ok := object.(claimapi.Claim); ok {
		passes.note(key.String())
	}
	return l.Client.Get(ctx, key, object, options...)
}

func (l *ledger) count(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if request.Method != http.MethodGet && !strings.Contains(request.URL.Path, "/events") {
			l.note(request.Method + " " + request.URL.Path)
		}
		return next.RoundTrip(request)
	})
}

func (l *ledger) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, what)
}

// of returns the entries that have a text in them.
func (l *ledger) of(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, entry := range l.entries {
		if strings.Contains(entry, text) {
			found = append(found, entry)
		}
	}
	return found
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func clientKey(o client.Object) client.ObjectKey { return client.ObjectKeyFromObject(o) }

func isGone(err error) bool { return apierrors.IsNotFound(err) }

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	errNoCommand = errors.New("the claim does not say how to bind its resource")
	errNotSeen   = errors.New("core has not seen it")
)
