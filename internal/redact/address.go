package redact

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Address is Text for what is known to be one address, whatever characters it has: its
// user information, query and fragment are left out.
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

// authority finds the user information of an address, which is text[start:end] with the
// at sign at its end. Start is 0 where the text has no scheme.
func authority(text string) (start, end int) {
	scheme := strings.Index(text, "://")
	if scheme < 0 {
		return 0, 0
	}
	start = scheme + len("://")
	return start, start + strings.LastIndexByte(text[start:], '@') + 1
}

// Addresses returns a function that leaves the secrets of these addresses out of a line of
// a program that was given them: it shows each of them as Address does, and so the parts
// that programs quote of one, such as what Go's net/http tells of a failed request.
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
	// If several texts match at a position, a replacer takes the first in its list.
	longerFirst := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }
	var pairs []string
	for _, form := range slices.SortedFunc(maps.Keys(shown), longerFirst) {
		if form != shown[form] {
			pairs = append(pairs, form, shown[form])
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// formsOf are the ways in which a program writes an address: as it is, or as it has parsed
// it, with the fragment and without, and with the password or with what net/http ("***")
// and net/url ("xxxxx") show in its place. The platform's builder is told of commas as %2C.
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

// withoutPassword is an address as the errors of net/http show it.
func withoutPassword(address url.URL) string {
	if _, has := address.User.Password(); !has {
		return address.String()
	}
	return strings.Replace(address.String(), address.User.String()+"@", address.User.Username()+":***@", 1)
}
