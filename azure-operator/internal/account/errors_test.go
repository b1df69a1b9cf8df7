// SPDX-License-Identifier: Apache-2.0

package account

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// refusal is an answer of the Resource Manager.
func refusal(method string, status int, code, message string) error {
	body := `{"error": {"code": "` + code + `", "message": "` + strings.ReplaceAll(message, `"`, `\"`) + `"}}`
	return runtime.NewResponseError(&http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {"7"}},
		Body:    io.NopCloser(strings.NewReader(body)),
		Request: &http.Request{Method: method, URL: &url.URL{Scheme: "https", Host: "management.azure.com", Path: "/x"}},
	})
}

func TestClassify(t *testing.T) {
	const get, put = http.MethodGet, http.MethodPut
	for name, tc := range map[string]struct {
		err    error
		class  fault.Class
		reason string
		words  string
	}{
		"gone":                    {refusal(get, 404, "ResourceNotFound", "The Resource was not found."), fault.Gone, contract.ReasonGone, "The Resource was not found. (ResourceNotFound)"},
		"group of a new one gone": {refusal(put, 404, "ResourceGroupNotFound", "Resource group 'rg' could not be found."), fault.Dependency, contract.ReasonReferenceNotReady, ""},
		"there already":           {refusal(put, 412, "PreconditionFailed", "The condition is not met."), fault.Exists, contract.ReasonForeignResource, ""},
		"name of somebody": {
			refusal(put, 409, "ServerNameAlreadyExists", "Specified server name is already used."), fault.Invalid, contract.ReasonForeignResource,
			"somebody else has the name already, and it must be unique in all of Azure: choose another one: Specified server name is already used. (ServerNameAlreadyExists)",
		},
		"not allowed": {
			refusal(put, 403, "AuthorizationFailed", "The client 'c' does not have authorization. If access was recently granted, please refresh your credentials."),
			fault.Permission, contract.ReasonPermissionDenied, "The client 'c' does not have authorization. (AuthorizationFailed)",
		},
		"policy": {
			refusal(put, 403, "RequestDisallowedByPolicy", `Resource 'x' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"no-databases","id":"/y"}}]'.`),
			fault.Permission, contract.ReasonPermissionDenied, `the Azure policy "no-databases" forbids it (RequestDisallowedByPolicy)`,
		},
		"quota":          {refusal(put, 409, "QuotaExceeded", "Approved quota exceeded."), fault.Quota, contract.ReasonQuotaExceeded, ""},
		"quota of cores": {refusal(put, 400, "OperationNotAllowed", "Operation could not be completed as it results in exceeding approved vCores Quota."), fault.Quota, contract.ReasonQuotaExceeded, ""},
		"no machines":    {refusal(put, 400, "ProvisioningDisabled", "Provisioning is restricted in this region."), fault.Capacity, contract.ReasonCapacity, ""},
		"no such size":   {refusal(put, 409, "SkuNotAvailable", "x"), fault.Capacity, contract.ReasonCapacity, ""},
		"no such region": {refusal(put, 400, "LocationNotAvailableForResourceType", "The provided location 'atlantis' is not available."), fault.Invalid, contract.ReasonInvalid, ""},
		"busy":           {refusal(put, 409, "ServerIsBusy", "x"), fault.Conflict, contract.ReasonConflict, ""},
		"locked":         {refusal(http.MethodDelete, 409, "ScopeLocked", "x"), fault.Dependency, contract.ReasonDeletionProtected, ""},
		"too many calls": {refusal(get, 429, "TooManyRequests", "x"), fault.Throttled, contract.ReasonThrottled, ""},
		"an old token":   {refusal(get, 401, "ExpiredAuthenticationToken", "The access token expiry UTC time '1' is earlier than '2'"), fault.Transient, contract.ReasonCloudUnreachable, ""},
		"a mistake":      {refusal(put, 400, "InvalidParameterValue", "Invalid value given for parameter Version."), fault.Invalid, contract.ReasonInvalid, ""},
		"an unknown 400": {refusal(put, 400, "NeverHeardOf", "x"), fault.Invalid, contract.ReasonInvalid, ""},
		"an unknown 409": {refusal(put, 409, "NeverHeardOf", "x"), fault.Conflict, contract.ReasonConflict, ""},
		"trouble of theirs": {refusal(put, 500, "InternalServerError", "An unexpected error came up while processing the request. Tracking ID: '1-2-3'"),
			fault.Transient, contract.ReasonCloudUnreachable, "An unexpected error came up while processing the request. (InternalServerError)"},
		"nobody there": {
			&url.Error{Op: "Get", URL: "https://management.azure.com/subscriptions/1", Err: syscall.ECONNREFUSED}, fault.Transient,
			contract.ReasonCloudUnreachable, "no answer from https://management.azure.com: connection refused",
		},
		"judged already": {fault.New(fault.Dependency, contract.ReasonProviderNotFound, "there is none"), fault.Dependency, contract.ReasonProviderNotFound, "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fault.Of(Classify(tc.err))
			if f.Class != tc.class || f.ConditionReason() != tc.reason || tc.words != "" && f.Error() != tc.words {
				t.Errorf("got %s, %s: %v", f.Class, f.ConditionReason(), f)
			}
			if again := fault.Of(Classify(tc.err)); again.Error() != f.Error() {
				t.Errorf("told in other words the second time: %v", again)
			}
		})
	}
	if Classify(nil) != nil {
		t.Error("no error is one")
	}
	if got := fault.Of(Classify(refusal(get, 429, "TooManyRequests", "x"))).RetryAfter; got != 7*time.Second {
		t.Errorf("asked to wait %s", got)
	}
	if !IsNotFound(refusal(get, 404, "ResourceNotFound", "x")) || IsNotFound(errors.New("other")) { //nolint:err113 // an error of no kind
		t.Error("what is not found")
	}
}
