package dependency

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

const (
	// mirrorKind is the type of a bound service with mirrors.
	mirrorKind = "dependency-mirror"
	// mirrorVariable is the mirror of all hosts; followed by _ and a host's name, that of one host.
	mirrorVariable = "BP_DEPENDENCY_MIRROR"
	// userProvided is the label of user-provided services.
	userProvided = "user-provided"
	// anyHost is the credential with the mirror of all hosts.
	anyHost = "default"
)

// A mirror is an address with its arguments, and the variable or service that has set it.
type mirror struct {
	address, source string
}

// mirrors are mirrors by host; anyHost is that of all other hosts.
type mirrors map[string]mirror

// findMirror returns the mirror of a host, or an empty one. Variables precede bound services, and
// these precede the buildpack's own bindings.
func findMirror(environ []string, bound, own []bindings.Binding, host string) (mirror, error) {
	variables, err := mirrorsOfVariables(environ)
	if err != nil {
		return mirror{}, err
	}
	if found := variables.of(host); found.address != "" {
		return found, nil
	}
	if found, err := mirrorOf(bound, host); err != nil || found.address != "" {
		return found, err
	}
	return mirrorOf(own, host)
}

// mirrorsOfVariables reads BP_DEPENDENCY_MIRROR and BP_DEPENDENCY_MIRROR_HOST, in which a host's
// dots are _, and its hyphens __.
func mirrorsOfVariables(environ []string) (mirrors, error) {
	found := mirrors{}
	for _, variable := range environ {
		name, address, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, mirrorVariable)
		if !ours {
			continue
		}
		host := anyHost
		if rest != "" {
			encoded, ok := strings.CutPrefix(rest, "_")
			if !ok || encoded == "" {
				return nil, fmt.Errorf("found the variable %s; expected %s, or %s_ and a host's name such as GITHUB_COM", name, mirrorVariable, mirrorVariable)
			}
			host = strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(encoded, "__", "-"), "_", "."))
		}
		found[host] = mirror{address, name}
	}
	return found, nil
}

// mirrorOf returns the mirror that bound services have for a host. Several services may have
// mirrors, but not different ones for the same host.
func mirrorOf(bound []bindings.Binding, host string) (found mirror, err error) {
	for _, binding := range bound {
		if !hasMirrors(binding) {
			continue
		}
		own := mirrors{}
		for _, key := range binding.Keys() {
			address, _ := binding.Credential(key)
			if address = strings.TrimSpace(address); key != "type" && address != "" {
				own[strings.ToLower(key)] = mirror{address, fmt.Sprintf("the service %q", binding.Name)}
			}
		}
		one := own.of(host)
		if found.address != "" && one.address != "" && one.address != found.address {
			return mirror{}, fmt.Errorf("%s and %s have different mirrors of %s; expected one", found.source, one.source, host)
		}
		if one.address != "" {
			found = one
		}
	}
	return found, nil
}

// hasMirrors reports whether a bound service has mirrors: by its type, or, if the platform has
// overwritten that (CF-41), because it has nothing else.
func hasMirrors(binding bindings.Binding) bool {
	if binding.Is(mirrorKind) {
		return true
	}
	isMirror := func(key string) bool {
		address, _ := binding.Credential(key)
		_, _, err := mirror{address: strings.TrimSpace(address)}.parse()
		return err == nil && (key == anyHost || strings.Contains(key, "."))
	}
	keys := binding.Keys()
	return binding.TypeLost && binding.Label == userProvided && len(keys) > 0 &&
		!slices.ContainsFunc(keys, func(key string) bool { return !isMirror(key) })
}

// of returns the mirror of a host, or that of the longest domain with the host, or that of all
// hosts.
func (m mirrors) of(host string) mirror {
	for domain := strings.ToLower(host); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if found, ok := m[domain]; ok {
			return found
		}
	}
	return m[anyHost]
}

// uri returns the mirror's address of a URI: the URI's path without skip-path, below the mirror's
// address, in which {originalHost} is replaced by the URI's host.
func (m mirror) uri(original *url.URL) (string, error) {
	parsed, skip, err := m.parse()
	if err != nil {
		return "", fmt.Errorf("%s: %w", m.source, err)
	}
	parsed.Path = strings.Replace(parsed.Path, "{originalHost}", original.Hostname(), 1) + strings.Replace(original.Path, skip, "", 1)
	parsed.RawPath = ""
	return parsed.String(), nil
}

// parse parses the mirror's address, and the part of paths to skip. The error does not contain the
// address, which may have a password.
func (m mirror) parse() (address *url.URL, skip string, err error) {
	text, skip := m.arguments()
	address, err = url.Parse(text)
	if err != nil {
		return nil, "", errors.New("its URL cannot be read")
	}
	if scheme := strings.ToLower(address.Scheme); scheme != "https" && scheme != "file" {
		return nil, "", errors.New("found a mirror that is neither https nor a file; expected a URL that begins with https:// or file://")
	}
	return address, skip, nil
}

// arguments splits a mirror of the form mirror=URL,skip-path=PATH, URL,skip-path=PATH, or URL. Both
// parts may be percent-encoded once more.
func (m mirror) arguments() (address, skip string) {
	address = m.address
	for part := range strings.SplitSeq(m.address, ",") {
		if value, ok := strings.CutPrefix(part, "mirror="); ok {
			address = value
		} else if value, ok := strings.CutPrefix(part, "skip-path="); ok {
			skip = value
		} else if strings.HasPrefix(part, "https") || strings.HasPrefix(part, "file") {
			address = part
		}
	}
	for _, text := range []*string{&address, &skip} {
		if decoded, err := url.PathUnescape(*text); err == nil {
			*text = decoded
		}
	}
	return address, skip
}
