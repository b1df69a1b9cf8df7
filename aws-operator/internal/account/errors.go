// SPDX-License-Identifier: Apache-2.0

package account

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Codes of AWS that are asked for by name.
const (
	codeInstanceNotFound    = "DBInstanceNotFound"
	codeSubnetGroupNotFound = "DBSubnetGroupNotFoundFault"
	codeSnapshotExists      = "DBSnapshotAlreadyExists"
	codeRuleExists          = "InvalidPermission.Duplicate"
	codeRuleNotFound        = "InvalidPermission.NotFound"
	codeInUse               = "ResourceInUseException"
	codeWrongState          = "InvalidRequestException"
	codeNoEntity            = "NoSuchEntity"
)

// classes says what AWS's error codes mean, as documented for RDS, EC2, IAM,
// EKS and STS and by their SDKs' types. A code that is not here is judged by its form and by
// the HTTP status.
//
//nolint:gochecknoglobals // a table
var classes = fault.ByCode(map[fault.Class][]string{
	fault.Throttled: {
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"RequestLimitExceeded", "TooManyRequestsException", "EC2ThrottledException", "BandwidthLimitExceeded",
		"PriorRequestNotComplete", "SlowDown",
	},
	fault.Transient: {
		"InternalFailure", "InternalError", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
		"Unavailable", "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError",
		"ServiceFailure", "ServerException", "ResourcePropagationDelayException",
	},
	fault.Conflict: {
		"InvalidDBInstanceState", "IncorrectState", "ConcurrentTagAccess", "OperationAborted", "ResourceInUse",
		"InvalidDBClusterStateFault", "InvalidOptionGroupStateFault", "InvalidDBParameterGroupState", "DryRunOperation",
		"ConcurrentModification", "EntityTemporarilyUnmodifiable", codeInUse, codeWrongState,
	},
	fault.Dependency: {
		"DependencyViolation", "InvalidDBSubnetGroupStateFault", "InvalidDBSnapshotState", "InvalidDBSubnetStateFault",
		"InvalidDBInstanceAutomatedBackupState", "SubnetAlreadyInUse", "DeleteConflict", "InvalidStateException",
	},
	fault.Quota: {
		"InstanceQuotaExceeded", "StorageQuotaExceeded", "SnapshotQuotaExceeded", "DBSubnetGroupQuotaExceeded",
		"DBSubnetQuotaExceededFault", "DBInstanceAutomatedBackupQuotaExceeded", "TenantDatabaseQuotaExceeded",
		"SecurityGroupLimitExceeded", "RulesPerSecurityGroupLimitExceeded", "SecurityGroupsPerInstanceLimitExceeded",
		"SecurityGroupsPerInterfaceLimitExceeded", "TagLimitExceeded", "VpcLimitExceeded", "ResourceLimitExceeded",
		"LimitExceeded", "ResourceLimitExceededException",
	},
	fault.Capacity: {
		"InsufficientDBInstanceCapacity", "InsufficientStorageClusterCapacity", "InsufficientCapacity",
		"InsufficientInstanceCapacity", "InsufficientAvailableIPsInSubnetFault", "InsufficientFreeAddressesInSubnet",
		"ProvisionedIopsNotAvailableInAZFault", "StorageTypeNotAvailableFault",
		"UnsupportedAvailabilityZoneException",
	},
	fault.Permission: {
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired", "PendingVerification", "Blocked",
		"KMSKeyNotAccessibleFault", "VpcEncryptionControlViolationException", "IDPRejectedClaim", "InvalidIdentityToken",
		"AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException",
		"IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"UnrecognizedClientException", "InvalidSignatureException", "InvalidAccessKeyId", "RequestExpired",
	},
	fault.Invalid: {
		"InvalidParameterValue", "InvalidParameterCombination", "InvalidParameter", "MissingParameter", "ValidationError",
		"InvalidInput", "InvalidSubnet", "InvalidVPCNetworkStateFault", "StorageTypeNotSupported", "NetworkTypeNotSupported",
		"DBSubnetGroupDoesNotCoverEnoughAZs", "DBSubnetGroupNotAllowedFault", "DBUpgradeDependencyFailure",
		"UnsupportedDBEngineVersion", "InvalidRestoreFault", "PointInTimeRestoreNotEnabled", "CertificateNotFound",
		"UnknownParameter", "UnsupportedOperation", "Unsupported", "VPCIdNotSpecified", "InvalidAction",
		"InvalidParameterException", "BadRequestException", "ClientException", "MalformedPolicyDocument", "UnmodifiableEntity",
		"PolicyNotAttachable", "UnsupportedOperationException",
	},
	fault.Gone: {
		codeInstanceNotFound, codeSubnetGroupNotFound, codeRuleNotFound, "InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound",
		"DBSnapshotNotFound",
		"DBParameterGroupNotFound", "OptionGroupNotFoundFault", "DBInstanceAutomatedBackupNotFound",
		"DBSecurityGroupNotFound", "InvalidSubnetID.NotFound", "InvalidVpcID.NotFound", "InvalidPrefixListID.NotFound",
		codeNoEntity, "ResourceNotFoundException", "NotFoundException",
	},
	fault.Exists: {
		"DBInstanceAlreadyExists", "DBSubnetGroupAlreadyExists", "InvalidGroup.Duplicate", codeSnapshotExists, codeRuleExists,
		"EntityAlreadyExists",
	},
})

