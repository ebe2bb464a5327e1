package render

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Sources are where files named by a path come from.
type Sources struct {
	App       fs.FS // the app's directory
	Buildpack fs.FS // deps/IDX
}

// A Setting is a variable with the value that the command gets.
type Setting struct{ Name, Value string }

// A Rendered is the content of a file, with its path below the directory of FilesVariable.
type Rendered struct {
	Path    string
	Content []byte
}

// A renderer makes what a spec asks for.
type renderer struct {
	scope
	sources Sources
	budget  *budget
}

// settings returns the spec's variables. Later ones, and the templates, can use the earlier ones.
func (r *renderer) settings() ([]Setting, error) {
	var settings []Setting
	var problems []error
	for _, v := range r.spec.Env {
		value, err := r.valueOf(v)
		if err == nil && strings.ContainsRune(value, 0) {
			err = errors.New("found a NUL byte in its value; expected text, as a variable cannot hold one")
		}
		if err != nil {
			if !r.services.isRepeated(err.Error()) {
				problems = append(problems, fmt.Errorf("env: %s: %w", v.Name, err))
			}
			continue
		}
		settings = append(settings, Setting{v.Name, value})
		r.environ = slices.Concat(r.environ, []string{v.Name + "=" + value})
	}
	return settings, errors.Join(problems...)
}

func (r *renderer) valueOf(v Variable) (string, error) {
	if v.Binding == "" && v.Config == "" {
		if r.masked {
			return v.Value, nil // what it refers to may be a secret
		}
		return env.Expand(r.environ, v.Value), nil
	}
	value, err := r.referred(v)
	var missing *missingError
	if v.Default != nil && (errors.As(err, &missing) || err == nil && isEmpty(value)) {
		return *v.Default, nil
	}
	if err != nil {
		return "", err
	}
	return toText(value)
}

// referred returns the value that a variable refers to.
func (r *renderer) referred(v Variable) (any, error) {
	if v.Config != "" {
		return r.configured(stated(v.Config))
	}
	selector := r.spec.Binding
	if v.Of != nil {
		selector = v.Of
	}
	return r.credential(request{selector: selector, path: stated(v.Binding), asText: !r.masked})
}

// render makes all of the spec's files, or none.
func (r *renderer) render() ([]Rendered, error) {
	var files []Rendered
	var problems []error
	for _, f := range r.spec.Files {
		content, err := r.content(f)
		if err != nil {
			if !r.services.isRepeated(whatIsWrong(err)) {
				problems = append(problems, err)
			}
			continue
		}
		files = append(files, Rendered{f.Path, content})
	}
	return files, errors.Join(problems...)
}

// whatIsWrong returns the text of an error without the position in a template.
func whatIsWrong(err error) string {
	var inTemplate *TemplateError
	if errors.As(err, &inTemplate) {
		return inTemplate.What
	}
	return err.Error()
}

func (r *renderer) content(f File) ([]byte, error) {
	if f.Copy != "" {
		content, err := r.sources.read(f.Copy, f.InBuildpack)
		if err != nil {
			return nil, fmt.Errorf("files: %s: %w", f.Path, err)
		}
		return content, nil
	}
	source, err := r.sources.template(f)
	if err != nil {
		return nil, err
	}
	functions := r.functions()
	parsed, err := parseTemplate(source, functions)
	if err != nil {
		return nil, err
	}
	data := &data{Name: r.spec.Name, Files: r.files, memory: r.spec.Memory, environ: r.environ}
	return source.execute(parsed.Funcs(withHidden(functions, r.budget)), data)
}

// template returns the text of a file's template.
func (s Sources) template(f File) (source, error) {
	if f.Template != nil {
		return source{f.label(), *f.Template}, nil
	}
	content, err := s.read(f.TemplateFile, f.InBuildpack)
	if err != nil {
		return source{}, fmt.Errorf("files: %s: %w", f.Path, err)
	}
	return source{f.label(), string(content)}, nil
}

// read returns the content of a file of the app or of the buildpack.
func (s Sources) read(name string, inBuildpack bool) ([]byte, error) {
	files := s.App
	if inBuildpack {
		files = s.Buildpack
	}
	content, err := readBelow(files, stated(name))
	return content, regularfile.Unread(name, err)
}
