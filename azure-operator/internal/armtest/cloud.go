// SPDX-License-Identifier: Apache-2.0

// Package armtest is a Resource Manager for tests: the real clients of the SDK
// speak to it, without a network. It keeps state, takes its time until Settle,
// and refuses what Azure refuses.
package armtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
)

// Subscription that there is.
const Subscription = "00000000-0000-0000-0000-000000000001"

// inside is where a resource keeps what is particular to its type.
const inside = "properties"

// Body is a resource as JSON has it.
type Body = map[string]any

// Cloud is the Resource Manager. Its resources are known by their path in lower
// case, without the subscription.
type Cloud struct {
	mu        sync.Mutex
	resources map[string]Body
	passwords map[string]string
	next      map[string]func()
	mutations int

	// Requests are those that were made: "GET /resourcegroups/rg".
	Requests []string
	// Fail, if set, may refuse a request: with the status and the code.
	Fail func(method, path string) (status int, code, message string)
}

// New returns a Resource Manager with an empty resource group rg.
func New() *Cloud {
	c := &Cloud{resources: map[string]Body{}, passwords: map[string]string{}, next: map[string]func(){}}
	c.resources["/resourcegroups/rg"] = Body{"name": "rg", inside: Body{"provisioningState": "Succeeded"}}
	return c
}

// Account returns an account whose calls go to the cloud.
func (c *Cloud) Account() *account.Account {
	return account.New(Subscription, "", Token("token"), policy.ClientOptions{Transport: c})
}

// Token is a credential that always is the same.
type Token string

// GetToken implements azcore.TokenCredential.
func (t Token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// Do implements policy.Transporter.
func (c *Cloud) Do(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	path := strings.ToLower(strings.TrimPrefix(req.URL.Path, "/subscriptions/"+Subscription))
	c.Requests = append(c.Requests, req.Method+" "+path)
	if c.Fail != nil {
		if status, code, message := c.Fail(req.Method, path); status != 0 {
			return refuse(req, status, code, message), nil
		}
	}
	if req.URL.Query().Get("api-version") == "" {
		return refuse(req, http.StatusBadRequest, "MissingApiVersionParameter", ""), nil
	}
	body := Body{}
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err //nolint:wrapcheck // never fails
		}
		if len(text) > 0 {
			if err := json.Unmarshal(text, &body); err != nil {
				return nil, err //nolint:wrapcheck // the SDK writes JSON
			}
		}
	}
	return c.answer(req, path, body), nil
}

func (c *Cloud) answer(req *http.Request, path string, body Body) *http.Response {
	if strings.Contains(path, clusterType) {
		return c.aks(req, path, body)
	}
	there := c.resources[path]
	switch req.Method {
	case http.MethodGet:
		if there == nil && many(path) {
			return reply(req, http.StatusOK, Body{"value": c.below(path)})
		}
		if there == nil {
			return refuse(req, http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
		}
		return reply(req, http.StatusOK, there)
	case http.MethodPut:
		return c.put(req, path, there, body)
	case http.MethodPatch:
		return c.patch(req, path, there, body)
	default:
		return c.remove(req, path, there)
	}
}

// many reports whether a path is of all resources of a type: after the name of
// a group, types and names take turns.
func many(path string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return len(parts)%2 == 1
}

func (c *Cloud) below(path string) []Body {
	path = strings.TrimSuffix(path, "/resources")
	all := []Body{}
	for _, key := range slices.Sorted(maps.Keys(c.resources)) {
		if strings.HasPrefix(key, path+"/") {
			all = append(all, c.resources[key])
		}
	}
	return all
}

func (c *Cloud) put(req *http.Request, path string, there, body Body) *http.Response {
	if there != nil && req.Header.Get("If-None-Match") == "*" {
		return refuse(req, http.StatusPreconditionFailed, "PreconditionFailed", "The condition is not met.")
	}
	c.mutations++
	name := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	body["name"], body["id"], body["type"] = name, req.URL.Path, typeOf(req.URL.Path)
	if !isServer(path) {
		Set(body, "Succeeded", inside, "provisioningState")
		c.resources[path] = body
		if typeOf(req.URL.Path) != groupType { // PostgreSQL's client takes no other answer for an answer
			return reply(req, http.StatusAccepted, Body{})
		}
		return reply(req, http.StatusCreated, body)
	}
	c.passwords[path], _ = Get(body, inside, "administratorLoginPassword").(string)
	if Get(body, inside, "createMode") != "Default" {
		c.passwords[path] = "of the source"
	}
	Set(body, nil, inside, "administratorLoginPassword")
	Set(body, "Starting", inside, "state")
	c.resources[path] = body
	c.next[path] = func() {
		Set(body, "Ready", inside, "state")
		Set(body, name+".example.org", inside, "fullyQualifiedDomainName")
	}
	return reply(req, http.StatusAccepted, Body{})
}

func (c *Cloud) patch(req *http.Request, path string, there, body Body) *http.Response {
	switch {
	case there == nil:
		return refuse(req, http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
	case !isServer(path):
		c.mutations++
		c.resources[path] = merge(there, body)
		return reply(req, http.StatusOK, c.resources[path])
	case Get(there, inside, "state") != "Ready":
		return refuse(req, http.StatusConflict, "ServerIsBusy", "The server is busy.")
	}
	c.mutations++
	c.resources[path] = merge(there, Body{inside: Body{"state": "Updating"}})
	c.next[path] = func() {
		if password, ok := Get(body, inside, "administratorLoginPassword").(string); ok {
			c.passwords[path] = password
		}
		Set(body, nil, inside, "administratorLoginPassword")
		Set(body, "Ready", inside, "state")
		c.resources[path] = merge(c.resources[path], body)
	}
	return reply(req, http.StatusAccepted, Body{})
}

func (c *Cloud) remove(req *http.Request, path string, there Body) *http.Response {
	if there == nil {
		return reply(req, http.StatusNoContent, nil)
	}
	c.mutations++
	gone := func() {
		maps.DeleteFunc(c.resources, func(key string, _ Body) bool { return key == path || strings.HasPrefix(key, path+"/") })
	}
	if !isServer(path) {
		gone()
		return reply(req, http.StatusAccepted, Body{})
	}
	c.resources[path] = merge(there, Body{inside: Body{"state": "Dropping"}})
	c.next[path] = gone
	return reply(req, http.StatusAccepted, Body{})
}

func isServer(path string) bool {
	return strings.Contains(path, "/flexibleservers/") && strings.Count(path, "/") == 6
}

const groupType = "Microsoft.Resources/resourceGroups"

func typeOf(path string) string {
	_, rest, found := strings.Cut(path, "/providers/")
	if !found {
		return groupType
	}
	parts := strings.Split(rest, "/")
	return parts[0] + "/" + parts[1]
}

func reply(req *http.Request, status int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	h := http.Header{"Content-Type": {"application/json"}}
	if status == http.StatusAccepted {
		h.Set("Azure-Asyncoperation", "https://management.azure.com/operations/1")
		h.Set("Location", "https://management.azure.com/results/1")
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: h, Request: req, Body: io.NopCloser(bytes.NewReader(text))}
}

func refuse(req *http.Request, status int, code, message string) *http.Response {
	return reply(req, status, Body{"error": Body{"code": code, "message": message}})
}
