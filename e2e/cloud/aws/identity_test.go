// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// callEach calls something of each service.
func (w *world) callEach(t *testing.T) map[string]error {
	t.Helper()
	_, errSTS := w.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	_, errRDS := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	_, errEC2 := w.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	return map[string]error{"sts": errSTS, "rds": errRDS, "ec2": errEC2}
}

func TestCredentials(t *testing.T) {
	const none = ""
	all := func(code string) map[string]string { return map[string]string{"sts": code, "rds": code, "ec2": code} }
	unknown := map[string]string{"sts": "InvalidClientTokenId", "rds": "InvalidClientTokenId", "ec2": "AuthFailure"}
	mismatch := map[string]string{"sts": "SignatureDoesNotMatch", "rds": "SignatureDoesNotMatch", "ec2": "AuthFailure"}
	tests := map[string]struct {
		id, secret, token, region string
		change                    *iam.Change
		want                      map[string]string
	}{
		"right":         {id: iam.DefaultKeyID, secret: iam.DefaultSecret, want: all(none)},
		"unknown key":   {id: "AKIDOTHER", secret: iam.DefaultSecret, want: unknown},
		"wrong secret":  {id: iam.DefaultKeyID, secret: "guess", want: mismatch},
		"strange token": {id: iam.DefaultKeyID, secret: iam.DefaultSecret, token: "stolen", want: unknown},
		"no such region": {
			id: iam.DefaultKeyID, secret: iam.DefaultSecret, region: "mars-north-1", want: all("SignatureDoesNotMatch"),
		},
		"revoked": {
			id: iam.DefaultKeyID, secret: iam.DefaultSecret, change: &iam.Change{Revoked: new(true)}, want: unknown,
		},
		"rotated, the old one": {
			id: iam.DefaultKeyID, secret: iam.DefaultSecret, change: &iam.Change{Secret: new("new")}, want: mismatch,
		},
		"rotated, the new one": {id: iam.DefaultKeyID, secret: "new", change: &iam.Change{Secret: new("new")}, want: all(none)},
		"expired": {
			id: iam.DefaultKeyID, secret: iam.DefaultSecret, change: &iam.Change{Expires: sdk.Time(time.Now().Add(-time.Hour))},
			want: map[string]string{"sts": "ExpiredToken", "rds": "ExpiredToken", "ec2": "RequestExpired"},
		},
		"denied": {
			id: iam.DefaultKeyID, secret: iam.DefaultSecret, change: &iam.Change{Deny: &[]string{"rds:Describe*", "ec2:*", "sts:*"}},
			want: map[string]string{"sts": none, "rds": "AccessDenied", "ec2": "UnauthorizedOperation"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			if tc.change != nil {
				tc.change.ID = tc.id
				check(t, w.Key(t.Context(), *tc.change))
			}
			if tc.region == "" {
				tc.region = "eu-west-1"
			}
			w.login(t, tc.region, tc.id, tc.secret, tc.token)
			for service, err := range w.callEach(t) {
				wantCode(t, err, tc.want[service])
			}
		})
	}
}

func TestKeysComeBack(t *testing.T) {
	w := start(t)
	check(t, w.Key(t.Context(), iam.Change{ID: iam.DefaultKeyID, Revoked: new(true)}))
	wantCode(t, w.callEach(t)["rds"], "InvalidClientTokenId")
	check(t, w.Key(t.Context(), iam.Change{ID: iam.DefaultKeyID, Revoked: new(false)}))
	wantCode(t, w.callEach(t)["rds"], "")
	for _, key := range must(w.Keys(t.Context()))(t) {
		if key.Secret != "" || key.Token != "" {
			t.Errorf("key %s is listed with its secret", key.ID)
		}
	}
}

func TestUnsigned(t *testing.T) {
	tests := map[string]struct{ body, header, want string }{
		"no signature":      {body: "Action=DescribeDBInstances", want: "MissingAuthenticationToken"},
		"half a signature":  {body: "Action=DescribeDBInstances", header: "AWS4-HMAC-SHA256 Credential=AKIDLOCAL", want: "IncompleteSignature"},
		"another algorithm": {body: "Action=DescribeDBInstances", header: "Basic Zm9vOmJhcg==", want: "IncompleteSignature"},
		"not a form":        {body: "%zz", want: "MalformedQueryString"},
	}
	w := start(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url, strings.NewReader(tc.body)))(t)
			req.Header.Set("Authorization", tc.header)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body := make([]byte, 1000)
			n, _ := res.Body.Read(body)
			if !strings.Contains(string(body[:n]), "<Code>"+tc.want+"</Code>") || res.StatusCode < 400 {
				t.Errorf("got %s: %s, want %s", res.Status, body[:n], tc.want)
			}
		})
	}
}

func TestCallerIdentity(t *testing.T) {
	w := start(t)
	check(t, w.Key(t.Context(), iam.Change{ID: "AKIDTWO", Secret: new("two"), Account: new("000000000002")}))
	w.create(t, "of-one")
	w.login(t, "us-east-1", "AKIDTWO", "two", "")
	who := must(w.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
	if *who.Account != "000000000002" || *who.Arn != "arn:aws:iam::000000000002:user/akidtwo" {
		t.Errorf("got account %s, arn %s", *who.Account, *who.Arn)
	}
	if found := must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{}))(t).DBInstances; len(found) > 0 {
		t.Errorf("another account's instances are visible: %d", len(found))
	}
}

