// SPDX-License-Identifier: Apache-2.0

package sigv4_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/sigv4"
)

const (
	body = "Action=GetCallerIdentity&Version=2011-06-15"
	// bodyHash is the SHA-256 of body.
	bodyHash = "ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843"
)

// signed returns a request that the SDK's own signer signed.
func signed(t *testing.T, at time.Time) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:99/a%20b?z=1&a=x+y&a=%2F", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Padded", "  two   words ")
	key := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}
	if err := v4.NewSigner().SignHTTP(t.Context(), key, r, bodyHash, "sts", "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerify(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		secret string
		body   string
		at     time.Time
		tamper func(*http.Request)
		want   error
	}{
		"right":                 {want: nil},
		"wrong secret":          {secret: "guess", want: sigv4.ErrMismatch},
		"another body":          {body: body + "&Evil=1", want: sigv4.ErrMismatch},
		"another path":          {tamper: func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/c", "" }, want: sigv4.ErrMismatch},
		"another query":         {tamper: func(r *http.Request) { r.URL.RawQuery = "z=2" }, want: sigv4.ErrMismatch},
		"another host":          {tamper: func(r *http.Request) { r.Host = "evil" }, want: sigv4.ErrMismatch},
		"a signed header":       {tamper: func(r *http.Request) { r.Header.Set("X-Padded", "three") }, want: sigv4.ErrMismatch},
		"too old":               {at: now.Add(16 * time.Minute), want: sigv4.ErrExpired},
		"from the future":       {at: now.Add(-16 * time.Minute), want: sigv4.ErrExpired},
		"a little slow":         {at: now.Add(14 * time.Minute), want: nil},
		"no date":               {tamper: func(r *http.Request) { r.Header.Del("X-Amz-Date") }, want: sigv4.ErrMalformed},
		"a date of another day": {tamper: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260302T120000Z") }, want: sigv4.ErrMalformed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := signed(t, now)
			auth, err := sigv4.Parse(r.Header.Get("Authorization"))
			if err != nil {
				t.Fatal(err)
			}
			if auth.KeyID != "AKID" || auth.Region != "us-east-1" || auth.Service != "sts" {
				t.Errorf("parsed %+v", auth)
			}
			if tc.tamper != nil {
				tc.tamper(r)
			}
			if tc.secret == "" {
				tc.secret = "secret"
			}
			if tc.body == "" {
				tc.body = body
			}
			if tc.at.IsZero() {
				tc.at = now
			}
			if err := auth.Verify(r, []byte(tc.body), tc.secret, tc.at); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for name, header := range map[string]string{
		"empty":             "",
		"another algorithm": "Basic abc",
		"no signature":      "AWS4-HMAC-SHA256 Credential=A/20260301/us-east-1/sts/aws4_request, SignedHeaders=host",
		"no scope":          "AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host, Signature=00",
		"another end":       "AWS4-HMAC-SHA256 Credential=A/20260301/us-east-1/sts/aws5, SignedHeaders=host, Signature=00",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := sigv4.Parse(header); !errors.Is(err, sigv4.ErrMalformed) {
				t.Errorf("got %v", err)
			}
		})
	}
}
