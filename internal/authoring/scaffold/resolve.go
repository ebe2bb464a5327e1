package scaffold

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// homepage is the project's home page.
const homepage = "https://github.com/cloudfoundry-community/sidecar-buildpack"

// resolve collects the values for the templates.
func (r Request) resolve(ctx context.Context, tools Tools) (content, error) {
	c := content{
		Request: r, Go: !r.WithoutGo, ID: r.id(), Title: r.title(), OwnModule: r.module(), Sidecar: r.sidecar(), Homepage: homepage,
		OwnProgram: r.URI == "", DisplayedURI: install.Redact(r.URI),
	}
	var err error
	if c.AppMemory, err = r.appMemory(); err != nil {
		return content{}, err
	}
	if c.OwnProgram {
		c.Strip, c.Executable = 0, c.Sidecar
		return c, nil
	}
	if c.Version, err = r.findVersion(); err != nil {
		return content{}, err
	}
	if strings.HasPrefix(r.URI, "file:") {
		tools.Logf("The buildpack can be built and staged on this machine alone, as manifest.yml names a file of it")
	}
	file, err := tools.Look(ctx, r.URI, r.Strip)
	if err != nil {
		return content{}, err
	}
	if err := c.choose(file, tools.Logf); err != nil {
		return content{}, err
	}
	c.SHA256 = file.SHA256
	tools.Logf("Version %s of %s, SHA-256 %s", c.Version, c.Sidecar, c.SHA256)
	if r.WithoutGo {
		programs, err := tools.Look(ctx, r.Programs, 0)
		if err != nil {
			return content{}, fmt.Errorf("failed to find the released programs: %w", err)
		}
		if !programs.Has("bin/supply") || !programs.Has("bin/supervise") {
			return content{}, &OptionError{"--programs", "found no bin/supply and bin/supervise there; expected the zip of a release of the sidecar buildpack"}
		}
		c.ProgramsSHA256 = programs.SHA256
	}
	return c, nil
}

// choose selects the program in a published file, and checks the agents.
func (c *content) choose(file published.File, logf func(string, ...any)) error {
	switch {
	case !file.Archive && c.Strip > 0:
		logf("--strip has no effect on a program that is not in an archive")
	case c.Strip < 0 && file.Strip > 0:
		logf("All files are below %s/, which strip = %d drops", file.Directory, file.Strip)
	}
	c.Strip = file.Strip
	for _, a := range c.Request.Agents {
		if err := c.checkAgent(a, file); err != nil {
			return err
		}
	}
	take := func() error { return c.takeOnly(file, logf) }
	if c.Binary != "" {
		take = func() error { return c.takeBinary(file) }
	}
	if err := take(); err != nil {
		return err
	}
	for _, a := range c.Request.Agents {
		if !file.Archive {
			a.Path = c.fileName()
		}
		c.Agents = append(c.Agents, a.setting())
	}
	return nil
}

// fileName returns the name that staging gives to a file that it does not unpack.
func (c *content) fileName() string {
	if c.Executable != "" {
		return path.Base(c.Executable)
	}
	return c.Sidecar + artifact.Artifact{URI: c.URI}.JavaExtension()
}

// checkAgent checks that a runtime can load an agent of the file.
func (c *content) checkAgent(a Agent, file published.File) error {
	switch {
	case a.Runtime == "python" && file.Has(a.Path) && !strings.HasSuffix(a.Path, ".zip"):
		return &OptionError{"--agent", fmt.Sprintf("found the file %q for python; expected a directory or a zip, since PYTHONPATH lists these: its directory, for example", a.Path)}
	case !file.Archive && !slices.Contains(file.Paths(), a.Path):
		return &OptionError{"--agent", fmt.Sprintf("found the path %q, but the file is not an archive; expected its name, %s", a.Path, few(file.Paths()))}
	case !file.Has(a.Path) && !file.HasDirectory(a.Path):
		return &OptionError{"--agent", fmt.Sprintf("found no %q in the archive; %s", a.Path, c.listed(file.Paths()))}
	default:
		return nil
	}
}

// takeBinary checks the program that the author has named.
func (c *content) takeBinary(file published.File) error {
	c.Executable = path.Clean(c.Binary)
	switch {
	case !file.Has(c.Executable) && !file.Archive:
		return &OptionError{"--binary", fmt.Sprintf("found the path %q, but the file is a program and no archive; expected its name alone, such as %q", c.Executable, path.Base(c.Executable))}
	case !file.Has(c.Executable):
		return &OptionError{"--binary", fmt.Sprintf("found no %q in the archive%s", c.Executable,
			suggest.Before(suggest.Name(c.Executable, file.Paths()), c.listed(file.Paths())))}
	}
	if e, ok := file.Program(c.Executable); ok && e.Problem != "" {
		return &OptionError{"--binary", fmt.Sprintf("found %s in %s; %s", e.Kind, c.Executable, e.Problem)}
	}
	return nil
}

// takeOnly selects the archive's only program; compiled ones take precedence over scripts. If the
// author has set a command, it needs none.
func (c *content) takeOnly(file published.File, logf func(string, ...any)) error {
	var good, compiled, bad []string
	for _, e := range file.Executables {
		switch {
		case e.Problem != "":
			bad = append(bad, fmt.Sprintf("%s, %s: %s", e.Path, e.Kind, e.Problem))
		default:
			good = append(good, e.Path)
			if strings.HasPrefix(e.Kind, published.ProgramFor) {
				compiled = append(compiled, e.Path)
			}
		}
	}
	if len(compiled) > 0 {
		good = compiled
	}
	switch {
	case len(good) == 1:
		c.Executable = good[0]
		logf("The program is %s", c.Executable)
		return nil
	case c.Command != "":
		return nil
	case len(good) > 1:
		return &OptionError{"--binary", fmt.Sprintf("found %d programs in the archive; expected --binary with one of %s", len(good), few(good))}
	case artifact.Artifact{URI: c.URI}.JavaExtension() != "" && !file.Archive:
		return &OptionError{"--from", fmt.Sprintf("found a Java archive, which is not a program; expected --command, too, such as 'java -jar $SIDECAR_PACKAGE/%s'", c.fileName())}
	case len(bad) > 0:
		return &OptionError{"--from", "found no program that a container can run; " + few(bad)}
	default:
		return &OptionError{"--from", fmt.Sprintf("found no program there; %s", c.listed(file.Paths()))}
	}
}

// listed describes an archive's content.
func (c *content) listed(paths []string) string {
	if len(paths) > 0 {
		return "it holds " + few(paths)
	}
	return fmt.Sprintf("with --strip %d, it holds nothing", c.Strip)
}

// few lists the first of many names.
func few(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

var versionPattern = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+(-(alpha|beta|rc)[.0-9]*[0-9])?`)

// findVersion returns the author's version, or the last one in the URI's path: in the file's name,
// or else in the directories above it, as in /v1.2.3/agent.
func (r Request) findVersion() (string, error) {
	if r.Version != "" {
		return r.Version, nil
	}
	const most = 3 // elements of the path
	if parsed, err := url.Parse(r.URI); err == nil {
		elements := strings.Split(parsed.Path, "/")
		for range min(most, len(elements)) {
			last := len(elements) - 1
			if found := versionPattern.FindAllString(elements[last], -1); len(found) > 0 {
				return found[len(found)-1], nil
			}
			elements = elements[:last]
		}
	}
	return "", &OptionError{"--version", fmt.Sprintf("found no version such as 1.2.3 in the path of %s; expected --version with the version that is published there", install.Redact(r.URI))}
}
