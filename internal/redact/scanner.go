package redact

import "strings"

// Mark is in place of what was taken out.
const Mark = "…"

// A scanner copies a text from its beginning to its end, but for what is redacted.
// Each of the methods that look for something returns whether it has found it, and
// dealt with it, at the place where the scanner is.
type scanner struct {
	text  string
	at    int
	quote byte // that the place is within; 0: none
	out   strings.Builder
}

func (s *scanner) rest() string { return s.text[s.at:] }

// copy goes on by so many bytes.
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

// mark leaves out so many bytes.
func (s *scanner) mark(bytes int) {
	s.out.WriteString(Mark)
	s.at += bytes
}

// cut leaves out the rest.
func (s *scanner) cut() { s.mark(len(s.rest())) }

const (
	breaks   = blanks + ";&|()<>{}[],?"
	quotes   = "'\"`"
	variable = letters + digits + "_"
	option   = variable + "-."
)

// span is how many bytes of a text are all of a set.
func span(text, set string) int {
	return len(text) - len(strings.TrimLeft(text, set))
}

func (s *scanner) startsWord() bool {
	return s.at == 0 || strings.IndexByte(breaks+quotes+"=:!/\\", s.text[s.at-1]) >= 0
}

// value leaves out the value that begins here. Where it is more than a plain word, to
// find its end would take a shell: the rest is left out. So is what is behind a word with
// a colon at its end, which has a value of its own.
func (s *scanner) value() {
	length := until(s.rest(), blanks+";&|")
	word := s.rest()[:length]
	if s.quote != 0 || strings.ContainsAny(word, quotes+"\\$(){}<>") || strings.HasSuffix(word, ":") {
		s.cut()
		return
	}
	s.mark(length)
}

// address is SCHEME://USER:PASSWORD@HOST/PATH?QUERY, or USER:PASSWORD@HOST, or a path
// with a query.
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
		return false // an assignment or an option, or no address at all
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

// assignment is NAME=VALUE. One of other variables stays, as in PORT="$APP_PORT".
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

// references is the length of a value that is one reference to a variable, in double
// quotes or not, with nothing behind it.
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

// option is -NAME VALUE, --NAME VALUE or --NAME=VALUE with a telling name.
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

// header is NAME: VALUE with a telling name, or a scheme of authorization.
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

// credential is a word, or a part of a path, that looks like one.
func (s *scanner) credential() bool {
	// Base64 may hold slashes, as paths do; a path has neither plus nor equals sign.
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
