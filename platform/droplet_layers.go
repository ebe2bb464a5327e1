package platform

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// maxLaunchFile is the most that is read of one launch.yml in a droplet, in bytes.
const maxLaunchFile = 1 << 20

// Layers are what each buildpack of the droplet has declared, in their order, by the
// launch.yml files in it. Of a droplet without an archive there are none.
func (d Droplet) Layers() (layers []launch.Layer, err error) {
	info, err := os.Stat(d.archive())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil
	}
	file, err := os.Open(d.archive())
	if err != nil {
		return nil, fmt.Errorf("failed to open the droplet: %w", err)
	}
	defer file.Close() // it was only read
	compressed, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("failed to read the droplet %s: %w", d.archive(), err)
	}
	for archive := tar.NewReader(compressed); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read the droplet %s: %w", d.archive(), err)
		}
		position, ok := launchFilePosition(entry.Name)
		if !ok || entry.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(archive, maxLaunchFile))
		if err != nil {
			return nil, fmt.Errorf("failed to read the droplet %s: %w", d.archive(), err)
		}
		processes, err := launch.Parse(content)
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s of the droplet: %w", entry.Name, err)
		}
		layers = append(layers, launch.Layer{Position: position, Processes: processes})
	}
	slices.SortFunc(layers, func(a, b launch.Layer) int { return cmp.Compare(a.Position, b.Position) })
	return layers, nil
}

// launchFilePosition is the number in deps/N/launch.yml, which the lifecycle looks for
// without padding (PR-02).
func launchFilePosition(name string) (int, bool) {
	parts := strings.Split(path.Clean(name), "/")
	if len(parts) != 3 || parts[0] != "deps" || parts[2] != launch.FileName {
		return 0, false
	}
	position, err := strconv.Atoi(parts[1])
	return position, err == nil && strconv.Itoa(position) == parts[1]
}
