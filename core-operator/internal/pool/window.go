// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // images have none

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
)

// limits are the numbers of clusters that hold at a time.
type limits struct {
	min, max int32
	window   string    // that is open
	until    time.Time // when another may open, or this one closes; zero: never
	invalid  string    // what is wrong with a schedule
}

// limitsAt returns the numbers of a pool that hold at a time. A schedule that can't be
// understood does not count.
func limitsAt(pool *compute.ClusterPool, now time.Time) limits {
	out := limits{min: pool.Spec.Min, max: pool.Spec.Max}
	for i := range pool.Spec.Schedules {
		s := &pool.Spec.Schedules[i]
		open, turn, err := window(s, now)
		if err != nil {
			out.invalid = fmt.Sprintf("schedule %s: %s", s.Name, err)
			continue
		}
		if out.until.IsZero() || turn.Before(out.until) {
			out.until = turn
		}
		if !open || out.window != "" {
			continue
		}
		out.window = s.Name
		if s.Min != nil {
			out.min = *s.Min
		}
		if s.Max != nil {
			out.max = *s.Max
		}
	}
	out.min = min(out.min, out.max)
	return out
}

// window reports whether a schedule's window is open, and when that changes at the
// earliest. On the days on which clocks are put forward or back it is as long as they say.
func window(s *compute.Schedule, now time.Time) (open bool, turn time.Time, err error) {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil || s.TimeZone == "Local" {
		return false, turn, fmt.Errorf("timeZone %q is not known: name one of the IANA database, such as Europe/Berlin", s.TimeZone) //nolint:err113 // for people
	}
	from, to, err := times(s)
	if err != nil {
		return false, turn, err
	}
	local := now.In(zone)
	const week = 8 // with the day before: what opened then may be open yet
	for day := -1; day < week; day++ {
		at := func(minutes int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()+day, 0, minutes, 0, 0, zone)
		}
		opens, closes := at(from), at(to)
		if len(s.Days) > 0 && !slices.Contains(s.Days, compute.Day(at(0).Weekday().String())) {
			continue
		}
		open = open || !now.Before(opens) && now.Before(closes)
		for _, one := range []time.Time{opens, closes} {
			if one.After(now) && (turn.IsZero() || one.Before(turn)) {
				turn = one
			}
		}
	}
	return open, turn, nil
}

// times returns when a window opens and closes, in minutes of the day on which it opens.
func times(s *compute.Schedule) (from, to int, err error) {
	read := func(text string) int {
		var hours, minutes int
		if _, failed := fmt.Sscanf(text, "%d:%d", &hours, &minutes); failed != nil {
			err = fmt.Errorf("%q is no time of day, such as 08:00", text) //nolint:err113 // for people
		}
		return hours*60 + minutes
	}
	const day = 24 * 60
	from, to = read(s.From), read(s.To)
	if to <= from {
		to += day
	}
	return from, to, err
}
