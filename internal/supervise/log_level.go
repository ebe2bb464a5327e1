package supervise

import (
	"strings"
)

// A logLevel is the severity of a log line.
type logLevel int

const (
	levelUnknown logLevel = iota
	levelTrace
	levelDebug
	levelInfo
	levelNotice
	levelWarn
	levelError
	levelFatal
)

// levelWords maps the names of levels to levels, in lower case. They come from Log4j, Python, Ruby,
// .NET (dbug, fail, crit), zerolog and Serilog (inf, wrn), PostgreSQL (log) and syslog.
var levelWords = map[string]logLevel{
	"trace": levelTrace, "trc": levelTrace, "trce": levelTrace, "verbose": levelTrace, "finest": levelTrace,
	"debug": levelDebug, "dbg": levelDebug, "dbug": levelDebug,
	"info": levelInfo, "inf": levelInfo, "information": levelInfo, "informational": levelInfo, "log": levelInfo,
	"notice": levelNotice,
	"warn":   levelWarn, "wrn": levelWarn, "warning": levelWarn,
	"error": levelError, "err": levelError, "eror": levelError, "fail": levelError, "severe": levelError,
	"fatal": levelFatal, "ftl": levelFatal, "crit": levelFatal, "critical": levelFatal, "panic": levelFatal, "emerg": levelFatal, "alert": levelFatal,
}

// levelLetters are used by klog (I0102), Ruby (I, [) and telegraf (I!).
var levelLetters = map[byte]logLevel{'D': levelDebug, 'I': levelInfo, 'W': levelWarn, 'E': levelError, 'F': levelFatal}

// syslogLevels maps the severities of RFC 5424, from 0 on.
var syslogLevels = []logLevel{levelFatal, levelFatal, levelFatal, levelError, levelWarn, levelNotice, levelInfo, levelDebug}

func levelOf(word string) logLevel { return levelWords[strings.ToLower(word)] }

const (
	// maxHead is how many bytes of a line are searched for a level, unless it is JSON.
	maxHead = 256
	// maxWords is how many words may precede the level.
	maxWords = 8
)

// isLevelKey reports whether a key in logfmt or JSON holds a level. The key is in lower case.
func isLevelKey(key string) bool {
	switch strings.ToLower(key) {
	case "level", "severity", "lvl", "log.level", "log_level", "levelname", "loglevel", "severity_text", "severitytext", "@l":
		return true
	default:
		return false
	}
}
