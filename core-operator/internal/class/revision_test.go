// SPDX-License-Identifier: Apache-2.0

package class

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

func revisions(t *testing.T, objects ...client.Object) *Revisions {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := appsv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	return &Revisions{Reader: c, Writer: c, Namespace: "core"}
}

func TestRevisionIsKept(t *testing.T) {
	r := revisions(t)
	class := with(t, "database: ${claim.spec.databaseName}\nconfig: \"<&>\"")
	class.Generation = 3
	class.Annotations["kubectl.kubernetes.io/last-applied-configuration"] = "{}"
	name, err := r.Record(t.Context(), class)
	if err != nil || name != RevisionName(class) || !strings.HasPrefix(name, "mysql-cloud-") {
		t.Fatalf("recorded %q, %v; want %q", name, err, RevisionName(class))
	}
	if again, err := r.Record(t.Context(), class); again != name || err != nil {
		t.Errorf("recorded again: %q, %v", again, err)
	}
	got, err := r.Load(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != class.Name || got.Generation != 3 || RevisionName(got) != name {
		t.Errorf("loaded %s of generation %d, which would be kept as %s", got.Name, got.Generation, RevisionName(got))
	}
	want := &corev1alpha1.ResourceClass{Spec: class.Spec}
	if a, b := render(t, want), render(t, got); a != b {
		t.Errorf("the loaded class renders %s, want %s", b, a)
	}
	if diff := cmp.Diff(map[string]string{"note": "ours"}, got.Annotations); diff != "" {
		t.Errorf("annotations: -want +got:\n%s", diff)
	}
}

func render(t *testing.T, class *corev1alpha1.ResourceClass) string {
	t.Helper()
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	rendered, err := compiled.Render(input(small()))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, r := range rendered {
		object, err := r.Object.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text.Write(object)
	}
	return text.String()
}

func TestRevisionName(t *testing.T) {
	base := func() *corev1alpha1.ResourceClass { return with(t, "database: a") }
	cases := map[string]struct {
		change func(*corev1alpha1.ResourceClass)
		same   bool
	}{
		"nothing":            {func(*corev1alpha1.ResourceClass) {}, true},
		"status, generation": {func(c *corev1alpha1.ResourceClass) { c.Generation, c.Status.ObservedGeneration = 9, 9 }, true},
		"kubectl apply": {func(c *corev1alpha1.ResourceClass) {
			c.Annotations["kubectl.kubernetes.io/last-applied-configuration"] = "{}"
		}, true},
		"order of the fields": {func(c *corev1alpha1.ResourceClass) {
			c.Spec.Resources[0].Template.Raw = []byte(`{"spec":{"forProvider":{"size":"none", ` +
				`"region":"${location.region}"},"providerRef":{"name":"cloud"}}, "kind":"Server","apiVersion":"cloud.made.up/v1"}`)
		}, true},
		"label":    {func(c *corev1alpha1.ResourceClass) { c.Labels["a"] = "b" }, false},
		"region":   {func(c *corev1alpha1.ResourceClass) { c.Spec.Regions = []string{"here"} }, false},
		"template": {func(c *corev1alpha1.ResourceClass) { c.Spec.Resources[0].Template.Raw = []byte(`{}`) }, false},
		"name":     {func(c *corev1alpha1.ResourceClass) { c.Name = "other" }, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			changed := base()
			tc.change(changed)
			if same := RevisionName(changed) == RevisionName(base()); same != tc.same {
				t.Errorf("same name: %t, want %t", same, tc.same)
			}
		})
	}
}

func TestRevisionLoadFails(t *testing.T) {
	other := func(name, data string) *appsv1.ControllerRevision {
		return &appsv1.ControllerRevision{
			ObjectMeta: metav1.ObjectMeta{Namespace: "core", Name: name}, Data: runtime.RawExtension{Raw: []byte(data)},
		}
	}
	r := revisions(t, other("daemon-1", `{"spec":{"template":{}}}`), other("text-1", `"x"`), other("forged-0000000000", `{"name":"forged","spec":{}}`))
	cases := map[string]error{
		"absent": ErrNoRevision, "daemon-1": ErrNotARevision, "text-1": ErrNotARevision, "forged-0000000000": ErrNotARevision,
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Load(t.Context(), name); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
}

func TestRevisionTooLarge(t *testing.T) {
	class := with(t, "config: "+strings.Repeat("x", maxRevision))
	if _, err := revisions(t).Record(t.Context(), class); !errors.Is(err, ErrRevisionTooLarge) {
		t.Errorf("got %v", err)
	}
}
