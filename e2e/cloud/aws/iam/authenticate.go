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
	return key, key.check(r.Header.Get(securityToken), auth.Service, now)
}

// AuthenticateURL returns the key that pre-signed the request. A session's
// token is one of its parameters.
func (k *Keys) AuthenticateURL(r *http.Request, p sigv4.Presigned, now time.Time) (Key, error) {
	key, ok := k.Lookup(p.KeyID)
	if !ok || key.Revoked {
		return Key{}, unknownToken(p.Service)
	}
	if err := p.Verify(r, key.Secret); err != nil {
		return Key{}, badSignature(p.Service, err)
	}
	return key, key.check(r.URL.Query().Get(securityToken), p.Service, now)
}

// securityToken is where a request has the token of a session, as a header or as
// a parameter.
const securityToken = "X-Amz-Security-Token" //nolint:gosec // G101: the name of it

// check says whether a session's token is the key's, and good still.
func (k Key) check(token, service string, now time.Time) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte(k.Token)) != 1 {
		return unknownToken(service)
	}
	if !k.Expires.IsZero() && !now.Before(k.Expires) {
		return expiredToken(service)
	}
	return nil
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
	code := "AccessDenied"
	if restful(service) {
		code = "AccessDeniedException"
	}
	return refuse(code, "User: "+k.ARN+" is not authorized to perform: "+action+
		" because no identity-based policy allows the "+action+" action")
}

// restful says whether the service speaks REST-JSON. Those have other words for
// common errors: https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
func restful(service string) bool { return service == "eks" }

// Missing is how the service refuses a request without a signature.
func Missing(service string) error {
	if restful(service) {
		return refuse("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	return refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
}

// BadRegion is how the service refuses a signature for a region that there is not.
func BadRegion(service string) error {
	return badScope(service, "Credential should be scoped to a valid region.")
}

func badScope(service, message string) error {
	if restful(service) {
		return refuse("InvalidSignatureException", message)
	}
	return refuse("SignatureDoesNotMatch", message)
}

// EC2 has codes of its own for what other services refuse alike:
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-errors-common.html
func unknownToken(service string) error {
	if service == "ec2" {
		return notValidated()
	}
	if restful(service) {
		return refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
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
		return badScope(service, "Signature expired or not yet current.")
	}
	return badScope(service, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

func expiredToken(service string) error {
	if service == "ec2" {
		return &local.Error{Code: "RequestExpired", Message: "Request has expired.", Status: http.StatusBadRequest}
	}
	if restful(service) {
		return refuse("ExpiredTokenException", "The security token included in the request is expired")
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
