// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// classes says what Google's reasons and the codes of failed operations mean, as
// documented for Cloud SQL ("Error messages"), Compute Engine ("Troubleshooting
// API errors"), Kubernetes Engine (StatusCondition), Service Networking,
// google.rpc.Code and ErrorInfo, and OAuth 2. A reason that is not here is judged by
// the HTTP status.
//
//nolint:gochecknoglobals // a table
var classes = fault.ByCode(map[fault.Class][]string{
	fault.Throttled: {
		"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED", "rate_limit_exceeded", "concurrentLimitExceeded",
	},
	fault.Transient: {
		"backendError", "internalError", "INTERNAL_ERROR", "backendNotConnected", "serviceUnavailable", "temporarily_unavailable", "UNKNOWN_ERROR",
	},
	fault.Conflict: {
		"operationInProgress", "invalidState", "invalidOperation", "staleData", "conditionNotMet", "conflict", "resourceNotReady",
		"RESOURCE_NOT_READY", "RESOURCE_OPERATION_RATE_EXCEEDED", "aborted", "ABORTED",
	},
	fault.Dependency: {
		"resourceInUseByAnotherResource", "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "SERVICE_NETWORKING_NOT_ENABLED",
		"FLOW_SN_DC_RESOURCE_PREVENTING_DELETE_CONNECTION", "FLOW_SN_DC_RESOURCE_PREVENTING_CREATE_CONNECTION",
		"NETWORK_NOT_PEERED", "INVALID_NETWORK", codePrecondition, "FAILED_PRECONDITION", "GKE_SERVICE_ACCOUNT_DELETED",
		"NODE_SERVICE_ACCOUNT_MISSING_PERMISSIONS", "CLOUD_KMS_KEY_ERROR",
	},
	fault.Quota: {
		"quotaExceeded", "QUOTA_EXCEEDED", "limitExceeded", "LIMIT_EXCEEDED", "QUOTA_FOR_INSTANCES", "ALLOCATION_QUOTA_EXCEEDED", "RANGES_EXHAUSTED",
		"GCE_QUOTA_EXCEEDED", "insufficientQuota", "RESOURCE_EXHAUSTED",
	},
	fault.Capacity: {
		"ZONE_RESOURCE_POOL_EXHAUSTED", "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", "RESOURCE_POOL_EXHAUSTED", "resourceExhausted", "STOCKOUT",
		"GCE_STOCKOUT",
	},
	fault.Permission: {
		"notAuthorized", "forbidden", "insufficientPermissions", "accessNotConfigured", "SERVICE_DISABLED", "IAM_PERMISSION_DENIED",
		"PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "CONSUMER_INVALID", "BILLING_DISABLED", "billingNotEnabled", "accountDisabled",
		"authError", "required", "ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING",
	},
	fault.Invalid: {
		"invalid", "invalidRequest", "badRequest", "parseError", "missingInput", "invalidParameter", "invalidUsage", "fieldNotWritable",
		"unsupportedOperation", "INVALID_ARGUMENT", "INVALID_USAGE", "unknownInput", "errorMaxInstancePerLabel",
	},
	fault.Gone: {
		"notFound", "RESOURCE_NOT_FOUND", "instanceDoesNotExist", "databaseDoesNotExist", "userDoesNotExist", "backupDoesNotExist", "operationDoesNotExist",
		"databaseInstanceDoesNotExist", "backupRunDoesNotExist",
	},
	fault.Exists: {
		codeInstanceExists, "alreadyExists", "databaseAlreadyExists", "userAlreadyExists", "duplicate", "RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS",
	},
})

// codePrecondition also stands for an operation that is under way: Kubernetes Engine
// says which in its sentence only.
const codePrecondition = "failedPrecondition"

// codeInstanceExists also stands for a name that rests after a deletion.
const codeInstanceExists = "instanceAlreadyExists"

