// SPDX-License-Identifier: Apache-2.0

package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Parameters of a pre-signed URL.
const (
	parameterSignature = "X-Amz-Signature"
	parameterExpires   = "X-Amz-Expires"
)

// Presigned is what a pre-signed URL says of its signature:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type Presigned struct {
	Authorization

	// Signed is when it was signed, by the signer's clock.
	Signed time.Time
	// Expires is for how long the signer wants it to be good.
	Expires time.Duration

	stamp string
}

// ParseURL reads the parameters of a pre-signed URL.
func ParseURL(u *url.URL) (Presigned, error) {
	q := u.Query()
	scope := strings.Split(q.Get("X-Amz-Credential"), "/")
	if q.Get("X-Amz-Algorithm") != algorithm || len(scope) != 5 || scope[4] != terminator || q.Get(parameterSignature) == "" {
		return Presigned{}, ErrMalformed
	}
	p := Presigned{stamp: q.Get("X-Amz-Date"), Authorization: Authorization{
		KeyID: scope[0], Date: scope[1], Region: scope[2], Service: scope[3],
		signedHeaders: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"), signature: q.Get(parameterSignature),
	}}
	seconds, err := strconv.Atoi(q.Get(parameterExpires))
	if err != nil || seconds < 0 {
		return Presigned{}, ErrMalformed
	}
	p.Expires = time.Duration(seconds) * time.Second
	if p.Signed, err = p.signedAt(p.stamp); err != nil {
		return Presigned{}, err
	}
	return p, nil
}

// Verify checks that the request, which has no body, was signed with secret. For
// how long that is good is for the caller to say.
func (p Presigned) Verify(r *http.Request, secret string) error {
	q := r.URL.Query()
	q.Del(parameterSignature)
	return p.compare(p.canonical(r, q, nil), p.stamp, secret)
}

// Signs says whether a header is among those that were signed.
func (a Authorization) Signs(header string) bool {
	for _, name := range a.signedHeaders {
		if name == strings.ToLower(header) {
			return true
		}
	}
	return false
}
