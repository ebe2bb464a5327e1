package render

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// Variables with the instance's identity (CF-43).
const (
	certificateVariable = "CF_INSTANCE_CERT"
	keyVariable         = "CF_INSTANCE_KEY"
	authoritiesVariable = "CF_SYSTEM_CERT_PATH"
)

// certVariables has the variables with the parts of the identity.
var certVariables = map[string]string{"certificate": certificateVariable, "key": keyVariable, "authorities": authoritiesVariable}

// cert returns a part of the instance's identity: the path of its certificate or key, or of the
// directory with trusted authorities. The platform replaces the files (CF-43), so programs should
// read them by their paths. With pemSuffix, it returns the content of the file, or of all files in
// the directory.
func (s *scope) cert(arguments ...any) (any, error) {
	part, content, err := certArgument(arguments)
	if err != nil {
		return nil, err
	}
	variable := certVariables[part]
	at := env.Get(s.environ, variable)
	if at == "" {
		return nil, &missingError{fmt.Sprintf("found no variable %s, in which the platform tells of the instance's identity; expected it to be set, or a default", variable)}
	}
	if !content {
		return at, nil
	}
	if s.masked {
		return secret(Mask), nil // there is none before the start
	}
	read := readPEM
	if part == "authorities" {
		read = readAuthorities
	}
	text, err := read(at)
	return text, valueError(err)
}

// certArgument returns a part of the identity, a key of certVariables, and whether its content is
// requested.
func certArgument(arguments []any) (part string, content bool, err error) {
	names, err := textArguments("cert", arguments)
	if err != nil {
		return "", false, err
	}
	if len(names) == 0 {
		return "certificate", false, nil
	}
	part, content = strings.CutSuffix(names[0].text, pemSuffix)
	if certVariables[part] != "" {
		return part, content, nil
	}
	meant := ""
	if names[0].isShown() {
		meant = suggest.Name(part, slices.Sorted(maps.Keys(certVariables)))
	}
	if meant != "" && content {
		meant += pemSuffix
	}
	return "", false, valueError(fmt.Errorf("found %s, which is not a part of the identity%s", names[0].shown, suggest.Before(meant, "expected "+signatures["cert"].usage)))
}

func readPEM(path string) (string, error) {
	content, err := regularfile.Read(path, maxFile)
	return string(content), err
}

// readAuthorities returns the certificates in all *.crt files of a directory.
func readAuthorities(directory string) (string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return "", regularfile.Unread(directory, err)
	}
	var all strings.Builder
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".crt") {
			continue
		}
		content, err := readPEM(filepath.Join(directory, entry.Name()))
		if err != nil {
			return "", err
		}
		all.WriteString(strings.TrimSuffix(content, "\n") + "\n")
	}
	return all.String(), nil
}
