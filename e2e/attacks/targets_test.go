// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// targetAttacks go for places that are not the tenant's.
func targetAttacks() []attack {
	to := func(name string) func(*tenant) result {
		return func(a *tenant) result {
			return a.runs(values{"targetRef": values{"name": name}, "manifests": []any{configMap("a", nil)}})
		}
	}
	into := func(namespace string) func(*tenant) result {
		return func(a *tenant) result {
			return a.runs(values{"namespace": namespace, "manifests": []any{configMap("intruder", nil)}})
		}
	}
	const none = "for applications of namespace hostile-" // in the same words, whether there is one or not
	return []attack{
		{"an application names the victim's target", guardTargets, "there is no target theirs " + none, to("theirs"), true},
		{"an application finds out whether a target exists", guardTargets, "there is no target nowhere " + none, to("nowhere"), false},
		{"an application runs on the control plane itself", guardHub, "TargetNotReady", to("hub"), true},
		{"an application goes to the victim's namespace on a target", guardTenancy, "NamespaceRefused", into("victim-live"), true},
		{"an application goes to a namespace that is nobody's", guardTenancy, "NamespaceRefused", into(victim), false},
		{"an application goes to kube-system", guardSchema, "belongs to the cluster itself", into("kube-system"), false},
		{"an application goes to the operators' namespace", guardSchema, "belongs to the cluster itself", into(stack.Namespace), true},
		{"an application takes a namespace before an operator does", guardSchema, "belongs to the cluster itself", into("crossplane-rook-connections"), false},
		{"an application goes to a namespace by a path", guardSchema, "should match", into("../victim-live"), false},
	}
}

