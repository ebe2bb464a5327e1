package packaged

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// checkFiles checks each file's type, mode and link target.
func (b *Buildpack) checkFiles() {
	count := 0
	_ = fs.WalkDir(b.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || count > maxFiles {
			return nil // reported where the file is needed
		}
		count++
		for _, ignored := range neverPacked {
			if name == ignored {
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
		}
		b.checkFile(name, entry)
		return nil
	})
}

func (b *Buildpack) checkFile(name string, entry fs.DirEntry) {
	info, err := entry.Info()
	if err != nil {
		return
	}
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		b.checkLink(name)
	case !mode.IsRegular() && !mode.IsDir():
		b.add(finding.SpecialFile, finding.Finding{File: name, Found: "a " + kindOf(mode)})
	case mode.Perm()&0o002 != 0 && name != "." && mode&fs.ModeSticky == 0:
		b.add(finding.WorldWritable, finding.Finding{File: name, Found: "mode " + mode.Perm().String()})
	}
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	default:
		return "device"
	}
}

func (b *Buildpack) checkLink(name string) {
	target, err := fs.ReadLink(b.FS, name)
	if err != nil || isNotRun(name) {
		return
	}
	to := path.Join(path.Dir(name), target)
	switch {
	case path.IsAbs(target), to == "..", strings.HasPrefix(to, "../"):
		b.add(finding.LinkOutside, finding.Finding{File: name, Found: "a link to " + target})
	default:
		_, err := fs.Stat(b.FS, name)
		switch {
		case err == nil, errors.Is(err, fs.ErrPermission):
		case errors.Is(err, fs.ErrNotExist):
			b.add(finding.LinkDangling, finding.Finding{File: name, Found: "a link to " + target + ", which is not there"})
		case errors.Is(err, syscall.ELOOP):
			b.add(finding.LinkDangling, finding.Finding{File: name, Found: "a link to " + target + ", which leads back to it"})
		default: // os.Root follows no link out of it
			b.add(finding.LinkOutside, finding.Finding{File: name, Found: "a link to " + target + ", which leads out of the buildpack by another link"})
		}
	}
}
