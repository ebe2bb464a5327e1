package render

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Variables with the instance's identity (CF-43).
const (
	certificateVariable = "CF_INSTANCE_CERT"
	keyVariable         = "CF_INSTANCE_KEY"
	authoritiesVariable = "CF_SYSTEM_CERT_PATH"
)

// pemSuffix requests the content instead of the path.
const pemSuffix = "-pem"

const certUsage = `cert "certificate", cert "key" or cert "authorities" for a path, or with ` + pemSuffix + ` at its end for the content`

// cert returns a part of the instance's identity: the path of its certificate or key, or of the
// directory with trusted authorities. The platform replaces the files (CF-43), so programs should
// read them by their paths. With pemSuffix, it returns the content of the file, or of all files in
// the directory.
func (s *scope) cert(arguments ...any) (any, error) {
	names, err := textArguments("cert", certUsage, arguments, 0, 1)
	if err != nil {
		return nil, err
	}
	part := "certificate"
	if len(names) == 1 {
		part = names[0].text
	}
	part, content := strings.CutSuffix(part, pemSuffix)
	variable, known := map[string]string{"certificate": certificateVariable, "key": keyVariable, "authorities": authoritiesVariable}[part]
	if !known {
		return nil, valueError(fmt.Errorf("found a part of the identity that there is not; expected %s", certUsage))
	}
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
