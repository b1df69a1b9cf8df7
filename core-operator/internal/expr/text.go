// SPDX-License-Identifier: Apache-2.0

// Package expr evaluates the ${...} of templates: CEL expressions in an
// environment with types, so that most mistakes are seen without any value, and
// with bounds on size and cost, so that none can keep the operator busy.
package expr

import (
	"errors"
	"fmt"
	"strings"
)

// Part of a text: literal text, or an expression.
type Part struct {
	// Literal text; empty for an expression.
	Literal string
	// Source of the expression, without ${ and }.
	Source string
	// Offset of the part in the text, in bytes.
	Offset int
}

// IsExpression reports whether the part is an expression, be it an empty one.
func (p Part) IsExpression() bool { return p.Literal == "" }

// ErrOpen says that the } of an expression is missing.
var ErrOpen = errors.New("${ without its }: write $${ where ${ itself is meant")

// Split cuts text into literal text and the ${...} in it. $${ stands for ${.
// Braces that are balanced, and any in a string literal, belong to the
// expression. The empty text has no parts.
func Split(text string) ([]Part, error) {
	var parts []Part
	var literal strings.Builder
	start := 0
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "$${"):
			literal.WriteString("${")
			i += len("$${")
		case strings.HasPrefix(rest, "${"):
			length, err := expressionEnd(rest[2:])
			if err != nil {
				return nil, fmt.Errorf("position %d: %w", i+1, err)
			}
			parts = appendLiteral(parts, literal.String(), start)
			literal.Reset()
			parts = append(parts, Part{Source: rest[2 : 2+length], Offset: i})
			i += 2 + length + 1
			start = i
		default:
			literal.WriteByte(text[i])
			i++
		}
	}
	return appendLiteral(parts, literal.String(), start), nil
}

func appendLiteral(parts []Part, literal string, offset int) []Part {
	if literal == "" {
		return parts
	}
	return append(parts, Part{Literal: literal, Offset: offset})
}

// expressionEnd returns where the expression that s begins with ends: the index
// of its closing brace.
func expressionEnd(s string) (int, error) {
	depth := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i, nil
			}
			depth--
		case '"', '\'':
			length := stringLength(s[i:], isRaw(s[:i]))
			if length == 0 {
				return 0, ErrOpen
			}
			i += length
			continue
		}
		i++
	}
	return 0, ErrOpen
}

// isRaw reports whether a string literal after before is raw: r"..." or br"...".
func isRaw(before string) bool {
	trimmed := strings.TrimRight(before, "rRbB")
	prefix := before[len(trimmed):]
	return len(prefix) <= 2 && strings.ContainsAny(prefix, "rR") && !endsInWord(trimmed)
}

func endsInWord(s string) bool {
	if s == "" {
		return false
	}
	c := s[len(s)-1]
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// stringLength returns the length of the string literal that s begins with,
// quotes included; 0 if it does not end.
func stringLength(s string, raw bool) int {
	quote := s[:1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s, triple) {
		quote = triple
	}
	for i := len(quote); i < len(s); i++ {
		switch {
		case s[i] == '\\' && !raw:
			i++
		case strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		}
	}
	return 0
}
