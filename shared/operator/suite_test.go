// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return errors.Join(addWidgets(c.Scheme), grantDocumented())
	}))
}

const (
	name    = "test-operator"
	account = "test"
	crdFile = "shared/operator/testdata/widgets.yaml"
)

// grantDocumented gives the operator's account the rights that the package's
// documentation lists, and no other: the tests show that they suffice.
func grantDocumented() error {
	return grant("documented",
		rule("apiextensions.k8s.io", "customresourcedefinitions", "get", "list", "watch"),
		rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"namespaces"}, ResourceNames: []string{"kube-system"}, Verbs: []string{"get"}},
		rule("coordination.k8s.io", "leases", "get", "create", "update"),
		rule("events.k8s.io", "events", "create", "patch"),
	)
}

func grantWidgets() error {
	return grant("widgets", rule("test.crossplane.io", "widgets", "get", "list", "watch"))
}

func revokeWidgets() error {
	meta := metav1.ObjectMeta{Name: "test:widgets"}
	return errors.Join(
		client.IgnoreNotFound(cluster.Client.Delete(context.Background(), &rbacv1.ClusterRole{ObjectMeta: meta})),
		client.IgnoreNotFound(cluster.Client.Delete(context.Background(), &rbacv1.ClusterRoleBinding{ObjectMeta: meta})),
	)
}

func rule(group, resource string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
}

func grant(what string, rules ...rbacv1.PolicyRule) error {
	meta := metav1.ObjectMeta{Name: "test:" + what}
	role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: meta.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: account}},
	}
	for _, obj := range []client.Object{role, binding} {
		if err := cluster.Client.Create(context.Background(), obj); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// running is an operator under test.
type running struct {
	namespace string
	url       string // of the metrics
	health    string
	logs      *lines
	done      chan error
	end       context.CancelFunc
}

// start starts an operator with the rights of account, and ends it with the test.
func start(t *testing.T, kind managed.Controller, args ...string) *running {
	t.Helper()
	metrics, health := freePort(t), freePort(t)
	r := &running{namespace: cluster.Namespace(t, "operator"), url: "http://" + metrics, health: "http://" + health, logs: &lines{}, done: make(chan error, 1)}
	args = append([]string{
		"--kubeconfig", kubeconfig(t), "--namespace", r.namespace, "--log-format", "text",
		"--metrics-bind-address", metrics, "--health-probe-bind-address", health,
	}, args...)
	o := operator.Options{
		Name:    name,
		Version: "v0.0.0-test",
		Scheme:  []func(*runtime.Scheme) error{addWidgets},
		// Names of controllers are unique in a process; here several operators follow one another.
		Manager: func(o *ctrl.Options) { o.Controller.SkipNameValidation = new(true) },
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.end = cancel
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.done <- operator.RunWith(ctx, args, io.Discard, r.logs, o, kind)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("log of the operator:\n%s", r.logs)
		}
	})
	return r
}

// kubeconfig writes a kubeconfig with which the API server takes one for account.
func kubeconfig(t *testing.T) string {
	t.Helper()
	cfg, err := clientcmd.Load(cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range cfg.AuthInfos {
		user.Impersonate = account
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*cfg, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A busy machine is waited for. What is promised to take two seconds is distinguished
// from what a poll or a back-off brings about.
const (
	patience = time.Minute
	soon     = 15 * time.Second
)

// within fails the test if what does not hold in time.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (r *running) ready() bool { return answers(r.health + "/readyz") }

func answers(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// lines collects log lines.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *lines) count(text string) int { return strings.Count(l.String(), text) }
