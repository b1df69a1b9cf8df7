// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"errors"
	"fmt"
	"math"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// maxResult bounds the value of an expression: the bytes of its strings and,
// for each value in it, maxResultItem more.
const (
	maxResult     = 64 << 10
	maxResultItem = 8
)

// ErrTooLarge says that an expression gives more than an object can hold.
var ErrTooLarge = errors.New("the result is too large")

// Native returns a value as JSON has it: nil, bool, int64, float64, string,
// []any or map[string]any, all of it new. present is false for an optional
// without a value, and for null, which in an object means the same.
func Native(value ref.Val) (native any, present bool, err error) {
	c := converter{left: maxResult}
	native, err = c.convert(value)
	return native, native != nil, err
}

type converter struct{ left int }

// convert returns nil for what has no value.
func (c *converter) convert(value ref.Val) (any, error) {
	if c.left -= maxResultItem; c.left < 0 {
		return nil, ErrTooLarge
	}
	switch v := value.(type) {
	case types.Null:
		return nil, nil //nolint:nilnil // no value, and no error
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Uint:
		return fromUint(v)
	case types.Double:
		return fromDouble(v)
	case types.String:
		return c.text(string(v))
	case *types.Optional:
		if !v.HasValue() {
			return nil, nil //nolint:nilnil // no value, and no error
		}
		return c.convert(v.GetValue())
	case traits.Mapper:
		return c.object(v)
	case traits.Lister:
		return c.list(v)
	}
	return nil, fmt.Errorf("%w: %s", errNotJSON, value.Type().TypeName())
}

// errNotJSON says that a value has a type that JSON does not have.
var errNotJSON = errors.New("the result has a type that no field can have")

func fromUint(v types.Uint) (any, error) {
	if uint64(v) > math.MaxInt64 {
		return nil, fmt.Errorf("%w: an integer above %d", errNotJSON, int64(math.MaxInt64))
	}
	return int64(v), nil //nolint:gosec // G115: bounded above
}

func fromDouble(v types.Double) (any, error) {
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		return nil, fmt.Errorf("%w: not a finite number", errNotJSON)
	}
	return float64(v), nil
}

func (c *converter) text(s string) (any, error) {
	if c.left -= len(s); c.left < 0 {
		return nil, ErrTooLarge
	}
	return s, nil
}

func (c *converter) list(l traits.Lister) (any, error) {
	out := []any{}
	for it := l.Iterator(); it.HasNext() == types.True; {
		item, err := c.convert(it.Next())
		if err != nil {
			return nil, err
		}
		if item != nil {
			out = append(out, item)
		}
	}
	return out, nil
}

func (c *converter) object(m traits.Mapper) (any, error) {
	out := map[string]any{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := key.(types.String)
		if !ok {
			return nil, fmt.Errorf("%w: a map whose keys are not strings", errNotJSON)
		}
		if c.left -= len(name); c.left < 0 {
			return nil, ErrTooLarge
		}
		item, err := c.convert(m.Get(key))
		if err != nil {
			return nil, err
		}
		if item != nil {
			out[string(name)] = item
		}
	}
	return out, nil
}
