// SPDX-License-Identifier: Apache-2.0

package armtest

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const clusterType = "/providers/microsoft.containerservice/managedclusters/"

// aks answers what is about an AKS cluster or a pool of one. Both are taken as a
// whole, and have one thing done at a time.
func (c *Cloud) aks(req *http.Request, path string, body Body) *http.Response {
	if cluster, asked := strings.CutSuffix(path, "/listclusterusercredential"); asked {
		return c.credential(req, cluster)
	}
	there := c.resources[path]
	switch {
	case there == nil && req.Method == http.MethodDelete:
		return reply(req, http.StatusNoContent, nil)
	case there == nil && (req.Method != http.MethodPut || c.resources[clusterOf(path)] == nil && clusterOf(path) != path):
		return refuse(req, http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
	case req.Method == http.MethodGet:
		return reply(req, http.StatusOK, c.whole(path, there))
	case unmet(req, there):
		return refuse(req, http.StatusPreconditionFailed, "PreconditionFailed", "The condition is not met.")
	case there != nil && Get(there, inside, "provisioningState") != "Succeeded":
		return refuse(req, http.StatusConflict, "OperationNotAllowed", "Operation is not allowed: another one is in progress.")
	}
	c.mutations++
	switch req.Method {
	case http.MethodDelete:
		c.begin(path, there, "Deleting", func() { delete(c.resources, path) })
		return reply(req, http.StatusAccepted, Body{})
	case http.MethodPatch:
		body = merge(there, body)
	}
	return c.become(req, path, there, body)
}

// clusterOf is the path of the cluster that a pool is of.
func clusterOf(path string) string {
	cluster, _, _ := strings.Cut(path, "/agentpools/")
	return cluster
}

// unmet reports whether a request's condition is not met.
func unmet(req *http.Request, there Body) bool {
	match := req.Header.Get("If-Match")
	return req.Header.Get("If-None-Match") == "*" && there != nil || match != "" && match != etagOf(there)
}

func etagOf(b Body) string {
	for _, at := range [][]string{{"eTag"}, {inside, "eTag"}} {
		if tag, ok := Get(b, at...).(string); ok {
			return tag
		}
	}
	return ""
}

func (c *Cloud) begin(path string, b Body, state string, done func()) {
	c.resources[path] = merge(b, Body{inside: Body{"provisioningState": state}})
	c.next[path] = done
}

// become begins to make something, or to change it.
func (c *Cloud) become(req *http.Request, path string, there, body Body) *http.Response {
	state, status := "Creating", http.StatusCreated
	if there != nil {
		state, status = "Updating", http.StatusOK
	}
	body["name"], body["id"] = req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:], req.URL.Path
	done := c.finished(path, body)
	if there == nil {
		there = body
	}
	c.begin(path, there, state, func() { c.resources[path] = done })
	return reply(req, status, c.whole(path, c.resources[path]))
}

// finished is what a cluster or pool is once it is as it was asked for.
func (c *Cloud) finished(path string, body Body) Body {
	out := merge(body, Body{inside: Body{"provisioningState": "Succeeded", "powerState": Body{"code": "Running"}}})
	tag := strconv.Itoa(c.mutations)
	if clusterOf(path) != path {
		Set(out, tag, inside, "eTag")
		asked, _ := Get(out, inside, "orchestratorVersion").(string)
		if asked == "" {
			asked, _ = Get(c.resources[clusterOf(path)], inside, "currentKubernetesVersion").(string)
		}
		Set(out, patched(asked), inside, "currentOrchestratorVersion")
		return out
	}
	out["eTag"] = tag
	asked, _ := Get(out, inside, "kubernetesVersion").(string)
	Set(out, patched(asked), inside, "currentKubernetesVersion")
	Set(out, Get(body, "name").(string)+".example.org", inside, "fqdn") //nolint:errcheck,forcetypeassert // it was put there
	own, _ := Get(out, inside, "agentPoolProfiles").([]any)
	own = slices.DeleteFunc(slices.Clone(own), func(p any) bool {
		profile, _ := p.(Body)
		name, _ := profile["name"].(string)
		return c.resources[path+"/agentpools/"+name] != nil
	})
	Set(out, own, inside, "agentPoolProfiles")
	return out
}

// patched completes a version.
func patched(version string) string {
	if strings.Count(version, ".") == 1 {
		return version + ".2"
	}
	return version
}

// whole is a cluster with all its pools, or a pool.
func (c *Cloud) whole(path string, b Body) Body {
	if clusterOf(path) != path {
		return b
	}
	all, _ := Get(b, inside, "agentPoolProfiles").([]any)
	all = slices.Clone(all)
	for _, pool := range c.below(path + "/agentpools") {
		profile, _ := pool[inside].(Body)
		all = append(all, merge(profile, Body{"name": pool["name"]}))
	}
	return merge(b, Body{inside: Body{"agentPoolProfiles": all}})
}

// credential returns the kubeconfig that AKS has for people: with a program that
// logs them in.
func (c *Cloud) credential(req *http.Request, cluster string) *http.Response {
	host, _ := Get(c.resources[cluster], inside, "fqdn").(string)
	if host == "" {
		return refuse(req, http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
	}
	text := `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://` + host + `:443", certificate-authority-data: UEVN}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: kubelogin, args: [get-token]}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`
	return reply(req, http.StatusOK, Body{"kubeconfigs": []Body{{"name": "clusterUser", "value": base64.StdEncoding.EncodeToString([]byte(text))}}})
}
