// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// answered is an error as the SDK returns it.
func answered(operation string, status int, header http.Header, err error) error {
	return &smithy.OperationError{ServiceID: "RDS", OperationName: operation, Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header}}, Err: err,
	}}
}

func code(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }

var classified = map[string]struct {
	err           error
	class         fault.Class
	reason, words string
	after         time.Duration
}{
	"typed": {
		err:   answered("DescribeDBInstances", 404, nil, &types.DBInstanceNotFoundFault{Message: new("DBInstance db not found.")}),
		class: fault.Gone, reason: contract.ReasonGone, words: "DescribeDBInstances: DBInstance db not found. (DBInstanceNotFound)",
	},
	"what the resource refers to is gone": {
		err:   answered("CreateDBInstance", 404, nil, &types.DBSubnetGroupNotFoundFault{Message: new("DBSubnetGroup private not found.")}),
		class: fault.Dependency, reason: contract.ReasonReferenceNotReady,
		words: "CreateDBInstance: DBSubnetGroup private not found. (DBSubnetGroupNotFoundFault)",
	},
	"source of a restore is gone": {
		err:   answered("RestoreDBInstanceFromDBSnapshot", 404, nil, code("DBSnapshotNotFound", "no such snapshot")),
		class: fault.Dependency, reason: contract.ReasonReferenceNotReady, words: "RestoreDBInstanceFromDBSnapshot: no such snapshot (DBSnapshotNotFound)",
	},
	"parameter group of a change is gone": {
		err:   answered("ModifyDBInstance", 404, nil, code("DBParameterGroupNotFound", "no such group")),
		class: fault.Dependency, reason: contract.ReasonReferenceNotReady, words: "ModifyDBInstance: no such group (DBParameterGroupNotFound)",
	},
	"no such region": {
		err:   answered("CreateDBInstance", 403, nil, code("SignatureDoesNotMatch", "Credential should be scoped to a valid region.")),
		class: fault.Invalid, reason: contract.ReasonInvalid,
		words: "CreateDBInstance: AWS has no such region, or it is not enabled for this account (SignatureDoesNotMatch)",
	},
	"changed thing is gone": {
		err:   answered("ModifyDBSubnetGroup", 404, nil, code("DBSubnetGroupNotFoundFault", "gone")),
		class: fault.Gone, reason: contract.ReasonGone, words: "ModifyDBSubnetGroup: gone (DBSubnetGroupNotFoundFault)",
	},
	"name taken": {
		err:   answered("CreateDBInstance", 400, nil, code("DBInstanceAlreadyExists", "DB instance already exists")),
		class: fault.Exists, reason: contract.ReasonForeignResource, words: "CreateDBInstance: DB instance already exists (DBInstanceAlreadyExists)",
	},
	"version refused": {
		err:   answered("CreateDBInstance", 400, nil, code("InvalidParameterCombination", "Cannot find version 9.9 for mysql")),
		class: fault.Invalid, reason: contract.ReasonInvalid, words: "CreateDBInstance: Cannot find version 9.9 for mysql (InvalidParameterCombination)",
	},
	"storage still settling": {
		err:   answered("ModifyDBInstance", 400, nil, code("InvalidParameterCombination", "The storage change is being optimized.")),
		class: fault.Conflict, reason: contract.ReasonConflict, words: "ModifyDBInstance: The storage change is being optimized. (InvalidParameterCombination)",
	},
	"busy": {
		err:   answered("ModifyDBInstance", 400, nil, code("InvalidDBInstanceState", "not available")),
		class: fault.Conflict, reason: contract.ReasonConflict, words: "ModifyDBInstance: not available (InvalidDBInstanceState)",
	},
	"in use": {
		err:   answered("DeleteSecurityGroup", 400, nil, code("DependencyViolation", "has a dependent object")),
		class: fault.Dependency, reason: contract.ReasonDependency, words: "DeleteSecurityGroup: has a dependent object (DependencyViolation)",
	},
	"throttled, and told for how long": {
		err:   answered("DescribeDBInstances", 400, http.Header{"Retry-After": {"7"}}, code("Throttling", "Rate exceeded")),
		class: fault.Throttled, reason: contract.ReasonThrottled, words: "DescribeDBInstances: Rate exceeded (Throttling)", after: 7 * time.Second,
	},
	"throttled by EC2": {
		err:   answered("DescribeSecurityGroups", 503, nil, code("RequestLimitExceeded", "")),
		class: fault.Throttled, reason: contract.ReasonThrottled, words: "DescribeSecurityGroups: no reason given (RequestLimitExceeded)",
	},
	"quota": {
		err:   answered("CreateDBInstance", 400, nil, code("InstanceQuotaExceeded", "too many")),
		class: fault.Quota, reason: contract.ReasonQuotaExceeded, words: "CreateDBInstance: too many (InstanceQuotaExceeded)",
	},
	"a quota newer than this version": {
		err:   answered("CreateDBInstance", 400, nil, code("DBSomethingQuotaExceeded", "too many")),
		class: fault.Quota, reason: contract.ReasonQuotaExceeded, words: "CreateDBInstance: too many (DBSomethingQuotaExceeded)",
	},
	"no capacity": {
		err:   answered("CreateDBInstance", 400, nil, code("InsufficientDBInstanceCapacity", "none left")),
		class: fault.Capacity, reason: contract.ReasonCapacity, words: "CreateDBInstance: none left (InsufficientDBInstanceCapacity)",
	},
	"forbidden by EC2, with a text that is another one each time": {
		err: answered("CreateSecurityGroup", 403, nil, code("UnauthorizedOperation",
			"You are not authorized to perform this operation. Encoded authorization failure message: 4mcZ7k")),
		class: fault.Permission, reason: contract.ReasonPermissionDenied,
		words: "CreateSecurityGroup: You are not authorized to perform this operation. (UnauthorizedOperation)",
	},
	"a refusal newer than this version": {
		err:   answered("CreateDBInstance", 403, nil, code("Nope", "no")),
		class: fault.Permission, reason: contract.ReasonPermissionDenied, words: "CreateDBInstance: no (Nope)",
	},
	"credentials refused": {
		err:   answered("GetCallerIdentity", 403, nil, code("InvalidClientTokenId", "The security token included in the request is invalid.")),
		class: fault.Permission, reason: contract.ReasonCredentialsRefused,
		words: "GetCallerIdentity: AWS does not know the access key, or it was deactivated (InvalidClientTokenId)",
	},
	"signature, with a time in the message": {
		err:   answered("GetCallerIdentity", 403, nil, code("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 2026")),
		class: fault.Permission, reason: contract.ReasonCredentialsRefused,
		words: "GetCallerIdentity: the secret access key does not belong to the access key id, or the operator's clock is wrong (SignatureDoesNotMatch)",
	},
	"malformed id": {
		err:   answered("DescribeSecurityGroups", 400, nil, code("InvalidGroupId.Malformed", "Invalid id")),
		class: fault.Invalid, reason: contract.ReasonInvalid, words: "DescribeSecurityGroups: Invalid id (InvalidGroupId.Malformed)",
	},
	"request id in the message": {
		err:   answered("DescribeDBInstances", 500, nil, code("InternalFailure", "An internal error has occurred. (RequestId: 1-2-3)")),
		class: fault.Transient, reason: contract.ReasonCloudUnreachable, words: "DescribeDBInstances: An internal error has occurred. (InternalFailure)",
	},
	"unknown": {
		err:   answered("DescribeDBInstances", 400, nil, code("Surprise", "boo")),
		class: fault.Transient, reason: contract.ReasonCloudUnreachable, words: "DescribeDBInstances: boo (Surprise)",
	},
	"gateway": {
		err:   answered("DescribeDBInstances", 502, nil, errors.New("unexpected <html>")),
		class: fault.Transient, reason: contract.ReasonCloudUnreachable, words: "DescribeDBInstances: AWS answered with status 502",
	},
	"connection refused, from another port each time": {
		err: &smithy.OperationError{ServiceID: "RDS", OperationName: "DescribeDBInstances", Err: &smithyhttp.RequestSendError{
			Err: &url.Error{Op: "Post", URL: "https://rds.example.org/?x=1", Err: &net.OpError{
				Op: "dial", Net: "tcp", Source: &net.TCPAddr{Port: 50123}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
			}},
		}},
		class: fault.Transient, reason: contract.ReasonCloudUnreachable,
		words: "DescribeDBInstances: no answer from https://rds.example.org: connection refused",
	},
	"no such host": {
		err: &smithy.OperationError{OperationName: "DescribeDBInstances", Err: &url.Error{
			URL: "https://rds.nowhere.example.org/", Err: &net.DNSError{Err: "no such host", Server: "127.0.0.1:5353"},
		}},
		class: fault.Transient, reason: contract.ReasonCloudUnreachable,
		words: "DescribeDBInstances: no answer from https://rds.nowhere.example.org: no such host",
	},
	"too slow": {
		err:   &smithy.OperationError{OperationName: "DescribeDBInstances", Err: fmt.Errorf("canceled, %w", context.DeadlineExceeded)},
		class: fault.Transient, reason: contract.ReasonCloudUnreachable, words: "DescribeDBInstances: no answer from AWS: it took too long",
	},
	"ours": {
		err:   fmt.Errorf("wrapped: %w", fault.New(fault.Dependency, contract.ReasonProviderNotReady, "not yet")),
		class: fault.Dependency, reason: contract.ReasonProviderNotReady, words: "not yet",
	},
}

