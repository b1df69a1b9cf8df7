// SPDX-License-Identifier: Apache-2.0

package availability_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// provider is one that a test makes up: an operator with one kind, Server, in a
// group of its own.
type provider struct {
	*testing.T

	name string
}

// newProvider returns one of which nothing is installed yet.
func newProvider(t *testing.T, name string) *provider {
	t.Helper()
	t.Parallel()
	return &provider{T: t, name: name}
}

func (p *provider) group() string { return p.name + ".example.org" }

func (p *provider) definition() *apiextensionsv1.CustomResourceDefinition {
	text := apiextensionsv1.JSONSchemaProps{Type: "string"}
	object := func(required string, properties map[string]apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Required: []string{required}, Properties: properties}
	}
	schema := object("spec", map[string]apiextensionsv1.JSONSchemaProps{
		"spec": object("forProvider", map[string]apiextensionsv1.JSONSchemaProps{
			"forProvider": object("region", map[string]apiextensionsv1.JSONSchemaProps{"region": text, "version": text}),
		}),
	})
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "servers." + p.group(), Labels: map[string]string{
			v1alpha1.LabelContract: v1alpha1.ContractManaged, v1alpha1.LabelOperator: p.name + "-operator",
		}},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: p.group(), Scope: apiextensionsv1.ClusterScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: "Server", ListKind: "ServerList", Plural: "servers", Singular: "server"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true, Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &schema},
			}},
		},
	}
}

func (p *provider) install() *apiextensionsv1.CustomResourceDefinition {
	p.Helper()
	crd := p.definition()
	// One of this name may still be on its way out.
	p.eventually("the CRD is installed", func() error { return cluster.Client.Create(p.Context(), crd) })
	return crd
}

// established waits until the API server serves the kind.
func (p *provider) established(crd *apiextensionsv1.CustomResourceDefinition) {
	p.Helper()
	p.eventually("the kind is served", func() error {
		if err := cluster.Client.Get(p.Context(), client.ObjectKeyFromObject(crd), crd); err != nil {
			return err
		}
		for _, c := range crd.Status.Conditions {
			if c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue {
				return nil
			}
		}
		return errNotYet
	})
}

func (p *provider) uninstall() {
	p.Helper()
	if err := cluster.Client.Delete(p.Context(), p.definition()); err != nil {
		p.Fatal(err)
	}
}

// grant lets core use the kind, as far as the verbs go.
func (p *provider) grant(verbs ...string) {
	p.Helper()
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: p.name},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{p.group()}, Resources: []string{"servers"}, Verbs: verbs}},
	}
	err := cluster.Client.Create(p.Context(), role)
	if apierrors.IsAlreadyExists(err) {
		err = cluster.Client.Update(p.Context(), role)
	}
	if err != nil {
		p.Fatal(err)
	}
	err = cluster.Client.Create(p.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: p.name}, Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: p.name},
	})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		p.Fatal(err)
	}
}

func (p *provider) grantAll() {
	p.Helper()
	p.grant("get", "list", "watch", "create", "patch", "delete")
}

// beat renews the operator's Lease.
func (p *provider) beat(at time.Time, seconds int32) {
	p.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: p.name + "-operator"}}
	renew := func() error {
		holder := "somebody"
		lease.Spec = coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, RenewTime: &metav1.MicroTime{Time: at}}
		return nil
	}
	key := client.ObjectKeyFromObject(lease)
	err := cluster.Client.Get(p.Context(), key, lease)
	_ = renew()
	if apierrors.IsNotFound(err) {
		err = cluster.Client.Create(p.Context(), lease)
	} else if err == nil {
		err = cluster.Client.Update(p.Context(), lease)
	}
	if err != nil {
		p.Fatal(err)
	}
}

// class makes a class that makes a Server, with this said of it.
func (p *provider) class(forProvider map[string]any) *core.ResourceClass {
	p.Helper()
	c := &core.ResourceClass{
		ObjectMeta: metav1.ObjectMeta{Name: p.name},
		Spec: core.ResourceClassSpec{
			Claim:    core.ClaimKind{Group: "database.crossplane.io", Kind: "MySQLInstance"},
			Provider: p.name, Regions: []string{"here"},
			Resources: []core.ResourceTemplate{{Name: "db", Primary: true, Template: p.template("v1", forProvider)}},
		},
	}
	if err := cluster.Client.Create(p.Context(), c); err != nil {
		p.Fatal(err)
	}
	return c
}

func (p *provider) template(version string, forProvider map[string]any) runtime.RawExtension {
	p.Helper()
	text, err := json.Marshal(map[string]any{
		"apiVersion": p.group() + "/" + version, "kind": "Server", "spec": map[string]any{"forProvider": forProvider},
	})
	if err != nil {
		p.Fatal(err)
	}
	return runtime.RawExtension{Raw: text}
}

// fine is what nothing is wrong with.
func fine() map[string]any {
	return map[string]any{"region": "${location.region}", "version": "${claim.spec.engineVersion}"}
}

// change changes the class's spec.
func (p *provider) change(c *core.ResourceClass, how func(*core.ResourceClass)) {
	p.Helper()
	p.eventually("the class is changed", func() error {
		if err := cluster.Client.Get(p.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err
		}
		how(c)
		return cluster.Client.Update(p.Context(), c)
	})
}

// becomes waits, not longer than it may take, until the class's Ready has a
// reason, for the generation that it has now, and returns it.
func (p *provider) becomes(c *core.ResourceClass, reason string, within time.Duration) metav1.Condition {
	p.Helper()
	var ready metav1.Condition
	deadline := time.Now().Add(within)
	for {
		if err := cluster.Client.Get(p.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			p.Fatal(err)
		}
		if found := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); found != nil {
			ready = *found
		}
		if ready.Reason == reason && c.Status.ObservedGeneration == c.Generation {
			return ready
		}
		if time.Now().After(deadline) {
			p.Fatalf("class %s, not within %s: Ready is %s %s (%s), want %s", c.Name, within, ready.Status, ready.Reason, ready.Message, reason)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *provider) says(ready metav1.Condition, words ...string) {
	p.Helper()
	for _, w := range words {
		if !strings.Contains(ready.Message, w) {
			p.Errorf("Ready says %q, want ...%s...", ready.Message, w)
		}
	}
}

// stays checks that a class that nothing happens to is not written again.
func (p *provider) stays(c *core.ResourceClass) {
	p.Helper()
	written := c.ResourceVersion
	time.Sleep(quiet)
	if err := cluster.Client.Get(p.Context(), client.ObjectKeyFromObject(c), c); err != nil {
		p.Fatal(err)
	}
	if c.ResourceVersion != written {
		p.Errorf("class %s was written again: %v", c.Name, c.Status.Conditions)
	}
}

// server makes an object of the kind that somebody keeps.
func (p *provider) server() *unstructured.Unstructured {
	p.Helper()
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": p.group() + "/v1", "kind": "Server", "spec": map[string]any{"forProvider": map[string]any{"region": "here"}},
	}}
	u.SetName(p.name)
	u.SetFinalizers([]string{"example.org/keep"})
	p.eventually("an object is made", func() error { return cluster.Client.Create(p.Context(), u) })
	return u
}

func (p *provider) eventually(what string, try func() error) {
	p.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	p.Fatal(fmt.Errorf("never: %s: %w", what, err))
}
