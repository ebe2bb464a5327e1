package finalize

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// maxConfig limits how much of a config.yml is read, in bytes.
const maxConfig = 1 << 20

// nameOf returns a buildpack's name from its config.yml, or nothing.
func (f *Finalizer) nameOf(position int) string {
	index := fmt.Sprintf("%0*d", len(f.Stager.DepsIdx()), position)
	content, err := regularfile.Read(filepath.Join(f.Stager.DepsDir(), index, "config.yml"), maxConfig)
	if err != nil {
		return ""
	}
	var config struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(content, &config); err != nil {
		return ""
	}
	return config.Name
}

// warnOfReplaced lists the sidecars that the platform will not run because a later buildpack
// declares another with the same name (CF-07).
func (f *Finalizer) warnOfReplaced() error {
	layers, err := launch.ReadDeps(f.Stager.DepsDir())
	if err != nil {
		return err
	}
	for _, r := range launch.Replacements(layers) {
		f.Log.Warning("%s. One of the two has to be given another name.", printable.Line(r.Message(func(position int) string {
			buildpack := fmt.Sprintf("the buildpack in position %d of this push", position)
			if name := f.nameOf(position); name != "" {
				return printable.Name(name) + ", " + buildpack
			}
			return buildpack
		})))
	}
	return nil
}

// warnOfNoCommand says how the app gets a start command: if a language's buildpack comes before
// this one, from that buildpack. The platform only asks the last buildpack for it.
func (f *Finalizer) warnOfNoCommand() {
	own, err := strconv.Atoi(f.Stager.DepsIdx())
	if err != nil {
		own = 0 // it has been read before
	}
	for position := own - 1; position >= 0; position-- {
		if name := f.nameOf(position); family.IsLanguage(name) {
			f.Log.Warning("No start command found. The platform asks the last buildpack of a push for it, and %s, which has one, is not: "+
				"name this buildpack first and %[1]s last, as in cf push -b sidecar_buildpack -b %s_buildpack.", name, strings.ReplaceAll(name, "-", "_"))
			return
		}
	}
	f.Log.Warning("No start command found. Unless the app's manifest or cf push -c states one, the app will not start: " +
		"add a Procfile with a line web: COMMAND to it.")
}
