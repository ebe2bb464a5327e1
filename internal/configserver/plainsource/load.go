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

// Variable holds the configuration, or the path of a file with it.
const Variable = "CONFIG_SERVER_CONFIG"

const defaultConfig = `{"Scope":"some-service.admin","Password":"not-a-real-p4$$w0rd"}`

// loadConfig returns the configuration for value, the content of
// CONFIG_SERVER_CONFIG, as compact JSON that ends in a newline. An
// empty value selects the default, inline JSON is the configuration, and every other
// value is the path of a JSON file, relative to the working directory.
//
// No error repeats any of the configuration. A value that was meant as
// configuration may have been taken for a path, so a path is shown only once
// something of that name has been found.
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

// IsInline tells JSON from a path by its first byte that is not white space.
// Numbers, true, false and null at the top are thus taken for paths: as
// configuration they would be of no use, as file names they are possible.
func IsInline(value string) bool {
	start := strings.TrimLeft(value, " \t\r\n")
	return start != "" && strings.ContainsRune(`{["`, rune(start[0]))
}

func readConfigFile(path string) ([]byte, error) {
	// Opening comes second: to open a named pipe waits for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf(`%s is neither inline JSON nor the path of a file that can be read: start inline JSON with {, [ or ", or name a JSON file, relative to the working directory (the value is not shown, it may hold secrets): %w`, Variable, withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("failed to read the file %q: it is not a regular file: set %s to the path of a JSON file", path, Variable)
	}

	file, err := regularfile.Open(path) // whatever has taken its place meanwhile
	if err != nil {
		return nil, fmt.Errorf("failed to open the file %q: %w", path, withoutPath(err))
	}
	defer file.Close()

	// One byte more than allowed, so that compact sees when it is too much.
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
