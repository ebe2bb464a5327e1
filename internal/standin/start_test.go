package standin

import (
	"archive/zip"
	"bytes"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// appOf is an app of some files, in an environment, on a machine with some programs.
func appOf(files map[string]string, environ map[string]string, programs ...string) App {
	all := fstest.MapFS{}
	for name, content := range files {
		all[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return App{Files: all, Getenv: func(name string) string { return environ[name] }, Find: func(program string) (string, bool) {
		for _, known := range programs {
			if known == program {
				return "/bin/" + program, true
			}
		}
		return "", false
	}}
}

func jar(t *testing.T, manifest string) string {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	file, err := archive.Create("META-INF/MANIFEST.MF")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	_, err = file.Write([]byte(manifest))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(archive.Close()).To(Succeed())
	return packed.String()
}

func testDetect(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("asks the platform's buildpacks in its order, as their bin/detect would answer", func() {
		for _, app := range []struct {
			files    []string
			expected string
		}{
			{[]string{"Staticfile", "Gemfile"}, "staticfile_buildpack"},
			{[]string{"pom.xml"}, "java_buildpack"},
			{[]string{"app.jar", "package.json"}, "java_buildpack"},
			{[]string{"a/b/C.class"}, "java_buildpack"},
			{[]string{"bin/app", "lib/app.jar"}, "java_buildpack"},
			{[]string{"Gemfile", "bin/rails", "lib/tasks/x.rake", "package.json"}, "ruby_buildpack"},
			{[]string{"app.runtimeconfig.json"}, "dotnet_core_buildpack"},
			{[]string{"src/app.fsproj"}, "dotnet_core_buildpack"},
			{[]string{"package.json", "go.mod"}, "nodejs_buildpack"},
			{[]string{"go.mod"}, "go_buildpack"},
			{[]string{"main.go", "vendor/x/x.go"}, "go_buildpack"},
			{[]string{"Pipfile"}, "python_buildpack"},
			{[]string{"htdocs/index.php"}, "php_buildpack"},
			{[]string{"nginx.conf"}, "nginx_buildpack"},
			{[]string{"r.yml"}, "r_buildpack"},
			{[]string{"app", "Procfile"}, ""},
			{[]string{"app.py"}, ""},
		} {
			files := map[string]string{}
			for _, name := range app.files {
				files[name] = ""
			}
			Expect(Detect(appOf(files, nil))).To(Equal(app.expected), "%v", app.files)
		}
		Expect(Detect(appOf(map[string]string{"Procfile": "web: java -jar x"}, nil))).To(Equal("java_buildpack"))
		Expect(Detect(appOf(map[string]string{"main.go": ""}, map[string]string{"GOPACKAGENAME": "x"}))).To(Equal("go_buildpack"))
		Expect(Detect(appOf(map[string]string{"gems/Gemfile": ""}, map[string]string{"BUNDLE_GEMFILE": "gems/Gemfile"}))).To(Equal("ruby_buildpack"))
	})

	it("finds each buildpack by its name, and no other", func() {
		for _, name := range append(Names(), "java_buildpack_offline") {
			found, ok := Find(name)
			Expect(ok).To(BeTrue(), name)
			Expect(found.Name).To(Equal(name))
		}
		_, ok := Find("sidecar_buildpack")
		Expect(ok).To(BeFalse())
	})
}

func testStart(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	start := func(name string, app App) string {
		t.Helper()
		b, ok := Find(name)
		Expect(ok).To(BeTrue())
		command, err := b.start(app)
		Expect(err).NotTo(HaveOccurred())
		return command
	}

	it("starts a Ruby app by its gems (ruby-buildpack, release.go)", func() {
		for lock, expected := range map[string]string{
			"    rails (7.1.2)\n    rack (3.0.0)\n": "bin/rails server -b 0.0.0.0 -p $PORT -e $RAILS_ENV",
			"    rails (3.2.22)\n    thin (1.0)\n":  "bundle exec thin start -R config.ru -e $RAILS_ENV -p $PORT",
			"    rails (3.2.22)\n":                  "bundle exec rails server -p $PORT",
			"    rack (2.0)\n    thin (1.0)\n":      "bundle exec thin start -R config.ru -e $RACK_ENV -p $PORT",
			"    rack (2.0)\n      json (>= 1)\n":   "bundle exec rackup config.ru -p $PORT",
			"    json (2.0)\n":                      "",
		} {
			Expect(start("ruby_buildpack", appOf(map[string]string{"Gemfile": "", "Gemfile.lock": "GEM\n  specs:\n" + lock}, nil))).To(Equal(expected), lock)
		}
		Expect(start("ruby_buildpack", appOf(map[string]string{"Gemfile": "", "config.ru": ""}, nil))).To(Equal("bundle exec rackup config.ru -p $PORT"))
		Expect(start("ruby_buildpack", appOf(map[string]string{"config.ru": ""}, nil))).To(Equal("rackup config.ru -p $PORT"))
	})

	it("starts a Node.js app by npm, or as npm would (nodejs-buildpack, bin/release)", func() {
		scripted := map[string]string{"package.json": `{"scripts": {"start": "node --inspect app.js"}}`}
		Expect(start("nodejs_buildpack", appOf(scripted, nil, "npm"))).To(Equal("npm start"))
		Expect(start("nodejs_buildpack", appOf(scripted, nil))).To(Equal("node --inspect app.js"))
		Expect(start("nodejs_buildpack", appOf(map[string]string{"package.json": "{}", "server.js": ""}, nil))).To(Equal("node server.js"))
		Expect(start("nodejs_buildpack", appOf(map[string]string{"package.json": "{"}, nil))).To(BeEmpty())
	})

	it("refuses a package.json that the buildpack does not read (nodejs-buildpack, package_json.go and finalize.go)", func() {
		for content, problem := range map[string]string{
			"": "package.json:1: found no JSON: unexpected end of JSON input", "{\n\"name\": x}": "package.json:2: found no JSON: invalid character 'x' looking for beginning of value",
			"7":                         `package.json: found a JSON number; expected an object such as {"scripts": {"start": "node server.js"}}`,
			`{"scripts": []}`:           "package.json: scripts: found a JSON array; expected an object",
			`{"scripts": {"start": 1}}`: "package.json: scripts.start: found a JSON number; expected a string",
			`{"engines": {"node": 20}}`: "package.json: engines.node: found a JSON number; expected a string",
		} {
			Expect(checkNodePackage(content)).To(MatchError(problem))
		}
		for _, content := range []string{"{}", "null", `{"scripts": {"start": "x", "test": 1}, "engines": {"node": "20"}}`} {
			Expect(checkNodePackage(content)).To(Succeed(), content)
		}
		marked := map[string]string{"package.json": "\ufeff" + `{"scripts": {"start": "node app.js"}}`}
		Expect(start("nodejs_buildpack", appOf(marked, nil))).To(Equal("node app.js"))
	})

	it("starts a Java app by its main class (java-buildpack, src/java/containers)", func() {
		const spring = "Manifest-Version: 1.0\r\nMain-Class: org.springframework.boot.loader.laun\r\n ch.JarLauncher\r\nStart-Class: com.example.App\r\n\r\nName: x\r\nMain-Class: no\r\n"
		for _, app := range []struct {
			files    map[string]string
			environ  map[string]string
			expected string
		}{
			{map[string]string{"META-INF/MANIFEST.MF": spring, "BOOT-INF/lib/x.jar": ""}, nil, "java $JAVA_OPTS -cp . org.springframework.boot.loader.launch.JarLauncher"},
			{map[string]string{"META-INF/MANIFEST.MF": "Main-Class: a.B$C\n"}, nil, `java $JAVA_OPTS -cp ".${CLASSPATH:+:$CLASSPATH}" 'a.B$C'`},
			{map[string]string{"META-INF/MANIFEST.MF": "Main-Class: a.B\n", "lib/x.jar": ""}, nil, `java $JAVA_OPTS -cp ".:lib/*${CLASSPATH:+:$CLASSPATH}" a.B`},
			{map[string]string{"a library.jar": jar(t, "Manifest-Version: 1.0\n"), "the app.jar": jar(t, "Main-Class: a.B\n")}, nil, "java $JAVA_OPTS -jar 'the app.jar'"},
			{map[string]string{"app-1/bin/app": "", "app-1/bin/app.bat": "", "app-1/lib/app.jar": ""}, nil, "./app-1/bin/app"},
			{map[string]string{"x.class": ""}, map[string]string{"JBP_CONFIG_JAVA_MAIN": `{java_main_class: a.B, arguments: "--port $PORT"}`}, `java $JAVA_OPTS -cp ".${CLASSPATH:+:$CLASSPATH}" a.B --port $PORT`},
			{map[string]string{"pom.xml": ""}, nil, ""},
		} {
			Expect(start("java_buildpack", appOf(app.files, app.environ))).To(Equal(app.expected))
		}
	})

	it("has no start command where the buildpack has none, or only the buildpack could have one", func() {
		Expect(start("python_buildpack", appOf(map[string]string{"requirements.txt": "", "app.py": ""}, nil))).To(BeEmpty())
		Expect(start("binary_buildpack", appOf(nil, nil))).To(BeEmpty())
		for _, name := range []string{"staticfile_buildpack", "nginx_buildpack", "php_buildpack", "dotnet_core_buildpack"} {
			b, _ := Find(name)
			_, err := b.start(appOf(nil, nil))
			Expect(err).To(HaveOccurred(), name)
		}
		b, _ := Find("java_buildpack")
		_, err := b.start(appOf(map[string]string{"WEB-INF/web.xml": ""}, nil))
		Expect(err).To(MatchError("includes the Tomcat that a web archive needs"))
	})

	it("reads what a JVM says of itself", func() {
		path, version := parseJava("Property settings:\n    java.home = /opt/java\n    java.version = 21.0.1\n\nopenjdk 21\n")
		Expect([]string{path, version}).To(Equal([]string{"/opt/java/bin/java", "21.0.1"}))
	})
}