func TestClassify(t *testing.T) {
	for name, tc := range classified {
		t.Run(name, func(t *testing.T) {
			got := fault.Of(Classify(tc.err))
			if got.Class != tc.class || got.ConditionReason() != tc.reason || got.Error() != tc.words || got.RetryAfter != tc.after {
				t.Errorf("got %s, %s, %s, %q\nwant %s, %s, %s, %q", got.Class, got.ConditionReason(), got.RetryAfter, got, tc.class, tc.reason, tc.after, tc.words)
			}
		})
	}
	if Classify(nil) != nil {
		t.Error("no error has no class")
	}
}

func TestQuestionsAboutErrors(t *testing.T) {
	if !IsNotFound(code("InvalidGroup.NotFound", "")) || IsNotFound(nil) || IsNotFound(errors.New("boo")) {
		t.Error("IsNotFound")
	}
	if !IsSnapshotTaken(&types.DBSnapshotAlreadyExistsFault{}) || IsSnapshotTaken(nil) {
		t.Error("IsSnapshotTaken")
	}
	if !IsRuleThere(code("InvalidPermission.Duplicate", "")) || !IsRuleGone(code("InvalidPermission.NotFound", "")) || IsRuleGone(code("x", "")) {
		t.Error("IsRuleThere, IsRuleGone")
	}
}

func TestEachCodeHasOneClass(t *testing.T) {
	if len(classes) < 80 {
		t.Errorf("%d codes: some are listed twice or lost", len(classes))
	}
	for code := range refused {
		if classes[code] != fault.Permission {
			t.Errorf("%s says something about credentials and is %q", code, classes[code])
		}
	}
}
