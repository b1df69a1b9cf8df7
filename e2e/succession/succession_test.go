// SPDX-License-Identifier: Apache-2.0

// Package succession_test restores the backup of one control plane in another while the first one lives
// on, with the real operators of both and one local cloud. The cloud's ledger is the witness.
package succession_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/backup"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/wait"
)

const (
	patience = 2 * time.Minute
	tenant   = "shop"
)

// hub is one of the two control planes.
type hub struct {
	*stack.Stack

	t *testing.T
}

// scene has both, and the cloud.
type scene struct {
	t             *testing.T
	first, second hub
	cloud         *control.Client
	args          map[string][]string // of the second one's processes, when they are started again
}

func TestAnotherControlPlane(t *testing.T) {
	s := begin(t)
	saved, err := backup.Take(t.Context(), s.first.Client)
	s.must(err)
	owned := s.first.resources()
	since := s.ledgerEnd()

	s.must(saved.Restore(t.Context(), s.second.Client))
	t.Run("IsRefused", func(t *testing.T) { s.in(t).isRefused(owned, since) })
	t.Run("TakesOver", func(t *testing.T) { s.in(t).takesOver(owned, since) })
	t.Run("TheFirstOneLetsGo", func(t *testing.T) { s.in(t).letsGo(owned) })
	t.Run("TheSecondOneDeletes", func(t *testing.T) { s.in(t).deletes() })
}

// begin starts both control planes, and claims a database in the first one.
func begin(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, args: map[string][]string{}}
	operators := []string{stack.CoreOperator, stack.AWSOperator}
	up := func(o stack.Options) hub {
		o.Dir, o.Operators, o.PollInterval = filepath.Join(t.TempDir(), "stack"), operators, time.Second
		up, err := stack.Up(t.Context(), o)
		s.must(err)
		t.Cleanup(func() { s.must(up.Down()) })
		s.must(up.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenant, Labels: map[string]string{"cloud": "aws"}}}))
		return hub{up, t}
	}
	s.first = up(stack.Options{})
	s.cloud = control.New(s.first.CloudURL(stack.LocalAWS))
	s.must(s.first.Connect(t.Context(), "aws"))
	claim := claim()
	claim.Object["spec"] = map[string]any{
		"engineVersion": "8.4", "storageGiB": int64(20), "databaseName": "orders", "writeConnectionSecretToRef": map[string]any{"name": "db"},
	}
	s.must(s.first.Client.Create(t.Context(), claim))
	for named, parameters := range firewall() {
		o := object(named)
		o.Object["spec"] = map[string]any{"providerRef": map[string]any{"name": "aws"}, "forProvider": parameters}
		s.must(s.first.Client.Create(t.Context(), o))
	}
	for named := range firewall() {
		s.first.says(named, "Ready", "True")
		s.first.says(named, "Synced", "True InSync")
	}
	s.first.saying("True Bound")
	s.first.sql("CREATE TABLE notes (id INT PRIMARY KEY)")
	s.second = up(stack.Options{Beside: s.first.Stack, Args: s.args})
	return s
}

// firewall is a group that lists no rules, and the rule of another object in it: whichever is taken
// over first has to leave the other one alone.
func firewall() map[string]map[string]any {
	return map[string]map[string]any{
		"SecurityGroup fw": {"region": "eu-west-1", "ingress": []any{}, "egress": []any{}},
		"SecurityGroupRule fw": {
			"region": "eu-west-1", "securityGroupRef": map[string]any{"name": "fw"}, "type": "Ingress", "protocol": "tcp",
			"fromPort": int64(3306), "cidr": "10.0.0.0/8",
		},
	}
}

func (s *scene) in(t *testing.T) *scene {
	t.Helper()
	part := *s
	part.t, part.first.t, part.second.t = t, t, t
	return &part
}

