// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

func answer(status int, reason, message string) error {
	return &googleapi.Error{Code: status, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason, Message: message}}}
}

// detailed is an error of the newer form.
func detailed(status int, reason, message string) error {
	return &googleapi.Error{Code: status, Message: message, Details: []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}}}
}

func call(operation string, err error) error { return &CallError{operation, err} }

func TestClassify(t *testing.T) {
	const down = "no answer from https://sqladmin.googleapis.com: "
	unreachable := func(err error) error {
		return call("instances.get", &url.Error{Op: "Get", URL: "https://sqladmin.googleapis.com/v1/projects/p", Err: err})
	}
	for name, tc := range map[string]struct {
		err    error
		class  fault.Class
		reason string
		words  string
	}{
		"absent":              {err: call("instances.get", answer(404, "instanceDoesNotExist", "The Cloud SQL instance does not exist.")), class: fault.Gone},
		"not allowed or not":  {err: call("instances.get", answer(403, "notAuthorized", "The client is not authorized to make this request.")), class: fault.Permission},
		"taken":               {err: call("instances.insert", answer(409, "instanceAlreadyExists", "x")), class: fault.Exists},
		"busy":                {err: call("instances.patch", answer(409, "operationInProgress", "x")), class: fault.Conflict},
		"overtaken":           {err: call("instances.patch", answer(412, "staleData", "Condition does not match.")), class: fault.Conflict},
		"too fast":            {err: answer(403, "rateLimitExceeded", "x"), class: fault.Throttled},
		"too fast, by status": {err: answer(429, "", "x"), class: fault.Throttled},
		"too fast, in words":  {err: answer(403, "quotaExceeded", "Quota exceeded for limit 'Queries per minute per user'"), class: fault.Throttled},
		"too many":            {err: answer(403, "quotaExceeded", "The maximum number of instances"), class: fault.Quota},
		"wrong":               {err: answer(400, "invalid", "Invalid request: Invalid Tier."), class: fault.Invalid, words: "Invalid request: Invalid Tier. (invalid)"},
		"wrong, unknown":      {err: answer(400, "somethingNew", "x"), class: fault.Invalid},
		"no network": {
			err: call("instances.insert", answer(404, "notFound", "The resource 'projects/p/global/networks/n' was not found")), class: fault.Dependency,
			reason: contract.ReasonReferenceNotReady,
		},
		"in use": {err: answer(400, "resourceInUseByAnotherResource", "x"), class: fault.Dependency},
		"another at work": {
			err:   call("clusters.update", answer(400, "failedPrecondition", "Cluster is running incompatible operation operation-1718024305921-fd4f65ea-7da5.")),
			class: fault.Conflict, words: "clusters.update: Cluster is running incompatible operation. (failedPrecondition)",
		},
		"another at work, too": {
			err:   call("nodePools.setSize", answer(400, "failedPrecondition", "Operation operation-1607703873446-35b09f92 is currently operating on cluster c. Please wait and try again once it is done.")),
			class: fault.Conflict, words: "nodePools.setSize: Operation is currently operating on cluster c. Please wait and try again once it is done. (failedPrecondition)",
		},
		"too soon":         {err: call("clusters.create", answer(400, "failedPrecondition", "The network is not ready.")), class: fault.Dependency},
		"no room in GKE":   {err: call("clusters.create", answer(403, "forbidden", "Insufficient regional quota to satisfy request: resource \"CPUS\".")), class: fault.Quota},
		"clusters enough":  {err: call("clusters.create", answer(403, "forbidden", "You cannot create more than 3 clusters in location us-central1.")), class: fault.Quota},
		"forbidden in GKE": {err: call("clusters.create", answer(403, "forbidden", "Required \"container.clusters.create\" permission(s).")), class: fault.Permission},
		"nobody to act as": {
			err: call("serviceAccounts.generateAccessToken", answer(404, "notFound", "Not found; Gaia id not found for email a@b")), class: fault.Dependency,
			reason: contract.ReasonReferenceNotReady,
		},
		"API switched off": {err: detailed(403, "SERVICE_DISABLED", "Cloud SQL Admin API has not been used"), class: fault.Permission},
		"token refused": {
			err: call("projects.get", detailed(401, "", "Request had invalid authentication credentials.")), class: fault.Permission,
			reason: contract.ReasonCredentialsRefused, words: "projects.get: Google does not accept the access token (status 401)",
		},
		"policy, by condition": {err: answer(412, "conditionNotMet", "Constraint constraints/sql.restrictPublicIp violated for project p"), class: fault.Permission},
		"policy, by words": {
			err:   answer(400, "invalid", "Organization Policy check failure: the external IP of this instance violates the constraints/sql.restrictPublicIp enforced"),
			class: fault.Permission,
		},
		"down":       {err: answer(503, "backendError", "x"), class: fault.Transient},
		"request id": {err: answer(500, "", "Internal error. Request ID: 123-456"), class: fault.Transient, words: "Internal error. (status 500)"},
		"refused connection": {
			err: unreachable(&net.OpError{Op: "dial", Err: fmt.Errorf("connect 127.0.0.1:41234: %w", syscall.ECONNREFUSED)}), class: fault.Transient,
			words: "instances.get: " + down + "connection refused",
		},
		"slow":    {err: unreachable(context.DeadlineExceeded), class: fault.Transient, words: "instances.get: " + down + "it took too long"},
		"judged":  {err: fmt.Errorf("doing: %w", fault.New(fault.Quota, "", "mine")), class: fault.Quota, words: "doing: mine"},
		"unknown": {err: errors.New("strange"), class: fault.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			err := Classify(tc.err)
			f := fault.Of(err)
			if f.Class != tc.class || tc.reason != "" && f.Reason != tc.reason || tc.words != "" && err.Error() != tc.words {
				t.Errorf("got %s, %s: %v", f.Class, f.Reason, err)
			}
			if again := Classify(err); again.Error() != err.Error() {
				t.Errorf("judged twice: %v", again)
			}
		})
	}
	if Classify(nil) != nil {
		t.Error("no error is one")
	}
}

