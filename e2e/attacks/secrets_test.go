// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"bytes"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// connections is the namespace of the secrets of the managed resources.
const connections = "crossplane-aws-connections"

// rightsAttacks go straight for what is not the tenant's.
func rightsAttacks() []attack {
	rule := func(name string, proof bool, try func(*tenant) error) attack {
		return attack{name, guardRights, "forbidden", func(a *tenant) result { return asked(try(a)) }, proof}
	}
	read := func(namespace, name string) func(*tenant) error {
		return func(a *tenant) error {
			return a.api.Get(a.t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &corev1.Secret{})
		}
	}
	return []attack{
		rule("reads the victim's connection secret", true, read(victim, "orders-db")),
		rule("reads the operators' cloud credentials", true, read(stack.Namespace, "aws-credentials")),
		rule("reads the kubeconfig of a target", false, read(stack.Namespace, "target-here")),
		rule("lists the managed resources' own connection secrets", true, func(a *tenant) error {
			return a.api.List(a.t.Context(), &corev1.SecretList{}, client.InNamespace(connections))
		}),
		rule("lists secrets everywhere", false, func(a *tenant) error { return a.api.List(a.t.Context(), &corev1.SecretList{}) }),
		rule("reads classes as they were from their revisions", false, func(a *tenant) error {
			return a.api.Get(a.t.Context(), client.ObjectKey{Namespace: stack.Namespace, Name: stage.revision}, object("apps/v1", "ControllerRevision", "", ""))
		}),
		rule("changes the victim's claim", true, patches(object(databases, "MySQLInstance", victim, "orders"), `{"metadata":{"annotations":{"by":"mallory"}}}`, "")),
		rule("asks for a new password of the victim's", false, patches(object(databases, "MySQLInstance", victim, "orders"),
			`{"metadata":{"annotations":{"crossplane.io/rotate-password-requested-at":"now"}}}`, "")),
		rule("writes the status of its own claim", true, spoof("MySQLInstance", databases, `{"status":{"resourceRef":{"apiVersion":"%s","kind":"RDSInstance","name":"%s"}}}`)),
		rule("writes the status of its own application", false, spoof("KubernetesApplication", workloads, `{"status":{"placement":{"attempt":1,"target":"theirs"},"apiVersion":"%s","name":"%s"}}`)),
		rule("says what its own chart takes", false, spoof("KubernetesApplication", workloads, `{"status":{"estimated":{"of":"x","reason":"%s","message":"%s"}}}`)),
		rule("makes the victim's managed resource bindable", true, managed(`{"spec":{"bindableBy":{"namespaceSelector":{}}}}`)),
		rule("binds the victim's managed resource to a claim of its own", false, managed(`{"spec":{"claimRef":null}}`)),
		rule("makes a managed resource with the cloud's name of the victim's", true, imports),
		rule("makes a class", false, creates(object(core, "ResourceClass", "", "mine"))),
		rule("makes a Provider with an endpoint of its choice", false, creates(object("aws.crossplane.io/v1alpha1", "Provider", "", "mine"))),
		rule("makes a target of a server of its choice", false, creates(object(workloads, "KubernetesTarget", "", "mine"))),
		rule("lets itself in at the victim's target", true, patches(object(workloads, "KubernetesTarget", "", "theirs"), `{"metadata":{"annotations":{"by":"mallory"}}}`, "")),
		rule("makes a source of charts of a server of its choice", false, creates(object(workloads, "ChartSource", "", "mine"))),
		rule("makes a kind that passes for managed", false, creates(object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "things.example.org"))),
		rule("gives its namespace the label that a class asks for", true, func(a *tenant) error {
			return patches(object("v1", "Namespace", "", a.namespace), `{"metadata":{"labels":{"by":"mallory"}}}`, "")(a)
		}),
		rule("gives itself more rights", false, func(a *tenant) error {
			b := object("rbac.authorization.k8s.io/v1", "RoleBinding", a.namespace, "more")
			b.Object["roleRef"] = values{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
			return a.api.Create(a.t.Context(), b)
		}),
		rule("impersonates an operator by headers", true, func(a *tenant) error {
			config := rest.CopyConfig(a.config)
			config.Impersonate = rest.ImpersonationConfig{UserName: stack.User(stack.CoreOperator)}
			as, err := kubernetes.NewForConfig(config) // which asks nothing before
			must(a.t, err)
			_, err = as.CoreV1().Secrets(connections).Get(a.t.Context(), field(stage.database, "status", "connectionSecretRef", "name"), metav1.GetOptions{})
			return err
		}),
		rule("asks for a token of an operator's account", true, func(a *tenant) error {
			account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: stack.CoreOperator}}
			return a.api.SubResource("token").Create(a.t.Context(), account, &authenticationv1.TokenRequest{})
		}),
		rule("runs a pod with an operator's account", false, func(a *tenant) error {
			return a.api.Create(a.t.Context(), &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "mallory"},
				Spec:       corev1.PodSpec{ServiceAccountName: stack.CoreOperator, Containers: []corev1.Container{{Name: "a", Image: "example.org/a"}}},
			})
		}),
		rule("takes the Lease of an operator", false, func(a *tenant) error {
			return a.api.Create(a.t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "mallory"}})
		}),
	}
}

