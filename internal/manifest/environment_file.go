package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	envparse "github.com/hashicorp/go-envparse"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// LoadEnvironment reads the files of --env-file, of which the last one wins, and then the
// NAME=VALUE pairs of --env, which override the files. Notes are about variables that have no
// effect. Neither they nor the error, which names everything that is wrong, contain any part of a
// value.
//
// A line of a file is NAME=VALUE, a comment that begins with #, or empty. White space around name
// and value is ignored; between quotes it is kept, and between double quotes \n is a line feed.
// $NAME is not expanded, since passwords contain dollar signs.
func LoadEnvironment(files, pairs []string) (environment map[string]string, notes []string, err error) {
	environment = map[string]string{}
	var problems []error
	set := func(source, name, value string) {
		note, err := CheckVariable(name, value)
		switch {
		case name == bindings.ServicesVariable:
			problems = append(problems, fmt.Errorf("%s: %s: %w, or --services FILE for bound services", source, name, err))
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %s: %w", source, redact.Name(name), err))
		}
		if note != "" {
			notes = append(notes, fmt.Sprintf("%s: %s: %s", source, redact.Name(name), note))
		}
		environment[name] = value
	}
	for _, file := range files {
		read, err := readEnvironment(file)
		if err != nil {
			problems = append(problems, err)
		}
		for _, name := range slices.Sorted(maps.Keys(read)) {
			set(file, name, read[name])
		}
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			problems = append(problems, fmt.Errorf("--env: found %q; expected NAME=VALUE", redact.Name(pair)))
			continue
		}
		set("--env", name, value)
	}
	return environment, notes, errors.Join(problems...)
}

func readEnvironment(file string) (map[string]string, error) {
	if file == "" {
		return nil, errors.New("--env-file: found no name; expected the path of a file")
	}
	content, err := regularfile.ReadText(file, maxSize)
	if err != nil {
		return nil, fmt.Errorf("failed to read the variables of --env-file: %w", err)
	}
	read, err := envparse.Parse(bytes.NewReader(content))
	var parse *envparse.ParseError
	switch {
	case errors.As(err, &parse) && errors.Is(parse.Err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s:%d: found a line that is too long; expected less than %d bytes", file, tooLongLine(content), bufio.MaxScanTokenSize)
	case errors.As(err, &parse):
		return nil, fmt.Errorf("%s:%d: found %s", file, max(parse.Line, 1), environmentProblem(parse.Err))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	default:
		return read, nil
	}
}

// tooLongLine returns the number of the first line that is too long for the parser.
func tooLongLine(content []byte) int {
	return 1 + slices.IndexFunc(bytes.Split(content, []byte("\n")), func(line []byte) bool { return len(line)+1 > bufio.MaxScanTokenSize })
}

// environmentProblem explains a problem of the parser to users. It leaves out the parser's quotes,
// which may be part of a value.
func environmentProblem(err error) string {
	const line = `NAME=VALUE, a comment with # in front, or an empty line`
	switch {
	case errors.Is(err, envparse.ErrMissingSeparator):
		return "no equals sign; expected " + line
	case errors.Is(err, envparse.ErrEmptyKey):
		return "no name; expected " + line
	case errors.Is(err, envparse.ErrUnmatchedDouble), errors.Is(err, envparse.ErrUnmatchedSingle):
		return `a quote that is not closed on its line; expected both quotes on one line, where \n between double quotes is a line feed`
	case strings.HasPrefix(err.Error(), "key "):
		return "a name with another character; expected letters, digits, _, . and /, and no digit in front"
	default:
		return `what cannot be in a value; expected one line of text, with quotes around it where it has quotes, # or a backslash, such as 'a "b" \c' or "a\nb"`
	}
}
