package sidecar_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// timeout is the time that a document may take: the second of a staging, and room
// for the instrumentation of a fuzz test and of the race detector.
const timeout = 5 * time.Second

// FuzzResolve shows that a document and a variable, whatever is in them, end in
// valid sidecars or in Problems.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", "# nothing\n", "sidecars:\n", "- name: a\n  command: b\n",
		"sidecars: [{name: a, command: b, process_types: [web, worker], memory: 1G}]",
		"- &a {name: a, command: b}\n- {<<: *a, name: b}\n- {<<: [*a, {memory: 1}], name: c}\n",
		"&a [*a]", "&a {<<: *a}", "? &a {name: *a}\n: x", "- &a\n  name: *a", "{sidecars: &a [*a, *a]}",
		"[[[[[[", "{{{{", "a: b: c", "- name: \"\\0\"", "- !!binary YQ==", "a\n---\nb", "\xef\xbb\xbf- name: a\r\n  command: b\r\n",
		"%YAML 1.1\n---\n- name: a", "- name: |\n    a\n  command: >-\n    b\n    c\n", "\xff\xfe-\x00", "- name: \x00",
		"- {name: a, command: b, binding: apm, env: {K: {binding: a.b, of: {tag: t}, default: d}}, files: {a/b: '{{ x }}', c: {from: d}, e: {template: f}}}",
		"- {name: a, command: b, binding: {label: apm}, enabled: false, env: {K: {binding: &x [*x]}}, files: {../a: b, a: b, a/b: c, ? [x] : y}}",
		"- {name: 1, command: [], process_types: {}, memory: {}}", "- name: a\n  name: b\n", "!!set {a}", "- ~\n- 1\n- .inf\n- 2001-01-01",
	} {
		f.Add([]byte(seed), "128M")
	}
	f.Add([]byte("- name: a"), "[web,'worker']")
	f.Add([]byte("- name: a"), "\xff")

	catalog, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(
		"[[metadata.sidecars]]\nname = \"known\"\nexecutable = \"known\"\nmemory = 1\n")})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte, value string) {
		defer time.AfterFunc(timeout, func() { panic("it takes too long") }).Stop()
		definitions, _, err := sidecar.Resolve(sidecar.Request{
			Catalog:  catalog,
			Sources:  []sidecar.Source{{Name: "sidecars.yml", Content: content}},
			Services: sidecar.Services{Known: true, Bound: []bindings.Binding{{Name: "apm", Credentials: map[string]any{"a": map[string]any{"b": "c"}}}}},
			Environ:  []string{"SIDECAR_A_FILES=" + value, "SIDECAR_A_ENV=" + value, "SIDECAR_A_BINDING=" + value, "SIDECAR_A_MEMORY=" + value, "SIDECAR_A_COMMAND=" + value, "SIDECAR_A_PROCESS_TYPES=" + value},
		})
		check(t, definitions, err)
	})
}

// FuzzParseCatalog shows the same of a buildpack.toml.
func FuzzParseCatalog(f *testing.F) {
	for _, seed := range []string{
		"", "[buildpack]\nid = \"a\"\n", "[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"a\"\ndefault = true\n",
		"[[metadata.sidecars]]\nname = 1\n", "[metadata]\nsidecars = 1\n", "[[metadata.sidecars]]\nname = \"a\"\nmemory = [1]\nx = 1\n",
		"metadata = {sidecars = [{name = \"a\", command = \"\", process_types = []}]}", "a = [[[[", "\x00", "a.a.a.a = 1\na = 2",
		"[[metadata.sidecars]]\nname = \"a\"\nmemory = 2001-01-01\nexecutable = \"../a\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		defer time.AfterFunc(timeout, func() { panic("it takes too long") }).Stop()
		catalog, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: content})
		check(t, nil, err)
		if err == nil {
			definitions, _, err := sidecar.Resolve(sidecar.Request{Catalog: catalog})
			check(t, definitions, err)
		}
	})
}

// check holds what was read to the rules that its readers rely on.
func check(t *testing.T, definitions []sidecar.Definition, err error) {
	t.Helper()
	if err != nil {
		problems, ok := err.(sidecar.Problems)
		if !ok || len(problems) == 0 {
			t.Fatalf("found the error %T %v; expected Problems", err, err)
		}
		return
	}
	names := map[string]bool{}
	for _, d := range definitions {
		if d.Name == "" || names[d.Name] || d.Name == "web" {
			t.Fatalf("found the name %q", d.Name)
		}
		names[d.Name] = true
		if d.Command == "" && d.Package.Executable == "" || len(d.Command) > 4*sidecar.MaxCommandLength {
			t.Fatalf("found the command %q of %q", d.Command, d.Name)
		}
		for i, f := range d.Files {
			clashes := slices.ContainsFunc(d.Files[:i], func(other sidecar.File) bool {
				return other.Path == f.Path || strings.HasPrefix(f.Path, other.Path+"/")
			})
			if !fs.ValidPath(f.Path) || clashes || f.Source() != "" && (f.Template != nil || !fs.ValidPath(f.Source())) {
				t.Fatalf("found the file %+v of %q", f, d.Name)
			}
		}
		for name, bound := range d.Bound {
			if bound.Binding == "" || bound.Of == nil && d.Binding == nil {
				t.Fatalf("found %s with %+v of %q", name, bound, d.Name)
			}
		}
		if len(d.ProcessTypes) == 0 || d.Memory < 0 || d.Memory > memory.Max {
			t.Fatalf("found %+v", d)
		}
	}
}