func patches(o *unstructured.Unstructured, patch, subresource string) func(*tenant) error {
	return func(a *tenant) error {
		p := client.RawPatch("application/merge-patch+json", []byte(patch))
		if subresource != "" {
			return a.api.SubResource(subresource).Patch(a.t.Context(), o.DeepCopy(), p)
		}
		return a.api.Patch(a.t.Context(), o.DeepCopy(), p)
	}
}

func managed(patch string) func(*tenant) error {
	return func(a *tenant) error {
		o := stage.database.DeepCopy()
		return a.api.Patch(a.t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch)), client.DryRunAll)
	}
}

// spoof writes the status of an object of the tenant's, so that it points at the
// victim's.
func spoof(kind, apiVersion, patch string) func(*tenant) error {
	return func(a *tenant) error {
		o := a.claim("spoof", nil)
		if kind != "MySQLInstance" {
			o = a.app("spoof", nil)
		}
		o.SetAPIVersion(apiVersion)
		must(a.t, a.create(o))
		return patches(o, fmt.Sprintf(patch, rds, stage.database.GetName()), "status")(a)
	}
}

func creates(o *unstructured.Unstructured) func(*tenant) error {
	return func(a *tenant) error { return a.api.Create(a.t.Context(), o.DeepCopy()) }
}

func imports(a *tenant) error {
	o := object(rds, "RDSInstance", "", a.namespace)
	o.SetAnnotations(map[string]string{"crossplane.io/external-name": stage.external, "crossplane.io/import": "adopt"})
	o.Object["spec"] = values{"providerRef": values{"name": "aws"}, "forProvider": values{"region": "eu-west-1", "engine": "mysql", "class": "db.t4g.small"}}
	return a.api.Create(a.t.Context(), o)
}

