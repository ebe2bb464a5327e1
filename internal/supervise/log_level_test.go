//go:build linux

package supervise

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testLogLevel(t *testing.T, when spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, known := range []struct {
		level logLevel
		lines []string
	}{
		{levelTrace, []string{
			`{"level":10,"time":1}`, `trce: A.B[0]`, `2024-01-01T12:00:00.000Z TRACE module: x`, `level=trace msg=x`,
		}},
		{levelDebug, []string{
			`{"msg":"x \"level\":\"error\"","level":"debug"}`, `{"timestamp":"1","log_level":0}`, `{"a":{"level":"error"},"b":["level","error"],"severity":"DEBUG"}`,
			`time="2024-01-01T12:00:00Z" level=debug msg="level=error is not a level"`, `lvl=dbug t=1`, "D, [2024-01-01T12:00:00.123456 #1]  DEBUG -- : x",
			"2024-01-01T12:00:00Z D! [agent] x", "<15>1 2024-01-01T12:00:00Z host app - - - x", "dbug: Microsoft.Hosting[0]",
		}},
		{levelInfo, []string{
			`{"level":"info"}`, ` { "lvl" : "INFO" }`, `{"log.level":"info","@timestamp":"x"}`, `{"level":30,"pid":1}`, `{"level":6,"version":"1.1"}`, `{"x":-1.5e3,"y":null,"z":true,"level":"Information"}`,
			"level=info", `ts=2024-01-01 caller=main.go:1 level=info msg=x`, "2024/01/01 12:00:00 level=info msg=x",
			"INFO x", "INFO: x", "INFO:root:x", "INFO:     127.0.0.1 - GET", "[INFO] x", "[info] x", "info: x", "<info> x",
			"2024-01-01 12:00:00,123 - my.module - INFO - x", "2024-01-01 12:00:00.123  INFO 1234 --- [main] c.e.App : x", "12:00:00.123 [main] INFO  c.e.App - x",
			"2024-01-01T12:00:00.000Z\tINFO\tcaller.go:1\tx", "[2024-01-01T12:00:00Z INFO  module] x", "[2024-01-01 12:00:00.123][1][info][main] [source] x",
			"[12:00:00 INF] x", "12:00PM INF x", "\x1b[32mINFO\x1b[0m[0000] x", "I0102 15:04:05.000000       1 main.go:1] x", "2024-01-01 12:00:00.123 UTC [12] LOG:  x",
			"2024-01-01T12:00:00.000Z [INFO]  agent: x", "<14>Jan  1 12:00:00 host app: x",
		}},
		{levelNotice, []string{"[Wed Oct 11 14:32:52.123 2024] [core:notice] [pid 1] x", "2024/01/01 12:00:00 [notice] 1#1: x"}},
		{levelWarn, []string{
			`{"level":"warning"}`, `{"level":40}`, "level=warn", `level="warn" msg=x`, "W0102 15:04:05.000000 1 x.go:1] x", "WARNING:root:x", "WARN  x", "warn: A[0]", "2024-01-01T12:00:00Z W! x",
		}},
		{levelError, []string{
			`{"level":"ERROR"}`, `{"log_level":2}`, "2024/01/01 12:00:00 [error] 123#0: *1 x", "error: x", "E0102 15:04:05.000000 1 x.go:1] x", "fail: A[0]", "2024-01-01 12:00:00 UTC [1] ERROR:  x", "(error) x",
			"SEVERE: x", "[Wed Oct 11 14:32:52 2024] [core:error] [pid 35708] x",
		}},
		{levelFatal, []string{`{"level":"fatal"}`, `{"level":60}`, "F0102 15:04:05.000000 1 x.go:1] x", "level=panic", "CRITICAL:root:x", "<8>1 x"}},
		{levelUnknown, []string{
			"", " ", "x", "{", `{"level":`, `{"level":true}`, `{"level":"loud"}`, `{"level":99}`, `{"msg":"level=debug"}`, `{'level':'debug'}`, `{"a":[1,{"level":"debug"}]}`, "[]", "[", "<", "<>", "<192>1 x", "<x>1",
			"Failed to set level=debug for x", "Set the log level to DEBUG", "debug mode is on", "info for all", "The INFO line", "error opening x", "GET /info HTTP/1.1", "logging DEBUG", "D0x12 x", "I012 x",
			"\tat com.example.App.main(App.java:1)", "Caused by: java.io.IOException: INFO", "127.0.0.1 - - [01/Jan/2024:12:00:00 +0000] \"GET /debug HTTP/1.1\" 200",
			"msg=\"level=debug\" x", "key=value another", "[the debug mode of this is on now] x", "LOG x", "2024-01-01 x INFO y", "I think", "D, x", `"level"="debug"`,
		}},
	} {
		it("recognizes "+[]string{"none", "trace", "debug", "info", "notice", "warn", "error", "fatal"}[known.level], func() {
			for _, line := range known.lines {
				Expect(levelOfLine([]byte(line))).To(Equal(known.level), line)
			}
		})
	}
}
