package cipher

import (
	"regexp"
	"strings"
)

const plainMarker = "{plain}"

var (
	leadingPrefixes = regexp.MustCompile(`^(\{.*?:.*?\})+`)
	namePrefix      = regexp.MustCompile(`\{name:.*\}`)
	profilesPrefix  = regexp.MustCompile(`\{profiles:.*\}`)
)

// stripPrefix returns a value without its {name:value} pairs (Spring's EnvironmentPrefixHelper).
func stripPrefix(text string) string {
	if _, after, found := strings.Cut(text, plainMarker); found {
		return after
	}
	return leadingPrefixes.ReplaceAllString(text, "")
}

// prefixes returns the {name:value} pairs of a value, except name and profiles, which the request determines.
func prefixes(text string) map[string]string {
	text = replaceFirst(profilesPrefix, replaceFirst(namePrefix, text))
	text, _, _ = strings.Cut(text, plainMarker)
	pairs := map[string]string{}
	for {
		token, rest, found := strings.Cut(text, "}")
		if !found {
			return pairs
		}
		if inner, isPair := strings.CutPrefix(strings.TrimSpace(token), "{"); isPair {
			if name, value, _ := strings.Cut(inner, ":"); value != "" {
				pairs[name] = value
			}
		}
		text = rest
	}
}

func replaceFirst(pattern *regexp.Regexp, text string) string {
	if at := pattern.FindStringIndex(text); at != nil {
		return text[:at[0]] + text[at[1]:]
	}
	return text
}
