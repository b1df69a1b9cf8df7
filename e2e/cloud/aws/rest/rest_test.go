// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type input struct {
	Name string   `json:"-" path:"name"`
	Most int32    `json:"-" query:"maxResults"`
	Keys []string `json:"-" query:"tagKeys"`
	Size int32    `json:"size"`
}

func routes(got *input) rest.Routes {
	h := rest.Operation(func(_ *query.Request, in *input) (*struct{}, error) {
		*got = *in
		return &struct{}{}, nil
	})
	return rest.Routes{
		{Method: "GET", Pattern: "/things", Operation: "List", Handler: h},
		{Method: "POST", Pattern: "/things/{name}", Operation: "Create", Handler: h},
		{Method: "DELETE", Pattern: "/tags/{name}", Operation: "Untag", Handler: h},
	}
}

func TestRequestsFindTheirOperation(t *testing.T) {
	tests := map[string]struct {
		method, url, body string
		operation, code   string
		want              input
	}{
		"list":              {method: "GET", url: "/things?maxResults=3", operation: "List", want: input{Most: 3}},
		"create":            {method: "POST", url: "/things/a", body: `{"size": 4}`, operation: "Create", want: input{Name: "a", Size: 4}},
		"an escaped ARN":    {method: "DELETE", url: "/tags/arn%3Aaws%3Arole%2Fp%2Fr?tagKeys=a&tagKeys=b", operation: "Untag", want: input{Name: "arn:aws:role/p/r", Keys: []string{"a", "b"}}},
		"another method":    {method: "PUT", url: "/things/a"},
		"a longer path":     {method: "POST", url: "/things/a/b"},
		"no name":           {method: "POST", url: "/things/"},
		"an unknown member": {method: "POST", url: "/things/a", body: `{"colour": "red"}`, operation: "Create", code: "InvalidParameterException"},
		"no number":         {method: "GET", url: "/things?maxResults=many", operation: "List", code: "InvalidParameterException"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got input
			route, p, found := routes(&got).Match(httptest.NewRequest(tc.method, tc.url, nil))
			if found != (tc.operation != "") || route.Operation != tc.operation {
				t.Fatalf("found %v, %s", found, route.Operation)
			}
			if !found {
				return
			}
			p.Body = []byte(tc.body)
			_, err := route.Handler(&query.Request{}, p)
			var refused *local.Error
			if errors.As(err, &refused); tc.code != "" && (refused == nil || refused.Code != tc.code) || tc.code == "" && err != nil {
				t.Fatalf("got error %v", err)
			}
			if diff := cmp.Diff(tc.want, got); tc.code == "" && diff != "" {
				t.Error(diff)
			}
		})
	}
}
