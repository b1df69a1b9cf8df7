// SPDX-License-Identifier: Apache-2.0

package typed_test

import (
	"testing"

	"github.com/crossplaneio/crossplane/e2e/typed"
)

func TestArgs(t *testing.T) {
	if got := typed.Args([]string{"get", "claims", "-o", `jsonpath={.items}{"\n"}`, "a b"}); got != `get claims -o 'jsonpath={.items}{"\n"}' 'a b'` {
		t.Errorf("got %s", got)
	}
}
