// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const patience = time.Minute // of a machine that is busy

// object is a manifest.
type object map[string]any

// scene is what one test plays in: a namespace whose applications may run on
// every target.
type scene struct {
	testing.TB

	ctx       context.Context
	namespace string
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	s := &scene{TB: tb, ctx: tb.Context()}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "scene-", Labels: map[string]string{"scene": "yes"}}}
	s.must(hub.Client.Create(s.ctx, namespace))
	s.namespace = namespace.Name
	s.must(hub.Client.Create(s.ctx, s.served()))
	return s
}

// served is what lets the operator serve the namespace.
func (s *scene) served() *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: account + "-tenants"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: account + "-tenants"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: account}},
	}
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// eventually fails the test unless f comes to return nil.
func (s *scene) eventually(f func() error) {
	s.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	s.Fatal(err)
}

// app makes an application on the target faraway.
func (s *scene) app(name string, manifests []object, change ...func(*workload.KubernetesApplication)) *workload.KubernetesApplication {
	s.Helper()
	a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	a.Spec.TargetRef = &v1alpha1.Reference{Name: "faraway"}
	a.Spec.Manifests = s.manifests(manifests...)
	for _, f := range change {
		f(a)
	}
	s.must(hub.Client.Create(s.ctx, a))
	return a
}

func (s *scene) manifests(objects ...object) []workload.Manifest {
	s.Helper()
	var out []workload.Manifest
	for _, o := range objects {
		raw, err := json.Marshal(o)
		s.must(err)
		m := workload.Manifest{}
		m.Raw = raw
		out = append(out, m)
	}
	return out
}

// edit changes an application as a person would.
func (s *scene) edit(a *workload.KubernetesApplication, change func(*workload.KubernetesApplication)) {
	s.Helper()
	s.eventually(func() error {
		if err := hub.Client.Get(s.ctx, client.ObjectKeyFromObject(a), a); err != nil {
			return err
		}
		change(a)
		return hub.Client.Update(s.ctx, a)
	})
}

func (s *scene) get(a *workload.KubernetesApplication) {
	s.Helper()
	s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(a), a))
}

// ready waits until the application as it is now is Ready and at rest.
func (s *scene) ready(a *workload.KubernetesApplication) {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		for _, typ := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
			if c := meta.FindStatusCondition(a.Status.Conditions, typ); c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != a.Generation {
				return fmt.Errorf("%s is not %s: %+v %+v", a.Name, typ, a.Status.Conditions, a.Status.Objects)
			}
		}
		return nil
	})
}

// says waits until a condition has a reason, and a text in its message.
func (s *scene) says(a *workload.KubernetesApplication, typ, reason, text string) {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		c := meta.FindStatusCondition(a.Status.Conditions, typ)
		if c == nil || c.Reason != reason || !strings.Contains(c.Message, text) {
			return fmt.Errorf("%s says %+v, not %s %q; %+v", typ, c, reason, text, a.Status.Objects)
		}
		return nil
	})
}

func (s *scene) remove(o client.Object) {
	s.Helper()
	s.must(hub.Client.Delete(s.ctx, o))
}

// gone waits until there is no such object.
func (s *scene) gone(on *kubetest.Cluster, o client.Object) {
	s.Helper()
	s.eventually(func() error {
		err := on.Client.Get(s.ctx, client.ObjectKeyFromObject(o), o)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("%T %s is still there: %w", o, o.GetName(), err)
	})
}

// data returns the data of a ConfigMap on a cluster, once it is there.
func (s *scene) data(on *kubetest.Cluster, namespace, name string) map[string]string {
	s.Helper()
	m := &corev1.ConfigMap{}
	s.eventually(func() error { return on.Client.Get(s.ctx, client.ObjectKey{Namespace: namespace, Name: name}, m) })
	return m.Data
}

func configMap(name string, data ...string) object {
	d := object{}
	for i := 0; i+1 < len(data); i += 2 {
		d[data[i]] = data[i+1]
	}
	return object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": name}, "data": d}
}

func deployment(name string, replicas int) object {
	labels := object{"app": name}
	return object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": object{"name": name}, "spec": object{
		"replicas": replicas, "selector": object{"matchLabels": labels},
		"template": object{"metadata": object{"labels": labels}, "spec": object{
			"containers": []object{{"name": "it", "image": "example.org/it:v1"}},
		}},
	}}
}

func in(namespace string, o object) object {
	if metadata, ok := o["metadata"].(object); ok {
		metadata["namespace"] = namespace
	}
	return o
}

func bindable(names []string, selector *metav1.LabelSelector) *v1alpha1.BindableBy {
	return &v1alpha1.BindableBy{Namespaces: names, NamespaceSelector: selector}
}

func uidOf(ctx context.Context, c *kubetest.Cluster) (types.UID, error) {
	ns := &corev1.Namespace{}
	err := c.Client.Get(ctx, client.ObjectKey{Name: metav1.NamespaceSystem}, ns)
	return ns.UID, err
}

func tokenOf(ctx context.Context, c *kubetest.Cluster, sa *corev1.ServiceAccount) (string, error) {
	request := &authenticationv1.TokenRequest{}
	err := c.Client.SubResource("token").Create(ctx, sa, request)
	return request.Status.Token, err
}

// stateOf returns what an application says of an object.
func stateOf(a *workload.KubernetesApplication, name string) workload.ObjectStatus {
	for _, o := range a.Status.Objects {
		if o.Name == name {
			return o
		}
	}
	return workload.ObjectStatus{}
}
