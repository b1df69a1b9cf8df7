// SPDX-License-Identifier: Apache-2.0

package account

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Codes of Azure that are asked for by name.
const (
	codePrecondition     = "PreconditionFailed"
	codeResourceNotFound = "ResourceNotFound"
	codePolicy           = "RequestDisallowedByPolicy"
)

// classes says what Azure's error codes mean: those of the Resource Manager as
// its documentation lists them ("Troubleshoot common Azure deployment errors"),
// those of the database services and of AKS as they document or send them. A code that is not
// here is judged by its form and by the HTTP status.
//
//nolint:gochecknoglobals // a table
var classes = fault.ByCode(map[fault.Class][]string{
	fault.Throttled: {
		"TooManyRequests", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled", "OperationThrottled",
		"SubscriptionTooManyRequests", "SubscriptionTooManyCreateUpdateRequests",
	},
	fault.Transient: {
		"InternalServerError", "ServiceUnavailable", "GatewayTimeout", "ServerTimeout", "OperationTimedOut", "RetryableError",
		"ExpiredAuthenticationToken", "InvalidAuthenticationToken", "AuthenticationFailed",
	},
	fault.Conflict: {
		"Conflict", "ServerIsBusy", "ServerBusy", "AnotherOperationInProgress", "OperationNotAllowed", "OperationInterrupted",
		"OperationPreempted", "InvalidServerState", "ServerNotReady", "ConflictingServerOperation", "ConflictingConcurrentWriteNotAllowed",
		"ResourceGroupBeingDeleted", "ResourceIsBusy", "ServerDropping", "OperationOnServerGroupInDroppingState",
	},
	fault.Dependency: {
		"ScopeLocked", "InUseSubnetCannotBeDeleted", "LinkedInvalidPropertyId", "InvalidResourceReference", "SubnetNotFound",
		"MissingSubscriptionRegistration", "NoRegisteredProviderFound", "SourceServerNotFound", "ReferencedResourceNotProvisioned",
		"NodePoolMcVersionIncompatible",
	},
	fault.Quota: {
		"QuotaExceeded", "ResourceQuotaExceeded", "ServerQuotaExceeded", "SubscriptionQuotaExceeded", "RegionalQuotaExceeded",
		"ResourceGroupQuotaExceeded", "MaxServersPerSubscriptionReached", "VCoreQuotaExceeded",
		"ManagedClusterCountExceedsQuotaLimit", "InsufficientVCPUQuota", "ErrCode_InsufficientVCPUQuota", "PublicIPCountLimitReached",
	},
	fault.Capacity: {
		"SkuNotAvailable", "ProvisioningDisabled", "RegionIsOfferRestricted", "LocationIsOfferRestricted", "SubscriptionIsOfferRestricted",
		"RegionCapacityExceeded", "InsufficientCapacity", "AllocationFailed", "ZonalAllocationFailed", "OverconstrainedAllocationRequest",
		"SkuNotSupportedInRegion", "AvailabilityZoneNotSupported", "ZoneNotAvailable",
		"AKSCapacityError", "AKSCapacityHeavyUsage", "OverconstrainedZonalAllocationRequest",
	},
	fault.Permission: {
		"AuthorizationFailed", "LinkedAuthorizationFailed", "Forbidden", "AccountDisabled", "SubscriptionNotFound", "ReadOnlyDisabledSubscription",
		"DisallowedOperation", "InvalidAuthenticationTokenTenant", "DisallowedLocation", codePolicy,
	},
	fault.Invalid: {
		"InvalidParameterValue", "InvalidParameter", "InvalidRequestContent", "InvalidRequestFormat", "InvalidRequestUri", "BadRequest",
		"InvalidTemplate", "InvalidSku", "InvalidSkuName", "InvalidServerName", "InvalidResourceName", "InvalidResourceGroupName",
		"InvalidDatabaseName", "InvalidServerVersion", "InvalidStorageSize", "PasswordNotComplex", "PasswordTooShort", "PasswordTooLong",
		"ReservedResourceName", "ReservedLoginName", "InvalidLocation", "LocationNotAvailableForResourceType", "LocationRequired",
		"LocationNotAvailableForResourceGroup", "InvalidResourceLocation", "InvalidResourceType", "InvalidApiVersionParameter", "PropertyChangeNotAllowed",
		"InvalidPropertyValue", "FeatureNotSupported", "UnsupportedServerVersion", "K8sVersionNotSupported", "AgentPoolK8sVersionNotSupported",
		"MustDefineAtLeastOneSystemPool", "VMSizeNotSupported", "ServiceCidrOverlapExistingSubnetsCidr", "InsufficientSubnetSize",
	},
	fault.Gone: {
		codeResourceNotFound, "NotFound", "ParentResourceNotFound", "ResourceGroupNotFound", "DatabaseNotFound", "ServerNotFound", "FirewallRuleNotFound",
	},
	fault.Exists: {codePrecondition, "ResourceAlreadyExists", "DatabaseAlreadyExists"},
})

