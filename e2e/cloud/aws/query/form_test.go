// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type pair struct {
	Key   string
	Value *string
}

type base struct {
	Name string
}

type input struct {
	base

	Count *int32
	Flag  *bool
	At    *time.Time
	Tags  []pair
	IDs   []string `query:"Id"`
	Deep  struct{ Inner pair }
}

func TestDecode(t *testing.T) {
	tests := map[string]struct {
		form string
		want input
		code string
	}{
		"nothing": {form: "Action=X&Version=1"},
		"scalars": {
			form: "Name=a&Count=7&Flag=true&At=2026-01-02T03:04:05Z",
			want: input{base: base{"a"}, Count: new(int32(7)), Flag: new(true), At: new(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))},
		},
		"a list of RDS's": {
			form: "Tags.Tag.2.Key=b&Tags.Tag.1.Key=a&Tags.Tag.1.Value=&Tags.Tag.10.Key=c",
			want: input{Tags: []pair{{"a", new("")}, {"b", nil}, {"c", nil}}},
		},
		"a list of EC2's": {form: "Id.1=x&Id.2=y", want: input{IDs: []string{"x", "y"}}},
		"a struct":        {form: "Deep.Inner.Key=k", want: input{Deep: struct{ Inner pair }{pair{Key: "k"}}}},
		"an unknown one":  {form: "Colour=red", code: "InvalidParameterValue"},
		"an unknown part": {form: "Tags.Tag.1.Colour=red", code: "InvalidParameterValue"},
		"not a number":    {form: "Count=many", code: "InvalidParameterValue"},
		"too large":       {form: "Count=99999999999", code: "InvalidParameterValue"},
		"not a truth":     {form: "Flag=perhaps", code: "InvalidParameterValue"},
		"not a time":      {form: "At=noon", code: "InvalidParameterValue"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.form)
			if err != nil {
				t.Fatal(err)
			}
			var got input
			err = query.NewForm(values).Decode(&got)
			var refusal *local.Error
			if errors.As(err, &refusal) != (tc.code != "") || (refusal != nil && refusal.Code != tc.code) {
				t.Fatalf("got %v, want %q", err, tc.code)
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(input{})); err == nil && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGet(t *testing.T) {
	f := query.NewForm(url.Values{"A.1.B": {"x"}, "C": {"y"}})
	got := []string{f.Get("A.1.B"), f.Get("C"), f.Get("A.1"), f.Get("A.2.B"), f.Get("D")}
	if diff := cmp.Diff([]string{"x", "y", "", "", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPage(t *testing.T) {
	var items []string
	for i := range 5 {
		items = append(items, fmt.Sprint("k", i))
	}
	self := func(s string) string { return s }
	first, marker, err := query.Page(items, self, "", 2)
	if err != nil || len(first) != 2 || marker == "" {
		t.Fatalf("the first page: %v, %q, %v", first, marker, err)
	}
	// The last of the first page and the first of the second go, another comes.
	items = []string{"k0", "k01", "k3", "k4"}
	second, marker, err := query.Page(items, self, marker, 2)
	if diff := cmp.Diff([]string{"k3", "k4"}, second); err != nil || diff != "" || marker != "" {
		t.Errorf("the second page, marker %q, error %v (-want +got):\n%s", marker, err, diff)
	}
	if _, _, err := query.Page(items, self, "!", 2); err == nil {
		t.Error("a marker of nobody's was accepted")
	}
}

func TestDialects(t *testing.T) {
	type answer struct {
		A string
		B []string `xml:"B>member"`
	}
	refusal := &local.Error{Code: "No", Message: `<&"`, Status: 500}
	plain, ec2 := query.Plain{Namespace: "ns"}, query.EC2{Namespace: "ns"}
	text := func(b []byte, err error) string { return fmt.Sprint(string(b), err) }
	got := []string{
		text(plain.Answer("Do", "id", &answer{"a<", []string{"1", "2"}})), text(plain.Answer("Do", "id", &query.Empty{})), text(plain.Refusal("id", refusal)),
		text(ec2.Answer("Do", "id", &answer{"a", []string{"1"}})), text(ec2.Refusal("id", refusal)),
	}
	want := []string{
		`<DoResponse xmlns="ns"><DoResult><A>a&lt;</A><B><member>1</member><member>2</member></B></DoResult>` +
			`<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse><nil>`,
		`<DoResponse xmlns="ns"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse><nil>`,
		`<ErrorResponse xmlns="ns"><Error><Type>Receiver</Type><Code>No</Code><Message>&lt;&amp;&#34;</Message></Error>` +
			`<RequestId>id</RequestId></ErrorResponse><nil>`,
		`<DoResponse xmlns="ns"><requestId>id</requestId><A>a</A><B><member>1</member></B></DoResponse><nil>`,
		`<Response><Errors><Error><Code>No</Code><Message>&lt;&amp;&#34;</Message></Error></Errors><RequestID>id</RequestID></Response><nil>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
