package plainsource

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Variable contains the configuration, or the path of a file with it.
const Variable = "CONFIG_SERVER_CONFIG"

const defaultConfig = `{"Scope":"some-service.admin","Password":"not-a-real-p4$$w0rd"}`

// loadConfig returns the configuration for value, the content of CONFIG_SERVER_CONFIG, as compact JSON with a
// trailing newline. If value is empty, it returns the default; if it is JSON, that is the configuration; any
// other value is the path of a JSON file, relative to the working directory.
//
// No error quotes the configuration. Since a value meant as configuration may have been taken for a path, errors
// show a path only if something exists there.
func loadConfig(value string) ([]byte, error) {
	switch {
	case value == "":
		return compact(Variable, []byte(defaultConfig))
	case IsInline(value):
		return compact(Variable, []byte(value))
	}

	content, err := readConfigFile(value)
	if err != nil {
		return nil, err
	}
	return compact(fmt.Sprintf("the file %q", value), content)
}

// IsInline distinguishes JSON from a path by the first byte that is not white space. A top-level number, true,
// false or null thus counts as a path: it would be useless as a configuration, but is possible as a file name.
func IsInline(value string) bool {
	start := strings.TrimLeft(value, " \t\r\n")
	return start != "" && strings.ContainsRune(`{["`, rune(start[0]))
}

func readConfigFile(path string) ([]byte, error) {
	// Check before opening: opening a named pipe blocks until it has a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf(`%s is neither inline JSON nor the path of a file that can be read: start inline JSON with {, [ or ", or name a JSON file, relative to the working directory (the value is not shown, it may hold secrets): %w`, Variable, withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("failed to read the file %q: it is not a regular file: set %s to the path of a JSON file", path, Variable)
	}

	file, err := regularfile.Open(path) // whatever has replaced it meanwhile
	if err != nil {
		return nil, fmt.Errorf("failed to open the file %q: %w", path, withoutPath(err))
	}
	defer file.Close()

	// Read one byte more than allowed, so that compact can tell when it is too much.
	content, err := io.ReadAll(io.LimitReader(file, maxConfigSize+1))
	if err != nil {
		return nil, fmt.Errorf("failed to read the file %q: %w", path, withoutPath(err))
	}
	return content, nil
}

func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
