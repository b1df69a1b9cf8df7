// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/crossplaneio/crossplane/shared/operator/presence"
)

// shutdown is how long the manager waits for what is under way: more than a pass
// may take then (drain.Grace), less than Kubernetes gives a pod.
const shutdown = 25 * time.Second

// newManager returns the manager of an operator. It has talked to nobody yet.
func newManager(f *flags, log logr.Logger, o Options) (ctrl.Manager, error) {
	cfg, err := f.restConfig(o)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	for _, add := range append([]func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme}, o.Scheme...) {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("registering kinds: %w", err)
		}
	}
	options := f.managerOptions(scheme, log)
	if f.leaderElect {
		if err := f.elect(cfg, o.Name, &options); err != nil {
			return nil, err
		}
	}
	if o.Manager != nil {
		o.Manager(&options)
	}
	mgr, err := ctrl.NewManager(cfg, options)
	if err != nil {
		return nil, fmt.Errorf("making a manager: %w", err)
	}
	return mgr, errors.Join(addChecks(mgr), mgr.Add(thrift{every: thriftEvery, give: debug.FreeOSMemory}))
}

func (f *flags) managerOptions(scheme *runtime.Scheme, log logr.Logger) ctrl.Options {
	return ctrl.Options{
		Scheme:                  scheme,
		Logger:                  log,
		NewCache:                presence.New(log),
		Cache:                   cache.Options{ByObject: f.ownNamespaceOnly(), DefaultTransform: cache.TransformStripManagedFields()},
		Client:                  client.Options{Cache: uncached()},
		Metrics:                 metricsserver.Options{BindAddress: f.metrics},
		HealthProbeBindAddress:  f.health,
		GracefulShutdownTimeout: new(shutdown),
		Controller: config.Controller{
			MaxConcurrentReconciles: f.concurrency,
			UsePriorityQueue:        new(true),
			RecoverPanic:            new(true),
		},
	}
}

// ownNamespaceOnly restricts what operators watch of Kubernetes' own namespaced
// kinds to their own namespace: they have no right to see the rest.
func (f *flags) ownNamespaceOnly() map[client.Object]cache.ByObject {
	own := cache.ByObject{Namespaces: map[string]cache.Config{f.namespace: {}}}
	return map[client.Object]cache.ByObject{
		&corev1.Secret{}: own, &corev1.ConfigMap{}: own, &coordinationv1.Lease{}: own, &appsv1.ControllerRevision{}: own,
	}
}

// uncached makes reads of secrets and their like go to the API server: a cached
// client would list and watch them all, and memory is no place for secrets.
func uncached() *client.CacheOptions {
	return &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}, Unstructured: true}
}

// restConfig says how to reach the API server.
func (f *flags) restConfig(o Options) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	cfg, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server: %w", err)
	}
	// Each watch would keep 50 KiB to unpack what comes once a minute, from next door.
	cfg.DisableCompression = true
	cfg.UserAgent = o.Name + "/" + o.version()
	cfg.QPS, cfg.Burst = f.qps, f.burst
	if f.qps == 0 {
		cfg.QPS = -1
	}
	return cfg, nil
}

var errNotSynced = errors.New("the caches have not synced yet")

// addChecks serves /healthz, which says that the process lives, and /readyz,
// which says that it knows the objects that it has to know.
func addChecks(mgr ctrl.Manager) error {
	synced := func(req *http.Request) error {
		ctx, cancel := context.WithTimeout(req.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errNotSynced
		}
		return nil
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("caches", synced)); err != nil {
		return fmt.Errorf("adding health checks: %w", err)
	}
	return nil
}