// manifestAttacks are manifests of what an application has no business with.
func manifestAttacks() []attack {
	refused := func(name, guard, says string, proof bool, m values) attack {
		return attack{name, guard, says, func(a *tenant) result { return a.deploys(m) }, proof}
	}
	const forbidden, rbac = "forbidden", "rbac.authorization.k8s.io/v1"
	admin := values{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
	me := []any{values{"kind": "ServiceAccount", "name": "default", "namespace": "default"}}
	return []attack{
		refused("a manifest goes to kube-system", guardManifest, "ObjectRefused", false, configMap("intruder", values{"namespace": "kube-system"})),
		refused("a manifest goes to the victim's namespace", guardManifest, "ObjectRefused", true, configMap("intruder", values{"namespace": "victim-live"})),
		refused("a manifest gives an account all rights everywhere", guardAccount, forbidden, true,
			values{"apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": values{"name": "mallory"}, "roleRef": admin, "subjects": me}),
		refused("a manifest gives an account all rights in the namespace", guardAccount, forbidden, false,
			values{"apiVersion": rbac, "kind": "RoleBinding", "metadata": values{"name": "mallory"}, "roleRef": admin, "subjects": me}),
		refused("a manifest makes a role of everybody's", guardAccount, forbidden, false, values{"apiVersion": rbac, "kind": "ClusterRole", "metadata": values{"name": "mallory"}}),
		refused("a manifest makes a namespace", guardAccount, forbidden, false, values{"apiVersion": "v1", "kind": "Namespace", "metadata": values{"name": "mallorys-own"}}),
		refused("a manifest makes a kind", guardAccount, forbidden, false,
			values{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": values{"name": "things.example.org"}}),
		refused("a manifest makes a webhook", guardAccount, forbidden, false,
			values{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": values{"name": "mallory"}}),
		refused("a manifest makes a volume of the node's disk", guardAccount, forbidden, false, values{
			"apiVersion": "v1", "kind": "PersistentVolume", "metadata": values{"name": "mallory"}, "spec": values{"hostPath": values{"path": "/"}},
		}),
		refused("a manifest makes a class where the target is the control plane", guardAccount, forbidden, false,
			values{"apiVersion": core, "kind": "ResourceClass", "metadata": values{"name": "mallory"}}),
		{"a manifest takes an object that is somebody else's", guardForeign, "belongs to somebody else", takesOver, true},
		{"a manifest forges whose an object is", guardSign, "True Running", func(a *tenant) result {
			const forged = "00000000-0000-0000-0000-000000000002"
			m := &corev1.ConfigMap{}
			return a.runs(values{"manifests": []any{configMap("a", values{"labels": values{"crossplane.io/application-uid": forged}})}}, func() bool {
				return world.Client.Get(a.t.Context(), key(a.there(), "a"), m) == nil && m.Labels["crossplane.io/application-uid"] == forged
			})
		}, true},
		refused("a manifest names an owner", guardFlaws, "ManifestInvalid", true, configMap("a", values{"ownerReferences": []any{
			values{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "00000000-0000-0000-0000-000000000002"},
		}})),
		refused("a manifest names its managers", guardFlaws, "ManifestInvalid", false,
			configMap("a", values{"managedFields": []any{values{"manager": "mallory", "operation": "Apply", "apiVersion": "v1"}}})),
		refused("a manifest says its status", guardFlaws, "ManifestInvalid", false,
			values{"apiVersion": "v1", "kind": "Pod", "metadata": values{"name": "a"}, "status": values{"phase": "Running"}}),
		refused("a manifest is a list of others", guardFlaws, "ManifestInvalid", false,
			values{"apiVersion": "v1", "kind": "ConfigMapList", "metadata": values{"name": "a"}, "items": []any{configMap("b", nil)}}),
	}
}

// takesOver applies an object that is there, and nobody's application's. It comes
// after a first application, which makes the namespace.
func takesOver(a *tenant) result {
	first := a.app("first", values{"manifests": []any{configMap("first", nil)}})
	must(a.t, a.create(first))
	ready(a.t, first)
	theirs := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: a.there(), Name: "theirs"}, Data: map[string]string{"of": "somebody"}}
	must(a.t, world.Client.Create(a.t.Context(), theirs))
	return a.runs(values{"manifests": []any{configMap("theirs", nil)}}, func() bool { return a.mapped("theirs")["by"] == "mallory" })
}

// kubeconfigAttacks are kubeconfigs that an administrator was talked into, or that
// come from a cluster that was taken over.
func kubeconfigAttacks() []attack {
	one := func(name string, proof bool, change func(*tenant, *clientcmdapi.Cluster, *clientcmdapi.AuthInfo)) attack {
		return attack{name, guardKubeconfig, "KubeconfigRefused", func(a *tenant) result { return a.targets(change) }, proof}
	}
	return []attack{
		one("a kubeconfig runs a program", true, func(a *tenant, _ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) {
			u.ClientCertificateData, u.ClientKeyData = nil, nil
			u.Exec = &clientcmdapi.ExecConfig{APIVersion: "client.authentication.k8s.io/v1", Command: "touch", Args: []string{a.marker()}, InteractiveMode: clientcmdapi.NeverExecInteractiveMode}
		}),
		one("a kubeconfig reads a token from a file", false, func(_ *tenant, _ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) { u.TokenFile = "/etc/hostname" }),
		one("a kubeconfig reads a key from a file", false, func(_ *tenant, _ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) { u.ClientKey = "/etc/hostname" }),
		one("a kubeconfig reads a certificate from a file", false, func(_ *tenant, c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
			c.CertificateAuthorityData, c.CertificateAuthority = nil, "/etc/hostname"
		}),
		one("a kubeconfig asks for a plugin", false, func(_ *tenant, _ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) {
			u.AuthProvider = &clientcmdapi.AuthProviderConfig{Name: "oidc"}
		}),
		one("a kubeconfig switches TLS off", false, func(_ *tenant, c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
			c.CertificateAuthorityData, c.InsecureSkipTLSVerify = nil, true
		}),
		one("a kubeconfig goes without TLS", false, func(_ *tenant, c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
			c.Server = "http://169.254.169.254"
		}),
		one("a kubeconfig goes through a proxy that is none", false, func(_ *tenant, c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
			c.ProxyURL = "unix:///var/run/docker.sock"
		}),
		one("a kubeconfig impersonates", false, func(_ *tenant, _ *clientcmdapi.Cluster, u *clientcmdapi.AuthInfo) { u.Impersonate = "system:admin" }),
	}
}

// marker is a file that a program of the tenant's makes.
func (a *tenant) marker() string { return filepath.Join(filepath.Dir(programs), a.namespace+".ran") }

// targets makes a target of a changed kubeconfig of the administrator's.
func (a *tenant) targets(change func(*tenant, *clientcmdapi.Cluster, *clientcmdapi.AuthInfo)) result {
	a.t.Helper()
	config, err := clientcmd.Load(administrator(a.t))
	must(a.t, err)
	current := config.Contexts[config.CurrentContext]
	change(a, config.Clusters[current.Cluster], config.AuthInfos[current.AuthInfo])
	content, err := clientcmd.Write(*config)
	must(a.t, err)
	must(a.t, world.Client.Create(a.t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: a.namespace}, Data: map[string][]byte{"value": content},
	}))
	made := apply(a.t, strings.Replace(target, "target-here", a.namespace, 1), a.namespace, "hostile", true)
	return a.outcome(made, func() bool {
		_, err := os.Stat(a.marker())
		return err == nil || strings.HasPrefix(condition(made, "Ready"), "True")
	})
}
