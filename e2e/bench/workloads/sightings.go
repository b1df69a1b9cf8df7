// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/e2e/wait"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// sight is an application's object on the cluster, in one of its versions.
type sight struct {
	target, name, version string
}

// sightings are when a watch of the cluster first showed objects.
type sightings struct {
	stop context.CancelFunc

	mu sync.Mutex
	at map[sight]time.Time
}

// watch begins to follow the objects of all applications.
func watch(api kubernetes.Interface) (*sightings, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &sightings{stop: stop, at: map[sight]time.Time{}}
	factory := informers.NewSharedInformerFactoryWithOptions(api, 0, informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.LabelSelector = workload.LabelApplicationUID
	}))
	informer := factory.Core().V1().ConfigMaps().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: s.note, UpdateFunc: func(_, now any) { s.note(now) }})
	if err != nil {
		stop()
		return nil, fmt.Errorf("preparing a watch: %w", err)
	}
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		stop()
		return nil, fmt.Errorf("following objects: %w", wait.ErrTooLong)
	}
	return s, nil
}

func (s *sightings) note(item any) {
	now := time.Now()
	m, ok := item.(*corev1.ConfigMap)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := sight{m.Namespace, m.Name, m.Data[versionKey]}
	if _, known := s.at[seen]; !known {
		s.at[seen] = now
	}
}

// of returns when something was seen; zero: it was not.
func (s *sightings) of(what sight) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[what]
}

func (s *sightings) close() { s.stop() }
