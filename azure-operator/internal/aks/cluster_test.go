// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// shop returns a cluster of that name, and the object that it is of.
func shop(t *testing.T, c *armtest.Cloud) (managed.External[*v1alpha1.AKSCluster, ClusterObservation], *v1alpha1.AKSCluster) {
	t.Helper()
	c.Put(clusters+"shop", planted("shop"))
	mr := aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	e, err := Cluster(only{c}).Connect(t.Context(), mr)
	if err != nil {
		t.Fatal(err)
	}
	return e, mr
}

func observe(t *testing.T, e managed.External[*v1alpha1.AKSCluster, ClusterObservation], mr *v1alpha1.AKSCluster) *ClusterObservation {
	t.Helper()
	obs, err := e.Observe(t.Context(), mr, managed.Identity{})
	if err != nil || obs == nil {
		t.Fatal(obs, err)
	}
	return obs
}

func TestAClusterWaitsForItsPools(t *testing.T) {
	c := armtest.New()
	e, mr := shop(t, c)
	poolView{armtest.View{Cloud: c, Prefix: pools}}.Plant("general", nil)
	err := e.Delete(t.Context(), mr, observe(t, e, mr))
	if got := fault.Of(account.Classify(err)); got.Class != fault.Dependency || !strings.HasSuffix(got.Error(), ": general") {
		t.Errorf("got %v", err)
	}
	armtest.View{Cloud: c, Prefix: pools}.Vanish("general")
	if err := e.Delete(t.Context(), mr, observe(t, e, mr)); err != nil || armtest.Get(c.At(clusters+"shop"), "properties", "provisioningState") != "Deleting" {
		t.Errorf("got %v", err)
	}
}

// Somebody else's change is not undone by one that was made of what was before.
func TestAChangeIsRefusedOfWhatHasChanged(t *testing.T) {
	c := armtest.New()
	e, mr := shop(t, c)
	obs := observe(t, e, mr)
	mr.Spec.ForProvider.SKUTier = "Free"
	changed := planted("shop")
	changed["eTag"] = "2"
	c.Put(clusters+"shop", changed)
	if err := e.Update(t.Context(), mr, obs); !fault.Is(account.Classify(err), fault.Conflict) {
		t.Errorf("got %v", err)
	}
	if err := e.Update(t.Context(), mr, observe(t, e, mr)); err != nil {
		t.Error(err)
	}
}

func TestAssessTellsWhatAzureSays(t *testing.T) {
	c := armtest.New()
	e, mr := shop(t, c)
	mr.Spec.ForProvider.DeletionProtection = new(true)
	a := e.Assess(mr, observe(t, e, mr))
	if a.State != managed.Available || a.Busy || a.Protected == "" || a.Reach != contract.ReachInternet || a.Offers.Attributes["version"] != "1.33.2" {
		t.Errorf("got %+v", a)
	}
	if diff := cmp.Diff(map[string]string{
		"type": "kubernetes", "provider": "azure", "endpoint": "https://shop.example.org:443", "ca.crt": "PEM", "region": "westeurope", "cluster": "shop",
	}, a.Connection); diff != "" {
		t.Error(diff)
	}
	b := planted("shop")
	armtest.Set(b, []any{armtest.Body{"name": "system", "provisioningState": "Scaling"}}, "properties", "agentPoolProfiles")
	armtest.Set(b, true, "properties", "apiServerAccessProfile", "enablePrivateCluster")
	c.Put(clusters+"shop", b)
	if a := e.Assess(mr, observe(t, e, mr)); !a.Busy || a.Reach != contract.ReachNetwork {
		t.Errorf("while a pool is scaled: %+v", a)
	}
}

