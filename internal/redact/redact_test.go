package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

func TestRedact(t *testing.T) {
	suite := spec.New("redact", spec.Report(report.Terminal{}))
	suite("Redact", testRedact)
	suite.Run(t)
}

// secret is in each text that is redacted, and in none that was.
const secret = "s3cret"

var redacted = []struct{ kind, text, shown string }{
	{"a variable before a command", "TOKEN=s3cret ./agent --listen :80", "TOKEN=… ./agent --listen :80"},
	{"several", "A=s3cret B=s3cret env C=s3cret x; D=s3cret; y", "A=… B=… env C=… x; D=…; y"},
	{"an exported variable", "export TOKEN=s3cret && x", "export TOKEN=… && x"},
	{"a value in quotes", `TOKEN="a s3cret" ./agent`, "TOKEN=…"},
	{"a value with quotes in it", `TOKEN=a'b s3cret' ./agent`, "TOKEN=…"},
	{"a value with escapes", `TOKEN=a\ s3cret ./agent`, "TOKEN=…"},
	{"a value of a command", `TOKEN=$(echo s3cret) ./agent`, "TOKEN=…"},
	{"a value behind a variable", `TOKEN="$A"s3cret ./agent`, "TOKEN=…"},
	{"a variable within quotes", `env "TOKEN=a s3cret" ./agent`, `env "TOKEN=…`},
	{"a variable in another command", `"$DEPS_DIR/0/bin/supervise" a -- bash -c 'TOKEN=s3cret ./agent'`, `"$DEPS_DIR/0/bin/supervise" a -- bash -c 'TOKEN=…`},
	{"a variable in a block", "{TOKEN=s3cret}", "{TOKEN=…"},
	{"a long option", "agent --api-token s3cret -v", "agent --api-token … -v"},
	{"an option with an equals sign", "agent --client-secret=s3cret -v", "agent --client-secret=… -v"},
	{"an option in quotes", `agent --password 'a s3cret' -v`, "agent --password …"},
	{"a property", "java -Ddb.password=s3cret -jar a.jar", "java -Ddb.password=… -jar a.jar"},
	{"a key", "agent --key s3cret", "agent --key …"},
	{"a login", "curl -u me:s3cret localhost", "curl -u … localhost"},
	{"a header", `curl -H "X-Api-Key: s3cret" localhost`, `curl -H "X-Api-Key:…`},
	{"an authorization", `curl -H "Authorization: Basic s3cret" localhost`, `curl -H "Authorization:…`},
	{"a bearer", "x Bearer s3cret", "x Bearer …"},
	{"JSON", `agent '{"password": "s3cret"}'`, `agent '{"password":…`},
	{"an address with a user and a password", "fetch https://me:s3cret@example.com/a/b", "fetch https://…@example.com/a/b"},
	{"one whose password has a slash", "https://me:s3/s3cret@example.com/a", "https://…@example.com/a"},
	{"one with a user alone", "https://s3cret@example.com", "https://…@example.com"},
	{"one with a query", "https://example.com/a?s3cret", "https://example.com/a?…"},
	{"one with a fragment", "'https://example.com/#s3cret'", "'https://example.com/#…'"},
	{"one of a database", "DB postgres://a:s3cret@db:5432/x?sslmode=s3cret", "DB postgres://…@db:5432/x?…"},
	{"one without a scheme", "agent --proxy=me:s3cret@proxy:8080", "agent --proxy=…@proxy:8080"},
	{"a path with a query", "/health?s3cret", "/health?…"},
	{"a query without an address", "health?token=s3cret", "health?token=…"},
}

// credentials are such as they are handed out, or look so.
var credentials = []string{
	"ghp_0123456789abcdefghijABCDEFGHIJ012345", "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y_z", "hvs.CAESIJ0123456789",
	"0123456789abcdef0123456789abcdef", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY+=", "Zm9vYmFyMTIzYmF6cXV4",
}

