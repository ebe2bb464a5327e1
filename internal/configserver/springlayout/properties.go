package springlayout

import (
	"fmt"
	"strconv"
	"strings"
)

// parseProperties returns the documents of a .properties file, as Spring Boot's OriginTrackedPropertiesLoader
// reads it: in ISO 8859-1, with #--- or !--- between documents, and KEY[]=a,b for a list. That differs from
// Java's own format, which libraries read.
func parseProperties(path string, content []byte) ([]*values, error) {
	p := &propertiesReader{text: strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(latin1(content))}
	p.column = -1
	if err := p.documents(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, p.line(), err)
	}
	return p.finished, nil
}

// latin1 decodes ISO 8859-1.
func latin1(content []byte) string {
	var text strings.Builder
	for _, char := range content {
		text.WriteRune(rune(char))
	}
	return text.String()
}

func (p *propertiesReader) line() int { return 1 + strings.Count(p.text[:p.at], "\n") }

func (p *propertiesReader) documents() error {
	p.current = newValues()
	for {
		if err := p.next(); err != nil {
			return err
		}
		if p.char == endOfFile {
			break
		}
		if p.char != '#' && p.char != '!' {
			p.comment = 0
			if err := p.entry(); err != nil {
				return err
			}
			continue
		}
		if err := p.commentLine(); err != nil {
			return err
		}
	}
	if p.current.len() > 0 {
		p.finished = append(p.finished, p.current)
	}
	return nil
}

// commentLine reads a comment, which may be a separator between two documents. A comment directly after a
// separator cancels it.
func (p *propertiesReader) commentLine() error {
	prefix := p.char
	separates, err := p.isSeparator()
	if err != nil {
		return err
	}
	switch {
	case separates:
		if p.current.len() > 0 {
			p.finished = append(p.finished, p.current)
		}
		p.current = newValues()
		return nil
	case p.current.len() == 0 && len(p.finished) > 0:
		last := len(p.finished) - 1
		p.current, p.finished = p.finished[last], p.finished[:last]
	}
	p.comment = prefix
	for p.char != '\n' && p.char != endOfFile {
		p.raw()
	}
	p.column = -1
	return nil
}

// isSeparator reads while the line is #--- or !---, and reports whether it is.
func (p *propertiesReader) isSeparator() (bool, error) {
	if p.comment == p.char {
		return false, nil
	}
	is := p.column == 0
	for range 3 {
		if !is {
			break
		}
		if err := p.next(); err != nil {
			return false, err
		}
		is = p.char == '-'
	}
	if !p.endsLine() {
		if err := p.next(); err != nil {
			return false, err
		}
		p.skipSpace()
	}
	return is && p.endsLine(), nil
}

// entry reads one key and its value, or its values if it is a list.
func (p *propertiesReader) entry() error {
	key, err := p.key()
	if err != nil {
		return err
	}
	list, isList := strings.CutSuffix(key, "[]")
	for i := 0; ; i++ {
		value, err := p.value(isList)
		if err != nil {
			return err
		}
		if !isList {
			p.put(key, value)
			return nil
		}
		if !p.current.isTooLarge() { // the reader rejects that
			p.put(list+"["+strconv.Itoa(i)+"]", value)
		}
		if !p.endsLine() {
			if err := p.next(); err != nil {
				return err
			}
		}
		if p.endsLine() {
			return nil
		}
	}
}

func (p *propertiesReader) put(key, value string) {
	if key != "" {
		p.current.put(key, value)
	}
}

func (p *propertiesReader) key() (string, error) {
	var key utf16Text
	space := false
	for !p.endsLine() {
		if !p.escaped && (p.char == '=' || p.char == ':') {
			err := p.next()
			return strings.TrimSpace(key.String()), err
		}
		if space && !p.isSpace() {
			break
		}
		space = p.isSpace()
		key.add(p.char)
		if err := p.next(); err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(key.String()), nil
}

func (p *propertiesReader) value(splits bool) (string, error) {
	for p.isSpace() && !p.endsLine() {
		if err := p.next(); err != nil {
			return "", err
		}
	}
	var value utf16Text
	for !p.endsLine() && !(splits && !p.escaped && p.char == ',') {
		value.add(p.char)
		if err := p.next(); err != nil {
			return "", err
		}
	}
	return value.String(), nil
}
