// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/stack/stacktest"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

const patience = 3 * time.Minute

// shared is one stack for the tests that leave it as it was: to start a control plane takes seconds.
var (
	shared   *stack.Stack
	progress bytes.Buffer
)

func TestMain(m *testing.M) {
	stacktest.Main()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "stack-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Setenv("AWS_SECRET_ACCESS_KEY", "the-developers-own"); err != nil {
		panic(err)
	}
	o, err := options(dir)
	if err != nil {
		panic(err)
	}
	o.Progress = &progress
	o.Args = map[string][]string{stack.ControlPlane: {"--max-requests-inflight=500"}}
	o.Env = map[string][]string{stack.AWSOperator: {"EXTRA=one"}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	shared, err = stack.Up(ctx, o)
	if err != nil {
		panic(err)
	}
	code := m.Run()
	if err := shared.Down(); err != nil {
		panic(err)
	}
	return code
}

// options are for a stack with programs and charts of its own, all in a folder.
func options(dir string) (stack.Options, error) {
	o := stack.Options{
		Dir:          filepath.Join(dir, "stack"),
		Root:         filepath.Join(dir, "root"),
		Bin:          filepath.Join(dir, "bin"),
		Operators:    stack.Operators(),
		CloudDelay:   3 * time.Second,
		PollInterval: 7 * time.Second,
	}
	return o, errors.Join(os.MkdirAll(o.Bin, 0o700), stacktest.Charts(o.Root), stacktest.Programs(o.Bin))
}

func optionsFor(t *testing.T) stack.Options {
	t.Helper()
	o, err := options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestProgressIsTold(t *testing.T) {
	for _, said := range []string{
		"control plane ready at https://127.0.0.1:", "local AWS ready at http://", "local Google Cloud ready at http://", "local Azure ready at https://",
		"core-operator ready", "aws-operator ready", "gcp-operator ready", "azure-operator ready", "workload-operator ready",
	} {
		if !strings.Contains(progress.String(), said) {
			t.Errorf("progress lacks %q:\n%s", said, &progress)
		}
	}
}

func logOf(t *testing.T, s *stack.Stack, name string) string {
	t.Helper()
	content, err := os.ReadFile(s.Log(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSurroundingsOfProcesses(t *testing.T) {
	s := shared
	cases := map[string]struct {
		process string
		has     []string
		lacks   []string
	}{
		"the cloud": {stack.LocalAWS, []string{"delay 3s"}, nil},
		"core": {
			stack.CoreOperator,
			[]string{"--namespace crossplane-system", "--log-format text", "--identity core-operator"},
			[]string{"AWS_", "--poll-interval", "--connection-namespace"},
		},
		"aws": {
			stack.AWSOperator,
			[]string{
				"--connection-namespace crossplane-aws-connections", "--poll-interval 7s",
				"AWS_ENDPOINT_URL=" + s.CloudURL(stack.LocalAWS), "AWS_REGION=us-east-1", "EXTRA=one",
			},
			[]string{"AWS_SECRET_ACCESS_KEY", "--endpoint"},
		},
		"workload": {
			stack.WorkloadOperator,
			[]string{"--namespace crossplane-system", "--connection-namespace crossplane-workload-connections", "--chart-namespace crossplane-workload-charts"},
			[]string{"AWS_"},
		},

		"gcp":   {stack.GCPOperator, []string{"--connection-namespace crossplane-gcp-connections", "--endpoint " + s.CloudURL(stack.LocalGCP)}, []string{"AWS_"}},
		"azure": {stack.AzureOperator, []string{"--resource-manager-endpoint https://127.0.0.1:", "--authority-host " + s.CloudURL(stack.LocalAzure)}, []string{"AWS_"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			log := logOf(t, s, tc.process)
			for _, want := range tc.has {
				if !strings.Contains(log, want) {
					t.Errorf("%q is missing", want)
				}
			}
			for _, wrong := range tc.lacks {
				if strings.Contains(log, wrong) {
					t.Errorf("%q is there", wrong)
				}
			}
		})
	}
}

// may asks the API server, as the operator's own kubeconfig has it, whether something is allowed.
func may(t *testing.T, s *stack.Stack, name, namespace, verb, resource string) bool {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(filepath.Dir(s.Kubeconfig()), name+".kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	api, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	resource, group, _ := strings.Cut(resource, ".")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Group: group, Resource: resource},
	}}
	answer, err := api.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}

func TestPermissions(t *testing.T) {
	s := shared
	const connections = "crossplane-aws-connections"
	cases := map[string]struct {
		operator, namespace, verb, resource string
		want                                bool
	}{
		"core writes in its namespace":          {stack.CoreOperator, stack.Namespace, "create", "configmaps", true},
		"core writes nowhere else":              {stack.CoreOperator, "default", "create", "configmaps", false},
		"core has no aggregated role":           {stack.CoreOperator, "default", "delete", "pods", false},
		"core reads connection secrets":         {stack.CoreOperator, connections, "list", "secrets", true},
		"core reads no credentials":             {stack.CoreOperator, stack.Namespace, "list", "secrets", false},
		"core creates what an operator lets it": {stack.CoreOperator, "", "create", "dbs.stack.example.org", true},
		"aws has not what its chart lets core":  {stack.AWSOperator, "", "create", "dbs.stack.example.org", false},
		"aws writes everywhere":                 {stack.AWSOperator, "default", "create", "configmaps", true},
		"aws has not what its chart gives core": {stack.AWSOperator, connections, "list", "secrets", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for deadline := time.Now().Add(patience); may(t, s, tc.operator, tc.namespace, tc.verb, tc.resource) != tc.want; {
				if time.Now().After(deadline) {
					t.Fatalf("allowed: %t", !tc.want)
				}
				time.Sleep(100 * time.Millisecond) // aggregated roles follow
			}
		})
	}
}

func TestRightsAreHeldAgainstRequests(t *testing.T) {
	rights, err := shared.Rights()
	if err != nil {
		t.Fatal(err)
	}
	rights = slices.DeleteFunc(rights, func(r stack.Right) bool { // the others are like aws
		return r.Operator != stack.AWSOperator && r.Operator != stack.CoreOperator
	})
	core := func(verb, target, namespace string) stack.Right {
		return stack.Right{Operator: stack.CoreOperator, Verb: verb, Target: target, Namespace: namespace}
	}
	want := []stack.Right{
		{Operator: stack.AWSOperator, Verb: "create", Target: "configmaps"},
		core("create", "configmaps", stack.Namespace), core("create", "dbs.stack.example.org", ""),
		core("get", "secrets", "crossplane-aws-connections"), core("list", "secrets", "crossplane-aws-connections"),
		core("watch", "secrets", "crossplane-aws-connections"),
	}
	if diff := cmp.Diff(want, rights); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	by := func(name, verb, resource, namespace string, forbidden bool) audit.Request {
		return audit.Request{User: stack.User(name), Verb: verb, Resource: resource, Namespace: namespace, Forbidden: forbidden}
	}
	unused := stack.Unused(rights, audit.Requests{
		by(stack.AWSOperator, "create", "configmaps", "anywhere", false), // a right for the whole cluster
		by(stack.CoreOperator, "get", "secrets", "crossplane-aws-connections", false),
		by(stack.CoreOperator, "create", "configmaps", "elsewhere", false),
		by(stack.CoreOperator, "list", "secrets", "crossplane-aws-connections", true),
		{User: "core-operator", Verb: "watch", Resource: "secrets", Namespace: "crossplane-aws-connections"}, // somebody of that name
	})
	if diff := cmp.Diff([]stack.Right{want[1], want[2], want[4], want[5]}, unused); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
}

func TestDefinitionsComeAndGo(t *testing.T) {
	s := shared
	ctx := t.Context()
	db := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "stack.example.org/v1", "kind": "Kinddbs", "metadata": map[string]any{"name": "one"},
	}}
	if err := s.Client.Create(ctx, db.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveCRDs(ctx, stack.AWSOperator); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); !apierrors.IsNotFound(s.Client.Create(ctx, db.DeepCopy())); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("still served")
		}
	}
	if err := s.InstallCRDs(ctx, stack.AWSOperator); err != nil {
		t.Fatal(err)
	}
	if err := s.Client.Create(ctx, db.DeepCopy()); err != nil {
		t.Errorf("after it was installed again: %v", err)
	}
}

