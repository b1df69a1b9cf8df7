// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// Connect does an administrator's part for one cloud, aws, gcp or azure: it makes the secrets and
// config maps that the demo's manifests name, and applies those of the manifests in its folder clouds
// that are for this cloud: the Provider, what databases need there, and the classes.
func (s *Stack) Connect(ctx context.Context, cloud string) error {
	for _, object := range s.credentials(cloud) {
		object.SetNamespace(Namespace)
		if err := s.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("connecting %s: %w", cloud, err)
		}
	}
	if err := s.Administer(ctx, cloud); err != nil {
		return fmt.Errorf("connecting %s: %w", cloud, err)
	}
	return nil
}

// Administer applies the manifests that are for a cloud, without the secrets.
func (s *Stack) Administer(ctx context.Context, cloud string) error {
	root, err := kubetest.Root()
	if err != nil {
		return fmt.Errorf("finding the manifests: %w", err)
	}
	objects, err := manifest.Read(filepath.Join(root, "e2e", "demo", "manifests", "clouds"))
	if err != nil {
		return err
	}
	objects = slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return !belongsTo(o, cloud) })
	return manifest.Apply(ctx, s.Client, objects)
}

// belongsTo says whether an object is of a cloud's operator, or a class for it.
func belongsTo(o *unstructured.Unstructured, cloud string) bool {
	group := o.GroupVersionKind().Group
	provider, _, _ := unstructured.NestedString(o.Object, "spec", "provider")
	return group == cloud+".crossplane.io" || strings.HasSuffix(group, "."+cloud+".crossplane.io") ||
		o.GetKind() == "ResourceClass" && provider == cloud
}

// credentials are those of the identity that a local cloud has from the start, and its certificate
// where the cloud's API does not tell it.
func (s *Stack) credentials(cloud string) []client.Object {
	switch cloud {
	case "aws":
		return []client.Object{
			secret("aws-credentials", map[string]string{"access_key_id": iam.DefaultKeyID, "secret_access_key": iam.DefaultSecret}),
			configMap("rds-ca", "ca.pem", s.read(LocalAWS, "ca.pem")),
		}
	case "gcp":
		return []client.Object{secret("gcp-credentials", map[string]string{"key.json": s.read(LocalGCP, gcp.KeyFile)})}
	case "azure":
		return []client.Object{
			secret("azure-credentials", map[string]string{"clientSecret": entra.DefaultSecret}),
			configMap("azure-ca", "ca.pem", s.read(LocalAzure, "ca.pem")),
		}
	}
	return nil
}

// read returns what a local cloud wrote to its folder before it was ready.
func (s *Stack) read(cloud, file string) string {
	text, err := os.ReadFile(filepath.Join(s.CloudDir(cloud), file))
	if err != nil {
		return "" // the Provider will say what it misses
	}
	return string(text)
}

func secret(name string, data map[string]string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: data}
}

func configMap(name, key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{key: value}}
}
