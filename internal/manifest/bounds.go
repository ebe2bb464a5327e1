package manifest

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
)

const (
	// maxSize is Cloud Controller's limit for a manifest, in bytes.
	maxSize = 1 << 20
	// maxValues is the maximum number of values in a document with expanded aliases.
	maxValues = 10_000
)

var errTooManyValues = fmt.Errorf("found more than %d values; expected fewer, and no alias that contains itself", maxValues)

// bounded refuses a document with too many values, also one that contains itself. It accepts a
// document that cannot be parsed, since its reader reports that.
func bounded(content []byte) error {
	var root yaml.Node
	if yaml.Unmarshal(content, &root) != nil {
		return nil
	}
	if yamlbounds.Excess(&root, maxValues) != nil {
		return errTooManyValues
	}
	return nil
}

// count returns how many of the remaining values are left; negative if there are more.
func count(value any, left int) int {
	left--
	switch v := value.(type) {
	case map[any]any:
		for _, item := range v {
			if left = count(item, left-1); left < 0 {
				return left
			}
		}
	case []any:
		for _, item := range v {
			if left = count(item, left); left < 0 {
				return left
			}
		}
	}
	return left
}
