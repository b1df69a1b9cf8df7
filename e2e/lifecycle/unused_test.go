// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import "github.com/crossplaneio/crossplane/e2e/stack"

type excuses map[string]string

func (e excuses) of(r stack.Right) string { return e[r.String()] }

func unusedRights() excuses { return excuses{} }