// refused are reasons that say something about the credentials themselves, in
// our words.
//
//nolint:gochecknoglobals // a table
var refused = map[string]string{
	"authError":            "Google does not accept the access token",
	"required":             "Google does not accept the access token",
	"ACCESS_TOKEN_EXPIRED": "Google does not accept the access token any more",
	"CREDENTIALS_MISSING":  "Google does not accept the access token",
	"accountDisabled":      "the service account is disabled",
}

// Classify turns an error of Google's clients into a *fault.Error. Its message is
// Google's sentence without whatever differs from one call to the next: the same
// trouble is always told in the same words.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	if judged, ok := errors.AsType[*fault.Error](err); ok {
		if _, fromClient := errors.AsType[*url.Error](err); fromClient {
			return judged
		}
		return err
	}
	operation := ""
	if call, ok := errors.AsType[*CallError](err); ok {
		operation = call.Operation
	}
	if api, ok := errors.AsType[*googleapi.Error](err); ok {
		return classifyAnswer(operation, api)
	}
	if grant, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return classifyGrant(grant)
	}
	return &fault.Error{Class: fault.Transient, Err: fault.Said(operation, fault.Unreachable("Google Cloud", err))}
}

// classifyAnswer judges what an API answered.
func classifyAnswer(operation string, api *googleapi.Error) error {
	reason := reasonOf(api)
	f := &fault.Error{Class: classOf(reason, api.Message, api.Code), Code: reason, RetryAfter: fault.RetryAfter(api.Header)}
	message := plain(api.Message)
	switch words := refused[reason]; {
	case words != "" || api.Code == http.StatusUnauthorized:
		f.Class, f.Reason, message = fault.Permission, contract.ReasonCredentialsRefused, cmp.Or(words, "Google does not accept the access token")
	case constrained(api.Message):
		message = "a policy of the organization forbids it: " + message
	case f.Class == fault.Gone && !aboutItself(operation):
		f.Class, f.Reason = fault.Dependency, contract.ReasonReferenceNotReady
	}
	f.Err = fault.Said(operation, fmt.Sprintf("%s (%s)", message, cmp.Or(reason, "status "+strconv.Itoa(api.Code))))
	return f
}

// reasonOf finds the reason: in the list of errors that older APIs give, or in
// the details of newer ones.
func reasonOf(api *googleapi.Error) string {
	for _, item := range api.Errors {
		if item.Reason != "" {
			return item.Reason
		}
	}
	for _, detail := range api.Details {
		if info, ok := detail.(map[string]any); ok {
			if reason, ok := info["reason"].(string); ok && reason != "" {
				return reason
			}
		}
	}
	return ""
}

func classOf(reason, message string, status int) fault.Class {
	switch class, known := classes[reason]; {
	case constrained(message):
		return fault.Permission
	case reason == codePrecondition && underWay.MatchString(message):
		return fault.Conflict
	case (reason == "forbidden" || reason == "") && shortOf.MatchString(message):
		return fault.Quota
	case known && class == fault.Quota && strings.Contains(strings.ToLower(message), "per minute"):
		return fault.Throttled
	case known:
		return class
	}
	switch status {
	case http.StatusTooManyRequests:
		return fault.Throttled
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Permission
	case http.StatusNotFound:
		return fault.Gone
	case http.StatusConflict, http.StatusPreconditionFailed:
		return fault.Conflict
	case http.StatusBadRequest:
		return fault.Invalid
	default:
		return fault.Transient
	}
}

// underWay and shortOf tell, by its sentences, what Kubernetes Engine refuses because
// of another operation and because of a quota: the reasons that it gives,
// failedPrecondition and forbidden, have many other causes.
var (
	underWay = regexp.MustCompile(`running incompatible operation|Please wait and try again once it is done|is currently being created, deleted, updated or repaired`)
	shortOf  = regexp.MustCompile(`(?i)insufficient (regional|project|zonal) quota|cannot create more than [0-9]+ clusters`)
)

