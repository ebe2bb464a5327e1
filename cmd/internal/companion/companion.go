// Package companion finds the programs of the buildpack that sidecar does not embed: each is an
// executable of its own, in the directory of sidecar's own file, and of the same build.
package companion

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Find is Directory.Find next to the program that calls it.
func Find(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("failed to find this program's own file: %w", err)
	}
	return Of(self).Find(name)
}

// Supply is bin/supply of the buildpack that sidecar embeds.
func Supply(args, environ []string, stdout, stderr io.Writer) int {
	return buildpack.Supply(args, environ, stdout, stderr, buildpack.Hooks{Program: Find})
}

// A Directory is where sidecar's own file is, with links resolved.
type Directory struct {
	self string
}

// Of is the directory of the program self.
func Of(self string) Directory {
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		self = resolved
	}
	return Directory{self}
}

// Path is where the program of a name belongs, whether it is there or not.
func (d Directory) Path(name string) string {
	return filepath.Join(filepath.Dir(d.self), name)
}

// Find returns the path of the program of a name. Errors: it is not there, it is no program of
// this buildpack, or it was built from another version; each says how to install both.
func (d Directory) Find(name string) (string, error) {
	own, err := buildinfo.ReadFile(d.self)
	if err != nil {
		return "", fmt.Errorf("failed to read the version of %s: %w", d.self, err)
	}
	path := d.Path(name)
	file, err := regularfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("found no program %s next to %s, which needs it for this app; %s", name, d.self, remedy(own, name))
	}
	if err != nil {
		return "", regularfile.Unread(path, err)
	}
	defer file.Close() // it was only read
	other, err := buildinfo.Read(file)
	if err != nil || other.Path != own.Main.Path+"/cmd/"+name {
		return "", fmt.Errorf("%s is not the program %s of this buildpack; %s", path, name, remedy(own, name))
	}
	if found, expected := version(other), version(own); found != expected {
		return "", fmt.Errorf("%s is of version %s; expected %s, as %s is; %s", path, found, expected, d.self, remedy(own, name))
	}
	return path, nil
}

// version identifies the source that a program was built from as far as the program knows:
// the module's version, which has the commit where Go has recorded one, and the platform that
// it was built for.
func version(info *debug.BuildInfo) string {
	parts := []string{info.Main.Version}
	for _, key := range []string{"vcs.revision", "GOOS", "GOARCH"} {
		for _, setting := range info.Settings {
			if setting.Key == key && !strings.Contains(info.Main.Version, setting.Value) {
				parts = append(parts, setting.Value)
			}
		}
	}
	return strings.Join(parts, " ")
}

// remedy says how to install the program and sidecar from the source of own: a version that
// was published, which has a checksum, or a checkout.
func remedy(own *debug.BuildInfo, name string) string {
	if own.Main.Sum != "" {
		module, version := own.Main.Path, own.Main.Version
		return fmt.Sprintf("install both: go install %s/cmd/sidecar@%s %s/cmd/%s@%s", module, version, module, name, version)
	}
	return fmt.Sprintf("build both from one checkout: go install ./cmd/sidecar ./cmd/%s, or ./scripts/build.sh", name)
}
