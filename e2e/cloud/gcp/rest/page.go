// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"net/http"
	"sort"
	"strconv"
)

// Page returns the part of a list, ordered by name, that a call asks for by
// pageToken and a number of results, and the token of the next. The number's
// parameter is called size; there are most of them at most.
func Page[T any](r *Request, size string, most int, all []T, name func(T) string) ([]T, string, error) {
	n := most
	if text := r.Query.Get(size); text != "" {
		asked, err := strconv.Atoi(text)
		if err != nil || asked < 0 {
			return nil, "", Refuse(http.StatusBadRequest, "invalidParameter", "Invalid value for %s: %s", size, text)
		}
		if asked > 0 {
			n = min(asked, most)
		}
	}
	token := r.Query.Get("pageToken")
	start := sort.Search(len(all), func(i int) bool { return name(all[i]) > token })
	end := min(start+n, len(all))
	if end == len(all) {
		return all[start:], "", nil
	}
	return all[start:end], name(all[end-1]), nil
}
