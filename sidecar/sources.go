package sidecar

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const (
	// FileName is where an app declares its sidecars, in its root.
	FileName = "sidecars.yml"
	// ConfigVariable names another file below the app's root in its place.
	ConfigVariable = "SIDECARS_CONFIG"
	// InlineVariable holds the same YAML itself.
	InlineVariable = "SIDECARS"
)

// Sources finds the documents in which an app declares its sidecars: its
// sidecars.yml or the file that SIDECARS_CONFIG names, and SIDECARS, in the
// order in which Resolve wants them. That there are none is no error; that
// SIDECARS_CONFIG names a file that cannot be read is one.
func Sources(app fs.FS, environ []string) ([]Source, error) {
	var sources []Source
	file, named := FileName, false
	if config := lookup(environ, ConfigVariable); config != "" {
		file, named = path.Clean(config), true
		if !fs.ValidPath(file) {
			return nil, Problems{{
				At: Position{Source: ConfigVariable}, What: "path",
				Found: quote(config), Want: "a path below the app's root, such as config/" + FileName,
			}}
		}
	}
	content, err := readDocument(app, file)
	switch {
	case err == nil:
		sources = append(sources, Source{Name: file, Content: content})
	case errors.Is(err, fs.ErrNotExist) && !named:
	case errors.Is(err, fs.ErrNotExist):
		return nil, Problems{{
			At: Position{Source: ConfigVariable}, What: "path",
			Found: quote(file) + ", which is not in the app", Want: "the path of a file below the app's root",
		}}
	default:
		return nil, fmt.Errorf("failed to read %s: %w", file, err)
	}
	if inline := lookup(environ, InlineVariable); inline != "" {
		sources = append(sources, Source{Name: InlineVariable, Content: []byte(inline)})
	}
	return sources, nil
}

// readDocument reads no more of a file than shows that it is too large.
func readDocument(app fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(app, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := app.Open(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxDocumentSize+1))
	return content, errors.Join(err, file.Close())
}

// lookup finds a variable's value; of a name that is set twice, the last one
// counts.
func lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}
