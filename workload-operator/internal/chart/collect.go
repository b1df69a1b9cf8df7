// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"encoding/json"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

type policy = v1alpha1.HookPolicy

// annotationHook makes an object of a chart a hook: what Helm would make at some
// moment of a release's life, and not keep.
const annotationHook = "helm.sh/hook"

// collector gathers the objects of a chart.
type collector struct {
	hooks policy
	found Rendering
	bytes int
}

var documentBreak = regexp.MustCompile(`(?m)^---(?:[ \t\r].*)?$`)

// add adds the objects of one file. Those of crds/ stay when the application goes,
// as with Helm: with a kind go all objects of that kind, whoever made them.
func (k *collector) add(file, text string, crds bool) error {
	for _, document := range documentBreak.Split(text, -1) {
		o, err := object(document)
		if err != nil {
			return in(file, err)
		}
		if len(o) == 0 {
			continue
		}
		if err := k.expand(file, &unstructured.Unstructured{Object: o}, crds); err != nil {
			return err
		}
	}
	return nil
}

// expand adds an object, or the items of a list.
func (k *collector) expand(file string, u *unstructured.Unstructured, crds bool) error {
	items, isList := u.Object["items"].([]any)
	if !isList || !strings.HasSuffix(u.GetKind(), "List") {
		return k.keep(file, u, crds)
	}
	for _, item := range items {
		o, ok := item.(map[string]any)
		if !ok {
			return in(file, errNoObject)
		}
		if err := k.keep(file, &unstructured.Unstructured{Object: o}, crds); err != nil {
			return err
		}
	}
	return nil
}

func (k *collector) keep(file string, u *unstructured.Unstructured, crds bool) error {
	out, err := k.leftOut(file, u)
	if out || err != nil {
		return err
	}
	if crds {
		annotate(u, remote.AnnotationKeep, remote.Keep)
	}
	content, err := json.Marshal(u.Object)
	if err != nil {
		return in(file, err)
	}
	k.found, k.bytes = append(k.found, content), k.bytes+len(content)
	if len(k.found) > MaxObjects || k.bytes > maxRendered {
		return tooLarge("it renders to more than %d objects or %d MiB", MaxObjects, maxRendered>>20)
	}
	return nil
}

// leftOut decides about hooks: nobody gets a part of a chart silently, except for
// what has no moment to run here.
func (k *collector) leftOut(file string, u *unstructured.Unstructured) (bool, error) {
	hook, is := u.GetAnnotations()[annotationHook]
	if !is {
		return false, nil
	}
	var made, removed bool
	for moment := range strings.SplitSeq(hook, ",") {
		switch strings.TrimSpace(moment) {
		case "crd-install":
			return false, nil
		case "test", "test-success", "test-failure", "pre-rollback", "post-rollback":
		case "pre-delete", "post-delete":
			removed = true
		default:
			made = true
		}
	}
	switch {
	case !made && !removed:
		return true, nil
	case k.hooks == v1alpha1.HooksOmit, k.hooks == v1alpha1.HooksApply && !made:
		return true, nil
	case k.hooks == v1alpha1.HooksApply:
		return false, nil
	}
	return false, invalid("%s: %s is a hook (%s), and hooks are not run; say in spec.chart.hooks whether to leave them out or to apply them like all other objects",
		file, strings.TrimSpace(u.GetKind()+" "+u.GetName()), hook)
}

func annotate(u *unstructured.Unstructured, key, value string) {
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = value
	u.SetAnnotations(annotations)
}
