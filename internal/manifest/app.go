package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxNameLength is Cloud Controller's limit for an app's name, in characters.
const maxNameLength = 255

// An App is an app of a manifest as Cloud Controller reads it.
type App struct {
	Name string
	// Path is the manifest's path, relative to the manifest's directory. So are those Buildpacks
	// that are directories here.
	Path       string
	Stack      string
	Buildpacks []string // none: the platform detects one
	// Environment has the variables' values as text.
	Environment map[string]string
	Launch      controller.App
	// Services is the form in which the app gets its bound services.
	Services bindings.Form
	// Bound are the services that the app is bound to; nil if the manifest does not say.
	Bound []Service
	// Notes are in the order of the file.
	Notes []Note
}

// Read reads the apps of the manifest at a path, with variables replaced. The error names
// everything that is wrong with it: each line of it is a Problem, with its line in the file.
func Read(path string, variables Variables) ([]App, error) {
	content, err := regularfile.Read(path, maxSize)
	if err != nil {
		return nil, fmt.Errorf("failed to read manifest: %w", err)
	}
	return Parse(path, content, variables)
}

// Parse is Read for a manifest's content. source is its name in messages.
func Parse(source string, content []byte, variables Variables) ([]App, error) {
	if len(content) > maxSize {
		return nil, fmt.Errorf("%s: found %d bytes; expected at most %d", source, len(content), maxSize)
	}
	if err := bounded(content); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	l := newLines(source, content)
	filled, err := interpolate(content, variables, l)
	if err != nil {
		return nil, err
	}
	if err := checkKinds(filled, l); err != nil {
		return nil, err
	}
	sent, err := send(filled)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", source, parserError(err))
	}
	received, err := parse(sent)
	var class classError
	if errors.As(err, &class) {
		return nil, Problem{At: l.at(class.path...), Message: class.Error(), Hidden: true, Found: quote(class.text), Want: "quotes around it"}
	}
	if encoding, ok := errors.AsType[encodingError](err); ok {
		return nil, Problem{At: l.at(encoding.path...), Message: encoding.Error(), Found: "bytes that are not text", Want: "text"}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", source, parserError(err))
	}
	r := reader{lines: l, variables: variables}
	return r.apps(received)
}

// apps reads the apps that have arrived at Cloud Controller.
func (r *reader) apps(received any) ([]App, error) {
	manifest, _ := received.(object)
	list, _ := manifest.get("applications")
	items, _ := list.([]any)
	apps := make([]App, len(items))
	for i, item := range items {
		written, _ := item.(object)
		apps[i] = r.app(i, written)
		for j := range i {
			if apps[j].Name == apps[i].Name && apps[i].Name != "" {
				r.refuse([]any{"applications", i}, fmt.Sprintf("the app %q is here twice", apps[i].Name), "", "a name of its own for each app, as each is run here")
			}
		}
	}
	return apps, r.problems.err()
}

func (r *reader) app(index int, written object) App {
	r.notes = nil
	if index == 0 {
		r.noteOutside()
	}
	path := []any{"applications", index}
	f := r.fields(path, written, true)
	app := App{Environment: map[string]string{}}
	name, _ := f.get("name")
	app.Name = text(name)
	switch length := utf8.RuneCountInString(app.Name); {
	case blank(name):
		r.refuse(path, "Name must not be empty", "no name", "the key name")
	case length > maxNameLength:
		r.refuse(f.path("name"), "Name is too long (maximum is 255 characters)", fmt.Sprintf("%d characters", length), "")
	}
	app.Path = f.text("path")
	app.Stack = f.text("stack")
	for _, key := range []string{"name", "path", "stack"} {
		if value, ok := f.get(key); ok {
			r.noteChanged(f.path(key), key, text(value), inQuotes)
		}
	}
	r.lifecycle(f)
	app.Buildpacks = r.buildpacks(f)
	app.Environment = r.environment(f)
	app.Services = r.services(f)
	app.Bound = r.bound(f)
	r.platformKeys(f)
	app.Launch.Processes = r.processes(f)
	app.Launch.Sidecars = r.sidecars(f, &app.Launch.Dropped)
	r.leftOver(f)
	slices.SortStableFunc(r.notes, func(a, b Note) int { return cmp.Compare(a.At.Line, b.At.Line) })
	app.Notes = r.notes
	return app
}

// lifecycle refuses apps that no buildpack stages, which cannot run here.
func (r *reader) lifecycle(f fields) {
	const want = "an app that buildpacks stage: no other can be run here"
	if docker, ok := f.get("docker"); ok {
		r.refuse(f.path("docker"), fmt.Sprintf("app %q: docker", clip(f.text("name"))), show(docker), want)
	}
	switch kind := f.text("lifecycle"); kind {
	case "", "buildpack":
	case "cnb":
		r.refuse(f.path("lifecycle"), fmt.Sprintf("app %q: lifecycle", clip(f.text("name"))), quote(kind), want)
	default:
		r.note(f.path("lifecycle"), "Cloud Controller takes the lifecycle %s for none; it knows buildpack and cnb, and the key docker", quote(kind))
	}
}

// buildpacks returns the names and URLs in the manifest.
func (r *reader) buildpacks(f fields) []string {
	single, hasSingle := f.get("buildpack")
	several, hasSeveral := f.get("buildpacks")
	if hasSingle && hasSeveral {
		r.refuse(f.path("buildpack"), "Buildpack and Buildpacks fields cannot be used together.", "", "")
	}
	if hasSingle {
		name, isText := single.(string)
		switch length := utf8.RuneCountInString(text(single)); {
		case single == nil, name == "default", name == "null":
			return nil
		case !isText:
			r.refuse(f.path("buildpack"), "Buildpack must be a string", show(single), "a name or a URL")
		case length == 0, length > maxCommandLength:
			r.refuse(f.path("buildpack"), "Buildpack must be between 1 and 4096 characters", fmt.Sprintf("%d characters", length), "")
		}
		return []string{name}
	}
	list, isList := several.([]any)
	if hasSeveral && !isList && several != nil {
		r.refuse(f.path("buildpacks"), "Buildpacks must be an array", show(several), "a list such as [sidecar_buildpack, go_buildpack]")
	}
	var names []string
	for i, item := range list {
		name, isText := item.(string)
		if !isText {
			r.refuse(f.path("buildpacks", i), "Buildpacks can only contain strings", show(item), "a name or a URL")
		}
		if isText && (blank(name) || utf8.RuneCountInString(name) > maxCommandLength) {
			r.refuse(f.path("buildpacks", i), "Buildpacks entries must be between 1 and 4096 characters", quote(name), "a name or a URL")
		}
		names = append(names, name)
	}
	return names
}
