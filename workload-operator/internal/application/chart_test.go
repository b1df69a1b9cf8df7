// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart/charttest"
)

// rendered counts the renderings of the suite, by namespace on the target.
var rendered = &renderings{of: map[string]int{}, last: map[string]chart.Request{}}

type renderings struct {
	mu   sync.Mutex
	of   map[string]int
	last map[string]chart.Request
}

func (r *renderings) render(ctx context.Context, asked chart.Request) (chart.Rendering, error) {
	r.mu.Lock()
	r.of[asked.Namespace]++
	r.last[asked.Namespace] = asked
	r.mu.Unlock()
	return chart.Render(ctx, asked)
}

// lastFor returns what was asked last of the engine for a namespace.
func (r *renderings) lastFor(namespace string) chart.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last[namespace]
}

func (r *renderings) count(namespace string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[namespace]
}

// shop is a chart with a password that nobody gives it.
func shop(more ...string) charttest.Files {
	files := charttest.Files{
		"Chart.yaml":  "{apiVersion: v2, name: shop, version: 1.2.3}",
		"values.yaml": "color: blue",
		"templates/all.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data: {color: {{ .Values.color | quote }}, kube: {{ .Capabilities.KubeVersion.Version }}, batch: "{{ .Capabilities.APIVersions.Has "batch/v1/Job" }}"}
---
apiVersion: v1
kind: Secret
metadata: {name: password}
stringData: {password: {{ randAlphaNum 20 }}}
`,
	}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	return files
}

// source makes a source that the scene's namespace may use.
func (s *scene) source(change func(*workload.ChartSourceSpec)) string {
	s.Helper()
	source := &workload.ChartSource{ObjectMeta: metav1.ObjectMeta{GenerateName: "source-"}}
	source.Spec.AllowedNamespaces = bindable([]string{s.namespace}, nil)
	change(&source.Spec)
	s.must(hub.Client.Create(s.ctx, source))
	s.Cleanup(func() { _ = hub.Client.Delete(context.Background(), source) })
	return source.Name
}

func ofConfigMaps(spec *workload.ChartSourceSpec) { spec.ConfigMap = &workload.ConfigMapSource{} }

// packed makes, or replaces, the ConfigMap that holds a chart.
func (s *scene) packed(files charttest.Files) {
	s.Helper()
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "chart"}, BinaryData: map[string][]byte{"it.tgz": files.Pack("shop")}}
	_ = hub.Client.Delete(s.ctx, m.DeepCopy())
	s.must(hub.Client.Create(s.ctx, m))
}

// charted lets an application run the scene's chart from a ConfigMap.
func charted(source, values string) func(*workload.KubernetesApplication) {
	return func(a *workload.KubernetesApplication) {
		a.Spec.Chart = &workload.Chart{
			SourceRef: v1alpha1.Reference{Name: source}, Name: "shop", Version: "1.2.3",
			ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Name: "chart", Key: "it.tgz"},
		}
		if values != "" {
			a.Spec.Chart.Values = &workload.ChartValues{}
			a.Spec.Chart.Values.Raw = []byte(values)
		}
	}
}

func (s *scene) password() string {
	s.Helper()
	secret := &corev1.Secret{}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "password"}, secret))
	return string(secret.Data["password"])
}

// TestChart tells the life of a chart: rendered once, beside manifests, rendered
// anew for other values, and gone with the application.
func TestChart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop())
	source := s.source(ofConfigMaps)
	a := s.app("blog", []object{configMap("beside")}, charted(source, ""))
	s.ready(a)
	data := s.data(faraway, s.namespace, "blog")
	if data["color"] != "blue" || !strings.HasPrefix(data["kube"], "v1.") || data["batch"] != "true" || a.Status.Current != "3/3" {
		t.Errorf("want the chart's objects and the manifest's: %v %s", data, a.Status.Current)
	}
	first := s.password()

	t.Log("what somebody changes there comes back, without another rendering")
	s.must(faraway.Client.Delete(s.ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "password"}}))
	s.eventually(func() error {
		return faraway.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: "password"}, &corev1.Secret{})
	})
	s.edit(a, func(a *workload.KubernetesApplication) { a.Spec.Manifests = nil })
	s.gone(faraway, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "beside"}})
	if again, n := s.password(), rendered.count(s.namespace); again != first || n != 1 {
		t.Errorf("want one rendering and the same password: %d, %t", n, again == first)
	}

	t.Log("other values are another rendering")
	s.edit(a, charted(source, `{"color": "red"}`))
	s.eventually(func() error {
		if color := s.data(faraway, s.namespace, "blog")["color"]; color != "red" {
			return fmt.Errorf("it is %s", color)
		}
		return nil
	})
	if n := rendered.count(s.namespace); n != 2 {
		t.Errorf("want two renderings, got %d", n)
	}

	t.Log("without the chart its objects go, and with the application what was kept")
	s.edit(a, func(a *workload.KubernetesApplication) {
		a.Spec.Chart, a.Spec.Manifests = nil, s.manifests(configMap("plain"))
	})
	s.gone(faraway, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "blog"}})
	s.nothingKept(a)
	s.edit(a, charted(source, ""))
	s.ready(a)
	s.remove(a)
	s.gone(hub, a)
	s.nothingKept(a)
}

// nothingKept waits until nothing is kept of an application's chart.
func (s *scene) nothingKept(a *workload.KubernetesApplication) {
	s.Helper()
	s.eventually(func() error {
		for _, namespace := range []string{charts, keeping} {
			if n := len(s.keptIn(namespace, a)); n > 0 {
				return fmt.Errorf("%d are kept in %s", n, namespace)
			}
		}
		return nil
	})
}

// keptIn returns what is kept of an application's chart in a namespace.
func (s *scene) keptIn(namespace string, a *workload.KubernetesApplication) []corev1.Secret {
	s.Helper()
	list := &corev1.SecretList{}
	s.must(hub.Client.List(s.ctx, list, client.InNamespace(namespace), client.MatchingLabels{workload.LabelApplicationUID: string(a.UID)}))
	return list.Items
}

// TestChartAfterARestart: a process that knows nothing renders nothing, and changes
// nothing; nor does one that crashes between any two writes lose anything.
func TestChartAfterARestart(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			o := &hand{scene: newScene(t)}
			o.packed(shop())
			source := o.source(ofConfigMaps)
			o.start(int32(n + 1))
			o.app = o.scene.app("blog", nil, charted(source, ""), func(a *workload.KubernetesApplication) { a.Labels = map[string]string{byHand: "yes"} })
			o.rest(2)
			password, renderings := o.password(), rendered.count(o.namespace)
			o.start(1 << 20)
			o.rest(2)
			if again := o.password(); again != password || rendered.count(o.namespace) != renderings {
				t.Error("a restart rendered again")
			}
			o.remove(o.app)
			o.rest(0)
			o.nothingKept(o.app)
		})
	}
}

// rest makes passes, also after a crash, until so many objects are as they shall be.
func (o *hand) rest(objects int) {
	o.Helper()
	o.eventually(func() error {
		_, err := o.by.Reconcile(o.ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o.app)})
		if o.crash.happened() {
			o.start(1 << 20)
		}
		if !o.atRest(objects) {
			return fmt.Errorf("not at rest: %w %+v", err, o.app.Status)
		}
		return nil
	})
}

// TestChartsThatCannotBe: each says why and whose business it is, and what ran
// before goes on.
func TestChartsThatCannotBe(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2"
	for name, tc := range map[string]struct {
		files  charttest.Files
		change func(*workload.KubernetesApplication)
		reason string
		says   string
	}{
		"no source": {
			nil, func(a *workload.KubernetesApplication) { a.Spec.Chart.SourceRef.Name = "none" },
			workload.ReasonChartForbidden, "there is no source none of charts for applications of namespace",
		},
		"no ConfigMap":    {nil, func(a *workload.KubernetesApplication) { a.Spec.Chart.ConfigMapRef.Name = "none" }, workload.ReasonChartMissing, "ConfigMap none"},
		"another version": {nil, func(a *workload.KubernetesApplication) { a.Spec.Chart.Version = "1.2.4" }, workload.ReasonChartInvalid, "chart shop 1.2.3, not shop 1.2.4"},
		"it fails": {
			shop("templates/fail.yaml", `{{ fail (printf "can't use %s, %s" .Values.password (b64enc .Values.password)) }}`), nil,
			workload.ReasonChartInvalid, "can't use ***, ***",
		},
		"it takes too much": {shop("templates/bomb.yaml", `{{ repeat 1000000000 "xxxxxxxxxx" }}`), nil, workload.ReasonChartTooLarge, "of memory"},
		"not to be applied": {shop("templates/bad.yaml", "{apiVersion: v1, kind: ConfigMap}"), nil, workload.ReasonChartInvalid, "metadata.name is missing"},
		"twice the same":    {shop("templates/more.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: password}}"), nil, workload.ReasonChartInvalid, "Secret password: it is made twice"},
		"the target refuses it": {
			shop("templates/bad.yaml", "{apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {type: {{ .Values.password }}}}"), nil,
			workload.ReasonObjectRefused, "***",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.packed(shop())
			source := s.source(ofConfigMaps)
			a := s.app("blog", nil, charted(source, ""))
			s.ready(a)
			password := s.password()
			if tc.files != nil {
				s.packed(tc.files)
			}
			s.edit(a, func(a *workload.KubernetesApplication) {
				charted(source, `{"password": "`+secret+`"}`)(a)
				if tc.change != nil {
					tc.change(a)
				}
			})
			s.says(a, v1alpha1.ConditionSynced, tc.reason, tc.says)
			if a.Status.Actor != workload.ActorOf(tc.reason) || strings.Contains(fmt.Sprint(a.Status), secret) {
				t.Errorf("want %s and no secret in %+v", workload.ActorOf(tc.reason), a.Status)
			}
			if tc.reason != workload.ReasonObjectRefused && s.password() != password {
				t.Error("what ran is not as it was")
			}
			s.discreetEvents(secret)
		})
	}
}

// discreetEvents fails if a text is in an event of the scene.
func (s *scene) discreetEvents(secret string) {
	s.Helper()
	list := &corev1.EventList{}
	s.must(hub.Client.List(s.ctx, list, client.InNamespace(s.namespace)))
	for _, e := range list.Items {
		if strings.Contains(e.Message, secret) {
			s.Errorf("a secret in an event: %s", e.Message)
		}
	}
}

// TestChartKeeps: what is marked to be kept, and the kinds that a chart brings, stay.
func TestChartKeeps(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop("templates/kept.yaml", `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}}`))
	a := s.app("blog", nil, charted(s.source(ofConfigMaps), ""))
	s.ready(a)
	s.remove(a)
	s.gone(hub, a)
	s.gone(faraway, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "password"}})
	s.data(faraway, s.namespace, "kept")
}

// TestChartAdmission: what can't be meant is refused when it is written.
func TestChartAdmission(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for name, change := range map[string]func(*workload.Chart){
		"a range":         func(c *workload.Chart) { c.Version = "^1.2" },
		"latest":          func(c *workload.Chart) { c.Version = "latest" },
		"a path":          func(c *workload.Chart) { c.Name = "../other" },
		"a release name":  func(c *workload.Chart) { c.ReleaseName = "No" },
		"hooks":           func(c *workload.Chart) { c.Hooks = "Run" },
		"values":          func(c *workload.Chart) { c.Values = &workload.ChartValues{}; c.Values.Raw = []byte(`"text"`) },
		"no source":       func(c *workload.Chart) { c.SourceRef.Name = "" },
		"a name too long": func(*workload.Chart) {},
	} {
		a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "blog"}}
		charted("any", "")(a)
		change(a.Spec.Chart)
		if name == "a name too long" {
			a.Name = strings.Repeat("a", 54)
		}
		if err := hub.Client.Create(s.ctx, a); !apierrors.IsInvalid(err) {
			t.Errorf("%s: want it refused, got %v", name, err)
		}
	}
	for name, spec := range map[string]workload.ChartSourceSpec{
		"nothing":    {},
		"two":        {ConfigMap: &workload.ConfigMapSource{}, OCI: &workload.OCISource{URL: "oci://example.org/a"}},
		"plain http": {Repository: &workload.RepositorySource{URL: "http://example.org"}},
		"a file":     {Repository: &workload.RepositorySource{URL: "file:///etc"}},
		"a password": {Repository: &workload.RepositorySource{URL: "https://me:secret@example.org"}},
		"no oci":     {OCI: &workload.OCISource{URL: "https://example.org/a"}},
	} {
		source := &workload.ChartSource{ObjectMeta: metav1.ObjectMeta{Name: "refused"}, Spec: spec}
		if err := hub.Client.Create(s.ctx, source); !apierrors.IsInvalid(err) {
			t.Errorf("%s: want it refused, got %v", name, err)
		}
	}
}

// TestChartServers: charts from a repository and from a registry, which need not be
// there any more once a chart is rendered.
func TestChartServers(t *testing.T) {
	t.Parallel()
	server := charttest.Serve(t, "shop", "1.2.3", shop().Pack("shop"))
	for name, change := range map[string]func(*workload.ChartSourceSpec){
		"repository": func(s *workload.ChartSourceSpec) {
			s.Repository = &workload.RepositorySource{URL: server.Repository, ServerAccess: access()}
		},
		"registry": func(s *workload.ChartSourceSpec) {
			s.OCI = &workload.OCISource{URL: server.OCI, ServerAccess: access()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "chart-credentials"}, StringData: map[string]string{"username": charttest.Username, "password": "wrong"}}
			s.must(hub.Client.Create(s.ctx, secret))
			defer func() { _ = hub.Client.Delete(context.Background(), secret) }()
			source := s.source(change)
			a := s.app("blog", nil, charted(source, ""), func(a *workload.KubernetesApplication) { a.Spec.Chart.ConfigMapRef = nil })
			s.says(a, v1alpha1.ConditionReady, workload.ReasonChartSourceInvalid, "refuses the credentials")
			secret.StringData = map[string]string{"password": charttest.Password}
			s.must(hub.Client.Update(s.ctx, secret))
			s.ready(a)
			s.edit(a, func(a *workload.KubernetesApplication) { a.Spec.Chart.Version = "1.2.4" })
			s.says(a, v1alpha1.ConditionSynced, workload.ReasonChartMissing, "has no chart shop in version 1.2.4")
			if strings.Contains(fmt.Sprint(a.Status), charttest.Password) {
				t.Error("the password is in the status")
			}
		})
	}
}

func access() workload.ServerAccess {
	return workload.ServerAccess{PlainHTTP: true, CredentialsSecretRef: &v1alpha1.Reference{Name: "chart-credentials"}}
}

// TestChartForOthers: a source that others may use is told of in the words for one
// that is not there, and nobody waits long for the permission.
func TestChartForOthers(t *testing.T) {
	t.Parallel()
	s, other := newScene(t), newScene(t)
	other.packed(shop())
	source := s.source(ofConfigMaps)
	a := other.app("blog", nil, charted(source, ""))
	b := other.app("none", nil, charted("source-none", ""))
	other.says(a, v1alpha1.ConditionReady, workload.ReasonChartForbidden, "")
	other.says(b, v1alpha1.ConditionReady, workload.ReasonChartForbidden, "")
	if x, y := a.Status.Conditions[0].Message, b.Status.Conditions[0].Message; strings.Replace(x, source, "source-none", 1) != y {
		t.Errorf("they differ:\n%s\n%s", x, y)
	}
	began := time.Now()
	it := &workload.ChartSource{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Name: source}, it))
	it.Spec.AllowedNamespaces.Namespaces = slices.Sorted(maps.Keys(map[string]bool{s.namespace: true, other.namespace: true}))
	s.must(hub.Client.Update(s.ctx, it))
	other.ready(a)
	t.Logf("it ran %s after it was allowed", time.Since(began).Round(time.Millisecond))
}
