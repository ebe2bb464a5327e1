package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// writeJSON writes a value as indented JSON, with characters escaped that could control a terminal.
func writeJSON(w io.Writer, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(printable.JSON(text.Bytes()))
	return err
}
