// SPDX-License-Identifier: Apache-2.0

package class

import (
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// maxListed is how many problems a message lists; the rest are counted.
const maxListed = 8

// Problem is something wrong with a template, in words that say what to do.
type Problem struct {
	// Path of the field, from spec: "resources[db].template.spec.forProvider.class".
	Path string
	// Expression that has the problem; empty where there is none.
	Expression string
	// Message says what is wrong and how to put it right.
	Message string
}

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Expression == "" {
		return fmt.Sprintf("%s: %s", p.Path, p.Message)
	}
	return fmt.Sprintf("%s: ${%s}: %s", p.Path, p.Expression, p.Message)
}

// Problems are what is wrong with a class or a connection template; none if it
// is good.
type Problems []Problem

// String returns a bounded text for conditions.
func (ps Problems) String() string {
	lines := make([]string, 0, maxListed+1)
	for i, p := range ps {
		if i == maxListed {
			lines = append(lines, fmt.Sprintf("and %d more", len(ps)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "; ")
}

// RenderError says why a class could not be rendered for a claim, although its
// templates have no fault that can be seen without a claim.
type RenderError struct {
	// Problems found, of the first template that had any.
	Problems Problems
	// Actor who can act: Developer where the claim asks for something that the
	// class does not have, such as a size; else Administrator.
	Actor v1alpha1.Actor
}

// Error implements error.
func (e *RenderError) Error() string { return e.Problems.String() }
