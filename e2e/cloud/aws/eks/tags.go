// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"maps"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostTags is how many tags a resource can have.
const mostTags = 50

type tagInput struct {
	ResourceArn string            `json:"-" path:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

type untagInput struct {
	ResourceArn string   `json:"-" path:"resourceArn"`
	TagKeys     []string `json:"-" query:"tagKeys"`
}

type tagsResult struct {
	Tags map[string]string `json:"tags"`
}

func checkTags(tags map[string]string) error {
	for key, value := range tags {
		if key == "" || len(key) > 128 || len(value) > 256 || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return badRequest("Tag key %q or its value is not valid: keys have 1 to 128 characters and do not begin with aws:, values have up to 256.", key)
		}
	}
	if len(tags) > mostTags {
		return badRequest("A resource can have at most %d tags.", mostTags)
	}
	return nil
}

// badRequest is how tags are refused, unlike everything else.
func badRequest(format string, args ...any) *local.Error {
	e := invalid(format, args...)
	e.Code = "BadRequestException"
	return e
}

func (s *Service) tag(r *query.Request, in *tagInput) (*empty, error) {
	o, err := s.tagged(r.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	// A new map: the old one may be part of an answer on its way.
	merged := maps.Clone(*o.tags)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, in.Tags)
	if err := checkTags(merged); err != nil {
		return nil, err
	}
	*o.tags = merged
	s.record(r, o.kind, o.id, local.Updated)
	return &empty{}, nil
}

func (s *Service) untag(r *query.Request, in *untagInput) (*empty, error) {
	o, err := s.tagged(r.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	left := maps.Clone(*o.tags)
	maps.DeleteFunc(left, func(k, _ string) bool { return slices.Contains(in.TagKeys, k) })
	*o.tags = left
	s.record(r, o.kind, o.id, local.Updated)
	return &empty{}, nil
}

func (s *Service) listTags(r *query.Request, in *tagInput) (*tagsResult, error) {
	o, err := s.tagged(r.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &tagsResult{*o.tags}, nil
}

// owner is a resource that has tags.
type owner struct {
	kind, id string
	tags     *map[string]string
}

// tagged finds the resource of an ARN.
func (s *Service) tagged(scope query.Scope, arn string) (owner, error) {
	for _, c := range s.in(scope).clusters.All() {
		if c.Arn == arn {
			return owner{kindCluster, c.Name, &c.Tags}, nil
		}
		for _, g := range c.groups.All() {
			if g.NodegroupArn == arn {
				return owner{kindNodegroup, g.id(), &g.Tags}, nil
			}
		}
		for _, e := range c.entries.All() {
			if e.AccessEntryArn == arn {
				return owner{kindAccessEntry, e.id(), &e.Tags}, nil
			}
		}
	}
	e := notFound("No resource found for ARN: %s", arn)
	e.Code = "NotFoundException"
	return owner{}, e
}
