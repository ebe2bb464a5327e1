package supervise

import (
	"bytes"
	"strconv"
)

// jsonLevel returns the level of a line that is a JSON object, from the first of its top-level keys
// that isLevelKey knows. It does not parse nested objects, and stops at invalid JSON.
// (encoding/json would allocate a map for each line of a flood.)
func jsonLevel(line []byte) logLevel {
	rest := line[1:]
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n,")
		key, behind, ok := jsonText(rest)
		if !ok {
			return levelUnknown
		}
		rest = bytes.TrimLeft(behind, " \t")
		if len(rest) == 0 || rest[0] != ':' {
			return levelUnknown
		}
		rest = bytes.TrimLeft(rest[1:], " \t")
		value, behind, ok := jsonValue(rest)
		if !ok {
			return levelUnknown
		}
		if name := string(key); isLevelKey(name) {
			return jsonLevelOf(name, string(value))
		}
		rest = behind
	}
}

// jsonLevelOf returns the level that a key's value means: a word, or a number of bunyan and pino
// (10 is trace, 60 fatal), of Cloud Foundry's lager (log_level: 0 is debug, 1 info, 2 error, 3
// fatal) or of syslog.
func jsonLevelOf(key, value string) logLevel {
	number, err := strconv.Atoi(value)
	lager := []logLevel{levelDebug, levelInfo, levelError, levelFatal}
	switch {
	case err != nil:
		return levelOf(value)
	case key == "log_level" && number >= 0 && number < len(lager):
		return lager[number]
	case number >= 0 && number < len(syslogLevels):
		return syslogLevels[number]
	case number >= 10 && number < 70:
		return []logLevel{levelTrace, levelDebug, levelInfo, levelWarn, levelError, levelFatal}[number/10-1]
	default:
		return levelUnknown
	}
}

// jsonText splits off the string that JSON begins with, without decoding escapes.
func jsonText(json []byte) (text, behind []byte, ok bool) {
	if len(json) == 0 || json[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(json); i++ {
		switch json[i] {
		case '\\':
			i++
		case '"':
			return json[1:i], json[i+1:], true
		}
	}
	return nil, nil, false
}

// jsonValue splits off the value that JSON begins with: a string, a number or a word. The value of
// an object or a list is empty.
func jsonValue(json []byte) (value, behind []byte, ok bool) {
	if len(json) == 0 {
		return nil, nil, false
	}
	if json[0] == '"' {
		return jsonText(json)
	}
	depth := 0
	for i := 0; i < len(json); i++ {
		switch json[i] {
		case '"':
			_, behind, ok := jsonText(json[i:])
			if !ok {
				return nil, nil, false
			}
			i = len(json) - len(behind) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return nil, json[i+1:], true
			}
			if depth < 0 {
				return bytes.TrimSpace(json[:i]), json[i:], true
			}
		case ',':
			if depth == 0 {
				return bytes.TrimSpace(json[:i]), json[i:], true
			}
		}
	}
	return nil, nil, false
}
