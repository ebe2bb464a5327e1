package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template/parse"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// Check returns what is known to be wrong with a spec before the start: its paths, the syntax of
// its templates, and credentials that no bound service has. A nil list of services, like nil
// Sources, means unknown, and skips their checks. The errors name services and keys, and quote no
// value.
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

type checker struct {
	spec     Spec
	services *services
	bound    bool // the bound services are known
	sources  Sources
}

func (c *checker) variable(v Variable) error {
	selector := c.spec.Binding
	if v.Of != nil {
		selector = v.Of
	}
	if v.Binding == "" {
		return nil
	}
	if err := c.credential(request{selector: selector, path: stated(v.Binding)}, v.Default != nil); err != nil {
		return fmt.Errorf("env: %s: %w", v.Name, err)
	}
	return nil
}

// credential returns an error if the value cannot exist at the start either.
func (c *checker) credential(wanted request, optional bool) error {
	if wanted.selector != nil && !c.bound {
		return nil
	}
	_, err := c.services.credential(wanted)
	var missing *missingError
	if errors.Is(err, errUnknown) || optional && errors.As(err, &missing) {
		return nil
	}
	return err
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
	var problems []error
	for _, call := range certainCalls(parsed.Tree.Root) {
		selector := c.spec.Binding
		if len(call.texts) == 2 {
			selector = &bindings.Selector{Any: call.texts[1]}
		}
		if err := c.credential(request{selector: selector, path: stated(call.texts[0])}, call.optional); err != nil {
			location, _ := parsed.ErrorContext(call.node)
			line, column := lineAndColumn(location)
			problems = append(problems, &TemplateError{source.at, line, source.column(line, column), err.Error()})
		}
	}
	return errors.Join(problems...)
}

// explainMissing says how to include a missing file in the buildpack's package.
func explainMissing(f File, err error) error {
	if f.InBuildpack && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in the buildpack; expected it there, and in a package's include_files in manifest.yml", err)
	}
	return err
}

// A bindingCall is binding "KEY" or binding "KEY" "SERVICE" in a template.
type bindingCall struct {
	node     parse.Node
	texts    []string
	optional bool // it has a default
}

// certainCalls returns the calls that every execution makes. Calls in a branch, in a named
// template, or as later arguments of and and or may not happen.
func certainCalls(list *parse.ListNode) (calls []bindingCall) {
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			calls = append(calls, callsIn(node.Pipe)...)
		case *parse.IfNode:
			calls = append(calls, callsIn(node.Pipe)...)
		case *parse.RangeNode:
			calls = append(calls, callsIn(node.Pipe)...)
		case *parse.WithNode:
			calls = append(calls, callsIn(node.Pipe)...)
		case *parse.TemplateNode:
			calls = append(calls, callsIn(node.Pipe)...)
		}
	}
	return calls
}

func callsIn(pipe *parse.PipeNode) (found []bindingCall) {
	if pipe == nil {
		return nil
	}
	for _, command := range pipe.Cmds {
		if calls(command, "and") || calls(command, "or") {
			continue
		}
		for _, argument := range command.Args {
			if chain, ok := argument.(*parse.ChainNode); ok {
				argument = chain.Node
			}
			if inner, ok := argument.(*parse.PipeNode); ok {
				found = append(found, callsIn(inner)...)
			}
		}
		optional := calls(command, "binding"+optionalSuffix) || calls(command, "text"+optionalSuffix)
		if texts, ok := literals(command.Args[1:]); ok && (optional || calls(command, "binding") || calls(command, "text")) && (len(texts) == 1 || len(texts) == 2) {
			found = append(found, bindingCall{command.Args[0], texts, optional})
		}
	}
	return found
}

// literals returns the arguments if all are literals of the template.
func literals(arguments []parse.Node) (texts []string, ok bool) {
	for _, argument := range arguments {
		text, ok := literalOf(argument)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}
