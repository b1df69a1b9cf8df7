// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var errNoPod = errors.New("there is not one running pod")

// kubeconfig writes what is in the secret of the cluster claimed at a place to a
// file, and returns its name.
func (s *show) kubeconfig(ctx context.Context, p place) (string, error) {
	secret := &corev1.Secret{}
	if err := s.stack.Client.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: "web-cluster"}, secret); err != nil {
		return "", fmt.Errorf("read the claim's secret: %w", err)
	}
	file := filepath.Join(s.dir, p.namespace+".kubeconfig")
	if err := os.WriteFile(file, secret.Data[v1alpha1.KeyKubeconfig], 0o600); err != nil {
		return "", fmt.Errorf("write a kubeconfig: %w", err)
	}
	return file, nil
}

// remote returns a client of the cluster claimed at a place, with what is in its
// secret alone.
func (s *show) remote(ctx context.Context, p place) (client.Client, error) {
	file, err := s.kubeconfig(ctx, p)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		return nil, fmt.Errorf("read a kubeconfig: %w", err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the cluster on %s: %w", p.provider, err)
	}
	return c, nil
}

// environment is what a container gets: variables, and the files of the secrets
// that are mounted, by key.
type environment struct {
	pod    string
	values map[string]string
}

// podEnvironment resolves the environment of the application's only pod as its
// kubelet would.
func (s *show) podEnvironment(ctx context.Context, p place) (environment, error) {
	remote, err := s.remote(ctx, p)
	if err != nil {
		return environment{}, err
	}
	pods := &corev1.PodList{}
	if err := remote.List(ctx, pods, client.InNamespace(p.namespace), client.MatchingLabels{"app": application}); err != nil {
		return environment{}, fmt.Errorf("look for the pod: %w", err)
	}
	if len(pods.Items) != 1 || pods.Items[0].Status.Phase != corev1.PodRunning || pods.Items[0].DeletionTimestamp != nil {
		return environment{}, fmt.Errorf("%w of %s", errNoPod, application)
	}
	pod := &pods.Items[0]
	out := environment{pod: string(pod.UID), values: map[string]string{}}
	var secrets []string
	for _, from := range pod.Spec.Containers[0].EnvFrom {
		secrets = append(secrets, from.SecretRef.Name)
	}
	for _, v := range pod.Spec.Volumes {
		if v.Secret != nil {
			secrets = append(secrets, v.Secret.SecretName)
		}
	}
	for _, name := range secrets {
		secret := &corev1.Secret{}
		if err := remote.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: name}, secret); err != nil {
			return environment{}, fmt.Errorf("read what the pod gets: %w", err)
		}
		for key, value := range secret.Data {
			out.values[key] = string(value)
		}
	}
	for _, e := range pod.Spec.Containers[0].Env {
		out.values[e.Name] = e.Value
	}
	return out, nil
}

// connection is how WordPress's database is reached with this environment.
func (e environment) connection() login.Connection {
	host, port, _ := strings.Cut(e.values["WORDPRESS_DB_HOST"], ":")
	return login.Connection{
		v1alpha1.KeyType: "mysql", v1alpha1.KeyEndpoint: e.values["WORDPRESS_DB_HOST"], v1alpha1.KeyHost: host, v1alpha1.KeyPort: port,
		v1alpha1.KeyUsername: e.values["WORDPRESS_DB_USER"], v1alpha1.KeyPassword: e.values["WORDPRESS_DB_PASSWORD"],
		v1alpha1.KeyDatabase: e.values["WORDPRESS_DB_NAME"], v1alpha1.KeyCA: e.values["ca.crt"],
	}
}
