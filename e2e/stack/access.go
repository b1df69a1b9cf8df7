// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

const (
	// tokenLife is how long an operator's token lasts.
	tokenLife = 24 * time.Hour
	// permittedWithin is how long the API server may take to know of new roles.
	permittedWithin    = 60 * time.Second
	permittedPollEvery = 20 * time.Millisecond
)

func (s *Stack) crds(name string) string {
	return filepath.Join(s.options.Root, "charts", name, "generated", "crds")
}

// admit makes an operator's namespaces, its account and its permissions, and returns once they hold:
// an operator that is refused at its start ends.
func (s *Stack) admit(ctx context.Context, o operator) error {
	permissions, err := readPermissions(filepath.Join(s.options.Root, "charts", o.name), o)
	if err != nil {
		return err
	}
	objects := []*unstructured.Unstructured{object("v1", "Namespace", "", Namespace)}
	for _, name := range []string{o.connections, o.charts} {
		if name != "" {
			objects = append(objects, object("v1", "Namespace", "", name))
		}
	}
	objects = append(objects, object("v1", "ServiceAccount", Namespace, o.name))
	if err := manifest.Apply(ctx, s.Client, append(objects, permissions.objects...)); err != nil {
		return err
	}
	return s.awaitPermitted(ctx, o, permissions.samples())
}

// awaitPermitted returns once each sample of what an operator may do is allowed: the API server
// learns of roles a moment after it has stored them.
func (s *Stack) awaitPermitted(ctx context.Context, o operator, samples []authorizationv1.ResourceAttributes) error {
	ctx, cancel := context.WithTimeout(ctx, permittedWithin)
	defer cancel()
	for _, sample := range samples {
		err := wait.PollUntilContextCancel(ctx, permittedPollEvery, true, func(ctx context.Context) (bool, error) {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User: o.user(), ResourceAttributes: &sample,
			}}
			if err := s.Client.Create(ctx, review); err != nil {
				return false, fmt.Errorf("asking the API server: %w", err)
			}
			return review.Status.Allowed, nil
		})
		if err != nil {
			return fmt.Errorf("waiting until it may %s %s: %w", sample.Verb, sample.Resource, err)
		}
	}
	return nil
}

// writeKubeconfig writes an operator's kubeconfig with a token of its account.
func (s *Stack) writeKubeconfig(ctx context.Context, o operator) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: o.name}}
	seconds := int64(tokenLife.Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	if err := s.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return fmt.Errorf("requesting a token: %w", err)
	}
	const name = "local"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: s.Config.Host, CertificateAuthorityData: s.Config.CAData}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: request.Status.Token}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name, Namespace: Namespace}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, s.layout.kubeconfig(o.name)); err != nil {
		return fmt.Errorf("writing it: %w", err)
	}
	return nil
}
