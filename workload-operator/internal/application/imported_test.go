// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// importing is a cluster that is brought, with the secret that its kubeconfigs are in.
type importing struct {
	*scene

	is     *compute.ImportedCluster
	secret *corev1.Secret
}

// imports brings a cluster by two kubeconfigs.
func (s *scene) imports(name string, claimed, operator []byte, change ...func(*compute.ImportedCluster)) *importing {
	s.Helper()
	name = s.namespace + "-" + name
	i := &importing{scene: s, is: &compute.ImportedCluster{ObjectMeta: metav1.ObjectMeta{Name: name}}}
	i.secret = &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "imported-" + name},
		Data:       map[string][]byte{"claimed": claimed, "operator": operator},
	}
	s.must(hub.Client.Create(s.ctx, i.secret))
	i.is.Spec.BindableBy = bindable([]string{s.namespace}, nil)
	i.is.Spec.KubeconfigSecretRef = v1alpha1.SecretKeyReference{Name: i.secret.Name, Key: "claimed"}
	i.is.Spec.OperatorKubeconfigSecretRef = v1alpha1.SecretKeyReference{Name: i.secret.Name, Key: "operator"}
	for _, f := range change {
		f(i.is)
	}
	s.must(hub.Client.Create(s.ctx, i.is))
	return i
}

// now has other kubeconfigs in the secret.
func (i *importing) now(claimed, operator []byte) {
	i.Helper()
	i.secret.ResourceVersion, i.secret.UID = "", ""
	i.secret.Data = map[string][]byte{"claimed": claimed, "operator": operator}
	err := hub.Client.Update(i.ctx, i.secret)
	if apierrors.IsNotFound(err) {
		err = hub.Client.Create(i.ctx, i.secret)
	}
	i.must(err)
}

// says waits until the two conditions that are always there are so, by reason, and
// returns the message of Synced.
func (i *importing) says(ready, synced string) string {
	i.Helper()
	var message string
	i.eventually(func() error {
		i.must(hub.Client.Get(i.ctx, client.ObjectKeyFromObject(i.is), i.is))
		c := i.is.Status.Conditions
		if c[0].Type != v1alpha1.ConditionReady || c[1].Type != v1alpha1.ConditionSynced || c[0].Reason != ready || c[1].Reason != synced {
			return fmt.Errorf("want Ready %s, Synced %s: %+v", ready, synced, c)
		}
		if good := c[0].Reason == v1alpha1.ReasonAvailable; good != (c[0].Status == metav1.ConditionTrue) {
			return fmt.Errorf("Ready: %+v", c[0])
		}
		message = c[1].Message
		return nil
	})
	i.discreet()
	return message
}

// good waits until the cluster can be claimed.
func (i *importing) good() {
	i.Helper()
	i.says(v1alpha1.ReasonAvailable, v1alpha1.ReasonInSync)
}

// discreet checks that the object shows nothing of its secrets.
func (i *importing) discreet() {
	i.Helper()
	raw, err := json.Marshal(i.is)
	i.must(err)
	for key, kubeconfig := range i.secret.Data {
		config, err := clientcmd.Load(kubeconfig)
		if err != nil {
			continue
		}
		for _, user := range config.AuthInfos {
			if user.Token != "" && bytes.Contains(raw, []byte(user.Token)) {
				i.Errorf("the object shows the token of %s", key)
			}
		}
	}
}

// kept is the connection secret.
func (i *importing) kept() *corev1.Secret {
	i.Helper()
	ref := i.is.Status.ConnectionSecretRef
	if ref == nil || ref.Namespace != keeping {
		i.Fatalf("no connection secret: %+v", i.is.Status)
	}
	secret := &corev1.Secret{}
	i.must(hub.Client.Get(i.ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, secret))
	return secret
}

// developer returns a kubeconfig for a cluster of an account that has rights in one
// namespace there, and not to see which cluster it is.
func (s *scene) developer() []byte {
	s.Helper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: s.namespace}}
	if err := faraway.Client.Create(s.ctx, sa); !apierrors.IsAlreadyExists(err) {
		s.must(err)
		s.must(faraway.Client.Create(s.ctx, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: sa.Namespace, Name: sa.Name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: sa.Namespace, Name: sa.Name}},
		}))
	}
	token, err := tokenOf(s.ctx, faraway, sa)
	s.must(err)
	text, err := kubeconfigWith(token)
	s.must(err)
	return text
}

