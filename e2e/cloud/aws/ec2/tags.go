// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// mostTags is how many tags a resource can have.
const mostTags = 50

type tag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// taggedInput are the tags that a resource is created with.
type taggedInput struct {
	TagSpecifications []tagSpecification `query:"TagSpecification"`
}

type tagSpecification struct {
	ResourceType string
	Tags         []tag `query:"Tag"`
}

func (in taggedInput) tags(resourceType string) ([]tag, error) {
	var out []tag
	for _, s := range in.TagSpecifications {
		if s.ResourceType != resourceType {
			return nil, refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		out = append(out, s.Tags...)
	}
	return merged(nil, out)
}

// merged returns tags with more tags set, by key.
func merged(tags, more []tag) ([]tag, error) {
	byKey := map[string]string{}
	for _, t := range tags {
		byKey[t.Key] = t.Value
	}
	for _, t := range more {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(t.Key, "aws:") {
			return nil, refuse("InvalidParameterValue", "Tag key %q or its value is not valid: "+
				"keys have 1 to 128 characters and do not begin with aws:, values have up to 256.", t.Key)
		}
		byKey[t.Key] = t.Value
	}
	if len(byKey) > mostTags {
		return nil, refuse("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	out := make([]tag, 0, len(byKey))
	for k, v := range byKey {
		out = append(out, tag{k, v})
	}
	sortBy(out, func(t tag) string { return t.Key })
	return out, nil
}

func sortBy[T any](items []T, key func(T) string) {
	slices.SortFunc(items, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

type tagsInput struct {
	Resources []string `query:"ResourceId"`
	Tags      []tag    `query:"Tag"`
}

type returned struct {
	Return bool `xml:"return"`
}

func (s *Service) createTags(r *query.Request, in *tagsInput) (*returned, error) {
	return s.retag(r, in.Resources, func(tags []tag) ([]tag, error) { return merged(tags, in.Tags) })
}

// untagInput names tags to take away: those with the key and, where one is
// given, the value.
type untagInput struct {
	Resources []string  `query:"ResourceId"`
	Tags      []tagGone `query:"Tag"`
}

type tagGone struct {
	Key   string
	Value *string
}

func (s *Service) deleteTags(r *query.Request, in *untagInput) (*returned, error) {
	return s.retag(r, in.Resources, func(tags []tag) ([]tag, error) {
		return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool {
			return len(in.Tags) == 0 || slices.ContainsFunc(in.Tags, func(g tagGone) bool {
				return g.Key == t.Key && (g.Value == nil || *g.Value == t.Value)
			})
		}), nil
	})
}

// retag changes the tags of resources: of all, or of none.
func (s *Service) retag(r *query.Request, ids []string, change func([]tag) ([]tag, error)) (*returned, error) {
	here := s.in(r.Scope)
	apply := make([]func(), 0, len(ids))
	for _, id := range ids {
		kind, tags, ok := here.tagsOf(id)
		if !ok {
			return nil, refuse("InvalidID", "The ID '%s' is not valid", id)
		}
		changed, err := change(*tags)
		if err != nil {
			return nil, err
		}
		apply = append(apply, func() {
			*tags = changed
			s.record(r, kind, id, local.Updated)
		})
	}
	for _, f := range apply {
		f()
	}
	return &returned{Return: true}, nil
}

func (r *region) tagsOf(id string) (kind string, tags *[]tag, ok bool) {
	if v, ok := r.vpcs.Get(id); ok {
		return kindVPC, &v.Tags, true
	}
	if n, ok := r.subnets.Get(id); ok {
		return kindSubnet, &n.Tags, true
	}
	if g, ok := r.groups.Get(id); ok {
		return kindGroup, &g.Tags, true
	}
	if n := r.rule(id); n != nil {
		return kindRule, &n.tags, true
	}
	return "", nil, false
}