// taken are the codes for a name that somebody else has. The names of servers
// are host names: of everybody in the world, so a look into our own subscription
// does not find who.
//
//nolint:gochecknoglobals // a table
var taken = map[string]bool{
	"ServerNameAlreadyExists": true, "NameNotAvailable": true, "ServerNameNotAvailable": true, "NameAlreadyExists": true,
	"AlreadyExists": true, "ServerAlreadyExists": true, "ResourceNameAlreadyExists": true,
}

// lastPool is AKS's word for what it never does; the code is the one for what it
// does not do just now.
const lastPool = "at least one system agent pool"

// staleToken reports whether a refusal says that a token is not valid any more,
// although it looked so.
func staleToken(code string) bool {
	return code == "ExpiredAuthenticationToken" || code == "InvalidAuthenticationToken"
}

// Classify turns an error of the SDK into a *fault.Error. Its message is Azure's
// sentence without whatever differs from one call to the next (request ids,
// times): the same trouble is always told in the same words. An error that has a
// fault.Error in its chain was judged already.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	if judged, ok := errors.AsType[*fault.Error](err); ok {
		return judged
	}
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return answered(refused)
	}
	return &fault.Error{Class: fault.Transient, Err: fault.Said("", fault.Unreachable("Azure", err))}
}

// answered judges what Azure answered.
func answered(r *azcore.ResponseError) error {
	code, message := r.ErrorCode, messageOf(r)
	f := &fault.Error{Class: classOf(code, message, r.StatusCode), Code: code, RetryAfter: retryAfter(r.RawResponse)}
	request := requestOf(r)
	switch {
	case f.Class == fault.Exists && request.Header.Get("If-Match") != "":
		f.Class = fault.Conflict // it was changed since it was looked at
	case strings.Contains(message, lastPool):
		f.Class = fault.Dependency
	case taken[code] || strings.Contains(message, "name is already used"):
		f.Class, f.Reason = fault.Invalid, contract.ReasonForeignResource
		message = "somebody else has the name already, and it must be unique in all of Azure: choose another one: " + message
	case code == "ScopeLocked":
		f.Reason = contract.ReasonDeletionProtected
	case code == codePolicy:
		message = policyIn(message)
	case f.Class == fault.Gone && request.Method == http.MethodPut:
		f.Class, f.Reason = fault.Dependency, contract.ReasonReferenceNotReady
	}
	if code == "" {
		code = "status " + strconv.Itoa(r.StatusCode)
	}
	f.Err = fmt.Errorf("%s (%s)", message, code) //nolint:err113 // the message is for a person; identity is class and code
	return f
}

// requestOf is the request that was refused, or an empty one.
func requestOf(r *azcore.ResponseError) *http.Request {
	if r.RawResponse == nil || r.RawResponse.Request == nil {
		return &http.Request{}
	}
	return r.RawResponse.Request
}

func classOf(code, message string, status int) fault.Class {
	class, known := classes[code]
	switch {
	case strings.Contains(strings.ToLower(message), "quota") && status < http.StatusInternalServerError:
		return fault.Quota // cores have a quota of their own, told by several codes
	case known:
		return class
	case strings.HasSuffix(code, "QuotaExceeded"):
		return fault.Quota
	case strings.HasSuffix(code, "NotFound"):
		return fault.Gone
	}
	switch status {
	case http.StatusTooManyRequests:
		return fault.Throttled
	case http.StatusNotFound:
		return fault.Gone
	case http.StatusForbidden:
		return fault.Permission
	case http.StatusConflict:
		return fault.Conflict
	case http.StatusPreconditionFailed:
		return fault.Exists
	case http.StatusBadRequest:
		return fault.Invalid
	default:
		return fault.Transient
	}
}

// IsNotFound reports whether err says that the resource asked for is not there.
func IsNotFound(err error) bool { return fault.Is(Classify(err), fault.Gone) }

// IsThere reports whether err says that there is such a resource already.
func IsThere(err error) bool { return fault.Is(Classify(err), fault.Exists) }

// policyName finds the name of the policy that a refusal is about.
var policyName = regexp.MustCompile(`"policyAssignment"\s*:\s*\{\s*"name"\s*:\s*"([^"]+)"`)

func policyIn(message string) string {
	if m := policyName.FindStringSubmatch(message); m != nil {
		return "the Azure policy " + strconv.Quote(m[1]) + " forbids it"
	}
	return "an Azure policy forbids it: " + message
}

// retryAfter is how long Azure asked us to wait.
func retryAfter(r *http.Response) time.Duration {
	if r == nil {
		return 0
	}
	if n, err := strconv.Atoi(r.Header.Get("X-Ms-Retry-After-Ms")); err == nil && n > 0 {
		return time.Duration(n) * time.Millisecond
	}
	return fault.RetryAfter(r.Header)
}

// rootCause names the file where one is missing: it is the operator's own.
func rootCause(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok && errors.Is(err, os.ErrNotExist) {
		return path.Error()
	}
	return fault.RootCause(err)
}
