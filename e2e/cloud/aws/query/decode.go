// SPDX-License-Identifier: Apache-2.0

package query

import (
	"reflect"
	"strconv"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Decode fills the struct that into points to: each field from the parameter
// of its name, or of the name in its tag `query:"..."`. It knows strings, bools,
// int32, times, structs, pointers to and lists of them, and embedded structs. A parameter that the
// struct lacks is an error: what is not modelled is not silently ignored.
func (f *Form) Decode(into any) error {
	return f.decodeStruct(reflect.ValueOf(into).Elem(), "")
}

func (f *Form) decodeStruct(v reflect.Value, path string) error {
	known := map[string]bool{"Action": path == "", "Version": path == ""}
	if err := f.decodeFields(v, path, known); err != nil {
		return err
	}
	for name := range f.children {
		if !known[name] {
			return invalid("The parameter " + path + name + " is not known to the local cloud.")
		}
	}
	return nil
}

// decodeFields fills v's fields, those of embedded structs included, and adds
// their names to known.
func (f *Form) decodeFields(v reflect.Value, path string, known map[string]bool) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			if err := f.decodeFields(v.Field(i), path, known); err != nil {
				return err
			}
			continue
		}
		name := fieldName(field)
		known[name] = true
		child, ok := f.children[name]
		if !ok {
			continue
		}
		if err := child.decode(v.Field(i), path+name); err != nil {
			return err
		}
	}
	return nil
}

func (f *Form) decode(v reflect.Value, path string) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return f.decodeTime(v, path)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return f.decode(v.Elem(), path)
	case reflect.Slice:
		return f.decodeList(v, path)
	case reflect.Struct:
		return f.decodeStruct(v, path+".")
	default:
		return f.decodeScalar(v, path)
	}
}

func (f *Form) decodeList(v reflect.Value, path string) error {
	items := f.items()
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := item.decode(v.Index(i), path+"."+strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Form) decodeScalar(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.Value)
	case reflect.Bool:
		b, err := strconv.ParseBool(f.Value)
		if err != nil {
			return invalid(path + " must be true or false.")
		}
		v.SetBool(b)
	case reflect.Int32:
		n, err := strconv.ParseInt(f.Value, 10, 32)
		if err != nil {
			return invalid(path + " must be an integer.")
		}
		v.SetInt(n)
	default:
		return invalid("The local cloud cannot read " + path + ".")
	}
	return nil
}

func (f *Form) decodeTime(v reflect.Value, path string) error {
	t, err := time.Parse(time.RFC3339Nano, f.Value)
	if err != nil {
		return invalid(path + " must be a time.")
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

func fieldName(field reflect.StructField) string {
	if name := field.Tag.Get("query"); name != "" {
		return name
	}
	return field.Name
}

func invalid(message string) error {
	return &local.Error{Code: "InvalidParameterValue", Message: message, Status: 400}
}
