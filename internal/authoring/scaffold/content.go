package scaffold

import (
	"embed"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

//go:embed templates
var templates embed.FS

// content has the values for the templates.
type content struct {
	Request
	Go             bool   // with Go code
	ID             string // the buildpack's
	Title          string
	OwnModule      string // the path of its Go module
	Sidecar        string // its name
	Agents         []setting
	OwnProgram     bool // in the repository
	Executable     string
	SHA256         string // of the file at URI
	DisplayedURI   string // without secrets
	ProgramsSHA256 string // of the file at Programs
	Homepage       string
	AppMemory      memory.Size // of the example, with the sidecar's
}

const (
	fileMode   fs.FileMode = 0o644
	scriptMode fs.FileMode = 0o755
)

// A written is a file of the repository, made from a template.
type written struct {
	path, template string
	mode           fs.FileMode
}

// files returns the files of the repository.
func (c content) files() []written {
	all := []written{
		{".github/workflows/ci.yml", "common/ci.yml", fileMode},
		{".gitignore", "common/gitignore", fileMode},
		{"LICENSE", "common/LICENSE", fileMode},
		{"README.md", "common/README.md", fileMode},
		{"VERSION", "common/VERSION", fileMode},
		{"buildpack.toml", "common/buildpack.toml", fileMode},
		{"manifest.yml", "common/manifest.yml", fileMode},
		{"example/Procfile", "common/Procfile", fileMode},
		{"example/manifest.yml", "common/app-manifest.yml", fileMode},
		{"example/run.sh", "common/run.sh", scriptMode},
		{"scripts/test.sh", "common/test.sh", scriptMode},
	}
	if c.Binding != "" {
		all = append(all,
			written{"example/.cfignore", "common/cfignore", fileMode},
			written{"example/.sidecar-services.yml", "common/services.yml", fileMode},
		)
	} else {
		all = append(all, written{"example/sidecars.yml", "common/sidecars.yml", fileMode})
	}
	if !c.Go {
		return append(all,
			written{"PROGRAMS", "data/PROGRAMS", fileMode},
			written{"scripts/build.sh", "data/build.sh", scriptMode},
			written{"scripts/package.sh", "data/package.sh", scriptMode},
		)
	}
	for _, phase := range []string{"detect", "finalize", "release", "supply"} {
		all = append(all, written{"bin/" + phase, "go/bin", scriptMode})
	}
	if c.OwnProgram {
		all = append(all, written{"cmd/" + c.Sidecar + "/main.go", "go/program.go", fileMode})
	}
	return append(all,
		written{"cmd/buildpack/main.go", "go/main.go", fileMode},
		written{"go.mod", "go/go.mod", fileMode},
		written{"scripts/build.sh", "go/build.sh", scriptMode},
		written{"scripts/from-source.sh", "go/from-source.sh", scriptMode},
		written{"scripts/package.sh", "go/package.sh", scriptMode},
	)
}

// write writes all files into a directory.
func (c content) write(directory string) error {
	functions := template.FuncMap{"toml": quoted, "yaml": yamlText, "gomod": modulePath}
	for _, f := range c.files() {
		name := path.Base(f.template) + ".tmpl"
		parsed, err := template.New(name).Funcs(functions).Option("missingkey=error").ParseFS(templates, "templates/"+f.template+".tmpl")
		if err != nil {
			return err
		}
		var text strings.Builder
		if err := parsed.Execute(&text, c); err != nil {
			return err
		}
		target := filepath.Join(directory, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, []byte(text.String()), f.mode); err != nil {
			return err
		}
	}
	return nil
}

// quoted returns a text as a basic string of TOML, whose escapes are those of JSON.
func quoted(text string) (string, error) {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return strings.TrimSpace(line.String()), err
}

// yamlText returns a text as a scalar of YAML, quoted if necessary.
func yamlText(text string) (string, error) {
	line, err := yaml.Marshal(text)
	return strings.TrimSpace(string(line)), err
}

// modulePath returns a directory in the form for go.mod.
func modulePath(directory string) string {
	if strings.ContainsAny(directory, " \"'`()[]{},;\\") {
		return strconv.Quote(directory)
	}
	return directory
}
