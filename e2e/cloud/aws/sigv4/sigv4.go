// SPDX-License-Identifier: Apache-2.0

// Package sigv4 verifies AWS's Signature Version 4 as a server does:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
)

// Skew is how far a request's date may be from the server's.
const Skew = 15 * time.Minute

// Errors of a signature.
var (
	ErrMalformed = errors.New("the Authorization header is malformed")
	ErrExpired   = errors.New("the signature has expired or is not yet valid")
	ErrMismatch  = errors.New("the signature does not match")
)

// Authorization is what a signed request's header says.
type Authorization struct {
	KeyID   string
	Date    string
	Region  string
	Service string

	signedHeaders []string
	signature     string
}

// Parse reads a request's Authorization header.
func Parse(header string) (Authorization, error) {
	rest, ok := strings.CutPrefix(header, algorithm)
	if !ok {
		return Authorization{}, ErrMalformed
	}
	fields := map[string]string{}
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != terminator || fields["Signature"] == "" {
		return Authorization{}, ErrMalformed
	}
	return Authorization{
		KeyID: scope[0], Date: scope[1], Region: scope[2], Service: scope[3],
		signedHeaders: strings.Split(fields["SignedHeaders"], ";"),
		signature:     fields["Signature"],
	}, nil
}

// Verify checks that the request with that body was signed with secret, at a
// time near now.
func (a Authorization) Verify(r *http.Request, body []byte, secret string, now time.Time) error {
	stamp := r.Header.Get("X-Amz-Date")
	signed, err := a.signedAt(stamp)
	if err != nil {
		return err
	}
	if d := now.Sub(signed); d > Skew || d < -Skew {
		return ErrExpired
	}
	return a.compare(a.canonical(r, r.URL.Query(), body), stamp, secret)
}

// signedAt reads the time of the signature, which is the one in its scope.
func (a Authorization) signedAt(stamp string) (time.Time, error) {
	signed, err := time.Parse("20060102T150405Z", stamp)
	if err != nil || !strings.HasPrefix(stamp, a.Date) || !slices.Contains(a.signedHeaders, "host") {
		return time.Time{}, ErrMalformed
	}
	return signed, nil
}

// compare checks that secret signs the canonical form of a request.
func (a Authorization) compare(canonical, stamp, secret string) error {
	hashed := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{algorithm, stamp, a.scope(), hex.EncodeToString(hashed[:])}, "\n")
	want := hex.EncodeToString(mac(a.key(secret), text))
	if !hmac.Equal([]byte(want), []byte(a.signature)) {
		return ErrMismatch
	}
	return nil
}

func (a Authorization) scope() string {
	return strings.Join([]string{a.Date, a.Region, a.Service, terminator}, "/")
}

func (a Authorization) key(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.Date, a.Region, a.Service, terminator} {
		key = mac(key, part)
	}
	return key
}

func (a Authorization) canonical(r *http.Request, query url.Values, body []byte) string {
	var headers strings.Builder
	for _, name := range a.signedHeaders {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	payload := sha256.Sum256(body)
	return strings.Join([]string{
		r.Method, canonicalPath(r.URL), canonicalQuery(query),
		headers.String(), strings.Join(a.signedHeaders, ";"), hex.EncodeToString(payload[:]),
	}, "\n")
}

func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := make([]string, 0, 1)
	for _, v := range r.Header.Values(name) {
		values = append(values, strings.Join(strings.Fields(v), " "))
	}
	return strings.Join(values, ",")
}

// canonicalPath escapes the path once more than it is on the wire, as all
// services but S3 want it.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	return strings.ReplaceAll(escape(path), "%2F", "/")
}

func canonicalQuery(q url.Values) string {
	for _, values := range q {
		slices.Sort(values)
	}
	return strings.ReplaceAll(q.Encode(), "+", "%20")
}

// escape leaves letters, digits and -._~ alone.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
