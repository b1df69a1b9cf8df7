// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/application"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/imported"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/target"
)

const (
	system  = "crossplane-system"
	keeping = "crossplane-workload-connections"
	charts  = application.DefaultChartNamespace
	account = "workload-operator"
)

var (
	hub     *kubetest.Cluster // with the API server alone
	faraway *kubetest.Cluster // a whole control plane, to run applications on
	sent    = &ledger{}       // writes to targets
	written = &ledger{}       // writes to the hub
)

// TestMain runs the operator's controllers with the operator's own rights and no
// more, here and on the target.
func TestMain(m *testing.M) {
	if chart.IsChild(os.Args) {
		os.Exit(chart.Child(os.Stdin, os.Stdout, os.Exit))
	}
	_ = flag.Set("test.parallel", "16") // they wait, most of the time
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, end := context.WithCancel(context.Background())
	started := make(chan error, 1)
	go func() {
		var err error
		faraway, err = kubetest.StartFull()
		started <- err
	}()
	code := kubetest.Run(ending{m, end}, func(c *kubetest.Cluster) error {
		hub = c
		if err := <-started; err != nil {
			return err
		}
		return start(ctx)
	}, "charts/workload-operator/generated/crds", "charts/core-operator/generated/crds", "workload-operator/internal/application/testdata")
	if faraway != nil {
		_ = faraway.Stop()
	}
	os.Exit(code)
}

// ending ends the operator before the API servers that it has watches on.
type ending struct {
	suite kubetest.Suite
	end   func()
}

func (e ending) Run() int {
	defer e.end()
	return e.suite.Run()
}

func start(ctx context.Context) error {
	if err := errors.Join(workload.AddToScheme(hub.Scheme), compute.AddToScheme(hub.Scheme), prepareHub(ctx), prepareClusters(ctx), prepareTargets(ctx)); err != nil {
		return err
	}
	cfg := hub.ConfigAs("system:serviceaccount:" + system + ":" + account)
	cfg.QPS = -1
	cfg.Wrap(written.count)
	mgr, err := manager(cfg)
	if err != nil {
		return err
	}
	connections := remote.NewConnections()
	connections.Wrap = sent.count
	if err := run(ctx, mgr, connections); err != nil {
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

func manager(cfg *rest.Config) (ctrl.Manager, error) {
	own := cache.ByObject{Namespaces: map[string]cache.Config{system: {}}}
	others, err := labels.Parse("!" + byHand)
	if err != nil {
		return nil, err
	}
	return ctrl.NewManager(cfg, ctrl.Options{
		Scheme: hub.Scheme,
		Cache: cache.Options{ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: own, &workload.KubernetesApplication{}: {Label: others},
		}},
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
}

// run adds to mgr what the operator does.
func run(ctx context.Context, mgr ctrl.Manager, connections *remote.Connections) error {
	identity, err := uidOf(ctx, hub)
	if err != nil {
		return err
	}
	env := managed.Env{
		Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: clock.RealClock{}, Events: mgr.GetEventRecorder(account),
		Operator: account, Hub: identity, Namespace: system, ConnectionNamespace: keeping,
	}
	claims, err := contract.NewClaims(mgr.GetConfig())
	if err != nil {
		return err
	}
	pools, err := contract.NewPools(mgr.GetConfig())
	if err != nil {
		return err
	}
	applications := &application.Reconciler{Env: env, Connections: connections, Claims: claims, Render: rendered.render, ChartNamespace: charts}
	env.Poll = time.Second
	targets := &target.Reconciler{Env: env, Connections: connections}
	imports := &imported.Reconciler{Env: env, Connections: remote.NewConnections()}
	return errors.Join(mgr.Add(claims), mgr.Add(pools), mgr.Add(connections), imports.SetupWithManager(mgr), applications.SetupWithManager(ctx, mgr),
		(&target.Claimed{Env: env, Claims: claims, Pools: pools}).SetupWithManager(mgr), targets.SetupWithManager(mgr))
}

// prepareHub installs what the operator's chart brings.
func prepareHub(ctx context.Context) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: system}}
	if err := hub.Client.Create(ctx, namespace); err != nil {
		return err
	}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}}
	role := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Name: account}
	everywhere := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: account}, Subjects: subject, RoleRef: role}
	everywhere.RoleRef.Kind = "ClusterRole"
	for _, name := range []string{keeping, charts} {
		if err := hub.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
	}
	here := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: account}, Subjects: subject, RoleRef: role}
	here.RoleRef.Kind = "Role"
	there := here.DeepCopy()
	there.Namespace = keeping
	rendered := here.DeepCopy()
	rendered.Namespace = charts
	return errors.Join(hub.Client.Create(ctx, rendered),
		hub.Apply(ctx, "charts/workload-operator/generated/rbac"), hub.Client.Create(ctx, everywhere), hub.Client.Create(ctx, here), hub.Client.Create(ctx, there))
}