// constrained reports whether a policy of the organization refused. Several
// reasons and statuses are used for that.
func constrained(message string) bool {
	return strings.Contains(message, "constraints/") && strings.Contains(strings.ToLower(message), "violat") ||
		strings.Contains(message, "Organization Policy check failure")
}

// aboutItself reports whether a not-found answer to operation says that the
// resource itself is gone, and not something that it refers to.
func aboutItself(operation string) bool {
	for _, suffix := range []string{".insert", ".create", ".restoreBackup", ".generateAccessToken"} {
		if strings.HasSuffix(operation, suffix) {
			return false
		}
	}
	return true
}

// classifyGrant judges why there is no access token (RFC 6749, 5.2).
func classifyGrant(e *oauth2.RetrieveError) error {
	status := 0
	if e.Response != nil {
		status = e.Response.StatusCode
	}
	answer := struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}{e.ErrorCode, e.ErrorDescription}
	if answer.Code == "" {
		_ = json.Unmarshal(e.Body, &answer) // what can't be read says nothing
	}
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return &fault.Error{Class: fault.Transient, Err: fault.Said("", fmt.Sprintf("Google gives no access token just now (status %d)", status))}
	}
	return &fault.Error{
		Class: fault.Permission, Reason: contract.ReasonCredentialsRefused, Code: answer.Code,
		Err: fault.Said("", fmt.Sprintf("Google does not accept the key: %s (%s)", plain(answer.Description), cmp.Or(answer.Code, "status "+strconv.Itoa(status)))),
	}
}

// OperationFault judges why an operation failed that Google had begun. doing
// says what it was.
func OperationFault(doing, code, message string) *fault.Error {
	class := classOf(code, message, 0)
	_, known := classes[code]
	if (!known && class == fault.Transient || code == "RESOURCE_EXHAUSTED") && strings.Contains(strings.ToUpper(message), "STOCKOUT") {
		class = fault.Capacity
	}
	return &fault.Error{Class: class, Code: code, Err: fault.Said(doing, fmt.Sprintf("%s (%s)", plain(message), code))}
}

// StatusFault judges why an operation failed of which a google.rpc.Status tells.
func StatusFault(doing string, code int64, message string) *fault.Error {
	name, known := canonical[code]
	if !known {
		name = "UNKNOWN_ERROR"
	}
	return OperationFault(doing, name, message)
}

// canonical are the names of google.rpc.Code that classes knows.
//
//nolint:gochecknoglobals // a table
var canonical = map[int64]string{
	3: "INVALID_ARGUMENT", 5: "RESOURCE_NOT_FOUND", 6: "ALREADY_EXISTS", 7: "PERMISSION_DENIED", 8: "RESOURCE_EXHAUSTED",
	9: "FAILED_PRECONDITION", 10: "ABORTED", 13: "INTERNAL_ERROR", 14: "serviceUnavailable",
}

// IsNotFound reports whether err says that the resource asked for is not there.
func IsNotFound(err error) bool { return fault.Is(Classify(err), fault.Gone) }

// IsInstanceNameTaken reports whether err says that an instance has the name or
// had it lately.
func IsInstanceNameTaken(err error) bool { return hasCode(err, codeInstanceExists) }

func hasCode(err error, code string) bool {
	return err != nil && fault.Of(Classify(err)).Code == code
}

// requestID is how some services end their sentences.
var requestID = regexp.MustCompile(`(?i)\s*\(?(?:request\s?id|help token|tracking number)\s*[:=].*`)

// operationID is how Kubernetes Engine names the operation that another one meets.
var operationID = regexp.MustCompile(`\s*\boperation-[0-9]+-[0-9a-z-]+\b`)

func plain(message string) string {
	message = operationID.ReplaceAllString(requestID.ReplaceAllString(message, ""), "")
	message = strings.Join(strings.Fields(message), " ")
	if message == "" {
		return "no reason given"
	}
	return message
}
