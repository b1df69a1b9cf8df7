// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostTags is how many tags a resource can have.
const mostTags = 50

// mergedTags returns tags with more tags set, by key.
func mergedTags(tags, more []tag) ([]tag, error) {
	byKey := map[string]string{}
	for _, t := range tags {
		byKey[t.Key] = t.Value
	}
	for _, t := range more {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(t.Key, "aws:") || strings.HasPrefix(t.Key, "rds:") {
			return nil, invalidValue("Tag key %q or its value is not valid: "+
				"keys have 1 to 128 characters and do not begin with aws: or rds:, values have up to 256.", t.Key)
		}
		byKey[t.Key] = t.Value
	}
	if len(byKey) > mostTags {
		return nil, invalidValue("A resource can have at most %d tags.", mostTags)
	}
	out := make([]tag, 0, len(byKey))
	for k, v := range byKey {
		out = append(out, tag{k, v})
	}
	slices.SortFunc(out, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

type addTagsInput struct {
	ResourceName string
	Tags         []tag
}

type removeTagsInput struct {
	ResourceName string
	TagKeys      []string
}

type listTagsInput struct {
	ResourceName string
	Filters      []filter
}

type tagList struct {
	TagList []tag `xml:"TagList>Tag"`
}

func (s *Service) addTags(r *query.Request, in *addTagsInput) (*query.Empty, error) {
	o, err := s.in(r.Scope).tagged(in.ResourceName)
	if err != nil {
		return nil, err
	}
	merged, err := mergedTags(*o.tags, in.Tags)
	if err != nil {
		return nil, err
	}
	*o.tags = merged
	s.record(r, o.kind, o.id, local.Updated)
	return &query.Empty{}, nil
}

func (s *Service) removeTags(r *query.Request, in *removeTagsInput) (*query.Empty, error) {
	o, err := s.in(r.Scope).tagged(in.ResourceName)
	if err != nil {
		return nil, err
	}
	// A new list: the old one may be part of an answer on its way.
	*o.tags = slices.DeleteFunc(slices.Clone(*o.tags), func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	s.record(r, o.kind, o.id, local.Updated)
	return &query.Empty{}, nil
}

func (s *Service) listTags(r *query.Request, in *listTagsInput) (*tagList, error) {
	o, err := s.in(r.Scope).tagged(in.ResourceName)
	if err != nil {
		return nil, err
	}
	return &tagList{*o.tags}, nil
}

// owner is a resource that has tags.
type owner struct {
	kind, id string
	tags     *[]tag
}

// tagged finds the resource of an ARN.
func (r *region) tagged(name string) (owner, error) {
	parts := strings.SplitN(name, ":", 7)
	if len(parts) != 7 || parts[2] != serviceName || parts[3] != r.scope.Region || parts[4] != r.scope.Account {
		return owner{}, invalidValue("Invalid resource name: %s", name)
	}
	id := parts[6]
	switch parts[5] {
	case "db":
		if i, ok := r.instances.Get(id); ok {
			return owner{kindInstance, id, &i.TagList}, nil
		}
		return owner{}, instanceNotFound(id)
	case "snapshot":
		if sn, ok := r.snapshots.Get(id); ok {
			return owner{kindSnapshot, id, &sn.TagList}, nil
		}
		return owner{}, snapshotNotFound(id)
	case "subgrp":
		if g, ok := r.subnetGroups.Get(id); ok {
			return owner{kindSubnetGroup, id, &g.tags}, nil
		}
		return owner{}, subnetGroupNotFound(id)
	case "pg":
		if g, ok := r.parameterGroups.Get(id); ok {
			return owner{kindParameterGroup, id, &g.tags}, nil
		}
		return owner{}, parameterGroupNotFound(id)
	}
	return owner{}, invalidValue("Invalid resource name: %s", name)
}
