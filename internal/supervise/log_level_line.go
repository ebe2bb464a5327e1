package supervise

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// colors matches the escape sequences that color a terminal's text.
var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// levelOfLine returns the level that a line states for itself: in JSON, in logfmt, or after a time
// at its beginning. Words within a message do not count, and a line in an unknown format has no
// level.
func levelOfLine(line []byte) logLevel {
	line = bytes.TrimLeft(line, " \t")
	if len(line) > 0 && line[0] == '{' {
		return jsonLevel(line)
	}
	head := string(colors.ReplaceAll(line[:min(len(line), maxHead)], nil))
	if level := syslogLevel(head); level != levelUnknown {
		return level
	}
	if level := pairsLevel(head); level != levelUnknown {
		return level
	}
	return prefixLevel(head)
}

// syslogLevel reads the level from <PRI> at the beginning (RFC 5424, 6.2.1), or from klog's I0102.
func syslogLevel(head string) logLevel {
	if number, _, found := strings.Cut(strings.TrimPrefix(head, "<"), ">"); found && strings.HasPrefix(head, "<") {
		const most = 191 // 23 facilities of 8 severities
		if priority, err := strconv.ParseUint(number, 10, 16); err == nil && priority <= most {
			return syslogLevels[priority%8]
		}
	}
	if len(head) > 5 && isDigits(head[1:5]) && head[5] == ' ' {
		return levelLetters[head[0]]
	}
	return levelUnknown
}

// pairsLevel reads the level from logfmt: pairs of a key and a value, preceded by nothing but
// times.
func pairsLevel(head string) logLevel {
	for rest := head; rest != ""; {
		rest = strings.TrimLeft(rest, " \t")
		end := strings.IndexAny(rest, " \t=")
		if end <= 0 {
			return levelUnknown
		}
		key := rest[:end]
		if rest[end] != '=' {
			if !isTime(key) {
				return levelUnknown
			}
			rest = rest[end:]
			continue
		}
		var value string
		if value, rest = pairValue(rest[end+1:]); isLevelKey(key) {
			return levelOf(value)
		}
	}
	return levelUnknown
}

// pairValue splits off the value that a text begins with.
func pairValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text+" ", " \t")
		return text[:end], text[end:]
	}
	end := 1
	for end < len(text) && text[end] != '"' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	return text[1:min(end, len(text))], text[min(end+1, len(text)):]
}