// secretAttacks reach for secrets by what operators do for a tenant.
func secretAttacks() []attack {
	return []attack{
		{"a claim writes over a secret that is there", guardSecretOwner, "SecretConflict", func(a *tenant) result {
			return a.overwrites(&corev1.Secret{Type: corev1.SecretTypeOpaque, StringData: map[string]string{"kept": "it"}})
		}, true},
		{"a claim writes over the token of a service account", guardSecretOwner, "SecretConflict", func(a *tenant) result {
			return a.overwrites(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{corev1.ServiceAccountNameKey: "mallory"}}, Type: corev1.SecretTypeServiceAccountToken,
			})
		}, false},
		{"a claim writes over the secret of another claim", guardSecretOwner, "SecretConflict", func(a *tenant) result {
			to := values{"writeConnectionSecretToRef": values{"name": "taken"}}
			if first := a.claims(a.claim("first", to)); !first.won {
				return first
			}
			return a.claims(a.claim("second", to))
		}, false},
		{"a claim names a namespace for its secret", guardSchema, "unknown field", func(a *tenant) result {
			return asked(a.create(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "orders-db", "namespace": victim}})))
		}, true},
		{"a claim names a secret by a path", guardSchema, "should match", func(a *tenant) result {
			return asked(a.create(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "../victim/orders-db"}})))
		}, true},
		{"an application names a namespace for a claim that it uses", guardSchema, "unknown field", func(a *tenant) result {
			return asked(a.create(a.app("app", values{"uses": []any{values{"kind": "MySQLInstance", "name": "orders", "namespace": victim}}})))
		}, false},
		{"an application uses the victim's claim", guardUses, "ClaimMissing", func(a *tenant) result {
			uses := values{"uses": []any{values{"kind": "MySQLInstance", "name": "payments", "secret": values{"name": "loot"}}}}
			return a.runs(uses, func() bool {
				return bytes.Equal(secretOf(a.t.Context(), a.there(), "loot")["password"], secretOf(a.t.Context(), victim, "payments-db")["password"])
			})
		}, true},
		{"an application names a namespace for its chart", guardSchema, "unknown field", func(a *tenant) result {
			return asked(a.create(a.app("app", values{"chart": values{
				"sourceRef": values{"name": "configmaps"}, "configMapRef": values{"name": "chart", "key": "it.tgz", "namespace": victim}, "name": "it", "version": "1.0.0",
			}})))
		}, false},
		{"an application takes a chart from the victim's ConfigMap", guardSources, "ChartMissing", func(a *tenant) result {
			return a.runs(values{"chart": values{
				"sourceRef": values{"name": "configmaps"}, "configMapRef": values{"name": "victims-chart", "key": "it.tgz"}, "name": "it", "version": "1.0.0",
			}})
		}, false},
		byTemplate("a connection template reads what is not the claim's own", guardScope, `${others.password}`, true),
		byTemplate("a connection template reads the claim's metadata", guardScope, `${claim.metadata.namespace}`, false),
		byTemplate("a connection template reads the environment", guardScope, `${env.AWS_SECRET_ACCESS_KEY}`, false),
		{"a connection template redefines the host", guardStandardKeys, "ConnectionTemplateInvalid", func(a *tenant) result {
			return a.claims(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "db"}, "connectionTemplate": values{"host": "evil.example.org"}}),
				func() bool { return string(secretOf(a.t.Context(), a.namespace, "db")["host"]) == "evil.example.org" })
		}, true},
		{"a connection template makes the operators' kubeconfig", guardStandardKeys, "ConnectionTemplateInvalid", func(a *tenant) result {
			return a.claims(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "db"}, "connectionTemplate": values{"operator-kubeconfig": "apiVersion: v1"}}))
		}, false},
	}
}

// byTemplate is an attack by a connection template.
func byTemplate(name, guard, text string, proof bool) attack {
	return attack{name, guard, "ConnectionTemplateInvalid", func(a *tenant) result {
		return a.claims(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "db"}, "connectionTemplate": values{"loot": text}}),
			func() bool { return len(secretOf(a.t.Context(), a.namespace, "db")["loot"]) > 0 })
	}, proof}
}

// overwrites makes a secret, and a claim that wants to write to it. It has won when
// the content is another one.
func (a *tenant) overwrites(s *corev1.Secret) result {
	a.t.Helper()
	s.Namespace, s.Name = a.namespace, "taken"
	must(a.t, a.api.Create(a.t.Context(), s))
	return a.claims(a.claim("a", values{"writeConnectionSecretToRef": values{"name": "taken"}}), func() bool {
		return secretOf(a.t.Context(), a.namespace, "taken")["password"] != nil
	})
}