// isRefused: a control plane that was not told whose place it takes touches nothing, and makes nothing
// in place of what it can't have.
func (s *scene) isRefused(owned []string, since int) {
	first := s.first.uid()
	for _, name := range owned {
		if strings.HasPrefix(name, "SecurityGroupRule ") {
			s.second.says(name, "Synced", "False ReferenceNotReady") // its group is not this control plane's
			continue
		}
		s.second.says(name, "Synced", "False ForeignResource")
		if said := s.second.condition(name, "Synced"); !strings.Contains(said, "give "+first+" in the operator's --former-hubs") {
			s.t.Errorf("%s does not say what to do: %s", name, said)
		}
	}
	if got := s.second.resources(); !slices.Equal(got, owned) {
		s.t.Errorf("resources: %q, want those that were restored, %q", got, owned)
	}
	s.nothingSince(since)
	s.first.saying("True Bound")
}

// takesOver: told, it marks each resource as its own, and that is all that happens in the cloud.
func (s *scene) takesOver(owned []string, since int) {
	s.args[stack.AWSOperator] = []string{"--former-hubs", s.first.uid()}
	s.must(s.second.Restart(s.t.Context(), stack.AWSOperator))
	for _, name := range owned {
		s.second.says(name, "Synced", "True")
		s.second.says(name, "Ready", "True")
	}
	s.second.bindAgain()
	s.second.saying("True Bound")
	s.second.sql("INSERT INTO notes VALUES (1)")

	time.Sleep(5 * time.Second) // some polls of both
	var marked []string
	for _, e := range s.ledger(since) {
		if e.Action != local.Updated {
			s.t.Errorf("%s %s was %s", e.Kind, e.ID, e.Action)
		}
		marked = append(marked, e.Kind+" "+e.ID)
	}
	if len(marked) != len(owned) || len(slices.Compact(slices.Sorted(slices.Values(marked)))) != len(owned) {
		s.t.Errorf("changed in the cloud: %q, want each of %q once", marked, owned)
	}
}

// letsGo: the first control plane is alive. It says that it has lost what the second one has, and what
// is deleted there stays in the cloud.
func (s *scene) letsGo(owned []string) {
	since := s.ledgerEnd()
	for _, name := range owned {
		s.first.says(name, "Synced", "False ForeignResource")
	}
	s.must(s.first.Client.Delete(s.t.Context(), claim()))
	s.first.gone(claim())
	for _, name := range s.first.resources() {
		s.must(client.IgnoreNotFound(s.first.Client.Delete(s.t.Context(), object(name))))
		s.first.gone(object(name))
	}
	s.nothingSince(since)
	s.second.saying("True Bound")
	s.second.sql("INSERT INTO notes VALUES (2)")
}

// deletes: what was taken over is the second one's to delete.
func (s *scene) deletes() {
	database := s.second.resources()
	database = slices.DeleteFunc(database, func(name string) bool { return !strings.HasPrefix(name, "RDSInstance ") })
	s.must(s.second.Client.Delete(s.t.Context(), claim()))
	s.second.gone(claim())
	for _, name := range database {
		s.second.gone(object(name))
	}
	live, err := s.cloud.Live(s.t.Context())
	s.must(err)
	for _, r := range live {
		if r.Kind == "DBInstance" {
			s.t.Errorf("left in the cloud: %s", r.ID)
		}
	}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) ledger(since int) []local.Entry {
	s.t.Helper()
	entries, err := s.cloud.Ledger(s.t.Context(), since)
	s.must(err)
	return entries
}

func (s *scene) ledgerEnd() int {
	s.t.Helper()
	entries := s.ledger(0)
	return entries[len(entries)-1].Seq
}

func (s *scene) nothingSince(since int) {
	s.t.Helper()
	time.Sleep(3 * time.Second) // some polls
	if diff := cmp.Diff([]local.Entry(nil), s.ledger(since), cmp.Transformer("empty", func(l []local.Entry) int { return len(l) })); diff != "" {
		s.t.Errorf("something happened in the cloud: %v", s.ledger(since))
	}
}

// uid is what the operators know a control plane by.
func (h hub) uid() string {
	h.t.Helper()
	ns := &corev1.Namespace{}
	if err := h.Client.Get(h.t.Context(), client.ObjectKey{Name: metav1.NamespaceSystem}, ns); err != nil {
		h.t.Fatal(err)
	}
	return string(ns.UID)
}