// refused are the codes that say something about the credentials themselves, in
// our words: AWS's own contain times and parts of the request.
//
//nolint:gochecknoglobals,gosec // G101: a table of sentences, not of credentials
var refused = map[string]string{
	"AuthFailure":                 "AWS could not validate the credentials",
	"InvalidClientTokenId":        "AWS does not know the access key, or it was deactivated",
	"UnrecognizedClientException": "AWS does not know the access key, or it was deactivated",
	"InvalidAccessKeyId":          "AWS does not know the access key, or it was deactivated",
	"SignatureDoesNotMatch":       "the secret access key does not belong to the access key id, or the operator's clock is wrong",
	"InvalidSignatureException":   "the secret access key does not belong to the access key id, or the operator's clock is wrong",
	"IncompleteSignature":         "the credentials are incomplete",
	"ExpiredToken":                "the session token has expired",
	"ExpiredTokenException":       "the session token has expired",
	"RequestExpired":              "AWS takes the request for expired: the operator's clock is wrong",
	"InvalidIdentityToken":        "AWS does not accept the web identity token",
	"IDPRejectedClaim":            "AWS does not accept the web identity token",
}

// Classify turns an error of the SDK into a *fault.Error. Its message is AWS's
// sentence without whatever differs from one call to the next (request ids,
// ports, times): the same trouble is always told in the same words. An error
// that has a fault.Error in its chain was judged already; what the SDK put
// around it says nothing more.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	op, fromSDK := errors.AsType[*smithy.OperationError](err)
	if judged, ok := errors.AsType[*fault.Error](err); ok && fromSDK {
		return judged
	} else if ok {
		return err
	}
	operation := ""
	if fromSDK {
		operation = op.OperationName
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return classifyAnswer(operation, api, responseOf(err))
	}
	return &fault.Error{Class: fault.Transient, Err: fault.Said(operation, unreachable(err))}
}

// wrongRegion is how AWS refuses a signature for a region that it does not know.
// Where there is no endpoint for the region either, its host can't be found, and
// the error names that.
const wrongRegion = "scoped to a valid region"

// classifyAnswer judges what AWS answered.
func classifyAnswer(operation string, api smithy.APIError, response *smithyhttp.ResponseError) error {
	code := api.ErrorCode()
	f := &fault.Error{Class: classOf(operation, code, api.ErrorMessage(), response), Code: code, RetryAfter: retryAfter(response)}
	message := plain(api.ErrorMessage())
	switch words := refused[code]; {
	case strings.Contains(message, wrongRegion):
		message = "AWS has no such region, or it is not enabled for this account"
	case words != "":
		f.Reason, message = contract.ReasonCredentialsRefused, words
	case f.Class == fault.Gone && !aboutItself(operation, code):
		f.Class, f.Reason = fault.Dependency, contract.ReasonReferenceNotReady
	}
	f.Err = fault.Said(operation, fmt.Sprintf("%s (%s)", message, code))
	return f
}

// cannotAssume is how EKS refuses a role that is not there, does not trust it, or
// was made so recently that not all of AWS knows of it.
const cannotAssume = "could not be assumed because it does not exist or the trusted entity is not correct"

