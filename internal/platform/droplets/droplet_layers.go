package droplets

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

	"gopkg.in/yaml.v3"

	sidecarfamily "github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// maxLaunchFile is the maximum size of a launch.yml in a droplet, and of the files next to it, in
// bytes.
const maxLaunchFile = 1 << 20

// Layers returns what each buildpack of the droplet has declared in its launch.yml, and the
// buildpacks' names, in their order; none for a droplet without an archive.
func (d Droplet) Layers() (layers []launch.Layer, err error) {
	info, err := os.Stat(d.Archive())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil
	}
	file, err := os.Open(d.Archive())
	if err != nil {
		return nil, fmt.Errorf("failed to open the droplet: %w", err)
	}
	defer file.Close() // it was only read
	compressed, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("failed to read the droplet %s: %w", d.Archive(), err)
	}
	described := map[int]*launch.Layer{}
	for archive := tar.NewReader(compressed); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read the droplet %s: %w", d.Archive(), err)
		}
		position, file, ok := describingFile(entry.Name)
		if !ok || entry.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(archive, maxLaunchFile))
		if err != nil {
			return nil, fmt.Errorf("failed to read the droplet %s: %w", d.Archive(), err)
		}
		if described[position] == nil {
			described[position] = &launch.Layer{Position: position}
		}
		if err := describe(described[position], file, content); err != nil {
			return nil, fmt.Errorf("failed to parse %s of the droplet: %w", entry.Name, err)
		}
	}
	for _, layer := range described {
		if layer.Processes != nil {
			layers = append(layers, *layer)
		}
	}
	slices.SortFunc(layers, func(a, b launch.Layer) int { return cmp.Compare(a.Position, b.Position) })
	return layers, nil
}

// configFile has a buildpack's name (CF-04).
const configFile = "config.yml"

// describingFile recognizes the files below deps/N that describe a buildpack. The lifecycle looks
// for launch.yml without padding; the others are in the buildpack's own directory (CF-02).
func describingFile(name string) (position int, file string, ok bool) {
	parts := strings.Split(path.Clean(name), "/")
	if len(parts) != 3 || parts[0] != "deps" {
		return 0, "", false
	}
	position, err := strconv.Atoi(parts[1])
	switch file = parts[2]; file {
	case launch.FileName:
		return position, file, err == nil && strconv.Itoa(position) == parts[1]
	case configFile, sidecarfamily.RecordFile:
		return position, file, err == nil
	default:
		return 0, "", false
	}
}

// describe reads one of these files. An invalid config.yml leaves the buildpack without a name.
func describe(layer *launch.Layer, file string, content []byte) (err error) {
	switch file {
	case launch.FileName:
		layer.Processes, err = launch.Parse(content)
	case sidecarfamily.RecordFile:
		layer.Family = true
	default:
		var config struct {
			Name string `yaml:"name"`
		}
		if yaml.Unmarshal(content, &config) == nil {
			layer.Name = config.Name
		}
	}
	return err
}
