// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// notice brings the state up to what has happened, before the next decision is
// taken, and queues what that may concern.
func (s *Scheduler) notice(ctx context.Context) {
	applications, targets, everything := s.inbox.take()
	s.mu.Lock()
	defer s.mu.Unlock()
	room := false
	for name := range targets {
		news, forThose := s.setTarget(name)
		room = room || news
		if forThose {
			s.queueThoseOn(name)
		}
	}
	for key, again := range applications {
		room = s.noticeApplication(ctx, key, again) || room
	}
	if everything {
		s.queueAll()
	}
	if room {
		s.sweep()
	}
}

// noticeApplication counts an application as it is now, and queues it. It reports
// whether there may be room now that was not there before.
func (s *Scheduler) noticeApplication(ctx context.Context, key types.NamespacedName, again bool) bool {
	now, err := s.current(key)
	m := s.marks[key]
	switch {
	case err != nil:
		s.after(soon, key)
		return false
	case m != nil && m.writing:
		m.again = m.again || again // what was decided counts until it is known what became of it
		return false
	case now == nil:
		s.uncount(key)
		return m != nil
	}
	if m != nil && m.newest != nil {
		if cached, err := s.Workloads.Application(key.Namespace, key.Name); err == nil && cached == nil {
			go s.confirm(ctx, now) // it may be gone before the cache ever saw it
		}
	}
	freed := m != nil && m.counted != nil && len(m.counted.TargetNames()) > 0
	news := s.count(now)
	if news {
		s.queueSocial(key.Namespace)
	}
	if again || s.mark(key).looked != now.ResourceVersion {
		s.queue.add(now)
	}
	return news && freed
}

// confirm looks whether an application is there that the cache does not have.
func (s *Scheduler) confirm(ctx context.Context, a *contract.Application) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	now, err := s.read(ctx, keyOf(a))
	if err != nil || now != nil {
		return // the cache will have it
	}
	s.mu.Lock()
	if m := s.marks[keyOf(a)]; m != nil && m.newest == a {
		m.newest = nil
	}
	s.mu.Unlock()
	s.inbox.again(keyOf(a))
	s.queue.wake()
}

// read returns an application as the API server itself has it; nil where it is not
// there.
func (s *Scheduler) read(ctx context.Context, key types.NamespacedName) (*contract.Application, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(kindOfApplications)
	err := s.Live.Get(ctx, key, u)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // the callers try again
	}
	return applicationOf(u)
}

// queueThoseOn queues the applications on a target.
func (s *Scheduler) queueThoseOn(target string) {
	on, err := s.Workloads.Concerned(target)
	if err != nil {
		return // each is looked at when it is known
	}
	for _, a := range on {
		s.queue.add(a)
	}
}

// queueAll queues every application.
func (s *Scheduler) queueAll() {
	for _, m := range s.marks {
		if m.counted != nil {
			s.queue.add(m.counted)
		}
	}
}

// queueSocial queues the applications of a namespace that wait, perhaps, for the
// sake of others.
func (s *Scheduler) queueSocial(namespace string) {
	for key, m := range s.waiting {
		if key.Namespace == namespace && m.social && m.counted != nil {
			s.queue.add(m.counted)
		}
	}
}

// sweep queues all that wait, at most so often.
func (s *Scheduler) sweep() {
	if s.due {
		return
	}
	if since := time.Since(s.swept); since < sweepEvery {
		s.due = true
		time.AfterFunc(sweepEvery-since, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.due = false
			s.sweep()
		})
		return
	}
	s.swept = time.Now()
	for _, m := range s.waiting {
		if m.counted != nil {
			s.queue.add(m.counted)
		}
	}
}