// prepareTargets makes the target faraway, by an identity that has the rights which
// the chart asks for, and the target here, which is the hub itself.
func prepareTargets(ctx context.Context) error {
	kubeconfig, err := kubeconfigOf(ctx, faraway)
	if err != nil {
		return err
	}
	// No controller manager fills in the role edit here.
	tenant := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"*"}},
	}}
	everybody := func(t *workload.KubernetesTarget) {
		selector := &metav1.LabelSelector{MatchLabels: map[string]string{"scene": "yes"}}
		t.Spec.AllowedNamespaces = bindable(nil, selector)
	}
	return errors.Join(
		hub.Client.Create(ctx, tenant),
		makeTarget(ctx, "faraway", kubeconfig, everybody),
		makeTarget(ctx, "here", hub.Kubeconfig, everybody, func(t *workload.KubernetesTarget) {
			t.Spec.AllowHub, t.Spec.Role = true, "tenant"
		}),
	)
}

// makeTarget makes a target, and the secret that holds its kubeconfig.
func makeTarget(ctx context.Context, name string, kubeconfig []byte, change ...func(*workload.KubernetesTarget)) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "target-" + name}, Data: map[string][]byte{"value": kubeconfig}}
	t := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: name}}
	t.Spec.KubeconfigSecretRef = &v1alpha1.SecretKeyReference{Name: secret.Name, Key: "value"}
	for _, f := range change {
		f(t)
	}
	return errors.Join(hub.Client.Create(ctx, secret), hub.Client.Create(ctx, t))
}

// kubeconfigOf returns a kubeconfig of an account with the rights that an operator
// needs on a target, and no others.
func kubeconfigOf(ctx context.Context, c *kubetest.Cluster) ([]byte, error) {
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: "crossplane"}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "crossplane"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "crossplane-workload"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: sa.Namespace, Name: sa.Name}},
	}
	if err := errors.Join(c.Apply(ctx, "charts/workload-operator/target/rights.yaml"), c.Client.Create(ctx, sa), c.Client.Create(ctx, binding)); err != nil {
		return nil, err
	}
	token, err := tokenOf(ctx, c, sa)
	if err != nil {
		return nil, err
	}
	return kubeconfigWith(token)
}

// kubeconfigWith returns a kubeconfig for faraway.
func kubeconfigWith(token string) ([]byte, error) {
	return clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"it": {Server: faraway.Config.Host, CertificateAuthorityData: faraway.Config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"it": {Token: token}},
		Contexts:       map[string]*clientcmdapi.Context{"it": {Cluster: "it", AuthInfo: "it"}},
		CurrentContext: "it",
	})
}

// ledger keeps what was written.
type ledger struct {
	mu      sync.Mutex
	entries []string
}

func (l *ledger) count(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "/events") {
			l.mu.Lock()
			l.entries = append(l.entries, r.Method+" "+r.URL.Path)
			l.mu.Unlock()
		}
		return next.RoundTrip(r)
	})
}

// of returns the entries that have a text in them.
func (l *ledger) of(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.entries), func(entry string) bool { return !strings.Contains(entry, text) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
