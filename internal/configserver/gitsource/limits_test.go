package gitsource_test

import (
	stdcontext "context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testLimits(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *gitServer
	)

	it.Before(func() {
		server = serve(t, springtest.NewRepository(t))
		server.Commit(map[string]string{"app.yml": "k: 1\n"})
	})

	failure := func(limits gitsource.Limits, application string) error {
		t.Helper()
		_, err := value(source(t, server.settings(nil), limits), application, "")
		Expect(err).To(HaveOccurred())
		return err
	}
	// endless answers requests for a path endlessly, until the client hangs up.
	endless := func(suffix string, start, again []byte) {
		server.answering(func(response http.ResponseWriter, request *http.Request) bool {
			if !strings.HasSuffix(request.URL.Path, suffix) {
				return false
			}
			response.Header().Set("Content-Type", "application/x-git-upload-pack-"+map[string]string{"/info/refs": "advertisement", "/git-upload-pack": "result"}[suffix])
			_, err := response.Write(start)
			for err == nil {
				_, err = response.Write(again)
			}
			return true
		})
	}
	packet := func(text string) []byte { return fmt.Appendf(nil, "%04x%s", len(text)+4, text) }

	for _, filters := range []string{"false", "true"} {
		it("reads a repository with files that are too large for configuration, and names one that is requested (filters: "+filters+")", func() {
			server.Git("config", "uploadpack.allowFilter", filters)
			server.Commit(map[string]string{
				"zeros.yml": strings.Repeat("\x00", 6<<20), "binary": strings.Repeat("x", 5<<20), "large.yml": "k: " + strings.Repeat("y", 5<<20), "small.yml": "k: small\n",
			})
			server.Git("repack", "-a", "-d", "-f", "--quiet")
			made := source(t, server.settings(nil), gitsource.Limits{})
			Expect(value(made, "small", "")).To(Equal("small"))
			for _, application := range []string{"zeros", "large"} {
				_, err := value(made, application, "")
				Expect(err).To(MatchError(ContainSubstring(`found the file "` + application + `.yml" of more than 4194304 bytes; expected no more`)))
			}
			_, err := value(source(t, map[string]string{"CONFIG_SERVER_GIT_URI": server.Directory}, gitsource.Limits{}), "zeros", "")
			Expect(err).To(MatchError(ContainSubstring(`found the file "zeros.yml" of more than 4194304 bytes; expected no more`)))
		})
	}

	it("reads a delta of an object that is small enough, whatever else is in the pack", func() {
		server.Commit(map[string]string{"large.yml": strings.Repeat("a: b\n", 1<<20)})
		server.Commit(map[string]string{"large.yml": strings.Repeat("a: b\n", 1<<20) + "c: d\n"})
		server.Git("repack", "-a", "-d", "-f", "--quiet")
		made := source(t, server.settings(nil), gitsource.Limits{})
		Expect(value(made, "app", server.Git("rev-parse", "HEAD")[:8])).To(BeEquivalentTo("1"))
	})

	it("continues a fetch that takes longer than its caller waits, and returns its result the next time", func() {
		release := make(chan struct{})
		server.answering(func(_ http.ResponseWriter, request *http.Request) bool {
			if request.Method == http.MethodPost {
				<-release
			}
			return false
		})
		made := source(t, server.settings(nil), gitsource.Limits{})
		ctx, cancel := stdcontext.WithTimeout(stdcontext.Background(), 100*time.Millisecond)
		defer cancel()
		_, _, err := made.Fetch(ctx, request("app", ""), "")
		Expect(err).To(MatchError(stdcontext.DeadlineExceeded))
		_, _, err = made.Fetch(ctx, request("app", ""), "")
		Expect(err).To(MatchError(stdcontext.DeadlineExceeded), "the first is still going on")
		close(release)
		Expect(value(made, "app", "")).To(BeEquivalentTo("1"))
		Expect(server.count("POST /git-upload-pack")).To(Equal(1))
	})

	context("failure cases", func() {
		it("cuts off an endless list of branches", func() {
			head := append(packet("# service=git-upload-pack\n"), "0000"...)
			endless("/info/refs", append(head, packet(strings.Repeat("1", 40)+" refs/heads/a\x00shallow\n")...), packet(strings.Repeat("1", 40)+" refs/heads/"+strings.Repeat("b", 500)+"\n"))
			Expect(failure(gitsource.Limits{References: 1 << 20}, "app")).To(MatchError("failed to list the branches of the git server: found a list of branches and tags of more than 1048576 bytes; expected no more"))
		})

		it("cuts off an endless pack", func() {
			endless("/git-upload-pack", []byte("00000008NAK\n"), packet("\x01"+strings.Repeat("x", 1000)))
			Expect(failure(gitsource.Limits{Pack: 1 << 20}, "app")).To(MatchError("failed to fetch from the git server: found a commit of more than 1048576 bytes, compressed; expected no more"))
		})

		it("cuts off an endless error message", func() {
			server.answering(func(response http.ResponseWriter, _ *http.Request) bool {
				response.WriteHeader(http.StatusInternalServerError)
				var err error
				for err == nil {
					_, err = io.WriteString(response, secret)
				}
				return true
			})
			Expect(failure(gitsource.Limits{}, "app")).To(MatchError("failed to list the branches of the git server: it answered with the status 500"))
		})

		it("refuses too many objects, and objects with too many bytes", func() {
			files := map[string]string{}
			for i := range 50 {
				files[fmt.Sprintf("%d/x", i)] = fmt.Sprint(i)
			}
			files["zeros"] = strings.Repeat("\x00", 3<<20)
			server.Commit(files)
			Expect(failure(gitsource.Limits{Objects: 100}, "app")).To(MatchError("failed to fetch from the git server: found a commit of more than 100 objects; expected no more"))
			Expect(failure(gitsource.Limits{Inflated: 2 << 20}, "app")).To(MatchError("failed to fetch from the git server: found a commit of more than 2097152 bytes, unpacked; expected no more"))
			Expect(failure(gitsource.Limits{Pack: 1 << 10}, "app")).To(MatchError(ContainSubstring("of more than 1024 bytes, compressed; expected no more")))
		})

		it("refuses a folder that is too large", func() {
			files := map[string]string{}
			for i := range 300 {
				files[strings.Repeat("x", 100)+fmt.Sprint(i)] = ""
			}
			server.Commit(files)
			Expect(failure(gitsource.Limits{File: 10_000}, "app")).To(MatchError(ContainSubstring("found an object of more than 10000 bytes; expected no more")))
		})

		it("refuses a commit with too many folders for the search paths", func() {
			files := map[string]string{}
			for i := range 1_100 {
				files[fmt.Sprintf("d%d/app.yml", i)] = ""
			}
			server.Commit(files)
			_, err := value(source(t, server.settings(map[string]string{"CONFIG_SERVER_GIT_PATH": "*"}), gitsource.Limits{}), "app", "")
			Expect(err).To(MatchError(ContainSubstring("the search paths come to more than 1000 folders")))
		})

		for _, hostile := range []struct{ name, content, message string }{
			{"aliases that multiply", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "found a document that comes to more than 50000 values once its aliases are followed"},
			{"an alias to itself", "a: &a [*a]\n", "more than"},
			{"deep nesting", strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000), "nested more than 100 deep"},
			{"many values", "a: [" + strings.Repeat("x,", 200_000) + "]", "found a file with up to 200003 values; expected at most 50000"},
			{"text that many aliases repeat", "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a,", 20_000) + "]\n", "found values of more than 2097152 bytes with each key in full"},
			{"a long key of many values", "? " + strings.Repeat("k", 1<<20) + "\n: [" + strings.Repeat("x,", 20_000) + "]\n", "found values of more than 2097152 bytes with each key in full"},
			{"many merges", "a: &a {x: 1}\n" + strings.Repeat("b: &b {<<: *a}\n", 2), "found a key for the second time"},
			{"broken syntax with a secret", "password: " + secret + "\n\tx: [\n", "app.yml:2: syntax: found what no YAML parser can read"},
		} {
			it("refuses YAML with "+hostile.name, func() {
				server.Commit(map[string]string{"app.yml": hostile.content})
				err := failure(gitsource.Limits{}, "app")
				Expect(err).To(MatchError(ContainSubstring(hostile.message)))
				Expect(err).NotTo(MatchError(ContainSubstring(secret)))
			})
		}

		it("refuses properties with a long key of many values", func() {
			server.Commit(map[string]string{"app.properties": strings.Repeat("k", 1<<20) + "[]=" + strings.Repeat("x,", 1<<18)})
			Expect(failure(gitsource.Limits{}, "app")).To(MatchError(ContainSubstring("app.properties: found values of more than 2097152 bytes with each key in full")))
		})

		it("stops when its context ends, whatever the server does", func() {
			stuck := make(chan struct{})
			server.answering(func(_ http.ResponseWriter, request *http.Request) bool {
				close(stuck)
				<-request.Context().Done()
				return true
			})
			ctx, cancel := stdcontext.WithTimeout(stdcontext.Background(), time.Minute)
			defer cancel()
			go func() {
				<-stuck
				cancel()
			}()
			made := source(t, server.settings(nil), gitsource.Limits{})
			_, _, err := made.Fetch(ctx, request("app", ""), "")
			Expect(err).To(MatchError(stdcontext.Canceled))
			server.answering(nil)
			Expect(value(made, "app", "")).To(BeEquivalentTo("1"))
		})

		it("does not mistake the end of a canceled request for an empty repository", func() {
			settings, err := gitsource.FromEnvironment(func(name string) string { return server.settings(nil)[name] }, nil)
			Expect(err).NotTo(HaveOccurred())
			for range 20 { // sometimes the client closes the connection first
				ctx, cancel := stdcontext.WithCancel(t.Context())
				server.answering(func(response http.ResponseWriter, request *http.Request) bool {
					cancel()
					<-request.Context().Done()
					_, _ = response.Write(append(packet("# service=git-upload-pack\n"), "00000000"...))
					return true
				})
				Expect(gitsource.References(ctx, *settings)).To(MatchError(stdcontext.Canceled))
			}
		})
	})
}
