// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// The times of the Lease. A process that was killed is followed by another after
// leaseDuration at the latest, and one that ends by itself at once.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// elect makes the manager work only while it holds the Lease of the operator's
// name. The Lease is also how core sees that the operator runs, so it is renewed
// whether there are kinds to work on or not.
func (f *flags) elect(cfg *rest.Config, name string, options *ctrl.Options) error {
	identity, err := f.holder()
	if err != nil {
		return err
	}
	cfg = rest.AddUserAgent(cfg, "leader-election")
	cfg.Timeout = renewDeadline / 2 // so that one hung request does not lose the Lease
	leases, err := coordinationclient.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("making a client for Leases: %w", err)
	}
	options.LeaderElection = true
	options.LeaderElectionReleaseOnCancel = true
	options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = new(leaseDuration), new(renewDeadline), new(retryPeriod)
	options.LeaderElectionResourceLockInterface = &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: f.namespace, Name: name},
		Client:     leases,
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		Labels:     map[string]string{v1alpha1.LabelOperator: name},
	}
	return nil
}

// holder returns the identity under which the Lease is held.
func (f *flags) holder() (string, error) {
	if f.identity != "" {
		return f.identity, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("finding the host name: %w", err)
	}
	return host + "_" + string(uuid.NewUUID()), nil
}