func testRedact(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, r := range redacted {
		it("leaves out "+r.kind, func() {
			Expect(redact.Text(r.text)).To(Equal(r.shown))
			Expect(redact.Text(r.text)).NotTo(ContainSubstring(secret))
			Expect(redact.Text(redact.Text(r.text))).To(Equal(r.shown))
		})
	}

	it("leaves out what looks like a credential", func() {
		for _, credential := range credentials {
			Expect(redact.Text(credential)).To(Equal("…"), credential)
			Expect(redact.Text("agent -t "+credential+" x")).To(Equal("agent -t … x"), credential)
		}
		Expect(redact.Text("https://example.com/bot/ghp_0123456789abcdef/send")).To(Equal("https://example.com/bot/…/send"))
	})

	it("leaves everything else as it is", func() {
		for _, text := range []string{
			"", "run", `bin/monitor --port "$MONITOR_PORT"`, `"$DEPS_DIR/0/bin/config-server"`, "exec sleep 1000", "java -Xmx512M -jar app.jar",
			`bin/gateway --listen "$PORT" --upstream "127.0.0.1:$APP_PORT"`, `PORT="$APP_PORT" ./x`, "A=$B C=${D} x", `agent --token "$TOKEN" -v`, "[ $a == b ]",
			"https://example.com/agent-1.2.3.tar.gz", "git@github.com:org/repo", "deps/0/packages/otelcol-contrib_0.165.0_Linux_amd64-0a1b2c3d/otelcol",
			"größer als \"das\"", "web,worker", ">=1.2, <2", "128M", strings.Repeat("c", 4096), "http at port $CONFIG_SERVER_PORT/health",
		} {
			Expect(redact.Text(text)).To(Equal(text))
		}
	})

	it("shows what is known to be an address without its secrets, whatever characters they have", func() {
		for address, shown := range map[string]string{
			"https://me:a s3cret@example.com/x.git": "https://…@example.com/x.git", "https://me:'s3cret@example.com": "https://…@example.com",
			"https://example.com/x.zip?a=\"s3cret x": "https://example.com/x.zip?…", "https://example.com/x.git#s3cret x": "https://example.com/x.git#…",
			"https://example.com/ghp_0123456789abcdef/x.git": "https://example.com/…/x.git", "me:s3cret@example.com:x.git": "…@example.com:x.git",
			"git@example.com:x.git": "git@example.com:x.git", "https://example.com/x.git": "https://example.com/x.git", "../x y": "../x y", "": "",
		} {
			Expect(redact.Address(address)).To(Equal(shown))
			Expect(redact.Address(shown)).To(Equal(shown))
		}
	})

	it("shows the branch of a git repository, and no secret of its address", func() {
		for address, shown := range map[string]string{
			"https://example.com/x.git#release": "https://example.com/x.git#release", "https://me:s3c#ret@example.com/x.git#a/b": "https://…@example.com/x.git#a/b",
			"https://example.com/x.zip?a=s3cret#v1": "https://example.com/x.zip?…#v1", "file:///x y#main": "file:///x y#main",
			"https://example.com/x.zip?a=s3cret": "https://example.com/x.zip?…", "../x#y": "../x#y", "": "",
		} {
			Expect(redact.Repository(address)).To(Equal(shown))
			Expect(redact.Repository(shown)).To(Equal(shown))
		}
	})

	it("leaves out the secrets of known addresses in whatever form a program tells of them", func() {
		mask := redact.Addresses([]string{
			"https://me:s3cret@example.com/x.git#s3cret", "https://me:s3,cret@example.com/y.zip?a=s3cret,b", "https://s3cret@example.com/z.zip",
			"me:s3cret@example.com:x.git", "https://@example.com", "sidecar_buildpack", "../x",
		})
		for line, shown := range map[string]string{
			"Failed to clone git repository at https://me:s3cret@example.com/x.git":   "Failed to clone git repository at https://…@example.com/x.git",
			"Invalid (https://me:s3cret@example.com/x.git#s3cret): x":                 "Invalid (https://…@example.com/x.git#…): x",
			"'https://me:s3,cret@example.com/y.zip?a=s3cret%2Cb'":                     "'https://…@example.com/y.zip?…'",
			"'https://me:s3%2Ccret@example.com/y.zip?a=s3cret%2Cb'":                   "'https://…@example.com/y.zip?…'",
			`Get "https://me:***@example.com/y.zip?a=s3cret%2Cb": EOF`:                `Get "https://…@example.com/y.zip?…": EOF`,
			`parse "https://me:xxxxx@example.com/y.zip?a=s3cret,b"`:                   `parse "https://…@example.com/y.zip?…"`,
			`Get "https://mirror.example.com/y.zip?a=s3cret%2Cb": EOF`:                `Get "https://mirror.example.com/y.zip?…": EOF`,
			"could not read from https://me:s3cret@example.com, https://s3cret@other": "could not read from https://…@example.com, https://…@other",
			"Failed to clone git repository at me:s3cret@example.com:x.git":           "Failed to clone git repository at …@example.com:x.git",
			"sidecar_buildpack, ../x, you@example.com, https://example.com/x?y":       "sidecar_buildpack, ../x, you@example.com, https://example.com/x?y",
		} {
			Expect(mask(line)).To(Equal(shown))
		}
		Expect(redact.Addresses(nil)("a line")).To(Equal("a line"))
	})

	it("shows a name up to what no name has", func() {
		for text, shown := range map[string]string{
			"process-types": "process-types", "TOKEN": "TOKEN", "größe.1": "größe.1", "": "",
			"TOKEN=s3cret": "TOKEN…", "TOKEN: s3cret": "TOKEN…", "TOKEN s3cret": "TOKEN…", "https://me:s3cret@example.com": "https…",
			"=s3cret": "…", "\"s3cret": "…", "a\x00s3cret": "a…", "a\xffs3cret": "a…",
			"ghp_0123456789abcdefghij": "…", strings.Repeat("x", 50): strings.Repeat("x", 40) + "…",
		} {
			Expect(redact.Name(text)).To(Equal(shown))
		}
	})

	it("leaves out what a parser quotes", func() {
		for message, shown := range map[string]string{
			"unknown anchor 's3cret' referenced":                    "unknown anchor '…' referenced",
			"unknown anchor 's3'cret' referenced":                   "unknown anchor '…' referenced",
			"cannot unmarshal !!str `s3cret` into int":              "cannot unmarshal !!str `…` into int",
			`expected value but found "s3cret" instead`:             `expected value but found "…" instead`,
			"did not find expected ',' or ']'":                      "did not find expected ',' or ']'",
			"expected '.' or '=', but got 'b' instead":              "expected '.' or '=', but got 'b' instead",
			"did not find expected '-' indicator":                   "did not find expected '-' indicator",
			"cannot unmarshal !!str `256M` into int":                "cannot unmarshal !!str `256M` into int",
			"an end 's3cret":                                        "an end '…",
			"line 1: cannot unmarshal !!map into string, it's such": "line 1: cannot unmarshal !!map into string, it'…",
		} {
			Expect(redact.Quoted(message)).To(Equal(shown))
		}
	})
}

// FuzzText plants a secret in each place that is to be redacted, within any text.
func FuzzText(f *testing.F) {
	for _, r := range redacted {
		f.Add(r.text, "", "")
		f.Add("", r.text, `it's "`)
	}
	f.Fuzz(func(t *testing.T, text, before, after string) {
		if shown := redact.Text(text); utf8.ValidString(text) && !utf8.ValidString(shown) {
			t.Errorf("%q became %q", text, shown)
		}
		_, _ = redact.Name(text), redact.Quoted(text)
		const planted = "ZQXJKV"
		for _, place := range []string{"TOKEN=" + planted, "--password " + planted, "https://me:" + planted + "@example.com", "https://example.com/?" + planted, "X-Token: " + planted} {
			if shown := redact.Text(before + " " + place + " " + after); strings.Contains(shown, planted) && !strings.Contains(before+after, planted) {
				t.Errorf("%q became %q", before+" "+place+" "+after, shown)
			}
		}
	})
}
