package integration_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testbuild"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testSpringClients has unchanged clients of Spring Cloud Config Server ask config-server.
func testSpringClients(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	files := func() map[string]string {
		t.Helper()
		found := map[string]string{}
		directory := filepath.Join(built.root, "examples", "spring-config-app", "config")
		entries, err := os.ReadDir(directory)
		Expect(err).NotTo(HaveOccurred())
		for _, entry := range entries {
			content, err := os.ReadFile(filepath.Join(directory, entry.Name()))
			Expect(err).NotTo(HaveOccurred())
			found[entry.Name()] = string(content)
		}
		return found
	}
	body := func(address string) (string, error) {
		response, err := http.Get(address)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", response.Status, content)
		}
		return string(content), err
	}
	example := filepath.Join("..", "examples", "spring-config-app")

	it("gives the clients the values that Spring's own server gives them: Spring Boot's, and two from npm", func() {
		testbuild.Need(t, "node", "npm")
		repository := springtest.NewRepository(t)
		repository.Commit(files())
		const key = "a key"
		server := springtest.Start(t, springtest.Options{Repository: repository.Directory, EncryptKey: key})
		repository.Commit(map[string]string{"spring-config-app.properties": "shop.password={cipher}" + server.Encrypt(t, "secret") + "\nshop.prices.cake=${shop.prices.tea}\n"})
		ours := configServer(t, "CONFIG_SERVER_GIT_URI="+repository.Directory, "CONFIG_SERVER_ENCRYPT_KEY="+key)
		inFront := configServer(t, "CONFIG_SERVER_SPRING_URI="+server.URL)

		boot := func(endpoint string) string {
			port := testport.Free(t)
			command := exec.Command("java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-jar", springtest.Jar(t, example))
			asked, err := url.Parse(endpoint)
			Expect(err).NotTo(HaveOccurred())
			command.Env = append(os.Environ(), "SPRING_PROFILES_ACTIVE=cloud", "CONFIG_SERVER_PORT="+asked.Port(), "PORT="+port)
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			defer func() { <-session.Kill().Exited }()
			var shop string
			Eventually(func() (err error) {
				shop, err = body("http://127.0.0.1:" + port + "/shop")
				return err
			}).Should(Succeed(), func() string { return string(session.Out.Contents()) })
			return shop
		}
		node := nodeClients(t)
		wanted, wantedNode := boot(server.URL), node(server.URL)
		Expect(wanted).To(MatchJSON(`{"greeting":"Welcome to spring-config-app!","languages":["en","de","fr"],"prices":{"tea":"2.5","coffee":"3","cake":"2.5"}}`))
		Expect(wantedNode).To(HaveKeyWithValue("password", "secret"))
		Expect(wantedNode).To(HaveKeyWithValue("merged", HaveKeyWithValue("password", "secret")))
		for _, endpoint := range []string{ours, inFront} {
			Expect(boot(endpoint)).To(Equal(wanted))
			Expect(node(endpoint)).To(Equal(wantedNode))
		}
	})

	it("spring-config-app has its configuration from the sidecar, which reads a git repository", func() {
		jar, err := os.ReadFile(springtest.Jar(t, example))
		Expect(err).NotTo(HaveOccurred())
		repository := springtest.NewRepository(t)
		repository.Commit(files())
		directory := filepath.Join(t.TempDir(), "spring-config-app")
		Expect(os.MkdirAll(filepath.Join(directory, "target"), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, "target", "app.jar"), jar, 0o644)).To(Succeed())
		manifest, err := os.ReadFile(filepath.Join(example, "manifest.yml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), longStart(manifest), 0o644)).To(Succeed())

		s := sidecar(t, directory, "push", "-f", "manifest.yml", "--var", "repository="+repository.Directory, "--env", "CONFIG_SERVER_PORT="+testport.Free(t))
		Expect(s.get("/")).To(Equal("Welcome to spring-config-app!\n"))
		Expect(s.get("/shop")).To(MatchJSON(`{"greeting":"Welcome to spring-config-app!","languages":["en","de","fr"],"prices":{"tea":"2.5","coffee":"3"}}`))
		s.stop()
	})
}

// nodeClients asks an endpoint by the clients from npm.
func nodeClients(t *testing.T) func(endpoint string) map[string]any {
	t.Helper()
	g := NewWithT(t)
	run := func(directory, name string, arguments ...string) ([]byte, error) {
		command := exec.Command(name, arguments...)
		command.Dir = directory
		command.Stderr = os.Stderr
		return command.Output()
	}
	archive := testbuild.Once(t, testbuild.Program{
		Kind: "npm", Sources: filepath.Join("testdata", "spring-clients"), Needs: []string{"node", "npm", "tar"}, Output: "clients.tar",
		Build: func(directory string) error {
			if _, err := run(directory, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
				return err
			}
			_, err := run(directory, "tar", "--create", "--file", "clients.tar", "client.js", "node_modules")
			return err
		},
	})
	directory := t.TempDir()
	_, err := run(directory, "tar", "--extract", "--file", archive)
	g.Expect(err).NotTo(HaveOccurred())
	return func(endpoint string) (values map[string]any) {
		t.Helper()
		output, err := run(directory, "node", "client.js", endpoint)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(json.Unmarshal(output, &values)).To(Succeed())
		return values
	}
}
