// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"testing"
	"time"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
)

func TestWindows(t *testing.T) {
	t.Parallel()
	weekdays := []compute.Day{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}
	day := compute.Schedule{Days: weekdays, From: "08:00", To: "18:00", TimeZone: "Europe/Berlin"}
	night := compute.Schedule{Days: []compute.Day{"Friday"}, From: "22:00", To: "06:00"}
	early := compute.Schedule{From: "01:00", To: "05:00", TimeZone: "Europe/Berlin"}
	for name, test := range map[string]struct {
		schedule compute.Schedule
		now      string
		open     bool
		turn     string
	}{
		"before it opens, an hour ahead of UTC": {day, "2026-11-25T06:59:59Z", false, "2026-11-25T07:00:00Z"},
		"as it opens":                           {day, "2026-11-25T07:00:00Z", true, "2026-11-25T17:00:00Z"},
		"as it closes":                          {day, "2026-11-25T17:00:00Z", false, "2026-11-26T07:00:00Z"},
		"in summer, two hours ahead":            {day, "2026-07-01T06:00:00Z", true, "2026-07-01T16:00:00Z"},
		"at the weekend":                        {day, "2026-11-28T12:00:00Z", false, "2026-11-30T07:00:00Z"},
		"over midnight":                         {night, "2026-11-28T03:00:00Z", true, "2026-11-28T06:00:00Z"},
		"in the night before":                   {night, "2026-11-27T03:00:00Z", false, "2026-11-27T22:00:00Z"},
		"after that night":                      {night, "2026-11-28T06:00:00Z", false, "2026-12-04T22:00:00Z"},
		"the whole day":                         {compute.Schedule{From: "00:00", To: "24:00"}, "2026-11-25T23:59:59Z", true, "2026-11-26T00:00:00Z"},
		"when clocks go back it is longer":      {early, "2026-10-25T03:59:59Z", true, "2026-10-25T04:00:00Z"},
		"when they go forward it is shorter":    {early, "2026-03-29T02:59:59Z", true, "2026-03-29T03:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			open, turn, err := window(&test.schedule, now)
			if err != nil || open != test.open || turn.UTC().Format(time.RFC3339) != test.turn {
				t.Errorf("open %t until %s, want %t until %s: %v", open, turn.UTC().Format(time.RFC3339), test.open, test.turn, err)
			}
		})
	}
}

func TestLimitsAt(t *testing.T) {
	t.Parallel()
	pool := &compute.ClusterPool{Spec: compute.ClusterPoolSpec{Min: 1, Max: 5, Schedules: []compute.Schedule{
		{Name: "bad", From: "00:00", To: "24:00", TimeZone: "Nowhere/Else", Max: new(int32(0))},
		{Name: "noon", From: "12:00", To: "13:00", Min: new(int32(4))},
		{Name: "day", From: "08:00", To: "18:00", Min: new(int32(2)), Max: new(int32(3))},
	}}}
	for at, want := range map[string]limits{
		"07:30": {min: 1, max: 5}, "12:30": {min: 4, max: 5, window: "noon"}, "13:00": {min: 2, max: 3, window: "day"},
	} {
		now, err := time.Parse("2006-01-02 15:04", "2026-11-25 "+at)
		if err != nil {
			t.Fatal(err)
		}
		got := limitsAt(pool, now)
		if got.min != want.min || got.max != want.max || got.window != want.window || got.invalid == "" {
			t.Errorf("at %s: %+v, want %+v", at, got, want)
		}
	}
}
