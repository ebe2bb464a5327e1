package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errNotText rejects a text that no document can contain: JSON, YAML and TOML are all UTF-8.
var errNotText = errors.New("found bytes that are not UTF-8; expected text: write them with base64")

// simplify converts any value in a template to a type of JSON: nil, bool, string, json.Number,
// []any or map[string]any. Its texts are UTF-8. The error quotes no value.
func simplify(value any) (any, error) {
	switch value := value.(type) {
	case nil, bool, json.Number:
		return value, nil
	case secret:
		return Mask, nil
	case string:
		if !utf8.ValidString(value) {
			return nil, errNotText
		}
		return value, nil
	case fmt.Stringer:
		return simplify(value.String())
	case *data:
		return nil, errors.New("found the dot, which is all of the data; expected one of its values, such as .App.Name")
	case application:
		return nil, errors.New("found .App, which is all of the app; expected one of its values, such as .App.Name")
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil, errors.New("found NaN or infinity; expected a finite number")
		}
		return json.Number(strconv.FormatFloat(v.Float(), 'g', -1, 64)), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return simplify(v.String())
	case reflect.Slice, reflect.Array:
		return simplifyList(v)
	case reflect.Map:
		return simplifyMap(v)
	default:
		return nil, fmt.Errorf("found a value of the kind %s; expected text, a number, true or false, a list or an object", v.Kind())
	}
}

func simplifyList(list reflect.Value) (any, error) {
	simple := make([]any, list.Len())
	for i := range simple {
		var err error
		if simple[i], err = simplify(list.Index(i).Interface()); err != nil {
			return nil, err
		}
	}
	return simple, nil
}

func simplifyMap(object reflect.Value) (any, error) {
	simple := map[string]any{}
	for keys := object.MapRange(); keys.Next(); {
		if keys.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("found keys of the kind %s; expected text", keys.Key().Kind())
		}
		key := keys.Key().String()
		if !utf8.ValidString(key) {
			return nil, errNotText
		}
		var err error
		if simple[key], err = simplify(keys.Value().Interface()); err != nil {
			return nil, err
		}
	}
	return simple, nil
}

// toJSON writes a value as JSON on one line: text in double quotes.
func toJSON(value any) (string, error) {
	simple, err := simplify(value)
	if err != nil {
		return "", err
	}
	var written strings.Builder
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(simple); err != nil {
		return "", errors.New("found a number that JSON does not allow; expected one that it does")
	}
	return strings.TrimSuffix(written.String(), "\n"), nil
}

// toText returns a value as it is printed: text unchanged, a list or an object as JSON.
func toText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case secret:
		return Mask, nil
	case fmt.Stringer:
		return value.String(), nil
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		return v.String(), nil
	}
	return toJSON(value)
}
