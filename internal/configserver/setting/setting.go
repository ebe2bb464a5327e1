// Package setting reads the settings of a source: first from a bound service, then from variables.
package setting

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// Service is the name, label or tag of a service that may configure any source, with keys such as vault_uri.
const Service = "config-server"

const variablePrefix = "CONFIG_SERVER_"

// Reader reads the settings of one kind of source.
type Reader struct {
	kind   string // such as spring
	lookup func(variable string) string
	own    *bindings.Binding // the kind's own service, whose keys have no prefix
	shared *bindings.Binding // the service config-server
}

// NewReader returns a Reader for a kind of source, such as spring. The kind's own services are found by label,
// tag or name, in any case. lookup returns the value of a variable. It fails if several services match.
func NewReader(kind string, services []string, lookup func(string) string, bound []bindings.Binding) (*Reader, error) {
	r := &Reader{kind: kind, lookup: lookup}
	for i := range bound {
		into := &r.own
		if !isOneOf(bound[i], services) {
			into = &r.shared
			if !bound[i].Is(Service) {
				continue
			}
		}
		if *into != nil {
			return nil, fmt.Errorf("found the services %q and %q; expected one of them to be bound", (*into).Name, bound[i].Name)
		}
		*into = &bound[i]
	}
	return r, nil
}

func isOneOf(b bindings.Binding, services []string) bool {
	for _, service := range services {
		if b.Is(service) {
			return true
		}
	}
	return false
}

// Text returns a setting, such as client_id: the credential client_id of the kind's own service, then the
// credential spring_client_id of the service config-server, then the variable CONFIG_SERVER_SPRING_CLIENT_ID. It
// is empty if none is set.
func (r *Reader) Text(key string) string {
	return cmp.Or(credential(r.own, key), credential(r.shared, r.kind+"_"+key), r.lookup(r.Variable(key)))
}

// Variable returns the name of the variable for a setting.
func (r *Reader) Variable(key string) string {
	return variablePrefix + strings.ToUpper(r.kind+"_"+key)
}

func credential(b *bindings.Binding, key string) string {
	if b == nil {
		return ""
	}
	text, _ := b.Text(key)
	return strings.TrimSpace(text)
}

// Address parses a setting that is an http or https address. It removes a trailing slash, and returns the user
// information separately. The error names the setting, but does not quote it.
func (r *Reader) Address(key, text string) (*url.URL, *url.Userinfo, error) {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || address.RawQuery != "" || address.Fragment != "" {
		return nil, nil, fmt.Errorf("found no address in the setting %s (%s); expected one that starts with https:// or http://, without query and fragment (the value is not shown, it may hold secrets)",
			key, r.Variable(key))
	}
	if port := address.Port(); port != "" || strings.HasSuffix(address.Host, ":") {
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			return nil, nil, fmt.Errorf("found an address with an invalid port in the setting %s (%s); expected one from 1 to 65535, or none", key, r.Variable(key))
		}
	}
	user := address.User
	address.User = nil
	address.Path, address.RawPath = strings.TrimRight(address.Path, "/"), ""
	return address, user, nil
}

// Pair returns two settings that need each other. It fails if only one is set.
func (r *Reader) Pair(first, second string) (string, string, error) {
	one, other := r.Text(first), r.Text(second)
	if (one == "") != (other == "") {
		missing, there := first, second
		if one != "" {
			missing, there = second, first
		}
		return "", "", fmt.Errorf("found the setting %s without %s (%s); expected both", there, missing, r.Variable(missing))
	}
	return one, other, nil
}