func TestRetryAfter(t *testing.T) {
	err := &googleapi.Error{Code: 429, Header: http.Header{"Retry-After": {"17"}}}
	if got := fault.Of(Classify(err)).RetryAfter; got != 17*time.Second {
		t.Errorf("got %s", got)
	}
}

func TestOperationFault(t *testing.T) {
	for name, tc := range map[string]struct {
		code, message string
		want          fault.Class
	}{
		"no machine left":        {"ZONE_RESOURCE_POOL_EXHAUSTED", "x", fault.Capacity},
		"no machine, in words":   {"INTERNAL", "Failed: STOCKOUT in europe-west1-b", fault.Capacity},
		"quota":                  {"QUOTA_EXCEEDED", "x", fault.Quota},
		"a limit of disk":        {"quotaExceeded", "x", fault.Quota},
		"Google's own":           {"INTERNAL_ERROR", "x", fault.Transient},
		"a policy":               {"whatever", "constraints/sql.restrictPublicIp is violated", fault.Permission},
		"something new":          {"NEW", "x", fault.Transient},
		"what can never succeed": {"invalid", "x", fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if got := OperationFault("operation CREATE", tc.code, tc.message); got.Class != tc.want {
				t.Errorf("got %s, want %s", got.Class, tc.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	const owner = "0b5c7e1f-0e8c-40a0-b83b-9ee23b1dc493"
	for name, tc := range map[string]struct{ object, want string }{
		"plain":      {"orders", "orders-0b5c7e1f"},
		"dots":       {"shop.orders", "shop-orders-0b5c7e1f"},
		"a digit":    {"1st", "x-1st-0b5c7e1f"},
		"too long":   {"a123456789012345678901234567890", "a1234567890-0b5c7e1f"},
		"cut a dash": {"a123456789-123456789", "a123456789-0b5c7e1f"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Name(tc.object, owner, 20); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	got := Labels(map[string]string{contract.TagName: "Shop.Orders/1", contract.TagHub: "0b5c7e1f-0e8c"})
	if got[contract.TagName] != "shop-orders-1" || got[contract.TagHub] != "0b5c7e1f-0e8c" {
		t.Errorf("got %v", got)
	}
}

func TestEndpoints(t *testing.T) {
	e := Endpoints{All: "http://127.0.0.1:8080/", STS: "https://sts.example"}
	for got, want := range map[string]string{
		e.token():                               "http://127.0.0.1:8080/token",
		e.sts():                                 "https://sts.example/v1/token",
		Endpoints{}.token():                     "https://oauth2.googleapis.com/token",
		Endpoints{}.impersonation("a@b"):        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken",
		Endpoints{}.at("", "sqladmin"):          "https://sqladmin.googleapis.com/",
		Endpoints{SQLAdmin: "x"}.at("x", "any"): "x/",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
