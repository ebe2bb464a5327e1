package environment

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxBytes is the most that the keys and the text of one answer's values may come to. A source
// reads no more than that of what the other side sends. While a new answer is read, kept and written as JSON, it is
// there several times, next to the last one, and all of that is to be within the 32 MB that are reserved.
const MaxBytes = 2 << 20

// Flatten is an object of decoded JSON or YAML with flat keys, such as a.b[0].c, as Spring makes them
// (org.springframework.beans.factory.config.YamlProcessor): null and an empty list are empty
// text, and an empty object has no key. Values are strings, bools and what else the decoder
// makes of scalars. The error says that flat keys and text come to more than MaxBytes.
func Flatten(object map[string]any) (map[string]any, error) {
	f := flattener{flat: map[string]any{}}
	f.object("", object)
	if f.bytes > MaxBytes {
		return nil, fmt.Errorf("larger than %d MB with each key in full", MaxBytes>>20)
	}
	return f.flat, nil
}

type flattener struct {
	flat  map[string]any
	bytes int // of keys and text; beyond MaxBytes, the rest is left out
}

func (f *flattener) object(path string, object map[string]any) {
	for key, value := range object {
		if f.bytes > MaxBytes {
			return
		}
		if path != "" && !strings.HasPrefix(key, "[") {
			key = "." + key
		}
		f.value(path+key, value)
	}
}

func (f *flattener) value(path string, value any) {
	f.bytes += len(path)
	switch value := value.(type) {
	case map[string]any:
		f.object(path, value)
		return
	case []any:
		for i, item := range value {
			if f.bytes > MaxBytes {
				return
			}
			f.value(path+"["+strconv.Itoa(i)+"]", item)
		}
		if len(value) == 0 {
			f.flat[path] = ""
		}
		return
	case string:
		f.bytes += len(value)
	case nil:
		f.flat[path] = ""
		return
	}
	f.flat[path] = value
}
