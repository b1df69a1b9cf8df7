// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// other returns a kubeconfig with another text in place of one.
func other(kubeconfig []byte, old, replacement string) []byte {
	return []byte(strings.Replace(string(kubeconfig), old, replacement, 1))
}

// user returns a kubeconfig that says more of its user.
func user(kubeconfig []byte, more string) []byte {
	return other(kubeconfig, "token: ", more+"\n    token: ")
}

// refusedBy returns a kubeconfig whose token nobody knows.
func refusedBy(kubeconfig []byte) []byte { return other(kubeconfig, "token: ", "token: hunter2") }

func elsewhere(kubeconfig []byte) []byte {
	return other(kubeconfig, faraway.Config.Host, "https://127.0.0.1:1")
}

// TestImportedClusterTrouble: what is wrong is told on the object, with the field and
// without a value, nothing is handed out, and it heals when the kubeconfigs do.
func TestImportedClusterTrouble(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	developer, operator := s.developer(), s.kubeconfig()
	both := func(claimed, operator []byte) [2][]byte { return [2][]byte{claimed, operator} }
	for name, test := range map[string]struct {
		given  [2][]byte
		reason string
		says   string
	}{
		"no-claimed":  {both(nil, operator), workload.ReasonKubeconfigMissing, "spec.kubeconfigSecretRef: there is no key claimed in a secret imported-"},
		"no-operator": {both(developer, nil), workload.ReasonKubeconfigMissing, "spec.operatorKubeconfigSecretRef: there is no key operator"},
		"malformed":   {both([]byte("hunter2"), operator), workload.ReasonKubeconfigMalformed, "spec.kubeconfigSecretRef: "},
		"certificate": {
			both(user(developer, "client-key-data: aHVudGVyMg==\n    client-certificate-data: aHVudGVyMg=="), operator),
			workload.ReasonKubeconfigMalformed, "spec.kubeconfigSecretRef: ",
		},
		"plugin": {
			both(user(developer, "exec: {apiVersion: client.authentication.k8s.io/v1, command: hunter2, interactiveMode: Never}"), operator),
			workload.ReasonKubeconfigRefused, "spec.kubeconfigSecretRef: kubeconfig: users[].user.exec",
		},
		"auth-provider": {
			both(developer, user(operator, "auth-provider: {name: hunter2}")),
			workload.ReasonKubeconfigRefused, "spec.operatorKubeconfigSecretRef: kubeconfig: users[].user.auth-provider",
		},
		"file":            {both(other(developer, "token:", "tokenFile:"), operator), workload.ReasonKubeconfigRefused, "users[].user.tokenFile"},
		"in-the-sky":      {both(elsewhere(developer), elsewhere(operator)), workload.ReasonUnreachable, "spec.operatorKubeconfigSecretRef: no answer from https://127.0.0.1:1: connection refused"},
		"claimed-unknown": {both(refusedBy(developer), operator), workload.ReasonCredentialsRefused, "spec.kubeconfigSecretRef: the cluster does not know its user"},
		"operator-expired": {
			both(developer, refusedBy(operator)), workload.ReasonCredentialsRefused, "spec.operatorKubeconfigSecretRef: the cluster does not know its user",
		},
		"no-rights":    {both(operator, developer), workload.ReasonRightsMissing, "spec.operatorKubeconfigSecretRef: "},
		"one-identity": {both(s.kubeconfig(), operator), workload.ReasonIdentityShared, "both kubeconfigs are of " + operatorName},
		"two-clusters": {both(hub.Kubeconfig, operator), workload.ReasonClustersDiffer, "lead to different clusters"},
		"two-servers":  {both(other(developer, "https://127.0.0.1", "https://localhost"), operator), workload.ReasonClustersDiffer, "let " + s.developerName() + " get the namespace kube-system"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &scene{TB: t, ctx: t.Context(), namespace: s.namespace}
			i := o.imports(name, test.given[0], test.given[1])
			message := i.says(test.reason, test.reason)
			if !strings.Contains(message, test.says) || strings.Contains(message, "hunter2") {
				t.Errorf("want %q and no value: %q", test.says, message)
			}
			if st := i.is.Status; st.ConnectionSecretRef != nil || st.Connection != nil || st.FirstReadyTime != nil || st.Offers != nil {
				t.Errorf("something is handed out: %+v", st)
			}
			i.now(developer, operator)
			i.good()
			o.remove(i.is)
		})
	}
}

