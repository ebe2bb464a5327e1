package standin

import (
	"errors"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
)

// java starts an app as the Java buildpack's containers do (java-buildpack,
// src/java/containers), without its memory calculator and its agents.
var java = Buildpack{
	Name: "java_buildpack", language: "java",
	runtime: runtime{
		title: "Java", programs: []string{"java"}, home: "JAVA_HOME",
		ask: []string{"-XshowSettings:properties", "-version"}, parse: parseJava,
	},
	accepts: acceptsJava,
	start:   startJava,
	supply: func(s *supplier) error {
		s.export("JAVA_HOME", s.found.home)
		if main, _ := mainClass(s.app()); strings.HasPrefix(main, "org.springframework.boot.loader.") || springJar(s.app()) != "" {
			s.script("export SERVER_PORT=$PORT")
		}
		return nil
	},
}

// acceptsJava is bin/detect (java-buildpack 5). A directory bin next to a directory lib means Java
// only if lib has a jar, since Rails apps have both directories, too.
func acceptsJava(a App) bool {
	return a.has("pom.xml", "build.gradle", "build.gradle.kts", "BOOT-INF", "WEB-INF", "META-INF/MANIFEST.MF",
		"start", "application-root/start", "staged-app/start") ||
		len(a.matches("*.war", "*.jar", "*.groovy", "application-root/lib/*.jar")) > 0 ||
		startScript(a) != "" || a.contains(3, ".class") ||
		strings.Contains(a.read("Procfile"), "java")
}

func startJava(a App) (string, error) {
	if main, arguments := configuredMain(a.Getenv("JBP_CONFIG_JAVA_MAIN")); main != "" {
		return classPath(a) + " " + shell.Word(main) + arguments, nil
	}
	main, _ := mainClass(a)
	switch script := startScript(a); {
	case a.isDir("BOOT-INF") && main != "":
		return "java $JAVA_OPTS -cp . " + shell.Word(main), nil
	case a.isDir("WEB-INF"):
		return "", errors.New("includes the Tomcat that a web archive needs")
	case script != "":
		return script, nil
	}
	for _, jar := range a.matches("*.jar") {
		if attribute(a.readInJar(jar, manifestFile), "Main-Class") != "" {
			return "java $JAVA_OPTS -jar " + shell.Word(jar), nil
		}
	}
	if main != "" {
		return classPath(a) + " " + shell.Word(main), nil
	}
	return "", nil
}

// classPath returns the command that runs a class of an unpacked jar.
func classPath(a App) string {
	path := "."
	if a.isDir("lib") {
		path += ":lib/*"
	}
	return `java $JAVA_OPTS -cp "` + path + `${CLASSPATH:+:$CLASSPATH}"`
}

// configuredMain reads JBP_CONFIG_JAVA_MAIN, which is YAML; arguments begin with a blank.
func configuredMain(setting string) (main, arguments string) {
	var config struct {
		Main      string `yaml:"java_main_class"`
		Arguments string `yaml:"arguments"`
	}
	if yaml.Unmarshal([]byte(setting), &config) != nil || config.Main == "" {
		return "", ""
	}
	if config.Arguments != "" {
		arguments = " " + config.Arguments
	}
	return config.Main, arguments
}

const manifestFile = "META-INF/MANIFEST.MF"

// mainClass returns the main class of an unpacked jar.
func mainClass(a App) (string, bool) {
	main := attribute(a.read(manifestFile), "Main-Class")
	return main, main != ""
}

// springJar returns the jar of a Spring Boot app, if there is one.
func springJar(a App) string {
	jars := a.matches("*.jar")
	i := slices.IndexFunc(jars, func(jar string) bool {
		return strings.HasPrefix(attribute(a.readInJar(jar, manifestFile), "Main-Class"), "org.springframework.boot.loader.")
	})
	if i < 0 {
		return ""
	}
	return jars[i]
}

// startScript returns the start script of an unpacked distribution of Gradle's distZip.
func startScript(a App) string {
	for _, root := range []string{".", "*"} {
		if len(a.matches(path.Join(root, "lib", "*.jar"))) == 0 {
			continue
		}
		scripts := slices.DeleteFunc(a.matches(path.Join(root, "bin", "*")), func(name string) bool { return path.Ext(name) == ".bat" || a.isDir(name) })
		if len(scripts) == 1 {
			return shell.Word("./" + scripts[0])
		}
	}
	return ""
}

// attribute returns an attribute of the main section of a jar's manifest, in which a line that
// begins with a blank continues the previous one.
func attribute(manifest, name string) string {
	manifest = strings.ReplaceAll(manifest, "\r\n", "\n")
	manifest, _, _ = strings.Cut(manifest, "\n\n")
	for line := range strings.Lines(strings.ReplaceAll(manifest, "\n ", "")) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// parseJava reads the properties of a JVM.
func parseJava(output string) (path, version string) {
	for line := range strings.Lines(output) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		switch name {
		case "java.home":
			path = value + "/bin/java"
		case "java.version":
			version = value
		}
	}
	return path, version
}
