// SPDX-License-Identifier: Apache-2.0

package account

import (
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

const file = `# made by hand
[default]
aws_access_key_id = AKIDEFAULT
aws_secret_access_key=secret=with=equals/+
region = eu-west-1

[ team ]
AWS_ACCESS_KEY_ID = AKITEAM
aws_secret_access_key = teamsecret
; aws_session_token = old
aws_session_token = token

[broken]
aws_access_key_id = AKIBROKEN
`

func TestKeysOf(t *testing.T) {
	for name, tc := range map[string]struct {
		data map[string]string
		ref  v1alpha1.SecretCredentials
		want string
	}{
		"file":                {map[string]string{"credentials": file}, v1alpha1.SecretCredentials{}, "AKIDEFAULT secret=with=equals/+ "},
		"profile of a file":   {map[string]string{"credentials": file}, v1alpha1.SecretCredentials{Profile: "team"}, "AKITEAM teamsecret token"},
		"file under a key":    {map[string]string{"aws": file, "credentials": "x"}, v1alpha1.SecretCredentials{Key: "aws"}, "AKIDEFAULT secret=with=equals/+ "},
		"keys one by one":     {map[string]string{"access_key_id": "AKI\n", "secret_access_key": " s "}, v1alpha1.SecretCredentials{}, "AKI s "},
		"with a session":      {map[string]string{"access_key_id": "AKI", "secret_access_key": "s", "session_token": "t"}, v1alpha1.SecretCredentials{}, "AKI s t"},
		"Windows line ending": {map[string]string{"credentials": strings.ReplaceAll(file, "\n", "\r\n")}, v1alpha1.SecretCredentials{}, "AKIDEFAULT secret=with=equals/+ "},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := keysOf(bytes(tc.data), tc.ref)
			if got := c.AccessKeyID + " " + c.SecretAccessKey + " " + c.SessionToken; err != nil || got != tc.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func bytes(data map[string]string) map[string][]byte {
	b := map[string][]byte{}
	for k, v := range data {
		b[k] = []byte(v)
	}
	return b
}

func TestMalformedKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		data map[string]string
		ref  v1alpha1.SecretCredentials
		want string
	}{
		"nothing":         {nil, v1alpha1.SecretCredentials{}, "secret aws has neither the key credentials nor access_key_id and secret_access_key"},
		"no such key":     {map[string]string{"other": file}, v1alpha1.SecretCredentials{Key: "aws"}, "secret aws has no key aws"},
		"no such profile": {map[string]string{"credentials": file}, v1alpha1.SecretCredentials{Profile: "nobody"}, "secret aws: key credentials has no section [nobody]"},
		"half a pair": {map[string]string{"credentials": file}, v1alpha1.SecretCredentials{Profile: "broken"},
			"secret aws: section [broken] of key credentials has no access key id or no secret access key"},
		"half a pair, one by one": {
			map[string]string{"secret_access_key": "hidden"}, v1alpha1.SecretCredentials{}, "secret aws: it has no access key id or no secret access key",
		},
		"not a file at all": {map[string]string{"credentials": "hidden"}, v1alpha1.SecretCredentials{}, "secret aws: key credentials has no section [default]"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.ref.Name = "aws"
			_, err := keysOf(bytes(tc.data), tc.ref)
			if f := fault.Of(err); f == nil || f.Reason != contract.ReasonCredentialsMalformed || f.Error() != tc.want {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