// TestImportedClusterAfterwards: what was handed out stays as it is while its
// successor is no good. A look that can't be taken does not make a cluster unready;
// what the cluster itself says does.
func TestImportedClusterAfterwards(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	developer, operator := s.developer(), s.kubeconfig()
	for name, test := range map[string]struct {
		claimed, operator []byte
		ready, synced     string
		says              string
	}{
		"unreachable": {elsewhere(developer), elsewhere(operator), v1alpha1.ReasonAvailable, workload.ReasonUnreachable, "no answer"},
		"missing":     {nil, nil, v1alpha1.ReasonAvailable, workload.ReasonKubeconfigMissing, "there is no key"},
		"malformed":   {[]byte("x"), operator, v1alpha1.ReasonAvailable, workload.ReasonKubeconfigMalformed, "no kubeconfig"},
		"refused":     {refusedBy(developer), operator, workload.ReasonCredentialsRefused, workload.ReasonCredentialsRefused, "other credentials into secret"},
		"changed":     {hub.Kubeconfig, hub.Kubeconfig, workload.ReasonClusterChanged, workload.ReasonClusterChanged, "make another ImportedCluster"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &scene{TB: t, ctx: t.Context(), namespace: s.namespace}
			i := o.imports(name, developer, operator)
			i.good()
			before, uid := i.kept(), i.is.Status.AtProvider.ClusterUID
			i.now(test.claimed, test.operator)
			if message := i.says(test.ready, test.synced); !strings.Contains(message, test.says) {
				t.Errorf("want %q: %q", test.says, message)
			}
			if diff := cmp.Diff(before.Data, i.kept().Data); diff != "" || i.is.Status.ConnectionRevision != 1 || i.is.Status.AtProvider.ClusterUID != uid {
				t.Errorf("what was handed out has changed: %+v", i.is.Status)
			}
			i.now(developer, operator)
			i.good()
			o.remove(i.is)
		})
	}
}

// TestImportedClusterOfSeveral: of a file of several clusters nothing else is handed
// out; and an identity that may see which cluster it is, may come another way.
func TestImportedClusterOfSeveral(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	sees := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: s.namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceDefault, Name: s.namespace}},
	}
	s.must(faraway.Client.Create(s.ctx, sees))
	several := other(s.developer(), "users:\n", "users:\n- name: another\n  user: {token: hunter2}\n")
	several = other(several, "https://127.0.0.1", "https://localhost")
	if !bytes.Contains(several, []byte("hunter2")) || !bytes.Contains(several, []byte("localhost")) {
		t.Fatalf("not as it was: %s", several)
	}
	i := s.imports("mine", several, s.kubeconfig())
	i.good()
	if bytes.Contains(i.kept().Data[v1alpha1.KeyKubeconfig], []byte("hunter2")) {
		t.Error("another user's token is handed out")
	}
	if got := s.who(i.kept().Data[v1alpha1.KeyKubeconfig]); got != s.developerName() {
		t.Errorf("it is of %s", got)
	}
}

// TestImportedClusterSecretTaken: another object's secret is not written over.
func TestImportedClusterSecretTaken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taken := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: keeping, Name: "importedcluster-" + s.namespace}, Data: map[string][]byte{"a": []byte("b")}}
	s.must(hub.Client.Create(s.ctx, taken))
	i := s.imports("mine", s.developer(), s.kubeconfig(), func(c *compute.ImportedCluster) {
		c.Annotations = map[string]string{v1alpha1.AnnotationOwnerID: s.namespace}
	})
	if message := i.says(v1alpha1.ReasonSecretConflict, v1alpha1.ReasonSecretConflict); !strings.Contains(message, taken.Name) {
		t.Errorf("want the secret named: %q", message)
	}
	s.must(hub.Client.Delete(s.ctx, taken))
	i.good()
}

// TestImportedClusterAdmission: one key can't be both kubeconfigs.
func TestImportedClusterAdmission(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := &compute.ImportedCluster{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	c.Spec.KubeconfigSecretRef = v1alpha1.SecretKeyReference{Name: "a", Key: "value"}
	c.Spec.OperatorKubeconfigSecretRef = c.Spec.KubeconfigSecretRef
	if err := hub.Client.Create(s.ctx, c); err == nil || !strings.Contains(err.Error(), "give two kubeconfigs, of two identities") {
		t.Errorf("got %v", err)
	}
	c.Spec.OperatorKubeconfigSecretRef.Key = "operator"
	s.must(hub.Client.Create(s.ctx, c))
	if ready := c.Status.Conditions[0]; ready.Type != v1alpha1.ConditionReady || ready.Status != metav1.ConditionUnknown || ready.Reason != v1alpha1.ReasonPending {
		t.Errorf("nothing new counts as healthy: %+v", c.Status)
	}
}