// jwt returns a token of that content; nobody checks its signature.
func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	const role = "arn:aws:iam::000000000007:role/operators/database"
	tests := map[string]struct {
		role, token string
		seconds     *int32
		want        string
	}{
		"right":       {role: role, token: jwt(`{"sub":"system:serviceaccount:a:b","aud":["sts"],"iss":"https://k8s"}`)},
		"short":       {role: role, token: jwt(`{}`), seconds: new(int32(900))},
		"too short":   {role: role, token: jwt(`{}`), seconds: new(int32(899)), want: "ValidationError"},
		"no token":    {role: role, token: "hello", want: "InvalidIdentityToken"},
		"no JSON":     {role: role, token: jwt(`nothing`), want: "InvalidIdentityToken"},
		"no base64":   {role: role, token: "a.!.c", want: "InvalidIdentityToken"},
		"old token":   {role: role, token: jwt(`{"exp":1000}`), want: "ExpiredTokenException"},
		"not a role":  {role: "arn:aws:iam::000000000007:user/bob", token: jwt(`{}`), want: "ValidationError"},
		"not an name": {role: "somebody-or-somebody-else", token: jwt(`{}`), want: "ValidationError"},
	}
	w := start(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := w.sts.AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
				RoleArn: &tc.role, RoleSessionName: new("test"), WebIdentityToken: &tc.token, DurationSeconds: tc.seconds,
			})
			wantCode(t, err, tc.want)
		})
	}
}

// TestWebIdentitySession is what an operator does with a projected token.
func TestWebIdentitySession(t *testing.T) {
	w := start(t)
	token := filepath.Join(t.TempDir(), "token")
	check(t, os.WriteFile(token, []byte(jwt(`{"sub":"operator","aud":"sts.amazonaws.com"}`)), 0o600))
	// The SDK asks for the session before it knows of AWS_ENDPOINT_URL.
	t.Setenv("AWS_ENDPOINT_URL_STS", w.url)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::000000000007:role/operator")
	t.Setenv("AWS_ROLE_SESSION_NAME", "here")
	c := must(config.LoadDefaultConfig(t.Context(), config.WithRegion("us-west-2"), config.WithRetryMaxAttempts(1)))(t)
	who := must(sts.NewFromConfig(c).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
	if want := "arn:aws:sts::000000000007:assumed-role/operator/here"; *who.Arn != want {
		t.Errorf("got %s, want %s", *who.Arn, want)
	}

	client := rds.NewFromConfig(c)
	must(client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{}))(t)
	check(t, w.Advance(t.Context(), 2*time.Hour))
	_, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	wantCode(t, err, "ExpiredToken")
}

func TestAssumeRole(t *testing.T) {
	w := start(t)
	out := must(w.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: new("arn:aws:iam::000000000009:role/reader"), RoleSessionName: new("s"), ExternalId: new("x"),
	}))(t)
	keys := out.Credentials
	w.login(t, "us-east-1", *keys.AccessKeyId, *keys.SecretAccessKey, *keys.SessionToken)
	who := must(w.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
	if *who.Account != "000000000009" {
		t.Errorf("got account %s", *who.Account)
	}
	w.login(t, "us-east-1", *keys.AccessKeyId, *keys.SecretAccessKey, "")
	_, err := w.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	wantCode(t, err, "InvalidClientTokenId")
}

func TestProtocol(t *testing.T) {
	w := start(t)
	t.Run("an operation that is not there", func(t *testing.T) {
		_, err := w.rds.DescribeCertificates(t.Context(), &rds.DescribeCertificatesInput{})
		wantCode(t, err, "InvalidAction")
	})
	t.Run("a parameter that is not modelled", func(t *testing.T) {
		in := newInstance("x")
		in.Domain = new("d-123")
		_, err := w.rds.CreateDBInstance(t.Context(), in)
		wantCode(t, err, "InvalidParameterValue")
		if !strings.Contains(err.Error(), "Domain") {
			t.Errorf("the error does not name the parameter: %v", err)
		}
	})
	t.Run("a proxy's path is signed", func(t *testing.T) {
		u := must(url.Parse(w.url))(t)
		client := rds.New(w.rds.Options(), func(o *rds.Options) { o.BaseEndpoint = sdk.String(u.String() + "/a%20b") })
		must(client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{}))(t)
	})
	t.Run("calls are counted", func(t *testing.T) {
		counts := map[string]int{}
		for _, c := range must(w.Calls(t.Context()))(t) {
			counts[c.Service+":"+c.Operation+" "+c.Outcome] += c.Count
		}
		if counts["rds:DescribeCertificates InvalidAction"] != 1 || counts["rds:DescribeDBInstances "+local.OutcomeOK] != 1 {
			t.Errorf("got %v", counts)
		}
	})
}
