// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// Bounds of a page.
const (
	leastRecords   = 20
	mostRecords    = 100
	defaultRecords = 100
)

type describeInstancesInput struct {
	DBInstanceIdentifier string
	Filters              []filter
	pageInput
}

type pageInput struct {
	Marker     string
	MaxRecords *int32
}

type filter struct {
	Name   string
	Values []string
}

type instancesPage struct {
	DBInstances []description `xml:"DBInstances>DBInstance"`
	Marker      string        `xml:",omitempty"`
}

func (s *Service) describeInstances(r *query.Request, in *describeInstancesInput) (*instancesPage, error) {
	here, now := s.in(r.Scope), s.cloud.Clock.Now()
	if in.DBInstanceIdentifier != "" {
		i, err := here.find(in.DBInstanceIdentifier)
		if err != nil {
			return nil, err
		}
		if s.cloud.Veil.Hides(i.hidden) {
			return nil, instanceNotFound(i.DBInstanceIdentifier)
		}
		return &instancesPage{DBInstances: []description{i.view(now)}}, nil
	}
	names, err := here.filtered(in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(names, func(n string) string { return n }, in.pageInput)
	if err != nil {
		return nil, err
	}
	out := &instancesPage{DBInstances: make([]description, 0, len(page)), Marker: next}
	for _, name := range page {
		if i, _ := here.instances.Get(name); !s.cloud.Veil.Hides(i.hidden) {
			out.DBInstances = append(out.DBInstances, i.view(now))
		}
	}
	return out, nil
}

// paged cuts out the page that is asked for.
func paged[T any](items []T, key func(T) string, in pageInput) ([]T, string, error) {
	size, err := in.size()
	if err != nil {
		return nil, "", err
	}
	return query.Page(items, key, in.Marker, size)
}

func (p pageInput) size() (int, error) {
	n := orElse(p.MaxRecords, defaultRecords)
	if n < leastRecords || n > mostRecords {
		return 0, invalidValue("Invalid value %d for MaxRecords. Must be between %d and %d", n, leastRecords, mostRecords)
	}
	return int(n), nil
}

// filtered returns the names of the instances that pass all filters.
func (r *region) filtered(filters []filter) ([]string, error) {
	names := r.instances.Names()
	for _, f := range filters {
		of, ok := attributes()[f.Name]
		if !ok {
			return nil, invalidValue("Unrecognized filter name: %s", f.Name)
		}
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			i, _ := r.instances.Get(name)
			return !slices.ContainsFunc(of(i), func(v string) bool { return slices.Contains(f.Values, v) })
		})
	}
	return names, nil
}

// attributes are what filters can ask about.
func attributes() map[string]func(*instance) []string {
	return map[string]func(*instance) []string{
		"db-instance-id": func(i *instance) []string {
			return []string{i.DBInstanceIdentifier, i.DBInstanceArn}
		},
		"dbi-resource-id": func(i *instance) []string { return []string{i.DbiResourceID} },
		"engine":          func(i *instance) []string { return []string{i.Engine, strings.ToUpper(i.Engine)} },
	}
}
