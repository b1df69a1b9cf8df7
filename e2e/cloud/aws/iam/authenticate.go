// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sigv4"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Authenticate returns the key that signed the request. Sessions expire by the
// cloud's clock; signatures age by the real one, which is what signers know.
func (k *Keys) Authenticate(r *http.Request, body []byte, auth sigv4.Authorization, now time.Time) (Key, error) {
	key, ok := k.Lookup(auth.KeyID)
	if !ok || key.Revoked {
		return Key{}, unknownToken(auth.Service)
	}
	if err := auth.Verify(r, body, key.Secret, time.Now()); err != nil {
		return Key{}, badSignature(auth.Service, err)
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if subtle.ConstantTimeCompare([]byte(token), []byte(key.Token)) != 1 {
		return Key{}, unknownToken(auth.Service)
	}
	if !key.Expires.IsZero() && !now.Before(key.Expires) {
		return Key{}, expiredToken(auth.Service)
	}
	return key, nil
}

// Authorize says whether the key's owner may call the operation.
func (k Key) Authorize(service, operation string) error {
	action := service + ":" + operation
	if action == "sts:GetCallerIdentity" || !k.Denies(action) {
		return nil
	}
	if service == "ec2" {
		return refuse("UnauthorizedOperation", "You are not authorized to perform this operation. User: "+k.ARN+
			" is not authorized to perform: "+action+" because no identity-based policy allows the "+action+" action")
	}
	return refuse("AccessDenied", "User: "+k.ARN+" is not authorized to perform: "+action+
		" because no identity-based policy allows the "+action+" action")
}

// EC2 has codes of its own for what other services refuse alike:
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-errors-common.html
func unknownToken(service string) error {
	if service == "ec2" {
		return notValidated()
	}
	return refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
}

func badSignature(service string, err error) error {
	if errors.Is(err, sigv4.ErrMalformed) {
		return &local.Error{Code: "IncompleteSignature", Message: "The request signature does not conform to AWS standards.", Status: http.StatusBadRequest}
	}
	if service == "ec2" {
		return notValidated()
	}
	if errors.Is(err, sigv4.ErrExpired) {
		return refuse("SignatureDoesNotMatch", "Signature expired or not yet current.")
	}
	return refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

func expiredToken(service string) error {
	if service == "ec2" {
		return &local.Error{Code: "RequestExpired", Message: "Request has expired.", Status: http.StatusBadRequest}
	}
	return refuse("ExpiredToken", "The security token included in the request is expired")
}

func notValidated() error {
	return &local.Error{
		Code: "AuthFailure", Message: "AWS was not able to validate the provided access credentials",
		Status: http.StatusUnauthorized,
	}
}

func refuse(code, message string) error {
	return &local.Error{Code: code, Message: message, Status: http.StatusForbidden}
}
