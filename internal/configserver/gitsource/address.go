package gitsource

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

const expectedAddress = "expected https://HOST/PATH, file:///PATH or an absolute path"

// secureShell matches USER@HOST:PATH, which git takes for ssh.
var secureShell = regexp.MustCompile(`^[\w.-]+@[\w.-]+:[^/]`)

func isSecureShell(address string) bool { return secureShell.MatchString(address) }

// checkAddress rejects addresses of repositories that cannot be read. The error says what was found, as the end
// of a sentence that starts with the setting's name. It does not quote the address, which may contain secrets.
func checkAddress(address string, parsed *url.URL) error {
	if isSecureShell(address) {
		return errors.New("is an address for ssh, such as git@HOST:PATH, which config-server does not support; expected https://HOST/PATH")
	}
	switch parsed.Scheme {
	case "https", "http":
		if parsed.Hostname() == "" {
			return fmt.Errorf("has the scheme %q and no host; expected https://HOST/PATH", parsed.Scheme)
		}
		if port := parsed.Port(); port != "" {
			if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
				return errors.New("has an invalid port; expected one from 1 to 65535, or none")
			}
		}
	case "file":
		if parsed.Host != "" && parsed.Host != "localhost" {
			return errors.New("has the scheme \"file\" and the host of another machine (not shown, it may be a part of the path); expected file:///PATH, with three slashes")
		}
		if parsed.Path == "" {
			return errors.New("has the scheme \"file\" and no path; expected file:///PATH")
		}
	case "ssh", "git+ssh", "git", "ftp":
		return fmt.Errorf("has the scheme %q, which config-server does not support; %s", parsed.Scheme, expectedAddress)
	case "":
		return errors.New("is a relative path or another text without a scheme (not shown, it may hold secrets); " + expectedAddress)
	default:
		return errors.New("has a scheme that config-server does not support (not shown, it may hold secrets); " + expectedAddress)
	}
	if parsed.RawQuery != "" || parsed.Fragment != "" {
		return errors.New("has a query or a fragment (not shown, it may hold secrets); expected an address without")
	}
	return nil
}

// checkPaths rejects search paths that can match no folder.
func checkPaths(paths []string) error {
	for _, one := range paths {
		clean := path.Clean(strings.Trim(one, "/"))
		if clean == ".." || strings.HasPrefix(clean, "../") {
			return errors.New("CONFIG_SERVER_GIT_PATH (or git_path) leads out of the repository with ..; expected folders in it, such as config/{application}")
		}
		if strings.ContainsAny(one, "[]\\") {
			return errors.New("CONFIG_SERVER_GIT_PATH (or git_path) has a bracket or a backslash; expected folders of the repository, in which only *, ** and ? are wildcards")
		}
	}
	return nil
}
