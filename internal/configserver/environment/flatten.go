package environment

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxBytes limits the keys and the text of the values in one answer. A source reads no more than that from the
// other side. While a new answer is read, kept and encoded, several copies of it exist next to the last one, and
// together they must fit into the 32 MB that are reserved.
const MaxBytes = 2 << 20

// Flatten returns an object of decoded JSON or YAML with flat keys, such as a.b[0].c, as Spring does
// (org.springframework.beans.factory.config.YamlProcessor): null and an empty list become empty text, and an
// empty object disappears. Values are strings, bools, and whatever else the decoder produces for scalars. It
// fails if keys and text exceed MaxBytes.
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
	bytes int // of keys and text; the rest is dropped beyond MaxBytes
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
