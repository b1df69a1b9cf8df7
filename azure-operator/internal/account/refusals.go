// SPDX-License-Identifier: Apache-2.0

package account

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// refusals are the identity platform's error codes that people meet, in our
// words: its own contain times and ids that are different each time. The codes
// are documented in "Microsoft Entra authentication and authorization error codes".
//
//nolint:gochecknoglobals // a table
var refusals = map[string]string{
	"7000215": "the client secret is wrong: the secret's value is needed, not its id",
	"7000222": "the client secret has expired, or was revoked",
	"7000216": "the application has no such secret or assertion",
	"7000112": "the application is disabled",
	"700016":  "there is no application with this client id in the tenant",
	"700024":  "the service account token has expired, or the operator's clock is wrong",
	"700213":  "the application has no federated credential for the operator's service account",
	"70021":   "the application has no federated credential for the operator's service account",
	"700211":  "the application has no federated credential for the issuer of the service account token",
	"700212":  "the application has no federated credential for the audience of the service account token",
	"50027":   "the service account token is not one that Azure can read",
	"90002":   "there is no tenant with this id",
	"900023":  "there is no tenant with this id",
	"53003":   "a conditional access policy blocks the application",
	"500011":  "the Resource Manager's audience is not known in this tenant",
}

var refusalCode = regexp.MustCompile(`AADSTS(\d+)`)

// untold turns an error of getting a token into one for the person who can act.
func untold(err error) error {
	if code := refusalCode.FindStringSubmatch(err.Error()); code != nil {
		return refused(code[1])
	}
	if _, unreachableYet := errors.AsType[*url.Error](err); unreachableYet {
		return &fault.Error{Class: fault.Transient, Err: fault.Said("", fault.Unreachable("Azure", err))}
	}
	failed, answered := errors.AsType[*azidentity.AuthenticationFailedError](err)
	switch {
	case errors.Is(err, os.ErrNotExist), strings.Contains(err.Error(), syscall.ENOENT.Error()):
		return fault.New(fault.Dependency, contract.ReasonCredentialsMissing, "the operator has no service account token: --federated-token-file names no file")
	case answered && failed.RawResponse != nil && failed.RawResponse.StatusCode >= http.StatusInternalServerError,
		answered && failed.RawResponse != nil && failed.RawResponse.StatusCode == http.StatusTooManyRequests:
		return &fault.Error{Class: fault.Transient, RetryAfter: retryAfter(failed.RawResponse),
			Err: fault.Said("", "the identity platform is not able to issue tokens just now")}
	case answered && failed.RawResponse != nil:
		return fault.New(fault.Permission, contract.ReasonCredentialsRefused, "Azure issues no token for these credentials (status %d)", failed.RawResponse.StatusCode)
	case answered:
		return &fault.Error{Class: fault.Transient, Err: fault.Said("", "no answer from the identity platform: "+network(err))}
	default:
		return missing(err)
	}
}

// unreached are the words of a network for why there is no answer; the SDK hands
// on nothing but a text.
var unreached = regexp.MustCompile(`connection refused|connection reset|no such host|i/o timeout|deadline exceeded|x509: [a-z -]+`)

func network(err error) string {
	if why := unreached.FindString(err.Error()); why != "" {
		return strings.TrimSpace(why)
	}
	return "the connection failed"
}

// refused says why the identity platform issues no token.
func refused(code string) error {
	words, known := refusals[code]
	switch {
	case known:
	case strings.HasPrefix(code, "9003"), code == "90055", code == "90051":
		return &fault.Error{Class: fault.Transient, Code: "AADSTS" + code,
			Err: fault.Said("", "the identity platform is not able to issue tokens just now (AADSTS"+code+")")}
	default:
		words = "Azure issues no token for these credentials"
	}
	f := fault.New(fault.Permission, contract.ReasonCredentialsRefused, "%s (AADSTS%s)", words, code)
	f.Code = "AADSTS" + code
	return f
}

// messageOf returns the sentence of a refusal, without what follows it.
func messageOf(r *azcore.ResponseError) string {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Details []struct {
				Message string `json:"message"`
			} `json:"details"`
		} `json:"error"`
		Message string `json:"message"`
	}
	if r.RawResponse != nil && r.RawResponse.Body != nil {
		text, err := io.ReadAll(r.RawResponse.Body)
		if err == nil {
			_ = json.Unmarshal(text, &body) // not JSON: there is no sentence
		}
		r.RawResponse.Body = io.NopCloser(strings.NewReader(string(text)))
	}
	message := body.Error.Message
	if message == "" {
		message = body.Message
	}
	return plain(message)
}

// varying is what some services end their sentences with.
var varying = regexp.MustCompile(`(?i)\s*(\(?(?:tracking|correlation|request|activity|trace|operation)[ -]?id\b|timestamp:|if access was recently granted|for more details please go to).*`)

func plain(message string) string {
	message = strings.Trim(strings.TrimSpace(varying.ReplaceAllString(message, "")), `"'`)
	if message == "" {
		return "no reason given"
	}
	return message
}
