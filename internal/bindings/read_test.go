package bindings_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testRead(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		root       string
	)

	it.Before(func() { root = t.TempDir() })

	write := func(path, content string) string {
		path = filepath.Join(root, path)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
		return path
	}
	names := func(environ ...string) []string {
		all, err := bindings.Read(environ)
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, binding := range all {
			names = append(names, binding.Name)
		}
		return names
	}
	failure := func(environ ...string) string {
		failed := make(chan error, 1)
		go func() {
			_, err := bindings.Read(environ)
			failed <- err
		}()
		var err error
		Eventually(failed, time.Minute).Should(Receive(&err))
		Expect(err).To(HaveOccurred())
		return err.Error()
	}

	it("is nothing where no variable is set, or an empty one", func() {
		Expect(names()).To(BeEmpty())
		Expect(names("VCAP_SERVICES=", "VCAP_SERVICES_FILE_PATH=", "SERVICE_BINDING_ROOT=", "VCAP_SERVICES_OTHER=x")).To(BeEmpty())
		Expect(names("VCAP_SERVICES={}")).To(BeEmpty())
	})

	it("takes the last of a variable that is set twice", func() {
		Expect(names("VCAP_SERVICES={oops", `VCAP_SERVICES={"a": [{"name": "x"}]}`)).To(Equal([]string{"x"}))
	})

	it("counts a form that a user adds to the platform's", func() {
		file := write("services", `{"a": [{"name": "from the file"}]}`)
		write("bindings/a-directory/type", "x")
		Expect(names(`VCAP_SERVICES={"a": [{"name": "of the environment"}]}`, "VCAP_SERVICES_FILE_PATH="+file, "SERVICE_BINDING_ROOT="+root+"/bindings")).
			To(Equal([]string{"a-directory", "from the file", "of the environment"}))
	})

	context("a directory of bindings", func() {
		it("CF-41: may be missing, as the platform makes it for the first binding", func() {
			Expect(names("SERVICE_BINDING_ROOT=" + root + "/missing")).To(BeEmpty())
		})

		it("may be Kubernetes' own, with links to the current content and without a name", func() {
			write("db/..2026_11_28/type", "postgresql\n")
			write("db/..2026_11_28/tags", "blue, green")
			write("db/..2026_11_28/password", "secret")
			Expect(os.Symlink("..2026_11_28", root+"/db/..data")).To(Succeed())
			for _, key := range []string{"type", "tags", "password"} {
				Expect(os.Symlink("..data/"+key, root+"/db/"+key)).To(Succeed())
			}
			write("..data/type", "none")
			write("a file", "none")
			all, err := bindings.Read([]string{"SERVICE_BINDING_ROOT=" + root})
			Expect(err).NotTo(HaveOccurred())
			Expect(all).To(Equal([]bindings.Binding{{
				Name: "db", InstanceName: "db", Label: "postgresql", Type: "postgresql", TypeLost: true, Tags: []string{"blue", "green"}, Credentials: map[string]any{"password": "secret"},
			}}))
		})

		it("may have the names with hyphens that Cloud Controller wrote until September 2025", func() {
			write("db/instance-name", "i")
			write("db/binding-guid", "g")
			write("db/label", "l")
			all, err := bindings.Read([]string{"SERVICE_BINDING_ROOT=" + root})
			Expect(err).NotTo(HaveOccurred())
			Expect(all).To(Equal([]bindings.Binding{{Name: "db", InstanceName: "i", Label: "l", Type: "l", TypeLost: true, Credentials: map[string]any{}}}))
		})
	})

	context("failure cases, which name the variable and never the content", func() {
		it("refuses what is not the JSON of VCAP_SERVICES", func() {
			for content, expected := range map[string]string{
				`{"s3cret`:                                    "it is not JSON: it ends too early, after 8 bytes",
				`s3cret`:                                      "it is not JSON: syntax error at byte 1 of 6",
				`{} s3cret`:                                   "it is not JSON: more follows the value that ends at byte 2 of 9",
				`["s3cret"]`:                                  "the JSON: found a list; expected an object",
				`{"s3cret": "s3cret"}`:                        "a label: found text; expected a list of bindings",
				`{"s3cret": ["s3cret"]}`:                      "a binding: found text; expected an object",
				`{"s3cret": [{"name": ["s3cret"]}]}`:          "a binding's name: found a list; expected text",
				`{"s3cret": [{"plan": 123}]}`:                 "a binding's plan: found a number; expected text",
				`{"s3cret": [{"tags": "s3cret"}]}`:            "a binding's tags: found text; expected a list of texts",
				`{"s3cret": [{"tags": [true]}]}`:              "a binding's tag: found true or false; expected text",
				`{"s3cret": [{"credentials": "s3cret"}]}`:     "a binding's credentials: found text; expected an object",
				`{"s3cret": [{"credentials": {"a": s3cret}}]`: "it is not JSON: syntax error at byte 35 of 43",
			} {
				Expect(failure("VCAP_SERVICES=" + content)).To(Equal("failed to read the bound services of VCAP_SERVICES: " + expected))
				file := write("services", content)
				Expect(failure("VCAP_SERVICES_FILE_PATH=" + file)).To(Equal("failed to read the bound services of VCAP_SERVICES_FILE_PATH: " + file + ": " + expected))
			}
		})

		it("refuses a file that is not there, that is none, or that is too large", func() {
			path := root + "/services"
			Expect(failure("VCAP_SERVICES_FILE_PATH=" + path)).To(And(
				HavePrefix("failed to read the bound services of VCAP_SERVICES_FILE_PATH: "), HaveSuffix(path+": there is no such file")))
			Expect(failure("VCAP_SERVICES_FILE_PATH=" + root)).To(ContainSubstring(root + ": found a directory; expected a regular file"))
			Expect(failure("VCAP_SERVICES_FILE_PATH=/dev/zero")).To(ContainSubstring("/dev/zero: found a device; expected a regular file"))
			Expect(syscall.Mkfifo(path, 0o600)).To(Succeed())
			Expect(failure("VCAP_SERVICES_FILE_PATH=" + path)).To(ContainSubstring(path + ": found a named pipe; expected a regular file"))
			Expect(os.Remove(path)).To(Succeed())
			write("services", strings.Repeat(" ", bindings.MaxBytes+1))
			Expect(failure("VCAP_SERVICES_FILE_PATH=" + path)).To(ContainSubstring(path + ": found 1000001 bytes; expected a regular file of at most 1000000 bytes"))
		})

		it("refuses a key of a directory that is not a file", func() {
			write("db/type", "x")
			Expect(syscall.Mkfifo(root+"/db/password", 0o600)).To(Succeed())
			Expect(failure("SERVICE_BINDING_ROOT=" + root)).To(Equal(
				"failed to read the bound services of SERVICE_BINDING_ROOT: " + root + "/db/password: found a named pipe; expected a regular file of at most 1000000 bytes"))
			Expect(os.Remove(root + "/db/password")).To(Succeed())
			Expect(os.Symlink("/dev/zero", root+"/db/password")).To(Succeed())
			Expect(failure("SERVICE_BINDING_ROOT=" + root)).To(ContainSubstring("/db/password: found a device"))
		})

		it("refuses a root that is not a directory", func() {
			Expect(failure("SERVICE_BINDING_ROOT=" + write("file", "x"))).To(ContainSubstring("SERVICE_BINDING_ROOT: "))
		})

		it("CF-41: refuses a directory with more than the platform hands on", func() {
			for i := range 11 {
				write(fmt.Sprintf("db/key-%d", i), strings.Repeat("s3cret", 16_000))
			}
			Expect(failure("SERVICE_BINDING_ROOT=" + root)).To(Equal("failed to read the bound services of SERVICE_BINDING_ROOT: " +
				"found more than 1000000 bytes, names included, by the time of " + root + "/db; expected no more in all"))
		})
	})
}
