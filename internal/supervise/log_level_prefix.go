package supervise

import (
	"strings"
	"unicode"
)

// prefixLevel reads the level at the beginning of a line: INFO, WARNING:root:, [error], info:, I,
// [2006-01-02 ...], W!; after a time, also groups in brackets, and names between dashes. A word in
// lower case needs brackets or a colon, since a message may begin with it.
func prefixLevel(head string) logLevel {
	rest, stamped, dashed := head, false, false
	for range maxWords {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return levelUnknown
		}
		if inside, behind, isGroup := group(rest); isGroup {
			if level := groupLevel(inside); level != levelUnknown {
				return level
			}
			rest, stamped = behind, true
			continue
		}
		end := strings.IndexAny(rest+" ", " \t[")
		word := rest[:end]
		rest = rest[end:]
		switch level := wordLevel(word); {
		case level != levelUnknown:
			return level
		case len(word) == 2 && (word[1] == '!' && stamped || word[1] == ',' && strings.HasPrefix(rest, " [")): // telegraf, Ruby
			return levelLetters[word[0]]
		case strings.Trim(word, "-|:") == "":
			dashed = true
		case isTime(word):
			stamped = true
		case stamped && dashed && strings.HasPrefix(strings.TrimLeft(rest, " \t"), "- "): // Python: time - name - INFO - message
			dashed = false
		default:
			return levelUnknown
		}
	}
	return levelUnknown
}

// wordLevel returns the level of a word that can only be a level.
func wordLevel(word string) logLevel {
	name, _, colon := strings.Cut(word, ":")
	level := levelOf(name)
	if level == levelUnknown || !colon && strings.ToUpper(name) != name || name == "LOG" && !colon {
		return levelUnknown
	}
	return level
}

// group splits off what is between the brackets that a text begins with.
func group(text string) (inside, behind string, found bool) {
	closing := map[byte]string{'[': "]", '(': ")", '<': ">"}[text[0]]
	if closing == "" {
		return "", "", false
	}
	return strings.Cut(text[1:], closing)
}

// groupLevel returns the level in brackets: [INFO], [core:error], [2006-01-02T15:04:05Z WARN
// module].
func groupLevel(inside string) logLevel {
	const most = 3 // more words are a sentence
	words := strings.FieldsFunc(inside, func(char rune) bool { return unicode.IsSpace(char) || strings.ContainsRune(":,|", char) })
	level, others := levelUnknown, 0
	for _, word := range words {
		switch {
		case level == levelUnknown && levelOf(word) != levelUnknown:
			level = levelOf(word)
		case !isTime(word):
			others++
		}
	}
	if others > most {
		return levelUnknown
	}
	return level
}

// timeWords lists words without digits that occur in times.
var timeWords = map[string]bool{
	"Mon": true, "Tue": true, "Wed": true, "Thu": true, "Fri": true, "Sat": true, "Sun": true,
	"Jan": true, "Feb": true, "Mar": true, "Apr": true, "May": true, "Jun": true, "Jul": true, "Aug": true, "Sep": true, "Oct": true, "Nov": true, "Dec": true,
	"UTC": true, "GMT": true, "CET": true, "CEST": true, "AM": true, "PM": true,
}

// isTime reports whether a word belongs to a date, a time or a number.
func isTime(word string) bool {
	word = strings.TrimRight(word, ":,")
	if word == "" || timeWords[word] {
		return word != ""
	}
	digits, letters := 0, 0
	for _, char := range word {
		switch {
		case char >= '0' && char <= '9':
			digits++
		case strings.ContainsRune("TZAPM", char):
			letters++
		case !strings.ContainsRune(":-./,+#", char):
			return false
		}
	}
	return digits > letters
}

func isDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}
