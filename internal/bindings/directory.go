package bindings

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// ReadDirectory reads the bindings below a directory, sorted by name: each subdirectory is a binding, and each
// file in it a key. A directory that does not exist has none: the platform creates it for the first binding
// (executor, storenode.go).
//
// Names that start with two dots belong to Kubernetes, and are ignored.
func ReadDirectory(root string) ([]Binding, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Binding
	total := 0
	for _, entry := range entries {
		directory := filepath.Join(root, entry.Name())
		if strings.HasPrefix(entry.Name(), "..") || !isDirectory(directory) {
			continue
		}
		files, err := readKeys(directory, &total)
		if err != nil {
			return nil, err
		}
		all = append(all, fromFiles(entry.Name(), files))
	}
	sortByName(all)
	return all, nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readKeys reads the files of one binding, and adds their size to the total.
func readKeys(directory string, total *int) (map[string]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), "..") {
			continue
		}
		content, err := regularfile.Read(filepath.Join(directory, entry.Name()), MaxBytes)
		if err != nil {
			return nil, err
		}
		*total += len(filepath.Base(directory)) + len("/") + len(entry.Name()) + len(content)
		if *total > MaxBytes {
			return nil, fmt.Errorf("found more than %d bytes, names included, by the time of %s; expected no more in all", MaxBytes, directory)
		}
		files[entry.Name()] = string(content)
	}
	return files, nil
}

// overwritten are the keys that the platform writes itself, after the credentials (CF-41). Until September 2025,
// it wrote those of several words with hyphens (cloud_controller_ng #4542).
var overwritten = []string{
	"type", "provider", "label", "name", "tags",
	"instance_guid", "instance_name", "binding_guid", "binding_name", "syslog_drain_url", "volume_mounts",
	"instance-guid", "instance-name", "binding-guid", "binding-name", "syslog-drain-url", "volume-mounts",
}

// userProvided is the label of a service that does not come from a broker. It has no plan.
const userProvided = "user-provided"

func fromFiles(directory string, files map[string]string) Binding {
	field := func(names ...string) string {
		i := slices.IndexFunc(names, func(name string) bool { return files[name] != "" })
		if i < 0 {
			return ""
		}
		return strings.TrimSpace(files[names[i]])
	}
	b := Binding{
		Name: field("name"), InstanceName: field("instance_name", "instance-name"),
		Label: field("label", "type"), Type: field("type", "label"), Credentials: map[string]any{},
	}
	if b.Name == "" {
		b.Name = directory
	}
	if b.InstanceName == "" {
		b.InstanceName = b.Name
	}
	b.Tags = tagsOf(field("tags"))
	b.TypeLost = b.Type == b.Label
	own := slices.Clone(overwritten)
	if b.Label != userProvided {
		b.Plan = field("plan")
		own = append(own, "plan")
	}
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(own, key) {
			b.Credentials[key] = fromFile(files[key])
			if _, isText := b.Credentials[key].(string); !isText {
				if b.Structured == nil {
					b.Structured = map[string]string{}
				}
				b.Structured[key] = files[key]
			}
		}
	}
	return b
}

// fromFile decodes the content of a file that the platform has written: a list or an object in JSON without
// white space, which is how the platform writes them, is decoded; everything else is text.
func fromFile(text string) any {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return text
	}
	value, err := decode([]byte(text))
	if err != nil || string(compact([]byte(text))) != text {
		return text
	}
	return value
}

// tagsOf parses the platform's list, which is JSON, or a comma-separated one, which others write.
func tagsOf(text string) []string {
	if decoded, err := decode([]byte(text)); err == nil {
		if tags, err := parseTags(decoded); err == nil {
			return tags
		}
	}
	var tags []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
