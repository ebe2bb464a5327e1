package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// Check returns what is known to be wrong with a spec before the start: its paths, credentials that
// no bound service has, and templates that are invalid or fail at every start with these services.
// A nil list of services, like nil Sources, means unknown, and skips their checks. The errors name
// services and keys, and quote no value.
func Check(spec Spec, bound []bindings.Binding, sources Sources) error {
	c := checker{spec: spec, sources: sources, bound: bound != nil}
	c.services = &services{
		read: func() ([]bindings.Binding, error) { return bound, nil },
		// CredHub's values are unknown before the start.
		resolve: func(b bindings.Binding) (bindings.Binding, error) { return b, errUnknown },
	}
	var problems []error
	for _, v := range spec.Env {
		problems = append(problems, c.variable(v))
	}
	problems = append(problems, checkPaths(spec.Files)...)
	for _, f := range spec.Files {
		problems = append(problems, c.file(f))
	}
	return errors.Join(problems...)
}

func (c *checker) variable(v Variable) error {
	selector := c.spec.Binding
	if v.Of != nil {
		selector = v.Of
	}
	if v.Binding == "" {
		return nil
	}
	_, err := c.credential(request{selector: selector, path: stated(v.Binding)})
	var missing *missingError
	if err == nil || errors.Is(err, errUnknown) || v.Default != nil && errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("env: %s: %w", v.Name, err)
}

// checkPaths rejects paths that cannot be written below one directory.
func checkPaths(files []File) (problems []error) {
	seen := map[string]bool{}
	for _, f := range files {
		switch {
		case !fs.ValidPath(f.Path) || f.Path == "." || strings.ContainsAny(f.Path, "\\\x00"):
			problems = append(problems, fmt.Errorf("files: found the path %q; expected one below $%s, such as config/agent.yaml", f.Path, FilesVariable))
		case seen[f.Path]:
			problems = append(problems, fmt.Errorf("files: found the path %q twice; expected it once", f.Path))
		}
		seen[f.Path] = true
	}
	for _, f := range files {
		for above := path.Dir(f.Path); above != "." && above != "/"; above = path.Dir(above) {
			if seen[above] {
				problems = append(problems, fmt.Errorf("files: found %q below %q, which is a file; expected other paths", f.Path, above))
			}
		}
	}
	return problems
}

func (c *checker) file(f File) error {
	if f.Template == nil {
		files := c.sources.App
		if f.InBuildpack {
			files = c.sources.Buildpack
		}
		if files == nil {
			return nil
		}
	}
	if f.Copy != "" {
		if _, err := c.sources.read(f.Copy, f.InBuildpack); err != nil {
			return explainMissing(f, fmt.Errorf("files: %s: %w", f.Path, err))
		}
		return nil
	}
	source, err := c.sources.template(f)
	if err != nil {
		return explainMissing(f, err)
	}
	parsed, err := parseTemplate(source, (&scope{}).functions())
	if err != nil {
		return err
	}
	t := &trial{remaining: maxTrials}
	t.use(c.knownFunctions(t))
	w := walker{source: source, template: parsed, trial: t, dot: oneOf(c.exampleData())}
	w.vars = []variable{{"$", w.dot}}
	w.list(parsed.Root)
	return errors.Join(w.problems...)
}

// exampleData returns the data of a start, with the app, the index and the directory as examples.
func (c *checker) exampleData() *data {
	return &data{Name: c.spec.Name, Files: exampleText, memory: c.spec.Memory, environ: exampleEnviron}
}

// explainMissing says how to include a missing file in the buildpack's package.
func explainMissing(f File, err error) error {
	if f.InBuildpack && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in the buildpack; expected it there, and in a package's include_files in manifest.yml", err)
	}
	return err
}
