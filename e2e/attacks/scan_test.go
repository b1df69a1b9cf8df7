// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// planted is a value that a tenant gives a chart, and that nobody may repeat.
const planted = "planted-9f86d081884c7d65"

// denied shows that a tenant with a thousand claims that can't be satisfied does not
// keep another one waiting.
func denied(t *testing.T) {
	const many, atOnce = 1000, 16
	a := arrive(t, "edit")
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range many {
		all.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; all.Done() }()
			broken := a.claim(fmt.Sprint("broken-", i), values{"classRef": values{"name": "nowhere"}})
			if i%2 == 0 {
				broken = a.claim(fmt.Sprint("broken-", i), values{"classRef": nil, "resourceSelector": values{}})
			}
			if err := a.create(broken); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	began := time.Now()
	mine := object(databases, "MySQLInstance", victim, "in-time")
	mine.Object["spec"] = values{"engineVersion": "8.4", "storageGiB": int64(20), "classRef": values{"name": "closed"}, "writeConnectionSecretToRef": values{"name": "in-time"}}
	must(t, world.Client.Create(t.Context(), mine))
	ready(t, mine)
	t.Logf("Bound after %s beside %d broken claims", time.Since(began).Round(100*time.Millisecond), many)
	must(t, world.Client.DeleteAllOf(t.Context(), object(databases, "MySQLInstance", "", ""), client.InNamespace(a.namespace)))
	for _, p := range world.Processes() {
		if !p.Alive {
			t.Errorf("%s has ended", p.Name)
		}
	}
}

// nothingTold looks for secrets in all that operators have said so far: logs,
// metrics, events, and everything but the specs of objects.
func nothingTold(t *testing.T) {
	secrets := map[string]string{
		"the victim's password": string(secretOf(t.Context(), victim, "orders-db")["password"]), "the cloud's secret key": iam.DefaultSecret, "a chart's value": planted,
		"that value in base64": base64.StdEncoding.EncodeToString([]byte(planted)),
	}
	config, err := clientcmd.Load(administrator(t))
	must(t, err)
	for _, user := range config.AuthInfos {
		secrets["the key in a target's kubeconfig"] = base64.StdEncoding.EncodeToString(user.ClientKeyData)
	}
	said := map[string][]byte{}
	for _, operator := range world.Operators() {
		said["the log of "+operator], err = os.ReadFile(world.Log(operator))
		must(t, err)
		if bytes.Contains(said["the log of "+operator], []byte("panic")) {
			t.Errorf("%s has stumbled: its log tells of a panic", operator)
		}
		said["the metrics of "+operator] = fetch(t, world.Metrics(operator))
	}
	maps.Copy(said, objects(t))
	for what, secret := range secrets {
		if len(secret) < 8 {
			t.Fatalf("%s is not known: %q", what, secret)
		}
		for where, text := range said {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s is in %s", what, where)
			}
		}
	}
	for where, there := range map[string]string{ // or it looks in the wrong places
		"MySQLInstance": "orders-db", "RDSInstance": stage.external, "Event": "hostile-", "KubernetesApplication": "hostile-",
		"the log of core-operator": "level=INFO", "the log of aws-operator": stage.database.GetName(), "the metrics of core-operator": "crossplane_",
	} {
		if !bytes.Contains(said[where], []byte(there)) {
			t.Errorf("%s is not in %s", there, where)
		}
	}
	t.Logf("%d secrets looked for in %d places", len(secrets), len(said))
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return text
}

// objects returns all objects of the operators' kinds without their specs, and all
// events, by kind.
func objects(t *testing.T) map[string][]byte {
	t.Helper()
	crds := &unstructured.UnstructuredList{}
	crds.SetAPIVersion("apiextensions.k8s.io/v1")
	crds.SetKind("CustomResourceDefinitionList")
	must(t, world.Client.List(t.Context(), crds))
	found := map[string][]byte{"Event": listed(t, "events.k8s.io/v1", "Event")}
	for i := range crds.Items {
		crd := &crds.Items[i]
		if group := field(crd, "spec", "group"); strings.HasSuffix(group, "crossplane.io") {
			kind := field(crd, "spec", "names", "kind")
			found[kind] = append(found[kind], listed(t, group+"/v1alpha1", kind)...)
		}
	}
	if len(found) < len(stack.Operators()) {
		t.Fatalf("kinds: %d", len(found))
	}
	return found
}

func listed(t *testing.T, apiVersion, kind string) []byte {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(apiVersion)
	list.SetKind(kind + "List")
	must(t, world.Client.List(t.Context(), list, client.InNamespace("")))
	for i := range list.Items {
		delete(list.Items[i].Object, "spec")
	}
	text, err := json.Marshal(list.Items)
	must(t, err)
	return text
}
