package springlayout

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// The bounds of one answer.
const (
	maxDocuments = 5000
	maxValues    = 50_000
	maxBytes     = environment.MaxBytes // of the files that are read
)

// lineError is an error whose text goes on behind the name of the file.
func lineError(node *yaml.Node, format string, arguments ...any) error {
	return fmt.Errorf("%d: "+format, append([]any{node.Line}, arguments...)...)
}

// unknownTag refuses a tag that Spring's loader refuses. Its name is not shown, since it may be text
// that was meant as a value.
func unknownTag(node *yaml.Node) error {
	return fmt.Errorf("%d: found a value with a tag that is not one of YAML's own; expected none", node.Line)
}
