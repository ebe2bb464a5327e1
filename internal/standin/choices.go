package standin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// FileName is the file in which a team chooses buildpacks for its machines.
const FileName = ".sidecar.yml"

// maxChoices is the maximum size of that file, in bytes.
const maxChoices = 1 << 20

// Choices select the buildpacks to use on this machine.
type Choices struct {
	// Strict disables stand-ins.
	Strict bool
	// Buildpacks are directories, zips and URLs, by the name of the buildpack that they replace.
	Buildpacks map[string]Choice
}

// A Choice is one of them, and the file that it comes from.
type Choice struct{ Buildpack, Source string }

// FindChoices reads the file of an app, found by FindTeamFile. Without a file, there are no
// choices.
func FindChoices(app string) (Choices, error) {
	path, content, err := FindTeamFile(app, FileName, maxChoices)
	if err != nil {
		return Choices{}, fmt.Errorf("failed to read the choice of buildpacks: %w", err)
	}
	if path == "" {
		return Choices{}, nil
	}
	return ParseChoices(path, content)
}

// FindTeamFile reads a team's file of at most maxSize bytes: in the directory of an app, or the
// nearest one above it up to the root of its git repository. A file that belongs to neither this
// user, root nor the app's owner is an error, since it could make this user run anything. If there
// is no file, the path is empty.
func FindTeamFile(app, name string, maxSize int64) (path string, content []byte, err error) {
	directory, err := filepath.Abs(app)
	if err != nil {
		return "", nil, fmt.Errorf("failed to find %s: %w", name, err)
	}
	if info, err := os.Stat(directory); err == nil && !info.IsDir() {
		directory = filepath.Dir(directory)
	}
	for _, candidate := range upToRepository(directory) {
		path := filepath.Join(candidate, name)
		content, err := regularfile.Read(path, maxSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		if !trusted(path, directory) {
			return "", nil, fmt.Errorf("%s belongs to another user; it is not read, since it could have you run anything: remove it, or make it your own", path)
		}
		return path, content, nil
	}
	return "", nil, nil
}

// upToRepository returns a directory and those above it, up to the root of its repository; without
// a repository, only the directory itself.
func upToRepository(directory string) []string {
	var all []string
	for current := directory; ; current = filepath.Dir(current) {
		all = append(all, current)
		if _, err := os.Lstat(filepath.Join(current, ".git")); err == nil {
			return all
		}
		if current == filepath.Dir(current) {
			return []string{directory}
		}
	}
}

// ParseChoices parses a file of choices, whose relative paths are relative to its directory. The
// error names everything that is wrong with it, with lines.
func ParseChoices(path string, content []byte) (Choices, error) {
	choices := Choices{Buildpacks: map[string]Choice{}}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return choices, yamlerror.Wrap(path, content, err)
	}
	if len(document.Content) == 0 {
		return choices, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return choices, fmt.Errorf("%s:%d: found no mapping; expected the keys buildpacks and strict", path, root.Line)
	}
	var problems []error
	for i := 0; i < len(root.Content); i += 2 {
		problems = append(problems, choices.read(path, root.Content[i], root.Content[i+1]))
	}
	return choices, errors.Join(problems...)
}

func (c *Choices) read(path string, key, value *yaml.Node) error {
	switch {
	case key.Value == "strict":
		if err := value.Decode(&c.Strict); err != nil {
			return fmt.Errorf("%s:%d: strict: found %q; expected true or false", path, value.Line, value.Value)
		}
		return nil
	case key.Value != "buildpacks":
		return fmt.Errorf("%s:%d: unknown key %q%s", path, key.Line, key.Value, suggest.Before(suggest.Name(key.Value, []string{"buildpacks", "strict"}), "expected buildpacks or strict"))
	case value.Kind != yaml.MappingNode:
		return fmt.Errorf("%s:%d: buildpacks: expected a mapping such as ruby_buildpack: ../ruby-buildpack", path, value.Line)
	}
	var problems []error
	for i := 0; i < len(value.Content); i += 2 {
		name, buildpack := value.Content[i], value.Content[i+1]
		source := fmt.Sprintf("%s:%d", path, name.Line)
		found, err := Locate(filepath.Dir(path), buildpack.Value)
		if err != nil || buildpack.Kind != yaml.ScalarNode {
			problems = append(problems, fmt.Errorf("%s: %s: found %q; expected the directory or the zip of a buildpack, or a git URL", source, redact.Address(name.Value), redact.Address(buildpack.Value)))
			continue
		}
		c.Buildpacks[name.Value] = Choice{Buildpack: found, Source: source}
	}
	return errors.Join(problems...)
}