// alive returns the names of the processes that run.
func alive(s *stack.Stack) []string {
	var names []string
	for _, p := range s.Processes() {
		if p.Alive {
			names = append(names, p.Name)
		}
	}
	return names
}

func TestOperatorsComeAndGo(t *testing.T) {
	s := shared
	ctx := t.Context()
	all := append([]string{stack.LocalAWS, stack.LocalGCP, stack.LocalAzure, stack.ControlPlane}, stack.Operators()...)
	without := func(name string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(n string) bool { return n == name })
	}
	steps := []struct {
		name string
		do   func() error
		fail error
		want []string
	}{
		{"started while it runs", func() error { return s.Start(ctx, stack.CoreOperator) }, stack.ErrUp, all},
		{"killed", func() error { return s.Kill(stack.CoreOperator) }, nil, without(stack.CoreOperator)},
		{"killed again", func() error { return s.Kill(stack.CoreOperator) }, stack.ErrNoProcess, without(stack.CoreOperator)},
		{"started", func() error { return s.Start(ctx, stack.CoreOperator) }, nil, all},
		{"stopped", func() error { return s.Stop(stack.AWSOperator) }, nil, without(stack.AWSOperator)},
		{"restarted while stopped", func() error { return s.Restart(ctx, stack.AWSOperator) }, nil, all},
		{"restarted while running", func() error { return s.Restart(ctx, stack.AWSOperator) }, nil, all},
		{"the control plane, killed", func() error { return s.Kill(stack.ControlPlane) }, nil, without(stack.ControlPlane)},
		{"the control plane, started", func() error { return s.Start(ctx, stack.ControlPlane) }, nil, all},
		{"a cloud, killed", func() error { return s.Kill(stack.LocalAzure) }, nil, without(stack.LocalAzure)},
		{"a cloud, started", func() error { return s.Start(ctx, stack.LocalAzure) }, nil, all},
		{"a cloud, restarted", func() error { return s.Restart(ctx, stack.LocalAWS) }, nil, all},
		{"one that there is not", func() error { return s.Start(ctx, "rook-operator") }, stack.ErrNoOperator, all},
	}
	mine := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "before-the-restart"}}
	if err := s.Client.Create(ctx, mine); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := step.do(); !errors.Is(err, step.fail) {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, alive(s)); diff != "" {
			t.Fatalf("%s: %s", step.name, diff)
		}
	}
	if err := s.Client.Get(ctx, client.ObjectKeyFromObject(mine), mine); err != nil {
		t.Errorf("after the control plane's restart: %v", err)
	}
}

