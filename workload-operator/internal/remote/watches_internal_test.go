// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// api serves one labelled ConfigMap, and counts the watches that are open.
type api struct {
	watches atomic.Int32
	as      atomic.Value // who asked last
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.as.Store(r.Header.Get("Impersonate-User"))
	w.Header().Set("Content-Type", "application/json")
	query := r.URL.Query()
	if query.Get("labelSelector") != v1alpha1.LabelApplicationUID || query.Get("sendInitialEvents") != "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	if query.Get("watch") == "" {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"apiVersion": "v1", "kind": "ConfigMapList", "metadata": map[string]any{"resourceVersion": "1"},
			"items": []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{
				"namespace": "shop", "name": "a", "uid": "u", "resourceVersion": "1", "labels": map[string]any{v1alpha1.LabelApplicationUID: "one"},
			}}},
		})
		return
	}
	a.watches.Add(1)
	defer a.watches.Add(-1)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestWatches: one watch serves all applications of a namespace, as its account,
// and ends with the last of them.
func TestWatches(t *testing.T) {
	it := &api{}
	server := httptest.NewServer(it)
	defer server.Close()
	told := make(chan string, 10)
	c, err := open(&rest.Config{Host: server.URL}, "", nil, func(uid string) { told <- uid })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := scope{resource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, account: "shop", namespace: "shop"}
	c.watches.follow("one", "shop", []scope{s})
	c.watches.follow("two", "shop", []scope{s})
	open := func(want int32) {
		t.Helper()
		eventually(t, func() error {
			if got := it.watches.Load(); got != want {
				return fmt.Errorf("want %d watches, got %d", want, got)
			}
			return nil
		})
	}
	open(1)
	if uid := <-told; uid != "one" {
		t.Errorf("want the application told of its object, got %s", uid)
	}
	if as := it.as.Load(); as != "system:serviceaccount:shop:crossplane-application" {
		t.Errorf("want the tenant's account, got %v", as)
	}
	eventually(t, func() error {
		if o, known := c.watches.seen(s, "a"); !known || o == nil || o.ApplicationUID() != "one" {
			return fmt.Errorf("not seen: %v %v", o, known)
		}
		return nil
	})
	if o, known := c.watches.seen(s, "b"); !known || o != nil {
		t.Error("what is not there is known not to be")
	}
	c.watches.follow("one", "other", nil)
	c.watches.follow("one", "shop", nil)
	open(1)
	c.watches.forget("two")
	open(0)
	if _, known := c.watches.seen(s, "a"); known {
		t.Error("nobody watches it")
	}
	c.watches.follow("one", "shop", []scope{s})
	open(1)
	c.Close()
	open(0)
	c.watches.follow("one", "shop", []scope{s})
	if _, known := c.watches.seen(s, "a"); known {
		t.Error("a closed connection begins no watch")
	}
}

func eventually(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatal(err)
}
