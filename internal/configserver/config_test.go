package configserver_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testConfig(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		dir    string
	)

	it.Before(func() {
		dir = t.TempDir()
	})

	served := func(settings ...string) string {
		t.Helper()
		server := start(t, settings...)
		defer server.stop(t)
		_, body := server.request(t, http.MethodGet, "/config/")
		return body
	}

	write := func(content string) string {
		t.Helper()
		path := filepath.Join(dir, "config.json")
		Expect(os.WriteFile(path, []byte(content), 0600)).To(Succeed())
		return path
	}

	it("serves the default where nothing is set", func() {
		expected := `{"Scope":"some-service.admin","Password":"not-a-real-p4$$w0rd"}` + "\n"
		Expect(served()).To(Equal(expected))
		Expect(served("CONFIG_SERVER_CONFIG=")).To(Equal(expected))
	})

	it("serves inline JSON with its order, its numbers and its strings unchanged", func() {
		Expect(served("CONFIG_SERVER_CONFIG=\n" + ` { "z" : 12345678901234567890.10, "a" : 1E400 ,
			"html" : "<a&b>\u003c` + "\u2028" + `", "a" : [ ] } `)).To(Equal(
			`{"z":12345678901234567890.10,"a":1E400,"html":"<a&b>\u003c` + "\u2028" + `","a":[]}` + "\n"))
	})

	it("serves inline arrays and strings", func() {
		Expect(served(`CONFIG_SERVER_CONFIG=[1, 2]`)).To(Equal("[1,2]\n"))
		Expect(served(`CONFIG_SERVER_CONFIG="a = b"`)).To(Equal(`"a = b"` + "\n"))
	})

	it("serves the last of several settings", func() {
		Expect(served(`CONFIG_SERVER_CONFIG=[1]`, `CONFIG_SERVER_CONFIG=[2]`)).To(Equal("[2]\n"))
	})

	it("serves a file", func() {
		Expect(served("CONFIG_SERVER_CONFIG=" + write("{\r\n  \"a\": 1\r\n}\r\n"))).To(Equal("{\"a\":1}\n"))
	})

	it("serves a file that starts with a byte order mark", func() {
		Expect(served("CONFIG_SERVER_CONFIG=" + write("\ufeff{}"))).To(Equal("{}\n"))
	})

	it("serves a file that holds no object", func() {
		Expect(served("CONFIG_SERVER_CONFIG=" + write("null\n"))).To(Equal("null\n"))
	})

	it("looks for a relative path in the working directory", func() {
		work, err := os.Getwd()
		Expect(err).NotTo(HaveOccurred())
		relative, err := filepath.Rel(work, write(`{"a":1}`))
		Expect(err).NotTo(HaveOccurred())

		Expect(served("CONFIG_SERVER_CONFIG=" + relative)).To(Equal("{\"a\":1}\n"))
	})

	it("serves as much as 1 MiB", func() {
		content := `"` + strings.Repeat("x", 1<<20-2) + `"`
		Expect(served("CONFIG_SERVER_CONFIG=" + write(content))).To(Equal(content + "\n"))
	})

	it("reads the file once", func() {
		path := write(`{"a":1}`)
		server := start(t, "CONFIG_SERVER_CONFIG="+path)
		defer server.stop(t)
		Expect(os.Remove(path)).To(Succeed())

		_, body := server.request(t, http.MethodGet, "/config/")
		Expect(body).To(Equal("{\"a\":1}\n"))
	})

	context("failure cases", func() {
		failure := func(value string) error {
			t.Helper()
			return fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), "CONFIG_SERVER_CONFIG="+value)
		}

		it("says what a value may be that is neither JSON nor a file, without showing it", func() {
			err := failure(filepath.Join(dir, "missing.json"))
			Expect(err).To(MatchError(`CONFIG_SERVER_CONFIG is neither inline JSON nor the path of a file that can be read: start inline JSON with {, [ or ", or name a JSON file, relative to the working directory (the value is not shown, it may hold secrets): no such file or directory`))
			Expect(err).To(MatchError(fs.ErrNotExist))
		})

		it("refuses a file inside a file", func() {
			err := failure(filepath.Join(write("{}"), "more"))
			Expect(err).To(MatchError(ContainSubstring("(the value is not shown, it may hold secrets): not a directory")))
		})

		it("refuses a value of nothing but white space", func() {
			Expect(failure(" \n")).To(MatchError(ContainSubstring("CONFIG_SERVER_CONFIG is neither inline JSON nor the path")))
		})

		it("refuses a directory", func() {
			Expect(failure(dir)).To(MatchError(`failed to read the file "` + dir + `": it is not a regular file: set CONFIG_SERVER_CONFIG to the path of a JSON file`))
		})

		it("refuses a named pipe, without waiting for its writer", func() {
			path := filepath.Join(dir, "pipe")
			Expect(syscall.Mkfifo(path, 0600)).To(Succeed())
			Expect(failure(path)).To(MatchError(ContainSubstring(`"` + path + `": it is not a regular file`)))
		})

		it("refuses a file that cannot be read", func() {
			// The start of a process's memory is a regular file that no process can
			// read, root included.
			const path = "/proc/self/mem"
			Expect(failure(path)).To(MatchError(`failed to read the file "` + path + `": input/output error`))
		})

		for _, content := range []string{"", " \r\n\t", "\ufeff"} {
			it("refuses an empty file", func() {
				path := write(content)
				Expect(failure(path)).To(MatchError(`the file "` + path + `" is empty: it must hold the configuration as JSON`))
			})
		}

		it("refuses more than 1 MiB", func() {
			path := write(`"` + strings.Repeat("x", 1<<20-1) + `"`)
			Expect(failure(path)).To(MatchError(`the file "` + path + `" is too large: the configuration may have at most 1 MiB (1048576 bytes)`))
		})

		it("names the file, the line and the column of a mistake", func() {
			path := write("{\n  \"a\": 1\n  \"b\": 2\n}\n")
			Expect(failure(path)).To(MatchError(`the file "` + path + `" is not valid JSON: line 3, column 3: expected a comma or }`))
		})

		it("refuses other encodings than UTF-8", func() {
			path := write("\xff\xfe{\x00}\x00")
			Expect(failure(path)).To(MatchError(`the file "` + path + `" is not valid JSON: line 1, column 1: this is not UTF-8: save the configuration as UTF-8`))
			Expect(failure("{\n\"ä\": \"\xe4\"}")).To(MatchError(ContainSubstring(`CONFIG_SERVER_CONFIG is not valid JSON: line 2, column 7: this is not UTF-8`)))
		})
	})
}
