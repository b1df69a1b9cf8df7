// SPDX-License-Identifier: Apache-2.0

package sts

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// How long sessions last, in seconds.
const (
	defaultDuration = 3600
	leastDuration   = 900
	mostDuration    = 43200
)

type assumeRoleInput struct {
	RoleArn         string
	RoleSessionName string
	DurationSeconds *int32
	ExternalID      string `query:"ExternalId"`
	Policy          string
}

type webIdentityInput struct {
	RoleArn          string
	RoleSessionName  string
	DurationSeconds  *int32
	WebIdentityToken string
	ProviderID       string `query:"ProviderId"`
	Policy           string
}

type session struct {
	Credentials     credentials
	AssumedRoleUser assumedRoleUser
	Subject         string `xml:"SubjectFromWebIdentityToken,omitempty"`
	Audience        string `xml:",omitempty"`
	Provider        string `xml:",omitempty"`
}

type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

type assumedRoleUser struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	Arn           string
}

func (s *Service) assumeRole(_ *query.Request, in *assumeRoleInput) (*session, error) {
	return s.issue(in.RoleArn, in.RoleSessionName, in.DurationSeconds)
}

func (s *Service) assumeRoleWithWebIdentity(_ *query.Request, in *webIdentityInput) (*session, error) {
	claims, err := readToken(in.WebIdentityToken, s.cloud.Clock.Now())
	if err != nil {
		return nil, err
	}
	out, err := s.issue(in.RoleArn, in.RoleSessionName, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	out.Subject, out.Audience, out.Provider = claims.Subject, claims.audience(), claims.Issuer
	return out, nil
}

// issue makes the keys of a new session of the role.
func (s *Service) issue(role, name string, seconds *int32) (*session, error) {
	account, roleName, err := parseRole(role)
	if err != nil {
		return nil, err
	}
	lasts, err := duration(seconds)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, invalid("RoleSessionName must not be empty.")
	}
	key := iam.Key{
		ID: "ASIA" + rand.Text()[:16], Secret: rand.Text() + rand.Text(), Token: rand.Text() + rand.Text(), Account: account,
		ARN:     "arn:aws:sts::" + account + ":assumed-role/" + roleName + "/" + name,
		UserID:  "AROA" + strings.ToUpper(roleName) + ":" + name,
		Expires: s.cloud.Clock.Now().Add(lasts).Truncate(time.Second),
	}
	s.keys.Put(key)
	return &session{
		Credentials:     credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token, Expiration: key.Expires},
		AssumedRoleUser: assumedRoleUser{AssumedRoleID: key.UserID, Arn: key.ARN},
	}, nil
}

// parseRole splits arn:aws:iam::123456789012:role/path/name.
func parseRole(arn string) (account, name string, err error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || len(parts[4]) != 12 || !strings.HasPrefix(parts[5], "role/") {
		return "", "", invalid(arn + " is invalid")
	}
	return parts[4], parts[5][strings.LastIndexByte(parts[5], '/')+1:], nil
}

func duration(seconds *int32) (time.Duration, error) {
	if seconds == nil {
		return defaultDuration * time.Second, nil
	}
	if *seconds < leastDuration || *seconds > mostDuration {
		return 0, invalid("The requested DurationSeconds is out of range: 900 to 43200.")
	}
	return time.Duration(*seconds) * time.Second, nil
}

func invalid(message string) error {
	return &local.Error{Code: "ValidationError", Message: message, Status: http.StatusBadRequest}
}