func TestStates(t *testing.T) {
	running, stopped := &sdk.PowerState{Code: new(sdk.CodeRunning)}, &sdk.PowerState{Code: new(sdk.CodeStopped)}
	for name, tc := range map[string]struct {
		provisioning string
		power        *sdk.PowerState
		used         bool
		want         managed.State
	}{
		"made":                 {"Succeeded", running, false, managed.Available},
		"without power state":  {"Succeeded", nil, false, managed.Available},
		"switched off":         {"Succeeded", stopped, true, managed.Stopped},
		"switching off":        {"Stopping", running, true, managed.Unavailable},
		"switching on":         {"Starting", stopped, true, managed.Unavailable},
		"upgraded":             {"Upgrading", running, true, managed.Available},
		"not to be made":       {"Failed", running, false, managed.Failed},
		"change failed":        {"Failed", running, true, managed.Available},
		"change given up":      {"Canceled", running, true, managed.Available},
		"failed, switched off": {"Failed", stopped, true, managed.Stopped},
		"going":                {"Deleting", running, true, managed.Deleting},
		"new to us":            {"Dreaming", running, true, managed.Unknown},
	} {
		if got := stateOf(tc.provisioning, tc.power, tc.used); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	if got := messageOf("Failed", stopped, problemOf(&sdk.ErrorDetail{Code: new("QuotaExceeded"), Message: new("no cores")})); got != "Failed, Stopped: no cores (QuotaExceeded)" {
		t.Error(got)
	}
}

func TestVersions(t *testing.T) {
	for _, tc := range []struct {
		a, b  string
		newer bool
	}{
		{"1.34", "1.33.2", true}, {"1.33", "1.33.2", false}, {"1.33.2", "1.33", false}, {"1.33.10", "1.33.9", true},
		{"1.9", "1.10", false}, {"", "1.33", false}, {"1.33", "", false}, {"x", "1.33", false},
	} {
		if newer(tc.a, tc.b) != tc.newer {
			t.Errorf("%q newer than %q: %v", tc.a, tc.b, !tc.newer)
		}
	}
}

func TestNames(t *testing.T) {
	for object, want := range map[string][2]string{
		"shop": {"shop-12345678", "shop123456"}, "Shop.Prod": {"shop-prod-12345678", "shoppr123456"}, "...": {"12345678", "pool123456"}, "9lives": {"9lives-12345678", "lives123456"},
		strings.Repeat("a", 100): {strings.Repeat("a", 54) + "-12345678", "aaaaaa123456"},
	} {
		if got := clusterName(object, "12345678-abcd"); got != want[0] || validName(got) != nil {
			t.Errorf("%s: %s, want %s", object, got, want[0])
		}
		if got := poolName(object, "12345678-abcd"); got != want[1] || validPoolName(got) != nil {
			t.Errorf("%s: %s, want %s", object, got, want[1])
		}
	}
	for _, bad := range []string{"", "-a", "a-", "a.b", "a b", strings.Repeat("a", 64)} {
		if validName(bad) == nil {
			t.Errorf("%q is a name", bad)
		}
	}
	for _, bad := range []string{"", "1a", "a-b", "Ab", strings.Repeat("a", 13)} {
		if validPoolName(bad) == nil {
			t.Errorf("%q is a pool's name", bad)
		}
	}
}

func TestAccessIsReadAndNothingElse(t *testing.T) {
	if _, err := accessOf(nil); !errors.Is(err, errNoKubeconfig) {
		t.Errorf("of nothing: %v", err)
	}
	for name, text := range map[string]string{
		"no YAML": "{", "no context": "kind: Config\napiVersion: v1\n",
		"no certificates": "kind: Config\napiVersion: v1\nclusters: [{name: c, cluster: {server: https://x}}]\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n",
	} {
		if got, err := accessOf([]*sdk.CredentialResult{{Value: []byte(text)}}); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

var errNoToken = fault.New(fault.Permission, contract.ReasonCredentialsRefused, "no token")

// refusing is an identity that gets no tokens.
type refusing struct{}

func (refusing) Token(context.Context, string, time.Time) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, errNoToken
}

func (refusing) NewToken(context.Context, string) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, errNoToken
}

// keeping is an identity whose tokens are kept until another one is asked for.
type keeping struct{}

func (keeping) Token(_ context.Context, _ string, now time.Time) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "kept", ExpiresOn: now.Add(time.Hour)}, nil
}

func (keeping) NewToken(context.Context, string) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "new", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func TestWhoAsksForAnotherTokenGetsIt(t *testing.T) {
	e, mr := cluster{own: keeping{}}, aCluster()
	for _, step := range []struct{ asked, handled, want string }{{"", "", "kept"}, {"a", "", "new"}, {"a", "a", "kept"}, {"b", "a", "new"}} {
		mr.Annotations = map[string]string{contract.AnnotationRotatePasswordRequestedAt: step.asked}
		mr.Status.LastHandledRotationAt = step.handled
		issued, err := e.Issue(t.Context(), mr, nil, time.Now())
		if err != nil || string(issued.Secret[contract.KeyToken]) != step.want {
			t.Errorf("asked %q, handled %q: got %s, %v", step.asked, step.handled, issued.Secret[contract.KeyToken], err)
		}
	}
}

