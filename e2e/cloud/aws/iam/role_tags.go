// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostTags is how many tags a role can have.
const mostTags = 50

type tag struct {
	Key   string
	Value string
}

type tagInput struct {
	RoleName string
	Tags     []tag
}

type untagInput struct {
	RoleName string
	TagKeys  []string
}

type tagsPage struct {
	Tags        []tag `xml:"Tags>member"`
	IsTruncated bool
}

type listTagsInput struct {
	RoleName string
	Marker   string
	MaxItems *int32
}

// mergedTags returns tags with more tags set, by key. Keys differ by more than
// their case.
func mergedTags(tags, more []tag) ([]tag, error) {
	out := slices.Clone(tags)
	for _, t := range more {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, refuseInput("Tag key %q or its value is not valid: keys have 1 to 128 characters and do not begin with aws:, values have up to 256.", t.Key)
		}
		if i := slices.IndexFunc(out, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) }); i >= 0 {
			out[i] = t
			continue
		}
		out = append(out, t)
	}
	if len(out) > mostTags {
		return nil, conflict("LimitExceeded", "The number of tags has reached the maximum limit: %d.", mostTags)
	}
	slices.SortFunc(out, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

func (s *Roles) tag(r *query.Request, in *tagInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	merged, err := mergedTags(found.tags, in.Tags)
	if err != nil {
		return nil, err
	}
	found.tags = merged
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

func (s *Roles) untag(r *query.Request, in *untagInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	// A new list: the old one may be part of an answer on its way.
	found.tags = slices.DeleteFunc(slices.Clone(found.tags), func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

func (s *Roles) listTags(r *query.Request, in *listTagsInput) (*tagsPage, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &tagsPage{Tags: found.tags}, nil
}
