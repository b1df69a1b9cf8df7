// SPDX-License-Identifier: Apache-2.0

package flexible

// windowEnabled is the word of both services for a maintenance window of one's own.
const windowEnabled = "Enabled"

// text is nil for the empty one.
func text(s string) *string { return word[string](s) }

// word is a word of an SDK's type, nil for the empty one.
func word[W ~string](s string) *W {
	if s == "" {
		return nil
	}
	return new(W(s))
}

// status is how both services write yes and no; nil is neither.
func status[W ~string](b *bool) *W {
	switch {
	case b == nil:
		return nil
	case *b:
		return new(W(windowEnabled))
	default:
		return new(W(disabled))
	}
}

// enabled reads what status writes.
func enabled[W ~string](have *W, yes W) *bool {
	if have == nil {
		return nil
	}
	return new(*have == yes)
}

// orNew is p, or where there is none what points to nothing.
func orNew[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

func tagMap(tags map[string]*string) map[string]string {
	out := make(map[string]string, len(tags))
	for k, v := range tags {
		out[k] = value(v)
	}
	return out
}

// tagPointers is nil for none: then they stay as they are.
func tagPointers(tags map[string]string) map[string]*string {
	if tags == nil {
		return nil
	}
	out := make(map[string]*string, len(tags))
	for k, v := range tags {
		out[k] = &v
	}
	return out
}