func TestWhoseTokenIsHandedOut(t *testing.T) {
	now := time.Now()
	mr := aCluster()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "shop"}
	at := map[string]string{contract.KeyEndpoint: "https://shop.example.org:443", contract.KeyCA: "PEM"}
	e := cluster{own: issuer("own"), of: func(_ context.Context, provider string) (Tokens, error) {
		switch provider {
		case "viewers":
			return issuer("viewer"), nil
		case "refused":
			return refusing{}, nil
		}
		return nil, fault.New(fault.Dependency, contract.ReasonProviderNotFound, "there is no provider %s", provider)
	}}
	for _, tc := range []struct{ provider, handed, err string }{
		{"", "own", ""}, {"viewers", "viewer", ""}, {"nobody", "", "there is no provider nobody"}, {"refused", "", "a token of provider refused: no token"},
	} {
		mr.Spec.ForProvider.TokenProviderRef = nil
		if tc.provider != "" {
			mr.Spec.ForProvider.TokenProviderRef = &contract.Reference{Name: tc.provider}
		}
		issued, err := e.Issue(t.Context(), mr, at, now)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %v", tc.provider, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for key, of := range map[string]string{contract.KeyKubeconfig: tc.handed, contract.KeyOperatorKubeconfig: "own"} {
			config, err := clientcmd.RESTConfigFromKubeConfig(issued.Secret[key])
			if err != nil || !strings.HasPrefix(config.BearerToken, of+"|") {
				t.Errorf("%s: %s is of %v, %v", tc.provider, key, config, err)
			}
		}
		if !strings.HasPrefix(string(issued.Secret[contract.KeyToken]), tc.handed+"|") || !issued.Expires.Equal(now.Add(time.Hour).Truncate(time.Second)) {
			t.Errorf("%s: got %s until %s", tc.provider, issued.Secret[contract.KeyToken], issued.Expires)
		}
	}
}

func TestErrorsOfAKS(t *testing.T) {
	for name, tc := range map[string]struct {
		method, header, code, message string
		status                        int
		want                          fault.Class
	}{
		"busy":             {"PUT", "", "OperationNotAllowed", "Operation is not allowed because there's an in progress operation", 409, fault.Conflict},
		"no cores":         {"PUT", "", "ErrCode_InsufficientVCPUQuota", "Insufficient vcpu quota requested 8, remaining 2", 400, fault.Quota},
		"the last pool":    {"DELETE", "", "OperationNotAllowed", "There has to be at least one system agent pool.", 400, fault.Dependency},
		"nodes behind":     {"PUT", "", "NodePoolMcVersionIncompatible", "incompatible", 400, fault.Dependency},
		"no such version":  {"PUT", "", "K8sVersionNotSupported", "no", 400, fault.Invalid},
		"changed":          {"PUT", "If-Match", "PreconditionFailed", "no", 412, fault.Conflict},
		"there already":    {"PUT", "If-None-Match", "PreconditionFailed", "no", 412, fault.Exists},
		"cluster gone":     {"PUT", "", "ParentResourceNotFound", "no", 404, fault.Dependency},
		"not allowed":      {"POST", "", "AuthorizationFailed", "no", 403, fault.Permission},
		"a zone is full":   {"PUT", "", "AKSCapacityHeavyUsage", "no", 400, fault.Capacity},
		"subnet too small": {"PUT", "", "InsufficientSubnetSize", "no", 400, fault.Invalid},
	} {
		req := &http.Request{Method: tc.method, Header: http.Header{}}
		if tc.header != "" {
			req.Header.Set(tc.header, "*")
		}
		err := &azcore.ResponseError{ErrorCode: tc.code, StatusCode: tc.status, RawResponse: &http.Response{Request: req, Body: http.NoBody}}
		err.RawResponse.Body = bodyOf(tc.code, tc.message)
		if got := fault.Of(account.Classify(err)); got.Class != tc.want {
			t.Errorf("%s: %s, want %s (%v)", name, got.Class, tc.want, got)
		}
	}
}

func bodyOf(code, message string) io.ReadCloser {
	return io.NopCloser(strings.NewReader(`{"error": {"code": "` + code + `", "message": "` + message + `"}}`))
}
