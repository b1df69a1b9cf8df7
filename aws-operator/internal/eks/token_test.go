// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

func decoded(token string) string {
	url, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, tokenPrefix))
	if err != nil {
		return err.Error()
	}
	return string(url)
}

func TestTokenIsASignedRequest(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	text, expires, err := token(t.Context(), signing(), "shop", now)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(decoded(text))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	got := map[string]string{"host": u.Host}
	for _, key := range []string{"Action", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Credential"} {
		got[key] = q.Get(key)
	}
	want := map[string]string{
		"host": "sts.eu-west-1.amazonaws.com", "Action": "GetCallerIdentity", "X-Amz-Date": "20260301T120000Z", "X-Amz-Expires": "60",
		"X-Amz-SignedHeaders": "host;x-k8s-aws-id", "X-Amz-Credential": "AKIDTEST/20260301/eu-west-1/sts/aws4_request",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if expires != now.Add(14*time.Minute) {
		t.Errorf("expires %s", expires)
	}
}

func TestTokenEndsWithTheSessionThatSignedIt(t *testing.T) {
	now := time.Now()
	cfg := signing()
	keys := aws.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "s", SessionToken: "t", CanExpire: true, Expires: now.Add(5 * time.Minute)}
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
	_, expires, err := token(t.Context(), cfg, "shop", now)
	if err != nil || !expires.Equal(keys.Expires) {
		t.Errorf("expires %s, %v; want %s", expires, err, keys.Expires)
	}
}
