// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// live does what kubelets and a cloud's own controllers would, until the server
// ends. It is woken by watches: a cluster at rest costs nothing.
func (s *server) live() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.ending:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.follow(ctx, s.plane.Config); err != nil {
		s.log.Error("nothing lives in a cluster", "cluster", s.id, "error", err)
	}
}

func (s *server) follow(ctx context.Context, to *rest.Config) error {
	mgr, err := ctrl.NewManager(to, ctrl.Options{
		Logger:     logr.Discard(), // what goes wrong is told by tell
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Cache:      cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
		Controller: config.Controller{SkipNameValidation: new(true)}, // a cloud has many clusters
	})
	if err != nil {
		return fmt.Errorf("preparing controllers: %w", err)
	}
	if err := errors.Join(s.addKubelets(mgr), s.addBalancers(mgr), s.addDisks(ctx, mgr)); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running controllers: %w", err)
	}
	return nil
}

// tell has what goes wrong logged, and tried again. That somebody else was faster
// is not wrong.
func (s *server) tell(what string, pass func(ctx context.Context, req reconcile.Request) error) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
		err := pass(ctx, req)
		if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) && ctx.Err() == nil {
			s.log.Warn(what, "cluster", s.id, "object", req.String(), "error", err)
		}
		return reconcile.Result{}, err
	})
}

// addresses are handed out one after the other.
type addresses struct {
	network string // its first two bytes
	last    atomic.Uint32
}

// perByte is how many values of a byte are used, none of which stands for a whole
// network or all of it.
const perByte = 250

// next returns an address that nobody has had among the last 62,500.
func (a *addresses) next() string {
	n := a.last.Add(1)
	return fmt.Sprintf("%s.%d.%d", a.network, 1+n/perByte%perByte, 1+n%perByte)
}
