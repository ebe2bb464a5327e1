package integration_test

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testStandIn stages and runs apps whose language buildpack is not on this machine.
func testStandIn(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const web = "APP/PROC/WEB/0"
	// tutorial is an app as Cloud Foundry's tutorial on sidecars has it: its sidecar is in its
	// manifest and its program in the app, and the lock names versions of another time.
	tutorial := func(t *testing.T, keys string) string {
		t.Helper()
		directory := app(t, map[string]string{
			"Gemfile":      "source 'https://rubygems.org'\nruby '>= 2'\ngem 'sinatra'\n\ngroup :test, :development do\n  gem 'no-such-gem-for-tests'\nend\n",
			"Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (0.9.1)\n    sinatra (0.9.4)\n      rack\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  sinatra\n",
			"Procfile":     "web: bundle exec rackup config.ru -p $PORT\n",
			"config.ru": "require 'bundler'\nBundler.require :default, ENV['RACK_ENV'].to_sym\nrequire 'net/http'\n" +
				"class Greeter < Sinatra::Base\n  get('/config') { Net::HTTP.get('127.0.0.1', '/config/', ENV['CONFIG_SERVER_PORT'].to_i) }\n" +
				"  get('/ruby') { [RUBY_VERSION, ENV['RACK_ENV'], ENV['RAILS_LOG_TO_STDOUT']].join(' ') }\nend\nrun Greeter\n",
			"manifest.yml": "applications:\n- name: tutorial\n  memory: 256M\n  env: {CONFIG_SERVER_PORT: " + testport.Free(t) + "}\n" + keys +
				"  sidecars:\n  - {name: config-server, process_types: [web], command: ./config-server}\n",
		})
		goBuild(t, filepath.Join(directory, "config-server"), "./cmd/config-server")
		return directory
	}

	for keys, named := range testtable.Sorted(map[string]string{"": "without a buildpack", "  buildpacks: [ruby_buildpack]\n": "with a language's buildpack"}) {
		it("runs the app of the tutorial as its manifest is, "+named, func() {
			need(t, "ruby", "rackup")
			s := sidecar(t, tutorial(t, keys), "push")
			Expect(strings.TrimSpace(s.get("/config"))).To(Equal(tutorialConfig))
			Expect(s.get("/ruby")).To(HaveSuffix(" production enabled"), "as the Ruby buildpack has it")
			s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", "Received a request for config.")
			Expect(s.log()).To(MatchRegexp(`\[STG/0\] OUT -----> ruby_buildpack is not on this machine: the app runs with Ruby \d+\.\d+\.\d+ at /\S+ instead\n`))
			Expect(s.log()).To(MatchRegexp(`Gems: those of this machine that the Gemfile takes, in other versions than Gemfile.lock has \(rack \S+ for 0\.9\.1, sinatra \S+ for 0\.9\.4\); bundle install installs those`))
			s.stop()
		})
	}

	it("serves a Rack app whose Gemfile names no web server with the machine's, and says so", func() {
		need(t, "ruby", "rackup")
		for _, ruby := range []string{"", "ruby '9.9.9'\n"} {
			s := sidecar(t, app(t, map[string]string{
				"Gemfile":   "source 'https://rubygems.org'\n" + ruby + "gem 'sinatra'\n",
				"config.ru": "require 'sinatra/base'\nclass Greeter < Sinatra::Base\n  get('/') { 'hello' }\nend\nrun Greeter\n",
			}), "push")
			Expect(s.get("/")).To(Equal("hello"))
			Expect(s.log()).To(MatchRegexp(`Gems: those of this machine that the Gemfile takes; (puma|falcon|thin|unicorn|webrick) serves, since the Gemfile names no web server: add one to it for the platform\n`))
			s.stop()
		}
	})

	it("stages with the platform's names of its buildpacks, behind the sidecar buildpack", func() {
		need(t, "ruby")
		staged := stage(t, app(t, map[string]string{
			"Gemfile": "", "config.ru": "run ->(_) { [200, {}, ['hello']] }", "sidecars.yml": "- {name: beside, command: sleep 1000}",
		}), "-b", "sidecar_buildpack", "-b", "ruby_buildpack")
		Expect(staged.Lifecycle.Buildpacks).To(HaveLen(2))
		Expect(staged.Lifecycle.Buildpacks[1].Key).To(Equal("ruby_buildpack"))
		Expect(staged.Lifecycle.Buildpacks[1].Name).To(Equal("ruby"))
		Expect(staged.ProcessTypes).To(Equal(map[string]string{"web": "bundle exec rackup config.ru -p $PORT"}))
		Expect(staged.Sidecars).To(HaveLen(1))
		Expect(staged.log).NotTo(ContainSubstring("sidecars.yml is not read"))
	})

	context("Node.js", func() {
		server := map[string]string{
			"package.json": `{"name": "app", "scripts": {"start": "node server.js"}}`,
			"server.js":    "require('http').createServer((_, answer) => answer.end(process.env.NODE_ENV + ' ' + process.version)).listen(process.env.PORT)",
		}

		it("runs an app by its start script, with npm or without", func() {
			need(t, "node")
			for _, path := range []string{os.Getenv("PATH"), pathWithout(t, "npm")} {
				s := startSidecar(t, app(t, server), []string{"PATH=" + path}, "push")
				Expect(s.get("/")).To(HavePrefix("production v"))
				Expect(s.log()).To(MatchRegexp(`nodejs_buildpack is not on this machine: the app runs with Node\.js \d+\.\d+\.\d+ at /\S+ instead\n`))
				s.stop()
			}
		})

		it("installs its packages where it has none", func() {
			need(t, "node")
			files := map[string]string{
				"package.json":          `{"name": "app", "scripts": {"start": "node server.js"}, "dependencies": {"greeting": "file:greeting"}}`,
				"greeting/package.json": `{"name": "greeting", "version": "1.0.0"}`, "greeting/index.js": "module.exports = 'hello'",
				"server.js": "require('http').createServer((_, answer) => answer.end(require('greeting'))).listen(process.env.PORT)",
			}
			bare := startSidecar(t, app(t, files), []string{"PATH=" + pathWithout(t, "npm")}, "stage")
			bare.await()
			Expect(bare.log()).To(ContainSubstring("The packages of package.json are not installed: there is no npm on PATH. Install npm, or have node_modules in the app."))
			if _, err := exec.LookPath("npm"); err == nil {
				directory := app(t, files)
				s := sidecar(t, directory, "push")
				Expect(s.get("/")).To(Equal("hello"))
				Expect(filepath.Join(directory, "node_modules")).NotTo(BeADirectory(), "only the copy that is staged is changed")
				s.stop()
			}
		})
	})

	context("Python", func() {
		files := map[string]string{
			"Procfile":         "web: python app.py",
			"requirements.txt": "",
			"app.py": "import http.server, os, sys\n" +
				"class Handler(http.server.BaseHTTPRequestHandler):\n  def do_GET(self):\n    self.send_response(200)\n    self.end_headers()\n" +
				"    try:\n      import greeting\n      self.wfile.write(greeting.text.encode())\n    except ImportError:\n      self.wfile.write(b'hello')\n" +
				"http.server.HTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()\n",
		}

		it("runs an app by its Procfile, and calls the interpreter python, too", func() {
			need(t, "python3")
			s := sidecar(t, app(t, files), "push")
			Expect(s.get("/")).To(Equal("hello"))
			Expect(s.log()).To(MatchRegexp(`python_buildpack is not on this machine: the app runs with Python 3\.\d+\.\d+ at /\S+ instead\n`))
			s.stop()
		})

		it("installs its packages where the machine has them not", func() {
			need(t, "python3")
			directory := app(t, files)
			wheel(t, filepath.Join(directory, "greeting-1.0-py3-none-any.whl"), "greeting", "text = 'hello from a wheel'\n")
			Expect(os.WriteFile(filepath.Join(directory, "requirements.txt"), []byte("./greeting-1.0-py3-none-any.whl\n"), 0o644)).To(Succeed())
			s := sidecar(t, directory, "push")
			if exec.Command("python3", "-m", "pip", "--version").Run() == nil {
				Expect(s.get("/")).To(Equal("hello from a wheel"))
			} else {
				Expect(s.get("/")).To(Equal("hello"))
				Expect(s.log()).To(ContainSubstring("it has no pip to install them"))
			}
			s.stop()
		})

		it("says that the buildpack knows no start command", func() {
			need(t, "python3")
			staged := stageRefused(t, "Staging error: Start command not specified. ", app(t, map[string]string{"requirements.txt": "", "app.py": ""}))
			Expect(staged.ProcessTypes).To(BeEmpty())
			Expect(staged.log).To(ContainSubstring("No start command found: python_buildpack has none for this app. Unless the manifest or -c states one, the app will not start: add a Procfile with a line web: COMMAND"))
		})
	})

	it("runs a jar by its main class", func() {
		need(t, "java", "javac", "jar")
		directory := app(t, map[string]string{"example/Main.java": `package example;
public class Main {
  public static void main(String[] arguments) throws Exception {
    var server = com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      byte[] answer = ("hello " + System.getProperty("greeted", "")).getBytes();
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    server.start();
  }
}
`})
		for _, command := range [][]string{{"javac", "-d", "classes", "example/Main.java"}, {"jar", "--create", "--file", "app.jar", "--main-class", "example.Main", "-C", "classes", "."}} {
			run := exec.Command(command[0], command[1:]...)
			run.Dir = directory
			output, err := run.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
		}
		s := sidecar(t, directory, "push", "-p", "app.jar", "--env", "JAVA_OPTS=-Dgreeted=world")
		Expect(s.get("/")).To(Equal("hello world"))
		Expect(s.log()).To(MatchRegexp(`java_buildpack is not on this machine: the app runs with Java \d+\S* at /\S+/bin/java instead\n`))
		s.stop()

		packed := app(t, nil)
		Expect(os.Rename(filepath.Join(directory, "app.jar"), filepath.Join(packed, "app.jar"))).To(Succeed())
		Expect(stage(t, packed, "-b", "java_buildpack").ProcessTypes).To(Equal(map[string]string{"web": "java $JAVA_OPTS -jar app.jar"}))
	})

	it("compiles an app in Go", func() {
		s := sidecar(t, app(t, map[string]string{
			"go.mod": "module example.com/greeter/v2\n\ngo 1.20\n",
			"main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n" +
				"\thttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Args[0]) }))\n}\n",
		}), "push")
		Expect(s.get("/")).To(Equal("./bin/greeter"))
		Expect(s.log()).To(MatchRegexp(`go_buildpack is not on this machine: the app runs with Go 1\.\S+ at /\S+ instead\n`))
		s.stop()
	})

	it("runs an app that needs no language, and says that the platform would not find its buildpack", func() {
		files := map[string]string{
			"Procfile": "web: ./start.sh", "start.sh": "#!/bin/sh\necho started\nexec sleep 1000\n",
			"manifest.yml": "applications:\n- name: bare\n  health-check-type: process\n  sidecars: [{name: beside, command: exec sleep 1000, process_types: [web]}]\n",
		}
		s := sidecar(t, app(t, files), "push")
		s.expectLine(web, "started")
		s.expectLine("API/0", "Note: no buildpack is named, and none of the platform's accepts this app: there, push it with -b binary_buildpack")
		s.expectLine("STG/0", "-----> binary_buildpack is not on this machine: the app runs with what is installed here instead")
		s.stop()

		delete(files, "Procfile")
		s = sidecar(t, app(t, files), "push", "-b", "binary_buildpack", "-c", "./start.sh")
		s.expectLine(web, "started")
		s.stop()
	})

	it("takes the language that a version manager would choose, which looks below HOME", func() {
		need(t, "ruby")
		found, err := exec.LookPath("ruby")
		Expect(err).NotTo(HaveOccurred())
		home, shims := t.TempDir(), t.TempDir()
		Expect(os.WriteFile(filepath.Join(home, "chosen"), []byte(found), 0o644)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(shims, "ruby"), []byte("#!/bin/sh\nexec \"$(cat \"$HOME/chosen\")\" \"$@\"\n"), 0o755)).To(Succeed())
		s := startSidecar(t, app(t, map[string]string{"Procfile": "web: exec ruby -e 'puts %q(chosen); sleep'"}),
			[]string{"HOME=" + home, "PATH=" + pathWithout(t, "ruby") + ":" + shims}, "push", "-b", "ruby_buildpack")
		s.expectLine(web, "chosen")
		s.stop()
	})

	context("another buildpack in its place", func() {
		own := func(greeting string) string {
			return app(t, map[string]string{
				"bp/bin/supply.sh": "#!/bin/sh\necho " + greeting + "\n", "bp/bin/finalize.sh": "#!/bin/sh\n",
				"bp/bin/release.sh": "#!/bin/sh\necho 'default_process_types: {web: exec sleep 1000}'\n", "bp/bin/detect.sh": "#!/bin/sh\n",
			})
		}
		link := func(root string) string {
			for _, phase := range []string{"supply", "finalize", "release", "detect"} {
				Expect(os.Rename(filepath.Join(root, "bp/bin", phase+".sh"), filepath.Join(root, "bp/bin", phase))).To(Succeed())
			}
			return filepath.Join(root, "bp")
		}

		it("is named by the command line, or by a file of the team", func() {
			files := map[string]string{"Gemfile": "", ".git/HEAD": "", "apps/one/Gemfile": ""}
			one := link(own("by the command line"))
			directory := app(t, files)
			Expect(stage(t, directory, "-b", "ruby_buildpack", "--buildpack-for", "ruby_buildpack="+one).log).To(And(
				ContainSubstring("OUT by the command line\n"),
				ContainSubstring("Note: ruby_buildpack is taken from "+one+" (--buildpack-for)\n")))
			Expect(stage(t, directory, "--buildpack-for", "ruby_buildpack="+one).log).To(ContainSubstring("OUT by the command line\n"), "one that is detected, too")

			team := link(own("by the team"))
			Expect(os.Rename(team, filepath.Join(directory, "team"))).To(Succeed())
			choices := filepath.Join(directory, ".sidecar.yml")
			Expect(os.WriteFile(choices, []byte("buildpacks:\n  ruby_buildpack: team\n"), 0o644)).To(Succeed())
			staged := stage(t, filepath.Join(directory, "apps", "one"), "-b", "ruby_buildpack")
			Expect(staged.log).To(ContainSubstring("OUT by the team\n"))
			Expect(staged.log).To(MatchRegexp(`Note: ruby_buildpack is taken from \S+/team \(\S+/\.sidecar\.yml:2\)`))
			Expect(stage(t, directory, "-b", "ruby_buildpack", "--buildpack-for", "ruby_buildpack="+one).log).To(ContainSubstring("OUT by the command line\n"), "the command line wins")
		})

		it("is asked for where stand-ins are refused", func() {
			directory := app(t, map[string]string{"Gemfile": ""})
			_, message := failToStage(t, 1, directory, "-b", "ruby_buildpack", "--strict")
			Expect(message).To(ContainSubstring("buildpack ruby_buildpack: it is not on this machine, and --strict takes no other in its place; name it with --buildpack-for ruby_buildpack=DIRECTORY, a zip or a git URL"))
			log, _ := failToStage(t, 222, directory, "--strict")
			Expect(log).To(And(ContainSubstring("None of the buildpacks detected a compatible application"),
				ContainSubstring("Note: no buildpack is named, and the one of the platform's that accepts this app, ruby_buildpack, is not on this machine: --strict takes no other in its place; name it with --buildpack-for ruby_buildpack=DIRECTORY, a zip or a git URL")))
			Expect(stage(t, directory, "--strict", "--buildpack-for", "ruby_buildpack="+link(own("by the command line"))).log).To(ContainSubstring("OUT by the command line\n"))

			Expect(os.WriteFile(filepath.Join(directory, ".sidecar.yml"), []byte("strict: true\n"), 0o644)).To(Succeed())
			failToStage(t, 1, directory, "-b", "ruby_buildpack")
		})
	})

	context("failure cases", func() {
		for _, language := range []struct {
			buildpack, title, program, file string
		}{
			{"ruby_buildpack", "Ruby", "ruby", "Gemfile"},
			{"nodejs_buildpack", "Node.js", "node or nodejs", "package.json"},
			{"python_buildpack", "Python", "python3 or python", "requirements.txt"},
			{"java_buildpack", "Java", "java", "META-INF/MANIFEST.MF"},
			{"go_buildpack", "Go", "go", "go.mod"},
			{"php_buildpack", "PHP", "php", "index.php"},
			{"staticfile_buildpack", "nginx", "nginx", "Staticfile"},
			{"nginx_buildpack", "nginx", "nginx", "nginx.conf"},
			{"dotnet_core_buildpack", ".NET", "dotnet", "app.csproj"},
			{"r_buildpack", "R", "Rscript", "r.yml"},
		} {
			it("says what to do where the machine has no "+language.title+", for "+language.buildpack, func() {
				output := filepath.Join(t.TempDir(), "droplet")
				environ := []string{"PATH=" + pathWithout(t, strings.Split(language.program, " or ")...), "JAVA_HOME="}
				s := startSidecar(t, app(t, map[string]string{language.file: ""}), environ, "stage", "-o", output)
				NewWithT(t).Eventually(s.Session).Should(gexec.Exit(223), s.log)
				Expect(s.log()).To(ContainSubstring(fmt.Sprintf(
					"%s is not on this machine, and neither is %s, which would take its place: there is no %s on PATH. Install it, or name the buildpack itself, with --buildpack-for %[1]s=DIRECTORY, a zip or a git URL",
					language.buildpack, language.title, language.program)))
				s.expectNothingLeft()
			})
		}

		it("says that only the buildpack itself could start an app, unless that has a command", func() {
			programs := app(t, map[string]string{"nginx.sh": "#!/bin/sh\n"})
			Expect(os.Rename(filepath.Join(programs, "nginx.sh"), filepath.Join(programs, "nginx"))).To(Succeed())
			environ := []string{"PATH=" + programs + ":" + os.Getenv("PATH")}
			directory := app(t, map[string]string{"Staticfile": ""})
			s := startSidecar(t, directory, environ, "stage")
			NewWithT(t).Eventually(s.Session).Should(gexec.Exit(223), s.log)
			Expect(s.log()).To(ContainSubstring("staticfile_buildpack is not on this machine, and there is no stand-in for it: it includes an nginx with its own configuration. State a command"))

			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: pages, command: exec nginx}]"), 0o644)).To(Succeed())
			s = startSidecar(t, directory, environ, "stage")
			NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0), s.log)
		})

		it("says that sidecars.yml is not read without a sidecar buildpack", func() {
			need(t, "ruby")
			staged := stage(t, app(t, map[string]string{"Gemfile": "", "config.ru": "", "sidecars.yml": "- {name: beside, command: sleep 1000}"}))
			Expect(staged.Sidecars).To(BeEmpty())
			Expect(staged.log).To(ContainSubstring("sidecars.yml is not read: the push has no sidecar buildpack. Push with -b sidecar_buildpack -b ruby_buildpack."))
		})

		for _, name := range []string{"binary_buildpack", "ruby_buildpack"} {
			it("says nothing of the kind where a sidecar buildpack comes after "+name, func() {
				if name == "ruby_buildpack" {
					need(t, "ruby")
				}
				directory := app(t, map[string]string{"Procfile": "web: sleep 1000", "sidecars.yml": "- {name: agent, command: sleep 1000}"})
				zip, err := packaged()
				Expect(err).NotTo(HaveOccurred())
				for _, last := range []string{"sidecar_buildpack", zip} {
					staged := stage(t, directory, "-b", name, "-b", last)
					Expect(staged.Sidecars).To(HaveLen(1), last)
					Expect(staged.log).NotTo(ContainSubstring("is not read"), last)
				}
			})
		}

		for gemfile, problem := range testtable.Sorted(map[string]string{
			"source 'https://rubygems.org'\nraise 'boom'\n": "Gemfile:2: boom",
			"source 'https://rubygems.org'\ngem 'sinatra\n": "Gemfile:2: unterminated string",
			"source 'https://rubygems.org'\n\nsorce 'x'\n":  "Gemfile:3: Undefined local variable or method",
		}) {
			it("fails as Bundler does with a Gemfile that it cannot read: "+problem, func() {
				need(t, "ruby", "rackup")
				log, _ := failToStage(t, 223, app(t, map[string]string{"Gemfile": gemfile, "config.ru": ""}))
				Expect(log).To(MatchRegexp(`failed to prepare the app for Ruby: Bundler \S+ cannot read ` + problem))
				Expect(log).NotTo(ContainSubstring("no bundle on PATH"))
			})
		}

		it("says which packages an app in Go may compile that has none in its root", func() {
			need(t, "go")
			main := "package main\n\nfunc main() {}\n"
			files := map[string]string{"go.mod": "module example.com/app\n", "cmd/a/main.go": main, "cmd/b/main.go": main, "lib/lib.go": "package lib\n"}
			log, _ := failToStage(t, 223, app(t, files))
			Expect(log).To(ContainSubstring("failed to build the app: the app's root has no Go files; expected the packages to compile in GO_INSTALL_PACKAGE_SPEC, " +
				"the first of which is started, such as GO_INSTALL_PACKAGE_SPEC: './cmd/a ./cmd/b'\n"))
			files["manifest.yml"] = "applications: [{name: app, env: {GO_INSTALL_PACKAGE_SPEC: './cmd/a ./cmd/b'}}]"
			Expect(stage(t, app(t, files)).ProcessTypes).To(Equal(map[string]string{"web": "./bin/a"}))
		})

		for content, problem := range testtable.Sorted(map[string]string{
			"{\"name\": \"x\",\n": "package.json:2: found no JSON: unexpected end of JSON input",
			"[]":                  "package.json: found a JSON array; expected an object such as {\"scripts\": {\"start\": \"node server.js\"}}",
		}) {
			it("fails as the Node.js buildpack does: "+problem, func() {
				need(t, "node")
				log, _ := failToStage(t, 223, app(t, map[string]string{"package.json": content}))
				Expect(log).To(ContainSubstring("failed to prepare the app for Node.js: " + problem + "\n"))
			})
		}

		it("says what pip says of packages that it cannot install", func() {
			need(t, "python3")
			if exec.Command("python3", "-m", "pip", "--version").Run() != nil {
				return // the warning is another spec's
			}
			log, _ := failToStage(t, 223, app(t, map[string]string{"requirements.txt": "not a requirement\n", "Procfile": "web: x"}))
			Expect(log).To(MatchRegexp(`failed to prepare the app for Python: python\S* -m pip install .* failed: .+`))
			Expect(log).NotTo(MatchRegexp(`Python: .* failed: exit status`))
		})

		it("asks of a name in .sidecar.yml that no buildpack has whether another one was meant", func() {
			files := map[string]string{"Procfile": "web: x", ".sidecar.yml": "buildpacks: {binnary_buildpack: 'https://example.com/x.git', another: 'https://example.com/y.git'}"}
			s := sidecar(t, app(t, files), "validate", "-b", "binary_buildpack")
			NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0), s.log)
			Expect(s.log()).To(MatchRegexp(`\.sidecar\.yml:1: binnary_buildpack has no effect, since no buildpack of the push is called so; did you mean binary_buildpack\?`))
			Expect(s.log()).NotTo(ContainSubstring("another"))
		})

		it("fails where the app's packages cannot be installed", func() {
			need(t, "node")
			if _, err := exec.LookPath("npm"); err != nil {
				return // the warning is another spec's
			}
			log, _ := failToStage(t, 223, app(t, map[string]string{"package.json": `{"dependencies": {"x": "file:x"}, "scripts": {"start": "x", "preinstall": "exit 3"}}`}))
			Expect(log).To(ContainSubstring("failed to prepare the app for Node.js: npm install --omit=dev --no-audit --no-fund failed with status "))
		})
	})
}

// wheel writes a Python package that needs no building.
func wheel(t *testing.T, path, module, content string) {
	t.Helper()
	Expect := NewWithT(t).Expect
	file, err := os.Create(path)
	Expect(err).NotTo(HaveOccurred())
	archive := zip.NewWriter(file)
	for name, text := range map[string]string{
		module + ".py":                     content,
		module + "-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: " + module + "\nVersion: 1.0\n",
		module + "-1.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nGenerator: spec\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		module + "-1.0.dist-info/RECORD":   module + ".py,,\n" + module + "-1.0.dist-info/METADATA,,\n" + module + "-1.0.dist-info/WHEEL,,\n" + module + "-1.0.dist-info/RECORD,,\n",
	} {
		entry, err := archive.Create(name)
		Expect(err).NotTo(HaveOccurred())
		_, err = entry.Write([]byte(text))
		Expect(err).NotTo(HaveOccurred())
	}
	Expect(archive.Close()).To(Succeed())
	Expect(file.Close()).To(Succeed())
}
