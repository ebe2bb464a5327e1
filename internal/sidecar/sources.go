package sidecar

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Sources finds the documents in which an app declares its sidecars, in the order that Resolve
// expects: its sidecars.yml or the file that SIDECARS_CONFIG names, bound services, and SIDECARS.
// It is no problem if there are none, but it is one if an expected document cannot be read.
func Sources(app fs.FS, environ []string, bound []bindings.Binding) (sources []Source, problems Problems) {
	name, problem := fileName(app, env.Get(environ, ConfigVariable))
	if problem == nil && name != "" {
		var content []byte
		if content, problem = readDocument(app, name); problem == nil {
			sources = append(sources, Source{Name: name, Content: content})
		}
	}
	if problem != nil {
		problems = append(problems, *problem)
	}
	fromServices, unread := serviceSources(bound)
	sources, problems = append(sources, fromServices...), append(problems, unread...)
	if inline := env.Get(environ, InlineVariable); inline != "" {
		sources = append(sources, Source{Name: InlineVariable, Content: []byte(inline), Variable: true})
	}
	return sources, problems
}

// fileName returns the path of the app's file with sidecars, or nothing if there is none.
func fileName(app fs.FS, config string) (string, *Problem) {
	name := path.Clean(config)
	switch {
	case config == "":
		return defaultFileName(app)
	case !fs.ValidPath(name):
		return "", &Problem{
			At: Position{Source: ConfigVariable}, What: "path",
			Found: quote(config), Want: "a path below the app's root, such as config/" + FileName,
		}
	case !exists(app, name):
		return "", &Problem{
			At: Position{Source: ConfigVariable}, What: "path",
			Found: quote(name) + ", which is not in the app", Want: "the path of a file below the app's root",
		}
	default:
		return name, nil
	}
}

// defaultFileName also finds a file whose name is almost right: the app would otherwise silently
// run without its sidecars.
func defaultFileName(app fs.FS) (string, *Problem) {
	const almost = "sidecars.yaml"
	switch {
	case exists(app, FileName):
		return FileName, nil
	case exists(app, almost):
		return "", &Problem{At: Position{Source: almost}, What: "name", Found: almost, Want: FileName}
	default:
		return "", nil
	}
}

// exists is also true for a symbolic link, whatever its target.
func exists(app fs.FS, name string) bool {
	_, err := fs.Lstat(app, name)
	return !errors.Is(err, fs.ErrNotExist)
}

// readDocument reads just enough of a file to find that it is too large.
func readDocument(app fs.FS, name string) ([]byte, *Problem) {
	unread := func(found string) *Problem {
		return &Problem{At: Position{Source: name}, What: "file", Found: found, Want: "a file in the app, or a relative link to one"}
	}
	info, err := fs.Stat(app, name)
	if err != nil {
		return nil, unread(fmt.Sprintf("what cannot be read (%s)", err))
	}
	if !info.Mode().IsRegular() {
		return nil, unread("something other than a regular file")
	}
	file, err := app.Open(name)
	if err != nil {
		return nil, unread(fmt.Sprintf("what cannot be read (%s)", err))
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxDocumentSize+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, unread(fmt.Sprintf("what cannot be read (%s)", err))
	}
	return content, nil
}
