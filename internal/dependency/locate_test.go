package dependency_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/postal"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
)

// postalLocates is where packit's postal fetches a file from, which it tells its transport alone. It reads
// the environment of this process.
func postalLocates(uri, checksum, platform string) (string, error) {
	var asked transport
	err := postal.NewService(&asked).Deliver(postal.Dependency{URI: uri, Checksum: checksum}, "", "", platform)
	if asked.uri == "" {
		return "", err
	}
	return asked.uri, nil
}

// A transport notes what it is asked for, and fetches nothing.
type transport struct{ uri string }

func (t *transport) Drop(_, uri string) (io.ReadCloser, error) {
	t.uri = uri
	return nil, errors.New("only noted")
}

func testLocate(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		root    string
		environ []string
	)
	const uri = "https://github.com/owner/agent-1.0.tgz"
	digits := strings.Repeat("ab", 32)
	checksum := "sha256:" + digits

	it.Before(func() {
		root, environ = t.TempDir(), nil
	})
	locate := func() (string, error) { return dependency.Locate(environ, uri, checksum, root) }
	service := func(credentials string) string {
		return `{"user-provided": [{"name": "m", "instance_name": "m", "label": "user-provided", "tags": [], "credentials": ` + credentials + `}]}`
	}
	// bind gives the services to the environment in one of the platform's forms.
	bind := func(form, services string) {
		t.Helper()
		switch form {
		case bindings.ServicesVariable:
			environ = append(environ, form+"="+services)
		case bindings.FileVariable:
			file := filepath.Join(root, "vcap_services")
			Expect(os.WriteFile(file, []byte(services), 0o600)).To(Succeed())
			environ = append(environ, form+"="+file)
		case bindings.DirectoryVariable:
			files, err := bindings.Directory([]byte(services))
			Expect(err).NotTo(HaveOccurred())
			directory := filepath.Join(root, "services")
			for path, content := range files {
				path = filepath.Join(directory, path)
				Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
				Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
			}
			environ = append(environ, form+"="+directory)
		}
	}

	it("is the URI itself where nothing else is said", func() {
		Expect(locate()).To(Equal(uri))
		bind(bindings.ServicesVariable, service(`{"uri": "https://other.example.com", "default": "https://other.example.com"}`))
		Expect(locate()).To(Equal(uri))
	})

	it("is a file itself, whatever the mirror", func() {
		environ = []string{"BP_DEPENDENCY_MIRROR=https://mirror.example.com"}
		Expect(dependency.Locate(environ, "file:///agent", checksum, root)).To(Equal("file:///agent"))
	})

	context("mirrors by variables", func() {
		it("are of all hosts, or of one and those below it", func() {
			environ = []string{"BP_DEPENDENCY_MIRROR=https://mirror.example.com/{originalHost}"}
			Expect(locate()).To(Equal("https://mirror.example.com/github.com/owner/agent-1.0.tgz"))
			environ = append(environ, "BP_DEPENDENCY_MIRROR_COM=https://mirror.example.com/com", "BP_DEPENDENCY_MIRROR_GITHUB_COM=https://user:secret@mirror.example.com/gh")
			Expect(locate()).To(Equal("https://user:secret@mirror.example.com/gh/owner/agent-1.0.tgz"))
			Expect(dependency.Locate(environ, "https://codeload.GitHub.com:443/x", checksum, root)).To(Equal("https://user:secret@mirror.example.com/gh/x"))
			Expect(dependency.Locate(environ, "https://notgithub.com/x", checksum, root)).To(Equal("https://mirror.example.com/com/x"))
		})

		it("do not count for a part of a host's name", func() {
			environ = []string{"BP_DEPENDENCY_MIRROR_HUB_COM=https://mirror.example.com", "MY_BP_DEPENDENCY_MIRROR=https://mirror.example.com"}
			Expect(locate()).To(Equal(uri))
		})
	})

	for _, form := range []string{bindings.ServicesVariable, bindings.FileVariable, bindings.DirectoryVariable} {
		context("CF-41: services in "+form, func() {
			it("map a checksum, whatever is left of the service's type", func() {
				for _, name := range []string{digits, strings.ToUpper(digits), checksum, "sha256_" + digits} {
					if form == bindings.DirectoryVariable && name != strings.ToLower(name) || strings.Contains(name, ":") {
						continue // no name of a file there
					}
					environ, root = nil, t.TempDir()
					bind(form, service(`{"type": "dependency-mapping", "`+name+`": "https://mapped.example.com/agent"}`))
					Expect(locate()).To(Equal("https://mapped.example.com/agent"), name)
				}
			})

			it("map another algorithm's checksum only by its name", func() {
				bind(form, service(`{"`+digits+`": "https://wrong.example.com", "sha512_`+digits+`": "https://mapped.example.com/agent"}`))
				Expect(dependency.Locate(environ, uri, "sha512:"+digits, root)).To(Equal("https://mapped.example.com/agent"))
			})

			it("prefer a mapping to a mirror", func() {
				environ = []string{"BP_DEPENDENCY_MIRROR=https://mirror.example.com"}
				bind(form, service(`{"`+digits+`": "https://mapped.example.com/agent"}`))
				Expect(locate()).To(Equal("https://mapped.example.com/agent"))
			})

			for _, way := range [][2]string{
				{"its tag", `"name": "m", "tags": ["dependency-mirror"]`}, {"its name", `"name": "dependency-mirror"`},
				{"its instance's name", `"name": "m", "instance_name": "dependency-mirror"`},
			} {
				said := way[1]
				it("are a mirror by "+way[0], func() {
					bind(form, `{"user-provided": [{"label": "user-provided", `+said+`, "credentials": {"default": "https://mirror.example.com", "github.com": "https://mirror.example.com/gh,skip-path=/owner"}}]}`)
					Expect(locate()).To(Equal("https://mirror.example.com/gh/agent-1.0.tgz"))
					Expect(dependency.Locate(environ, "https://example.com/a", checksum, root)).To(Equal("https://mirror.example.com/a"))
				})
			}

			it("are a mirror by the credential type, or by having nothing but mirrors where the platform has overwritten it", func() {
				bind(form, service(`{"type": "dependency-mirror", "default": "https://mirror.example.com", "github.com": "https://mirror.example.com/gh,skip-path=/owner"}`))
				Expect(locate()).To(Equal("https://mirror.example.com/gh/agent-1.0.tgz"))
			})

			for _, other := range []string{
				`{"default": "https://mirror.example.com", "password": "x"}`, `{"default": "http://mirror.example.com"}`, `{"uri": "https://mirror.example.com"}`, `{}`,
			} {
				it("are not a mirror with anything else: "+other, func() {
					bind(form, service(other))
					Expect(locate()).To(Equal(uri))
				})
			}

			it("give way to the variables", func() {
				environ = []string{"BP_DEPENDENCY_MIRROR=https://variable.example.com"}
				bind(form, `{"user-provided": [{"name": "dependency-mirror", "credentials": {"default": "https://service.example.com"}}]}`)
				Expect(locate()).To(Equal("https://variable.example.com/owner/agent-1.0.tgz"))
			})

			it("may have several mirrors, but not different ones of a host", func() {
				const both = `{"a": [
					{"name": "one", "tags": ["dependency-mirror"], "credentials": {"default": "https://user:s3cret@one.example.com"}},
					{"name": "two", "tags": ["dependency-mirror"], "credentials": {"github.com": "https://user:s3cret@TWO.example.com", "example.com": "https://user:s3cret@one.example.com"}}]}`
				bind(form, both)
				_, err := locate()
				Expect(err).To(MatchError(`failed to look for a mirror: the service "one" and the service "two" have different mirrors of github.com; expected one`))
				Expect(dependency.Locate(environ, "https://example.com/a", checksum, root)).To(Equal("https://user:s3cret@one.example.com/a"))
			})
		})
	}

	it("is what a binding below the buildpack's root says, where no bound service says anything", func() {
		binding := filepath.Join(root, "bindings", "mirror")
		Expect(os.MkdirAll(binding, 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(binding, "type"), []byte("dependency-mirror\n"), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(binding, "default"), []byte("https://mirror.example.com\n"), 0o600)).To(Succeed())
		environ = []string{"VCAP_SERVICES={}"} // as the platform always has it
		Expect(locate()).To(Equal("https://mirror.example.com/owner/agent-1.0.tgz"))
		bind(bindings.FileVariable, `{"a": [{"name": "dependency-mirror", "credentials": {"default": "https://service.example.com"}}]}`)
		Expect(locate()).To(Equal("https://service.example.com/owner/agent-1.0.tgz"))
	})

	context("as packit's postal does", func() {
		for _, variable := range [][2]string{
			{"BP_DEPENDENCY_MIRROR", "mirror=https://mirror.example.com/{originalHost}/x,skip-path=/owner"},
			{"BP_DEPENDENCY_MIRROR_GITHUB_COM", "https%3A%2F%2Fuser%3Apa%24%24word%2C%40mirror.example.com%2Fgh,skip-path=%2Fowner"},
			{"BP_DEPENDENCY_MIRROR_EXAMPLE", "https://mirror.example.com"},
			{"VCAP_SERVICES", service(`{"type": "Dependency-Mapping", "` + digits + `": " https://mapped.example.com/a?b=c\n"}`)},
			{"SERVICE_BINDING_ROOT", ""}, // see below
		} {
			name, value := variable[0], variable[1]
			it("it finds the place of a file by "+name, func() {
				if name == "SERVICE_BINDING_ROOT" {
					value = t.TempDir()
					binding := filepath.Join(value, "mirror")
					Expect(os.MkdirAll(binding, 0o755)).To(Succeed())
					Expect(os.WriteFile(filepath.Join(binding, "type"), []byte("dependency-mirror\n"), 0o600)).To(Succeed())
					Expect(os.WriteFile(filepath.Join(binding, "github.com"), []byte("file:///mirror,skip-path=/agent"), 0o600)).To(Succeed())
				}
				t.Setenv(name, value)
				expected, err := postalLocates(uri, checksum, root)
				Expect(err).NotTo(HaveOccurred())
				if name != "BP_DEPENDENCY_MIRROR_EXAMPLE" {
					Expect(expected).NotTo(Equal(uri))
				}
				environ = []string{name + "=" + value}
				Expect(locate()).To(Equal(expected))
			})
		}
	})

	context("failure cases", func() {
		failure := func() string {
			located, err := locate()
			Expect(err).To(HaveOccurred(), located)
			return err.Error()
		}

		it("does not print a mirror that it cannot read", func() {
			for _, mirror := range []string{"https://user:s3c%25ret@mirror.example.com", "https://user:s3cret/x@mirror.example.com"} {
				environ = []string{"BP_DEPENDENCY_MIRROR=" + mirror}
				Expect(failure()).To(Equal("failed to look for a mirror: BP_DEPENDENCY_MIRROR: its URL cannot be read"))
			}
		})

		it("refuses a mirror that is neither https nor a file, and does not print it", func() {
			for _, mirror := range []string{"http://mirror.example.com", "user:s3cret@mirror.example.com", "mirror.example.com", "s3cret"} {
				environ = []string{"BP_DEPENDENCY_MIRROR_GITHUB_COM=" + mirror}
				Expect(failure()).To(Equal("failed to look for a mirror: BP_DEPENDENCY_MIRROR_GITHUB_COM: " +
					"found a mirror that is neither https nor a file; expected a URL that begins with https:// or file://"))
			}
		})

		it("refuses a variable that is nearly one of a mirror", func() {
			for _, name := range []string{"BP_DEPENDENCY_MIRRORS", "BP_DEPENDENCY_MIRROR_"} {
				environ = []string{name + "=x"}
				Expect(failure()).To(Equal("failed to look for a mirror: found the variable " + name +
					"; expected BP_DEPENDENCY_MIRROR, or BP_DEPENDENCY_MIRROR_ and a host's name such as GITHUB_COM"))
			}
		})

		it("refuses services that cannot be read, in words that hold none of them", func() {
			environ = []string{`VCAP_SERVICES={"s3cret`}
			Expect(failure()).To(Equal("failed to look for a mirror: failed to read the bound services of VCAP_SERVICES: it is not JSON: it ends too early, after 8 bytes"))
			environ = []string{"VCAP_SERVICES_FILE_PATH=" + root}
			Expect(failure()).To(HavePrefix("failed to look for a mirror: failed to read the bound services of VCAP_SERVICES_FILE_PATH: " + root + ": found a directory"))
		})

		it("refuses a URI that cannot be read, and does not print it", func() {
			_, err := dependency.Locate(nil, "https://user:s3c%ret@example.com", checksum, root)
			Expect(err).To(MatchError("failed to look for a mirror: the URI cannot be read"))
		})
	})
}
