// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// many applications on each of two dead targets are as many as are worked on at a
// time.
const many = 5

// TestDeadTargets: targets that do not answer, each in its own way, do not hold up
// the living one. Their applications wait, and go on when the target returns; one
// that is deleted is let go when the target has been away for too long.
func TestDeadTargets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	away := map[string]*relay{}
	waiting := map[string][]*workload.KubernetesApplication{}
	for _, how := range []string{"silent", "refusing"} {
		away[how] = newRelay(s, strings.TrimPrefix(faraway.Config.Host, "https://"))
		s.must(makeTarget(s.ctx, s.namespace+"-"+how, away[how].kubeconfig(s), func(t *workload.KubernetesTarget) {
			t.Spec.AllowedNamespaces = bindable([]string{s.namespace}, nil)
			t.Spec.AbandonAfter = &metav1.Duration{Duration: time.Second}
		}))
		for i := range many {
			waiting[how] = append(waiting[how], s.app(fmt.Sprintf("%s-%d", how, i), []object{configMap(fmt.Sprintf("%s-%d", how, i), "version", "1")},
				func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = s.namespace + "-" + how }))
		}
	}
	for _, apps := range waiting {
		for _, a := range apps {
			s.ready(a)
		}
	}
	away["silent"].set(silent)
	away["refusing"].set(refusing)
	for _, apps := range waiting {
		for _, a := range apps {
			s.edit(a, func(a *workload.KubernetesApplication) {
				a.Spec.Manifests = s.manifests(configMap(a.Name, "version", "2"))
			})
		}
	}

	began := time.Now()
	s.ready(s.app("living", []object{configMap("living")}))
	t.Logf("the living target's application was ready after %s", time.Since(began).Round(time.Millisecond))
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the living target's application was held up for %s", took)
	}
	for how, apps := range waiting {
		for _, a := range apps {
			s.says(a, v1alpha1.ConditionSynced, workload.ReasonTargetUnreachable, "target "+s.namespace+"-"+how+" does not answer")
			if a.Status.Conditions[0].Status != metav1.ConditionTrue {
				t.Errorf("what can't be seen is not unready: %+v", a.Status.Conditions)
			}
		}
	}

	t.Logf("all others said so after %s", time.Since(began).Round(time.Millisecond))
	away["silent"].set(passing)
	for _, a := range waiting["silent"] {
		s.ready(a)
		if data := s.data(faraway, s.namespace, a.Name); data["version"] != "2" {
			t.Errorf("want the change carried out when the target is back: %v", data)
		}
	}

	t.Logf("those of the target that returned were ready after %s", time.Since(began).Round(time.Millisecond))
	lost := waiting["refusing"][0]
	s.eventually(func() error { return s.unreachable(s.namespace + "-refusing") })
	s.remove(lost)
	s.gone(hub, lost)
	t.Logf("one was let go after %s", time.Since(began).Round(time.Millisecond))
	s.data(faraway, s.namespace, lost.Name) // still there, and somebody was told
	s.eventually(func() error {
		list := &eventsv1.EventList{}
		s.must(hub.Client.List(s.ctx, list, client.InNamespace(s.namespace)))
		for _, e := range list.Items {
			if e.Reason == workload.ReasonAbandoned && e.Type == corev1.EventTypeWarning && strings.Contains(e.Note, "ConfigMap refusing-0") {
				return nil
			}
		}
		return fmt.Errorf("no event says what was left: %d events", len(list.Items))
	})
	t.Logf("and an event said so after %s", time.Since(began).Round(time.Millisecond))
}

func (s *scene) unreachable(target string) error {
	t := &workload.KubernetesTarget{}
	if err := hub.Client.Get(s.ctx, client.ObjectKey{Name: target}, t); err != nil {
		return err
	}
	if t.Status.UnreachableSince == nil || t.Status.Conditions[0].Reason != workload.ReasonUnreachable {
		return fmt.Errorf("%s is not unreachable: %+v", target, t.Status)
	}
	return nil
}

// mode is what a relay does.
type mode int

const (
	passing mode = iota
	silent
	refusing
)

// relay stands between the operator and a cluster, and can fall silent.
type relay struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	mode   mode
	change *sync.Cond
	open   []net.Conn
}

func newRelay(s *scene, to string) *relay {
	listener, err := (&net.ListenConfig{}).Listen(s.ctx, "tcp", "127.0.0.1:0")
	s.must(err)
	r := &relay{listener: listener, to: to}
	r.change = sync.NewCond(&r.mu)
	go r.accept()
	s.Cleanup(func() { r.set(refusing); _ = listener.Close() })
	return r
}

func (r *relay) accept() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		refuse := r.mode == refusing
		r.open = append(r.open, from)
		r.mu.Unlock()
		if refuse {
			_ = from.Close()
			continue
		}
		to, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		go r.copy(from, to)
		go r.copy(to, from)
	}
}

// copy passes on what it reads while the relay does.
func (r *relay) copy(from, to net.Conn) {
	defer func() { _ = from.Close(); _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		r.mu.Lock()
		for r.mode == silent {
			r.change.Wait()
		}
		r.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) set(m mode) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mode = m
	r.change.Broadcast()
	if m == refusing {
		for _, c := range r.open {
			_ = c.Close()
		}
		r.open = nil
	}
}

// kubeconfig leads to the cluster through the relay.
func (r *relay) kubeconfig(s *scene) []byte {
	s.Helper()
	secret := &corev1.Secret{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	config, err := clientcmd.Load(secret.Data["value"])
	s.must(err)
	config.Clusters["it"].Server = "https://" + r.listener.Addr().String()
	out, err := clientcmd.Write(*config)
	s.must(err)
	return out
}
