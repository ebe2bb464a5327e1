package redact

import "strings"

// Mark replaces removed text.
const Mark = "…"

// A scanner copies a text from its beginning to its end, without the redacted parts. Methods that
// look for something return whether it was at the current position, and handle it.
type scanner struct {
	text  string
	at    int
	quote byte // the quote around the current position; 0 if there is none
	out   strings.Builder
}

func (s *scanner) rest() string { return s.text[s.at:] }

// copy copies so many bytes.
func (s *scanner) copy(bytes int) {
	for _, char := range []byte(s.rest()[:bytes]) {
		switch {
		case s.quote == char:
			s.quote = 0
		case s.quote == 0 && (char == '\'' || char == '"'):
			s.quote = char
		}
	}
	s.out.WriteString(s.rest()[:bytes])
	s.at += bytes
}

// mark removes so many bytes.
func (s *scanner) mark(bytes int) {
	s.out.WriteString(Mark)
	s.at += bytes
}

// cut removes the rest.
func (s *scanner) cut() { s.mark(len(s.rest())) }

const (
	breaks   = blanks + ";&|()<>{}[],?"
	quotes   = "'\"`"
	variable = letters + digits + "_"
	option   = variable + "-."
)

// span returns how many bytes at the beginning of a text are in a set.
func span(text, set string) int {
	return len(text) - len(strings.TrimLeft(text, set))
}

func (s *scanner) startsWord() bool {
	return s.at == 0 || strings.IndexByte(breaks+quotes+"=:!/\\", s.text[s.at-1]) >= 0
}

// value removes the value that begins here. If it is more than a plain word, only a shell could
// find its end, so value removes the rest. It also removes what follows a word with a colon at its
// end, which has its own value.
func (s *scanner) value() {
	length := until(s.rest(), blanks+";&|")
	word := s.rest()[:length]
	if s.quote != 0 || strings.ContainsAny(word, quotes+"\\$(){}<>") || strings.HasSuffix(word, ":") {
		s.cut()
		return
	}
	s.mark(length)
}

// address matches SCHEME://USER:PASSWORD@HOST/PATH?QUERY, USER:PASSWORD@HOST, or a path with a
// query.
func (s *scanner) address() bool {
	word := s.rest()[:until(s.rest(), blanks+quotes)]
	authority := 0
	if scheme := span(word, letters+digits+"+.-"); strings.HasPrefix(word[scheme:], "://") {
		authority = scheme + len("://")
	}
	user := strings.LastIndexByte(word, '@') + 1
	if authority == 0 && !strings.ContainsRune(word[:user], ':') {
		user = 0
	}
	query := until(word[user:], "?#") + user
	if authority == 0 && (user > 0 && strings.ContainsAny(word[:user], "=") || user == 0 && !strings.HasPrefix(word, "/")) {
		return false // an assignment, an option, or not an address
	}
	if authority == 0 && user == 0 && query == len(word) {
		return false
	}
	s.copy(authority)
	if user > 0 {
		s.mark(user - authority)
		s.out.WriteByte('@')
	}
	for part := range strings.SplitAfterSeq(word[max(user, authority):query], "/") {
		if isCredential(strings.TrimSuffix(part, "/")) {
			s.mark(len(strings.TrimSuffix(part, "/")))
			s.copy(len(part) - len(strings.TrimSuffix(part, "/")))
			continue
		}
		s.copy(len(part))
	}
	if query < len(word) {
		s.copy(1)
		s.mark(len(word) - query - 1)
	}
	return true
}

// assignment matches NAME=VALUE. It keeps references to other variables, as in PORT="$APP_PORT".
func (s *scanner) assignment() bool {
	name := span(s.rest(), variable)
	if name == 0 || strings.IndexByte(digits, s.rest()[0]) >= 0 || !strings.HasPrefix(s.rest()[name:], "=") {
		return false
	}
	if strings.HasPrefix(s.rest()[name:], "==") {
		return false
	}
	s.copy(name + 1)
	if length := references(s.rest()); length > 0 {
		s.copy(length)
		return true
	}
	s.value()
	return true
}

// references returns the length of a value that is a single reference to a variable, in double
// quotes or not, without anything after it; otherwise 0.
func references(text string) int {
	for _, form := range [][2]string{{`"${`, `}"`}, {`"$`, `"`}, {`${`, `}`}, {`$`, ``}} {
		name, ok := strings.CutPrefix(text, form[0])
		if !ok {
			continue
		}
		length := span(name, variable)
		if after, closed := strings.CutPrefix(name[length:], form[1]); length > 0 && closed && (after == "" || strings.IndexByte(blanks+";&|", after[0]) >= 0) {
			return len(text) - len(after)
		}
	}
	return 0
}

// option matches -NAME VALUE, --NAME VALUE or --NAME=VALUE with a telling name.
func (s *scanner) option() bool {
	dashes := span(s.rest(), "-")
	name := span(s.rest()[dashes:], option)
	length := dashes + name
	separator := span(s.rest()[length:], blanks+"=:")
	after := s.rest()[length+separator:]
	if dashes == 0 || name == 0 || !Telling(s.rest()[dashes:length]) && !isLogin(s.rest()[dashes:length], after) {
		return false
	}
	if separator == 0 || after == "" || strings.HasPrefix(after, "-") {
		return false
	}
	s.copy(length + separator)
	if length := references(after); length > 0 {
		s.copy(length)
		return true
	}
	s.value()
	return true
}

// header matches NAME: VALUE with a telling name, or an authorization scheme.
func (s *scanner) header() bool {
	length := span(s.rest(), option)
	if length == 0 {
		return false
	}
	name, after := s.rest()[:length], s.rest()[length:]
	separator := span(after, quotes+blanks)
	switch {
	case strings.HasPrefix(after[separator:], ":") && Telling(name):
		separator++
	case (strings.EqualFold(name, "bearer") || strings.EqualFold(name, "basic")) && separator > 0:
	default:
		return false
	}
	if strings.TrimLeft(after[separator:], quotes+blanks) == "" {
		return false
	}
	s.copy(length + separator)
	s.cut()
	return true
}

// credential matches a word, or a part of a path, that looks like a credential.
func (s *scanner) credential() bool {
	// Base64 may contain slashes, as paths do; paths contain neither plus nor equals signs.
	if word := s.rest()[:until(s.rest(), breaks+quotes)]; len(word) >= minMixed && strings.ContainsAny(word, "+=") && isMixed(word) {
		s.mark(len(word))
		return true
	}
	if length := span(s.rest(), option+"+=~"); isCredential(s.rest()[:length]) {
		s.mark(length)
		return true
	}
	return false
}
