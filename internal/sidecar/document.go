package sidecar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

const (
	// MaxDocumentSize limits a YAML document with sidecars, in bytes. That is enough for sixteen
	// commands of the greatest length, and more.
	MaxDocumentSize = 128 << 10

	// maxNodes limits the values in a document after its aliases are expanded.
	maxNodes = 20_000
)

const (
	// FileName is the file in the app's root that declares its sidecars.
	FileName = "sidecars.yml"
	// ConfigVariable names another file below the app's root to use instead.
	ConfigVariable = "SIDECARS_CONFIG"
	// InlineVariable contains the same YAML itself.
	InlineVariable = "SIDECARS"
)

const (
	// ServiceName is the name or a tag of a service that declares sidecars.
	ServiceName = "sidecars"
	// ServiceKey is the credential of such a service that holds the YAML of a sidecars.yml, or the
	// same as JSON.
	ServiceKey = "sidecars"
	// ServicePrefix begins EnvFrom, AppEnvFrom and FilesFrom if a service is the source.
	ServicePrefix = "service:"
)

// A Source is one YAML document that declares sidecars.
type Source struct {
	// Name is how errors refer to it: the file's name as the user knows it, or the name of an
	// environment variable.
	Name string
	// Variable says that it is an environment variable.
	Variable bool
	// Service is the name of the bound service whose credentials contain it; empty for any other
	// source.
	Service string
	// Content is the document: a mapping with the key "sidecars", or just the list.
	Content []byte
}

// load parses a document and returns its root node, or nil if it is empty or too large.
func (r *diagnostics) load(source Source) *yaml.Node {
	if len(source.Content) > MaxDocumentSize {
		r.add(Problem{
			At: Position{Source: source.Name}, What: "size",
			Found: fmt.Sprintf("more than %d bytes", MaxDocumentSize),
			Want:  "a smaller document",
		})
		return nil
	}
	if problem, ok := unreadable(source); ok {
		r.add(problem)
		return nil
	}

	decoder := yaml.NewDecoder(bytes.NewReader(source.Content))
	var document, next yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) {
			r.add(syntaxProblem(source, err))
		}
		return nil
	}
	switch err := decoder.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.add(syntaxProblem(source, err))
		return nil
	default:
		r.add(Problem{
			At: Position{source.Name, next.Line}, What: "document",
			Found: "a second YAML document", Want: "one document",
		})
		return nil
	}
	if !r.bounded(&document, source.Name) {
		return nil
	}
	return document.Content[0]
}

// bounded reports whether a document is small enough, and gives up on one with too many values.
func (r *diagnostics) bounded(root *yaml.Node, source string) bool {
	excess := yamlbounds.Excess(root, maxNodes)
	if excess != nil {
		r.giveUp(Position{source, excess.Line}, fmt.Sprintf("more than %d values", maxNodes))
	}
	return excess == nil
}

// unreadable finds characters that YAML does not allow, which its parser reports without a
// position.
func unreadable(source Source) (Problem, bool) {
	line := 1
	for rest := source.Content; len(rest) > 0; {
		char, size := utf8.DecodeRune(rest)
		found := ""
		switch {
		case char == utf8.RuneError && size == 1:
			found = fmt.Sprintf("the byte 0x%02X, which is not UTF-8", rest[0])
		case unicode.IsControl(char) && !strings.ContainsRune("\t\n\r\u0085", char):
			found = fmt.Sprintf("the control character U+%04X", char)
		case char == 0xFFFE, char == 0xFFFF:
			found = fmt.Sprintf("the code point U+%04X, which is not a character", char)
		}
		if found != "" {
			return Problem{At: Position{source.Name, line}, What: "text", Found: found, Want: "plain UTF-8 text"}, true
		}
		if char == '\n' {
			line++
		}
		rest = rest[size:]
	}
	return Problem{}, false
}

func syntaxProblem(source Source, err error) Problem {
	problem := yamlerror.Explain(source.Content, err)[0]
	return Problem{At: Position{source.Name, problem.Line}, What: "syntax", Found: problem.Found, Want: problem.Want}
}
