package manifest

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
)

const (
	// maxSize is the most bytes that Cloud Controller takes of a manifest.
	maxSize = 1 << 20
	// maxValues is the most values that a document may come to once its aliases
	// are followed.
	maxValues = 10_000
)

var errTooManyValues = fmt.Errorf("found more than %d values; expected fewer, and no alias that contains itself", maxValues)

// bounded refuses a document that comes to too many values, as one does without
// end that contains itself. It accepts a document that cannot be parsed: the reader of the document reports that.
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

// count is how many values there are of the left ones, and negative where there
// are more.
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