func groups() map[string]string {
	return map[string]string{"RDSInstance": "database", "DBSubnetGroup": "database", "SecurityGroup": "network", "SecurityGroupRule": "network"}
}

// resources lists all managed resources, as "Kind name".
func (h hub) resources() []string {
	h.t.Helper()
	var all []string
	for kind := range groups() {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(object(kind + "List x").GroupVersionKind())
		if err := h.Client.List(h.t.Context(), list); err != nil {
			h.t.Fatal(err)
		}
		for _, item := range list.Items {
			all = append(all, kind+" "+item.GetName())
		}
	}
	slices.Sort(all)
	return all
}

// object returns an empty one of what "Kind name" names.
func object(named string) *unstructured.Unstructured {
	kind, name, _ := strings.Cut(named, " ")
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.GroupVersionKind{
		Group: groups()[strings.TrimSuffix(kind, "List")] + ".aws.crossplane.io", Version: "v1alpha1", Kind: kind,
	})
	o.SetName(name)
	return o
}

func claim() *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.GroupVersionKind{Group: "database.crossplane.io", Version: "v1alpha1", Kind: "MySQLInstance"})
	o.SetNamespace(tenant)
	o.SetName("orders")
	return o
}

func (h hub) until(what string, so func(ctx context.Context) (bool, error)) {
	h.t.Helper()
	if err := wait.Until(h.t.Context(), patience, 50*time.Millisecond, what, so); err != nil {
		h.t.Fatal(err)
	}
}

var errOther = errors.New("it says something else")

func (h hub) says(name, condition, want string) {
	h.t.Helper()
	h.until(name+" says "+want, func(context.Context) (bool, error) {
		said := h.condition(name, condition)
		return strings.HasPrefix(said, want), errors.Join(errOther, errors.New(said))
	})
}

func (h hub) condition(name, condition string) string {
	h.t.Helper()
	return h.conditionOf(object(name), condition)
}

func (h hub) conditionOf(o *unstructured.Unstructured, condition string) string {
	h.t.Helper()
	if err := h.Client.Get(h.t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		return err.Error()
	}
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == condition {
			status, _ := c["status"].(string)
			reason, _ := c["reason"].(string)
			message, _ := c["message"].(string)
			return status + " " + reason + ": " + message
		}
	}
	return ""
}

// saying waits until the claim's Ready begins with text.
func (h hub) saying(text string) {
	h.t.Helper()
	h.until("the claim says "+text, func(context.Context) (bool, error) {
		said := h.conditionOf(claim(), "Ready")
		return strings.HasPrefix(said, text), errors.Join(errOther, errors.New(said))
	})
}

func (h hub) gone(o client.Object) {
	h.t.Helper()
	h.until(o.GetName()+" is gone", func(ctx context.Context) (bool, error) {
		err := h.Client.Get(ctx, client.ObjectKeyFromObject(o), o)
		return apierrors.IsNotFound(err), err
	})
}

var command = regexp.MustCompile(`To bind it again: (.*)\. To start with`)

// bindAgain types what the claim tells an administrator to.
func (h hub) bindAgain() {
	h.t.Helper()
	h.saying("False RestoreNeeded")
	typed := command.FindStringSubmatch(h.conditionOf(claim(), "Ready"))
	if typed == nil {
		h.t.Fatalf("it does not say what to do: %s", h.conditionOf(claim(), "Ready"))
	}
	cmd := exec.CommandContext(h.t.Context(), "bash", "-euc", typed[1])
	cmd.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig(), "PATH="+filepath.Dir(h.Kubectl())+":"+os.Getenv("PATH"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		h.t.Fatalf("%s: %v\n%s", typed[1], err, &said)
	}
}

// sql runs a statement as the application would.
func (h hub) sql(statement string) {
	h.t.Helper()
	conn, err := login.Read(h.t.Context(), h.Client, tenant, "db")
	if err != nil {
		h.t.Fatal(err)
	}
	db, err := conn.Open(h.t.Context(), conn["ca.crt"])
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = db.ExecContext(h.t.Context(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}
