package springlayout

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// The limits of one answer.
const (
	maxDocuments = 5000
	maxValues    = 50_000
	maxBytes     = environment.MaxBytes // of all files read
)

// lineError returns an error whose text continues after the file's name.
func lineError(node *yaml.Node, format string, arguments ...any) error {
	return fmt.Errorf("%d: "+format, append([]any{node.Line}, arguments...)...)
}

// unknownTag rejects a tag that Spring's loader rejects. The error does not quote it, since it may be text that
// was meant as a value.
func unknownTag(node *yaml.Node) error {
	return fmt.Errorf("%d: found a value with a tag that is not one of YAML's own; expected none", node.Line)
}
