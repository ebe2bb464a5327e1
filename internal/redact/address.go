package redact

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Address is Text for a single address, with any characters: it removes user information, query and
// fragment.
func Address(text string) string {
	start, end := authority(text)
	if start == 0 {
		return Text(text)
	}
	query := until(text[end:], "?#") + end
	shown := text[:start]
	if end > start {
		shown += Mark + "@"
	}
	shown += text[end:query]
	if query < len(text) {
		shown += text[query:query+1] + Mark
	}
	return Text(shown)
}

// Repository is Address for a git repository: it keeps the fragment, which names a branch or a tag.
func Repository(text string) string {
	_, end := authority(text)
	address, branch, found := strings.Cut(text[end:], "#")
	if !found {
		return Address(text)
	}
	return Address(text[:end]+address) + "#" + branch
}

// authority finds the user information of an address: text[start:end], which ends with the at sign.
// start is 0 if the text has no scheme.
func authority(text string) (start, end int) {
	scheme := strings.Index(text, "://")
	if scheme < 0 {
		return 0, 0
	}
	start = scheme + len("://")
	return start, start + strings.LastIndexByte(text[start:], '@') + 1
}

// Addresses returns a function that redacts these addresses in a line of a program that knows them:
// it shows each as Address does, also in the forms in which programs quote them, such as errors of
// Go's net/http.
func Addresses(addresses []string) func(line string) string {
	shown := map[string]string{}
	for _, address := range addresses {
		for _, form := range formsOf(address) {
			shown[form] = Address(form)
			start, end := authority(form)
			if end > start+len("@") {
				shown["://"+form[start:end]] = "://" + Mark + "@"
			}
			if _, query, _ := strings.Cut(form[end:], "?"); query != "" {
				shown["?"+query] = "?" + Mark
			}
		}
	}
	// If several texts match at a position, a replacer uses the first in its list.
	longerFirst := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }
	var pairs []string
	for _, form := range slices.SortedFunc(maps.Keys(shown), longerFirst) {
		if form != shown[form] {
			pairs = append(pairs, form, shown[form])
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// formsOf returns the forms in which programs write an address: unchanged or parsed, with and
// without the fragment, and with the password or its replacement by net/http ("***") and net/url
// ("xxxxx"). The platform's builder gets commas as %2C.
func formsOf(address string) (forms []string) {
	for _, written := range []string{address, strings.ReplaceAll(address, ",", "%2C")} {
		forms = append(forms, written)
		parsed, err := url.Parse(written)
		if err != nil {
			continue
		}
		forms = append(forms, parsed.String(), parsed.Redacted(), withoutPassword(*parsed))
		parsed.Fragment, parsed.RawFragment = "", ""
		forms = append(forms, parsed.String(), parsed.Redacted(), withoutPassword(*parsed))
	}
	return forms
}

// withoutPassword returns an address as the errors of net/http show it.
func withoutPassword(address url.URL) string {
	if _, has := address.User.Password(); !has {
		return address.String()
	}
	return strings.Replace(address.String(), address.User.String()+"@", address.User.Username()+":***@", 1)
}