// who returns for whom a cluster takes the user of a kubeconfig.
func (s *scene) who(kubeconfig []byte) string {
	s.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	s.must(err)
	c, err := kubernetes.NewForConfig(config)
	s.must(err)
	review, err := c.AuthenticationV1().SelfSubjectReviews().Create(s.ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	s.must(err)
	return review.Status.UserInfo.Username
}

func (s *scene) developerName() string { return "system:serviceaccount:default:" + s.namespace }

const operatorName = "system:serviceaccount:kube-system:crossplane"

// TestImportedCluster: two kubeconfigs are a cluster that can be claimed. What is
// handed out leads there, as whom it should.
func TestImportedCluster(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.imports("mine", s.developer(), s.kubeconfig(), func(c *compute.ImportedCluster) {
		c.Spec.Location = &v1alpha1.Location{Provider: "basement", Region: "north"}
		c.Spec.Network = &v1alpha1.Network{CIDRs: []string{"10.0.0.0/16"}}
	})
	i.good()
	uid, err := uidOf(s.ctx, faraway)
	s.must(err)
	st := i.is.Status
	want := compute.ImportedClusterObservation{
		ClusterUID: string(uid), Version: st.AtProvider.Version, Endpoint: faraway.Config.Host,
		Username: s.developerName(), OperatorUsername: operatorName,
	}
	if diff := cmp.Diff(want, st.AtProvider); diff != "" || !strings.HasPrefix(want.Version, "v1.") {
		t.Errorf("(-want +got):\n%s", diff)
	}
	connection := map[string]string{
		"type": "kubernetes", "endpoint": faraway.Config.Host, "ca.crt": string(faraway.Config.CAData),
		"cluster": i.is.Name, "provider": "basement", "region": "north",
	}
	if diff := cmp.Diff(connection, st.Connection); diff != "" {
		t.Errorf("connection (-want +got):\n%s", diff)
	}
	offer := &v1alpha1.Offer{Group: "compute.crossplane.io", Kind: "KubernetesCluster", Attributes: map[string]string{"version": strings.TrimPrefix(want.Version, "v")}}
	if diff := cmp.Diff(offer, st.Offers); diff != "" {
		t.Errorf("offers (-want +got):\n%s", diff)
	}
	if st.Reach != v1alpha1.ReachNetwork || st.FirstReadyTime == nil || st.Location.Region != "north" || len(st.Network.CIDRs) != 1 || st.ConnectionRevision != 1 {
		t.Errorf("want the spec's location and network, and when it was ready: %+v", st)
	}
	secret := i.kept()
	if owner := metav1.GetControllerOf(secret); owner == nil || owner.UID != i.is.UID || secret.Name != "importedcluster-"+string(i.is.UID) {
		t.Errorf("want the object's own secret: %+v", secret.ObjectMeta)
	}
	if got := s.who(secret.Data[v1alpha1.KeyKubeconfig]); got != s.developerName() {
		t.Errorf("whoever claims it is %s", got)
	}
	if got := s.who(secret.Data[v1alpha1.KeyOperatorKubeconfig]); got != operatorName {
		t.Errorf("operators are %s", got)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(secret.Data[v1alpha1.KeyKubeconfig])
	s.must(err)
	if token := string(secret.Data[v1alpha1.KeyToken]); token == "" || token != config.BearerToken || len(secret.Data) != 3 {
		t.Errorf("want the token of the kubeconfig beside it, and no more: %d keys", len(secret.Data))
	}
}

// TestImportedClusterAtRest is written thrice, owner id, secret and status, and then
// no more.
func TestImportedClusterAtRest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.imports("mine", s.developer(), s.kubeconfig())
	i.good()
	writes := func() []string {
		object, secret := written.of("/importedclusters/"+i.is.Name), written.of(keeping+"/secrets/importedcluster-"+string(i.is.UID))
		return append(object, secret...) // which is made by its namespace's name alone
	}
	before := writes()
	time.Sleep(2500 * time.Millisecond) // some polls
	if more := writes()[len(before):]; len(more) > 0 || len(before) != 2 {
		t.Errorf("want two writes to the object, and nothing at rest: %v, then %v", before, more)
	}
	i.is.Annotations[v1alpha1.AnnotationReconcileRequestedAt] = "now"
	s.must(hub.Client.Update(s.ctx, i.is))
	s.eventually(func() error {
		s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(i.is), i.is))
		if i.is.Status.LastHandledReconcileAt != "now" {
			return fmt.Errorf("not answered: %+v", i.is.Status)
		}
		return nil
	})
}

