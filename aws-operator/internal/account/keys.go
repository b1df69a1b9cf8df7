// SPDX-License-Identifier: Apache-2.0

package account

import (
	"bufio"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Keys of a Secret that holds access keys one by one.
const (
	keyFile         = "credentials"
	keyAccessKeyID  = "access_key_id"
	keySecretAccess = "secret_access_key"
	keySessionToken = "session_token"
)

const defaultProfile = "default"

// keysOf reads access keys out of a secret's data. Errors say what is missing
// and never what is there.
func keysOf(data map[string][]byte, ref v1alpha1.SecretCredentials) (aws.Credentials, error) {
	keys, where, err := sectionOf(data, ref)
	if err != nil {
		return aws.Credentials{}, err
	}
	c := aws.Credentials{
		AccessKeyID:     keys["aws_access_key_id"],
		SecretAccessKey: keys["aws_secret_access_key"],
		SessionToken:    keys["aws_session_token"],
		Source:          "Secret",
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return aws.Credentials{}, malformed("secret %s: %s has no access key id or no secret access key", ref.Name, where)
	}
	return c, nil
}

// sectionOf returns the access keys by the names that they have in
// ~/.aws/credentials, and where in the secret they were looked for.
func sectionOf(data map[string][]byte, ref v1alpha1.SecretCredentials) (map[string]string, string, error) {
	key := ref.Key
	if _, ok := data[keyFile]; key == "" && ok {
		key = keyFile
	}
	if key == "" {
		return separate(data, ref.Name)
	}
	file, ok := data[key]
	if !ok {
		return nil, "", malformed("secret %s has no key %s", ref.Name, key)
	}
	profile := ref.Profile
	if profile == "" {
		profile = defaultProfile
	}
	keys := section(string(file), profile)
	if keys == nil {
		return nil, "", malformed("secret %s: key %s has no section [%s]", ref.Name, key, profile)
	}
	return keys, "section [" + profile + "] of key " + key, nil
}

func separate(data map[string][]byte, name string) (map[string]string, string, error) {
	if data[keyAccessKeyID] == nil && data[keySecretAccess] == nil {
		return nil, "", malformed("secret %s has neither the key %s nor %s and %s", name, keyFile, keyAccessKeyID, keySecretAccess)
	}
	return map[string]string{
		"aws_access_key_id":     trimmed(data[keyAccessKeyID]),
		"aws_secret_access_key": trimmed(data[keySecretAccess]),
		"aws_session_token":     trimmed(data[keySessionToken]),
	}, "it", nil
}

func trimmed(b []byte) string { return strings.TrimSpace(string(b)) }

// section returns the settings of one section of an INI file, nil if there is
// no such section. Only what access keys need is understood: nothing in the
// file can make the operator run a program or read another file.
func section(file, name string) map[string]string {
	var settings map[string]string
	inside := false
	lines := bufio.NewScanner(strings.NewReader(file))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if title, ok := strings.CutPrefix(line, "["); ok {
			inside = strings.TrimSpace(strings.TrimSuffix(title, "]")) == name
			if inside && settings == nil {
				settings = map[string]string{}
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if inside && ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			settings[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return settings
}

func malformed(format string, args ...any) error {
	return fault.New(fault.Dependency, contract.ReasonCredentialsMalformed, format, args...)
}
