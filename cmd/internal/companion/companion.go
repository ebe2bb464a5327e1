// Package companion finds the buildpack's programs that sidecar does not embed. Each is a separate
// executable, in the same directory and from the same build as sidecar.
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

// Find calls Directory.Find for the directory of the running program.
func Find(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("failed to find this program's own file: %w", err)
	}
	return Of(self).Find(name)
}

// Supply is bin/supply of the embedded buildpack.
func Supply(args, environ []string, stdout, stderr io.Writer) int {
	return buildpack.Supply(args, environ, stdout, stderr, buildpack.Hooks{Program: Find})
}

// A Directory is the directory of sidecar's own file, with links resolved.
type Directory struct {
	self string
}

// Of returns the directory of the program self.
func Of(self string) Directory {
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		self = resolved
	}
	return Directory{self}
}

// Path returns where the program of this name belongs, whether or not it exists.
func (d Directory) Path(name string) string {
	return filepath.Join(filepath.Dir(d.self), name)
}

// Find returns the path of a program. It is an error if the program does not exist, does not belong
// to this buildpack, or was built from another version; the error says how to install both
// programs.
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

// version identifies the source and the platform that a program was built from and for: the
// module's version, which includes the commit if Go has recorded it.
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

// remedy says how to install the program and sidecar from the source of own: a published version,
// which has a checksum, or a checkout.
func remedy(own *debug.BuildInfo, name string) string {
	if own.Main.Sum != "" {
		module, version := own.Main.Path, own.Main.Version
		return fmt.Sprintf("install both: go install %s/cmd/sidecar@%s %s/cmd/%s@%s", module, version, module, name, version)
	}
	return fmt.Sprintf("build both from one checkout: go install ./cmd/sidecar ./cmd/%s, or ./scripts/build.sh", name)
}
