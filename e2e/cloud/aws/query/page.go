// SPDX-License-Identifier: Apache-2.0

package query

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Page cuts one page out of items, which are in the order of their keys. The
// marker names the last key of the page before, so that a page starts in the
// right place whatever came or went meanwhile.
func Page[T any](items []T, key func(T) string, marker string, size int) (page []T, next string, err error) {
	if marker != "" {
		after, err := base64.URLEncoding.DecodeString(marker)
		if err != nil {
			return nil, "", &local.Error{Code: "InvalidParameterValue", Message: "The marker is not valid.", Status: http.StatusBadRequest}
		}
		i, found := slices.BinarySearchFunc(items, string(after), func(t T, k string) int { return strings.Compare(key(t), k) })
		if found {
			i++
		}
		items = items[i:]
	}
	if len(items) <= size {
		return items, "", nil
	}
	page = items[:size]
	return page, base64.URLEncoding.EncodeToString([]byte(key(page[size-1]))), nil
}