// TestImportedClusterInUse: a claim that is bound to it has a target, on which
// applications run; what is renewed arrives, and what is deleted here changes nothing
// there.
func TestImportedClusterInUse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.imports("mine", s.developer(), s.kubeconfig(), func(c *compute.ImportedCluster) {
		c.Spec.Network = &v1alpha1.Network{ID: "vpc-1"}
	})
	i.good()
	c := s.claims("apps", i.is)
	c.bound()
	name := s.namespace + ".apps"
	target := s.target(name, metav1.ConditionTrue, workload.ReasonReachable)
	if target.Status.Network == nil || target.Status.Network.ID != "vpc-1" || target.Status.ClusterUID != i.is.Status.AtProvider.ClusterUID {
		t.Errorf("want the target to lead to it: %+v", target.Status)
	}
	a := s.app("blog", []object{configMap("a", "key", "1")}, func(a *workload.KubernetesApplication) { a.Spec.TargetRef.Name = name })
	s.ready(a)
	s.data(faraway, s.namespace, "a")

	t.Log("other credentials of the same identities")
	renewed := s.developer()
	i.now(renewed, s.kubeconfig())
	var token []byte
	var revision int64
	s.eventually(func() error { // the two are written one after the other, and may count as two contents
		s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(i.is), i.is))
		token, revision = i.kept().Data[v1alpha1.KeyToken], i.is.Status.ConnectionRevision
		if !bytes.Contains(renewed, token) || len(token) == 0 || revision < 2 || i.kept().Annotations[v1alpha1.AnnotationConnectionRevision] != fmt.Sprint(revision) {
			return fmt.Errorf("not handed out: %+v", i.is.Status)
		}
		return nil
	})
	s.ready(a)

	t.Log("what is done to the secret is undone")
	tampered := i.kept()
	tampered.Data[v1alpha1.KeyToken] = []byte("mine")
	s.must(hub.Client.Update(s.ctx, tampered))
	s.eventually(func() error {
		if now := i.kept(); !bytes.Equal(now.Data[v1alpha1.KeyToken], token) || now.Annotations[v1alpha1.AnnotationConnectionRevision] != fmt.Sprint(revision+1) {
			return fmt.Errorf("still another token")
		}
		return nil
	})

	s.remove(a)
	s.gone(hub, a)
	there := &corev1.Namespace{}
	s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Name: s.namespace}, there))
	s.remove(i.is)
	s.gone(hub, i.is)
	s.target(name, metav1.ConditionFalse, workload.ReasonKubeconfigMissing)
	if s.must(faraway.Client.Get(s.ctx, client.ObjectKey{Name: s.namespace}, there)); there.DeletionTimestamp != nil {
		t.Error("something was deleted there")
	}
}

// TestImportedClusterRestored: under another uid it has the secret that it had, and
// goes on counting.
func TestImportedClusterRestored(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	i := s.imports("mine", s.developer(), s.kubeconfig())
	i.good()
	before := i.kept()
	backup := &compute.ImportedCluster{ObjectMeta: metav1.ObjectMeta{Name: i.is.Name, Annotations: i.is.Annotations}, Spec: i.is.Spec}
	s.remove(i.is)
	s.gone(hub, i.is)
	i.now(s.developer(), s.kubeconfig())
	s.must(hub.Client.Create(s.ctx, backup))
	i.is = backup
	i.good()
	now := i.kept()
	if owner := metav1.GetControllerOf(now); now.Name != before.Name || now.UID != before.UID || owner.UID != backup.UID || i.is.Status.ConnectionRevision != 2 {
		t.Errorf("want the secret taken over, and counted on: %+v, %d", now.ObjectMeta, i.is.Status.ConnectionRevision)
	}
	if !meta.IsStatusConditionTrue(i.is.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("%+v", i.is.Status)
	}
}
