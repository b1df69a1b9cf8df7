// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// refusal is an error as Google's APIs write it
// (https://cloud.google.com/apis/design/errors, with the older list of errors
// that Cloud SQL, Compute Engine and Kubernetes Engine have beside it).
type refusal struct {
	Error refusalBody `json:"error"`
}

type refusalBody struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Errors  []refusalDetail `json:"errors,omitempty"`
	Status  string          `json:"status,omitempty"`
	Details []errorInfo     `json:"details,omitempty"`
}

type refusalDetail struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
	Reason  string `json:"reason"`
}

type errorInfo struct {
	Type   string `json:"@type"`
	Reason string `json:"reason"`
	Domain string `json:"domain"`
}

// OAuthError is an error as token endpoints write it (RFC 6749).
type OAuthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// WriteRefusal answers with an error in the form that the service has.
func WriteRefusal(w http.ResponseWriter, service string, e *local.Error) {
	var body any
	switch service {
	case "oauth2", "sts":
		body = OAuthError{Code: e.Code, Description: e.Message}
	case "sqladmin", "compute", "container":
		body = refusal{refusalBody{
			Code: e.Status, Message: e.Message, Status: canonical(e.Status),
			Errors: []refusalDetail{{Message: e.Message, Domain: "global", Reason: e.Code}},
		}}
	default:
		body = refusal{refusalBody{
			Code: e.Status, Message: e.Message, Status: canonical(e.Status),
			Details: []errorInfo{{Type: "type.googleapis.com/google.rpc.ErrorInfo", Reason: e.Code, Domain: "googleapis.com"}},
		}}
	}
	Write(w, e.Status, body)
}

// Write answers with v as JSON.
func Write(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":{"code":500,"message":"the answer can't be written"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	// A caller that has gone away is no fault of ours.
	_, _ = w.Write(text)
}

// canonical is the name of a status in google.rpc.Code.
func canonical(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusConflict:
		return "ALREADY_EXISTS"
	case http.StatusPreconditionFailed:
		return "FAILED_PRECONDITION"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	}
	return "INTERNAL"
}
