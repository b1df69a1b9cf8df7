// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"crypto/rand"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// How long sessions of a role may last, in seconds: at least, unless said
// otherwise, and at most.
const (
	leastSession   = 3600
	defaultSession = leastSession
	mostSession    = 43200
)

// role is a role: what the API shows and what it does not.
type role struct {
	name, path, id, arn string
	created             time.Time
	description         string
	session             int32 // seconds
	boundary            string
	trust               trust
	tags                []tag
	policies            local.Table[attachedPolicy] // by ARN
}

// roleView is a role as the API shows it. The document is percent-encoded.
type roleView struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int32
	PermissionsBoundary      *boundaryView `xml:",omitempty"`
	Tags                     []tag         `xml:"Tags>member"`
}

type boundaryView struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type roleResult struct{ Role roleView }

type createInput struct {
	RoleName                 string
	Path                     string
	AssumeRolePolicyDocument string
	Description              string
	MaxSessionDuration       *int32
	PermissionsBoundary      string
	Tags                     []tag
}

type nameInput struct{ RoleName string }

func (r *role) view() roleView {
	v := roleView{
		Path: r.path, RoleName: r.name, RoleID: r.id, Arn: r.arn, CreateDate: r.created, Description: r.description,
		AssumeRolePolicyDocument: strings.ReplaceAll(url.QueryEscape(r.trust.document), "+", "%20"),
		MaxSessionDuration:       r.session, Tags: r.tags,
	}
	if r.boundary != "" {
		v.PermissionsBoundary = &boundaryView{PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: r.boundary}
	}
	return v
}

func (s *Roles) create(r *query.Request, in *createInput) (*roleResult, error) {
	made, err := s.newRole(r, in)
	if err != nil {
		return nil, err
	}
	roles := s.in(r.Account)
	if _, exists := roles.Get(strings.ToLower(in.RoleName)); exists {
		return nil, conflict("EntityAlreadyExists", "Role with name %s already exists.", in.RoleName)
	}
	if s.cloud.Settings.Exceeds("iam:roles", roles.Len()+1) {
		return nil, conflict("LimitExceeded", "Cannot exceed quota for RolesPerAccount: %d", s.cloud.Settings.Quota("iam:roles"))
	}
	roles.Put(strings.ToLower(in.RoleName), made)
	s.cloud.HideNew(made.arn, r.Effect)
	s.record(r, made.name, local.Created)
	return &roleResult{made.view()}, nil
}

// newRole checks what is asked for, and describes what will be.
func (s *Roles) newRole(r *query.Request, in *createInput) (*role, error) {
	made := &role{
		name: in.RoleName, path: in.Path, id: "AROA" + rand.Text()[:17], created: s.cloud.Clock.Now().Truncate(time.Second),
		description: in.Description, session: orElse(in.MaxSessionDuration, defaultSession), boundary: in.PermissionsBoundary,
	}
	if made.path == "" {
		made.path = "/"
	}
	made.arn = "arn:aws:iam::" + r.Account + ":role" + made.path + in.RoleName
	var err error
	if made.trust, err = readTrust(in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if made.tags, err = mergedTags(nil, in.Tags); err != nil {
		return nil, err
	}
	return made, firstOf(checkName(in.RoleName), checkPath(made.path), checkSession(made.session), checkBoundary(made.boundary))
}

func (s *Roles) get(r *query.Request, in *nameInput) (*roleResult, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(found.arn) {
		return nil, noRole(in.RoleName)
	}
	return &roleResult{found.view()}, nil
}

type listInput struct {
	PathPrefix string
	Marker     string
	MaxItems   *int32
}

type rolesPage struct {
	Roles       []roleView `xml:"Roles>member"`
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

func (s *Roles) list(r *query.Request, in *listInput) (*rolesPage, error) {
	all := slices.DeleteFunc(s.in(r.Account).All(), func(o *role) bool { return !strings.HasPrefix(o.path, in.PathPrefix) })
	page, next, err := query.Page(all, func(o *role) string { return strings.ToLower(o.name) }, in.Marker, int(orElse(in.MaxItems, 100)))
	out := &rolesPage{IsTruncated: next != "", Marker: next}
	for _, o := range page {
		out.Roles = append(out.Roles, o.view())
	}
	return out, err
}

// delete refuses while policies are attached.
func (s *Roles) delete(r *query.Request, in *nameInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if found.policies.Len() > 0 {
		return nil, conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	}
	s.in(r.Account).Delete(strings.ToLower(found.name))
	s.record(r, found.name, local.Deleted)
	return &query.Empty{}, nil
}

var (
	roleNames = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	rolePaths = regexp.MustCompile(`^/([\x21-\x7e]{1,510}/)?$`)
)

func checkName(name string) error {
	if !roleNames.MatchString(name) {
		return invalid("The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	}
	return nil
}

func checkPath(path string) error {
	if !rolePaths.MatchString(path) {
		return invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

func checkSession(seconds int32) error {
	if seconds < leastSession || seconds > mostSession {
		return invalid("The requested MaxSessionDuration is out of range: %d to %d.", leastSession, mostSession)
	}
	return nil
}
