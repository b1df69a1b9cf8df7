// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValue(t *testing.T) {
	five, six := 5, 6
	for name, tc := range map[string]struct {
		want, have, request *int
		differs             bool
	}{
		"left out":  {want: nil, have: &five},
		"same":      {want: &five, have: &five},
		"different": {want: &six, have: &five, request: &six, differs: true},
		"missing":   {want: &six, request: &six, differs: true},
	} {
		t.Run(name, func(t *testing.T) {
			var d Fields
			var request *int
			Value(&d, "size", tc.want, tc.have, &request)
			if !cmp.Equal(request, tc.request) || (len(d) > 0) != tc.differs {
				t.Errorf("request %v, fields %v", request, d)
			}
		})
	}
}

func TestSetIgnoresOrderAndRepetition(t *testing.T) {
	for name, tc := range map[string]struct {
		want, have []string
		differs    bool
	}{
		"left out":    {have: []string{"a"}},
		"other order": {want: []string{"b", "a", "a"}, have: []string{"a", "b"}},
		"emptied":     {want: []string{}, have: []string{"a"}, differs: true},
		"more":        {want: []string{"a", "b"}, have: []string{"a"}, differs: true},
	} {
		t.Run(name, func(t *testing.T) {
			var d Fields
			var request []string
			Set(&d, "groups", tc.want, tc.have, &request)
			if (len(d) > 0) != tc.differs {
				t.Errorf("fields %v", d)
			}
		})
	}
}

func TestTagsThatNobodyWantsAreLeftAlone(t *testing.T) {
	var d Fields
	have := map[string]string{"team": "old", "cost-centre": "7", "kept": "yes"}
	missing := Tags(&d, map[string]string{"team": "new", "kept": "yes"}, have)
	if diff := cmp.Diff(map[string]string{"team": "new"}, missing); diff != "" || len(d) != 1 {
		t.Errorf("fields %v, (-want +got):\n%s", d, diff)
	}
	d = nil
	if Tags(&d, map[string]string{"kept": "yes"}, have); len(d) > 0 {
		t.Errorf("fields %v", d)
	}
}

func TestOwnershipWinsOverTags(t *testing.T) {
	all := Both(map[string]string{"team": "shop", "crossplane-owner": "me"}, map[string]string{"crossplane-owner": "them"})
	if diff := cmp.Diff(map[string]string{"team": "shop", "crossplane-owner": "them"}, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFixed(t *testing.T) {
	var d Fields
	yes, no, empty := true, false, ""
	Fixed(&d, "same", &yes, &yes)
	Fixed(&d, "left out", nil, &yes)
	Fixed(&d, "encrypted", &yes, &no)
	FixedText(&d, "text left out", "", &empty)
	FixedText(&d, "name", "shop", &empty)
	if diff := cmp.Diff(Fields{"encrypted (false → true)", "name (none → shop)"}, d); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