// byOperation is what codes mean that say no more than that something is in the
// way: it depends on what was asked for.
func byOperation(operation, code string) (fault.Class, bool) {
	switch {
	case code == codeInUse && strings.HasPrefix(operation, "Create"):
		return fault.Exists, true
	case code == codeInUse && strings.HasPrefix(operation, "Delete"):
		return fault.Dependency, true // a cluster's node groups
	case code == codeWrongState && (strings.HasPrefix(operation, "Create") || operation == "UpdateClusterVersion"):
		return fault.Dependency, true // a cluster that is not active, node groups that are behind
	}
	return "", false
}

func classOf(operation, code, message string, response *smithyhttp.ResponseError) fault.Class {
	if class, special := byOperation(operation, code); special {
		return class
	}
	switch class, known := classes[code]; {
	case strings.Contains(message, cannotAssume):
		return fault.Dependency
	case strings.Contains(message, "is being optimized"):
		return fault.Conflict // RDS calls it an invalid combination of parameters.
	case strings.Contains(message, wrongRegion):
		return fault.Invalid
	case known:
		return class
	case strings.HasSuffix(code, "QuotaExceeded"), strings.HasSuffix(code, "LimitExceeded"):
		return fault.Quota
	case strings.HasSuffix(code, "NotFound"), strings.HasSuffix(code, "NotFoundFault"):
		return fault.Gone
	case strings.HasSuffix(code, ".Malformed"):
		return fault.Invalid
	case response != nil && (response.HTTPStatusCode() == 401 || response.HTTPStatusCode() == 403):
		return fault.Permission
	default:
		return fault.Transient
	}
}

// aboutItself reports whether a not-found code of operation says that the
// resource itself is gone, and not something that it refers to.
func aboutItself(operation, code string) bool {
	for _, prefix := range []string{"Create", "Restore", "Authorize"} {
		if strings.HasPrefix(operation, prefix) {
			return false
		}
	}
	switch operation {
	case "AttachRolePolicy", "PutRolePermissionsBoundary":
		return false // the role was just seen
	case "ModifyDBInstance":
		return code == codeInstanceNotFound
	case "ModifyDBSubnetGroup":
		return code == codeSubnetGroupNotFound
	default:
		return true
	}
}

// IsNotFound reports whether err says that the resource asked for is not there.
func IsNotFound(err error) bool { return fault.Is(Classify(err), fault.Gone) }

// IsSnapshotTaken reports whether err says that a snapshot's name is taken.
func IsSnapshotTaken(err error) bool { return hasCode(err, codeSnapshotExists) }

// IsRuleThere reports whether err says that a security group has that rule already.
func IsRuleThere(err error) bool { return hasCode(err, codeRuleExists) }

// IsRuleGone reports whether err says that a security group has no such rule.
func IsRuleGone(err error) bool { return hasCode(err, codeRuleNotFound) }

func hasCode(err error, code string) bool {
	return err != nil && fault.Of(Classify(err)).Code == code
}

// blob is what EC2 appends to a refusal: encrypted, and another each time.
var blob = regexp.MustCompile(`(?s)\s*Encoded authorization failure message:.*`)

// requestID is how some services end their sentences.
var requestID = regexp.MustCompile(`(?i)\s*\(?(?:request\s?id|service: [^;]+; status code)[:=].*`)

func plain(message string) string {
	message = requestID.ReplaceAllString(blob.ReplaceAllString(message, ""), "")
	if message = strings.TrimSpace(message); message == "" {
		return "no reason given"
	}
	return message
}

// unreachable tells in the same words each time why a call got no answer that
// can be understood.
func unreachable(err error) string {
	if r := responseOf(err); r != nil && r.HTTPStatusCode() >= 300 {
		return fmt.Sprintf("AWS answered with status %d", r.HTTPStatusCode())
	}
	return fault.Unreachable("AWS", err)
}

func responseOf(err error) *smithyhttp.ResponseError {
	r, _ := errors.AsType[*smithyhttp.ResponseError](err)
	return r
}

// retryAfter is how long AWS asked us to wait; it seldom does.
func retryAfter(r *smithyhttp.ResponseError) time.Duration {
	if r == nil || r.Response == nil || r.Response.Response == nil {
		return 0
	}
	return fault.RetryAfter(r.Response.Header)
}
