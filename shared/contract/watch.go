// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"
	"net/http"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// watch follows the objects of one kind until it is stopped.
type watch struct {
	definition *Definition
	informer   cache.SharedIndexInformer
	stop       context.CancelFunc
}

// newWatch prepares to follow the objects of the kind that d defines, each as an
// object and all as a list. Each kind has a scheme of its own, in which the kind
// is that object: so decoding drops all that it does not have, and it is small in
// memory.
func newWatch(config *rest.Config, client *http.Client, d *Definition, object metaObject, list runtime.Object, by cache.Indexers) (*watch, error) {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(d.Kind, object)
	scheme.AddKnownTypeWithName(d.Kind.GroupVersion().WithKind(d.Kind.Kind+"List"), list)
	api, err := restClient(config, client, scheme, d.Kind.GroupVersion())
	if err != nil {
		return nil, err
	}
	informer := cache.NewSharedIndexInformer(listWatch(api, d.Plural, nil), object, 0, by)
	err = informer.SetTransform(func(object any) (any, error) {
		if o, ok := object.(metaObject); ok {
			o.SetManagedFields(nil)
			o.GetObjectKind().SetGroupVersionKind(d.Kind)
		}
		return object, nil
	})
	if err != nil {
		return nil, fmt.Errorf("preparing a watch of %s: %w", d.Name(), err)
	}
	return &watch{definition: d, informer: informer}, nil
}

// metaObject is an object with metadata.
type metaObject interface {
	metav1.Object
	runtime.Object
}

// run follows the objects until ctx ends. It begins once the API lets it: the
// informer's own back-off grows to half a minute while RBAC is not there yet.
func (w *watch) run(ctx context.Context, allowed func(context.Context) error) {
	backoff := wait.Backoff{Duration: 500 * time.Millisecond, Factor: 1.5, Steps: 8, Cap: 5 * time.Second}
	for allowed(ctx) != nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff.Step()):
		}
	}
	w.informer.RunWithContext(ctx)
}

func (w *watch) follows(d *Definition) bool {
	return w.definition.UID == d.UID && w.definition.Kind == d.Kind
}

// known is what an informer keeps of a CRD.
type known struct {
	metav1.ObjectMeta // its name and version

	definition *Definition
}

// definitionIn returns the definition that an informer tells of; nil for anything
// else.
func definitionIn(object any) *Definition {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	if k, ok := object.(*known); ok {
		return k.definition
	}
	return nil
}

// newDefinitions prepares to follow the CRDs that take part in the contract, with
// their schemas or without: definitionIn reads what it tells.
func newDefinitions(config *rest.Config, client *http.Client, schemas bool) (cache.SharedIndexInformer, error) {
	scheme := runtime.NewScheme()
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("preparing a watch of CRDs: %w", err)
	}
	api, err := restClient(config, client, scheme, apiextensionsv1.SchemeGroupVersion)
	if err != nil {
		return nil, err
	}
	lw := listWatch(api, "customresourcedefinitions", func(o *metav1.ListOptions) { o.LabelSelector = v1alpha1.LabelContract })
	informer := cache.NewSharedIndexInformer(lw, &apiextensionsv1.CustomResourceDefinition{}, 0, nil)
	err = informer.SetTransform(func(object any) (any, error) {
		crd, ok := object.(*apiextensionsv1.CustomResourceDefinition)
		if !ok {
			return object, nil
		}
		d, err := definitionOf(crd, schemas)
		return &known{metav1.ObjectMeta{Name: crd.Name, UID: crd.UID, ResourceVersion: crd.ResourceVersion}, d}, err
	})
	if err != nil {
		return nil, fmt.Errorf("preparing a watch of CRDs: %w", err)
	}
	return informer, nil
}

func restClient(config *rest.Config, client *http.Client, scheme *runtime.Scheme, gv schema.GroupVersion) (rest.Interface, error) {
	metav1.AddToGroupVersion(scheme, gv)
	c := rest.CopyConfig(config)
	c.APIPath, c.GroupVersion = "/apis", &gv
	c.ContentType, c.AcceptContentTypes = runtime.ContentTypeJSON, runtime.ContentTypeJSON
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	api, err := rest.RESTClientForConfigAndClient(c, client)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", gv, err)
	}
	return api, nil
}

func listWatch(api rest.Interface, plural string, narrow func(*metav1.ListOptions)) cache.ListerWatcher {
	if narrow == nil {
		narrow = func(*metav1.ListOptions) {}
	}
	return cache.NewFilteredListWatchFromClient(api, plural, metav1.NamespaceAll, narrow)
}
