// Package render makes what a sidecar needs from the services bound to its app: variables and
// files, from templates and as copies. The program sidecar-render does so before each start of the
// sidecar's command, and has ended by then.
//
// Values of bindings are secret. They are in the memory of that program, in the command's
// environment and in files that only the app's user can read, but in no error.
package render

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Program is the program's name, in the supervisor's directory.
const Program = "sidecar-render"

// FileName is the file with the specs, in the directory above the program's own.
const FileName = "render.json"

// FilesVariable is the variable with the directory for the files. The supervisor sets it for the
// program, the command and its probes.
const FilesVariable = "SIDECAR_FILES"

// maxSpecs limits how much of the file is read, in bytes.
const maxSpecs = 64 << 20

// privateMode is the mode of all files: templates and default values may be a user's secrets.
const privateMode = 0o600

// A Document is the content of the file with the specs.
type Document struct {
	// CredHub is the address of the platform's CredHub at staging: the launcher removes it from the
	// environment of the processes that it starts (CF-53). It may be empty.
	CredHub  string `json:"credhub,omitempty"`
	Sidecars []Spec `json:"sidecars"`
}

// A Spec is what to make for one sidecar.
type Spec struct {
	// Name is the sidecar's.
	Name string `json:"name"`
	// Memory is what is reserved for it, in MB; 0 means nothing.
	Memory memory.Size `json:"memory,omitempty"`
	// Binding selects the service that paths refer to; nil if the sidecar has none.
	Binding *bindings.Selector `json:"binding,omitempty"`
	// Env are variables for its command. Each may refer to those before it.
	Env []Variable `json:"env,omitempty"`
	// Files are written below the directory of FilesVariable.
	Files []File `json:"files,omitempty"`
	// EnvFrom and FilesFrom name the sources of Env and Files if no droplet may contain these: a
	// variable of the app's environment or a bound service (see Restated). The lists are then
	// empty.
	EnvFrom   string `json:"env-from,omitempty"`
	FilesFrom string `json:"files-from,omitempty"`
}

// A Variable is one variable of a command's environment. If Binding and Config are empty, its value
// is Value, in which $NAME and ${NAME} refer to other variables. Otherwise it is a credential, or a
// value of the app's configuration, in which nothing is special.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	// Binding is the path of a credential, with a dot between its keys.
	Binding string `json:"binding,omitempty"`
	// Config is a key of the configuration that the app's config-server serves.
	Config string `json:"config,omitempty"`
	// Of selects the service; nil means the sidecar's own.
	Of *bindings.Selector `json:"of,omitempty"`
	// Default is the value if the credential, the key or the service is missing, or the value is
	// empty; if nil, a missing one is an error.
	Default *string `json:"default,omitempty"`
}

// A File is a file to write. Exactly one of Template, TemplateFile and Copy defines its content.
type File struct {
	// Path is below the directory of FilesVariable, clean and with slashes.
	Path string `json:"path"`
	// Template is the text of a template; nil if it is in a file.
	Template *string `json:"template,omitempty"`
	// TemplateFile is the path of a template, and Copy the path of a file to copy unchanged: below
	// the app's directory or, if InBuildpack is set, below deps/IDX, where supply has put it.
	TemplateFile string `json:"template-file,omitempty"`
	Copy         string `json:"copy,omitempty"`
	InBuildpack  bool   `json:"in-buildpack,omitempty"`
	// At is the template's position, such as "sidecars.yml:12", for errors.
	At string `json:"at,omitempty"`
}

// Write writes a document below directory, atomically.
func Write(directory string, d Document) error {
	content, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	if err := atomicfile.Write(filepath.Join(directory, FileName), append(content, '\n'), privateMode); err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	return nil
}

// Read reads the document below directory. Any process in the app's container can write to the
// file, so no error quotes it.
func Read(directory string) (Document, error) {
	path := filepath.Join(directory, FileName)
	content, err := regularfile.Read(path, maxSpecs)
	if err != nil {
		return Document{}, fmt.Errorf("failed to read %s: %w", FileName, err)
	}
	var d Document
	if err := json.Unmarshal(content, &d); err != nil {
		return Document{}, fmt.Errorf("failed to parse %s: it is not as the buildpack has written it; stage the app again", path)
	}
	return d, nil
}

// Find returns the spec with a name.
func (d Document) Find(name string) (Spec, error) {
	i := slices.IndexFunc(d.Sidecars, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(d.Sidecars))
		for i, s := range d.Sidecars {
			names[i] = s.Name
		}
		return Spec{}, fmt.Errorf("found the name %q; expected one of %q", name, names)
	}
	return d.Sidecars[i], nil
}