func TestWritesAreCountedByUser(t *testing.T) {
	s := shared
	ctx := t.Context()
	log := s.Audit()
	if err := log.Settle(ctx, 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	mark, err := log.Mark()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(ctx, stack.CoreOperator); err != nil {
		t.Fatal(err)
	}
	if err := s.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "mine-"}}); err != nil {
		t.Fatal(err)
	}
	if err := log.Settle(ctx, 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	requests, err := log.Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	got := requests.By(stack.User(stack.CoreOperator)).Of(audit.Write).Count()
	want := audit.Key{User: stack.User(stack.CoreOperator), Class: audit.Write, Verb: "create", Target: "configmaps"}
	if len(got) != 1 || got[want] != 1 {
		t.Errorf("core's writes: %v", got)
	}
	if tokens := requests.By("kubernetes-admin").Of(audit.Review).Where(func(r audit.Request) bool { return r.Subresource == "token" }); len(tokens) != 1 {
		t.Errorf("tokens: %v", tokens)
	}
}

func TestUsage(t *testing.T) {
	s := shared
	plane, err := s.Usage(stack.ControlPlane)
	if err != nil {
		t.Fatal(err)
	}
	if plane.CPU == 0 || plane.RSS < 50<<20 {
		t.Errorf("the control plane uses %v", plane)
	}
	if _, err := s.Usage("nobody"); !errors.Is(err, stack.ErrNoProcess) {
		t.Errorf("got %v", err)
	}
}

func TestSecondStackInItsPlace(t *testing.T) {
	s := shared
	o := optionsFor(t)
	o.Dir = filepath.Dir(s.Kubeconfig())
	if _, err := stack.Up(t.Context(), o); !errors.Is(err, stack.ErrUp) {
		t.Errorf("got %v", err)
	}
}

func TestFailedStartLeavesNothing(t *testing.T) {
	o := optionsFor(t)
	o.Args = map[string][]string{stack.AWSOperator: {"--fail"}}
	_, err := stack.Up(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "told to fail") {
		t.Fatalf("got %v", err)
	}
	if _, err := stack.Open(o.Dir); !errors.Is(err, stack.ErrNotUp) {
		t.Errorf("after a failed start: %v", err)
	}
	if left := processes(t, o.Dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestInterruptedStartLeavesNothing(t *testing.T) {
	o := optionsFor(t)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := stack.Up(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if left := processes(t, o.Dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestMissingPrograms(t *testing.T) {
	o := optionsFor(t)
	o.Bin = t.TempDir()
	_, err := stack.Up(t.Context(), o)
	if !errors.Is(err, stack.ErrNotBuilt) {
		t.Fatalf("got %v", err)
	}
	for _, name := range append([]string{"hyperkube", "local-aws", "local-gcp", "local-azure"}, stack.Operators()...) {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// A cloud may be there before its operator is.
func TestCloudsBesideTheOperators(t *testing.T) {
	o := optionsFor(t)
	o.Operators, o.Clouds = []string{stack.CoreOperator}, []string{stack.LocalGCP}
	s, err := stack.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Down(); err != nil {
			t.Error(err)
		}
	}()
	if diff := cmp.Diff([]string{stack.LocalGCP, stack.ControlPlane, stack.CoreOperator}, alive(s)); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(s.Install(t.Context(), stack.GCPOperator), s.Start(t.Context(), stack.GCPOperator)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{stack.LocalGCP, stack.ControlPlane, stack.CoreOperator, stack.GCPOperator}, alive(s)); diff != "" {
		t.Error(diff)
	}
	if log := logOf(t, s, stack.GCPOperator); !strings.Contains(log, "--endpoint "+s.CloudURL(stack.LocalGCP)) {
		t.Errorf("the operator was not led to its cloud: %s", log)
	}
}

func TestUnknownOperator(t *testing.T) {
	o := optionsFor(t)
	o.Operators = []string{"rook-operator"}
	if _, err := stack.Up(t.Context(), o); !errors.Is(err, stack.ErrNoOperator) {
		t.Errorf("got %v", err)
	}
}

// processes returns the command lines of the processes that were given a path in the folder.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(dir)) {
			found = append(found, string(line))
		}
	}
	return found
}
