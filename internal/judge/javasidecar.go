package judge

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// Variables that the Java buildpack sets for the app, and thereby for every process of the
// container: the app's JVM options, including agents and debug port, and the app's port for Spring
// Boot (java-buildpack, src/java/frameworks/java_opts_writer.go and
// src/java/containers/spring_boot.go).
const (
	javaOptions = "JAVA_OPTS"
	serverPort  = "SERVER_PORT"
)

var (
	readsJavaOptions = regexp.MustCompile(`\$\{?JAVA_OPTS\b`)
	setsServerPort   = regexp.MustCompile(`(?i)server[._]port`)
)

// javaWarnings warns about sidecars in Java that would take the app's settings for their own in a
// push with the Java buildpack. A proxy has a port of its own by then.
func javaWarnings(app fs.FS, sidecars []sidecar.Definition) []string {
	var warnings []string
	for _, d := range sidecars {
		own := func(name string) bool {
			return slices.ContainsFunc(d.Supervision.Env, func(v supervision.Variable) bool { return v.Name == name })
		}
		if !own(javaOptions) && takesJavaOptions(app, d) {
			warnings = append(warnings, fmt.Sprintf("Sidecar %s starts a JVM with JAVA_OPTS, in which the Java buildpack has the app's options: its heap, its agents under the app's name, its debug port. "+
				`Expected env: {JAVA_OPTS: "OPTIONS"} in %s, with the sidecar's own options or none`, printable.Name(d.Name), sidecar.FileName))
		}
		if !own(serverPort) && !d.Proxy && !setsServerPort.MatchString(d.Command) && startsSpringBoot(app, d) {
			warnings = append(warnings, fmt.Sprintf("Sidecar %s is a Spring Boot app, and the Java buildpack sets SERVER_PORT, which it listens on, to the app's port. "+
				`Expected env: {SERVER_PORT: "PORT"} in %s, with a port of its own`, printable.Name(d.Name), sidecar.FileName))
		}
	}
	return warnings
}

// takesJavaOptions reports whether a sidecar's command passes on JAVA_OPTS, directly or in the
// script that it starts.
func takesJavaOptions(app fs.FS, d sidecar.Definition) bool {
	for _, one := range calls(d.Command) {
		if slices.Contains(one.assigned, javaOptions) {
			return false
		}
	}
	if readsJavaOptions.MatchString(d.Command) {
		return !strings.Contains(d.Command, javaOptions+"=")
	}
	for _, one := range scripts(d) {
		content, err := regularfile.ReadFS(app, one, maxProfile)
		if err == nil && bytes.HasPrefix(content, []byte("#!")) && readsJavaOptions.Match(content) {
			return true
		}
	}
	return false
}

// scripts returns the app's files that a sidecar's command may start as a script.
func scripts(d sidecar.Definition) []string {
	words := firstCommand(d.Command)
	if len(words) > 1 && slices.Contains(shells, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || !strings.Contains(words[0], "/") && !slices.Contains(shells, firstCommand(d.Command)[0]) {
		return nil
	}
	if file := inApp(d.Supervision.WorkDir, words[0]); file != "" {
		return []string{file}
	}
	return nil
}

// startsSpringBoot reports whether a sidecar's command starts a jar of the app that is a Spring
// Boot app.
func startsSpringBoot(app fs.FS, d sidecar.Definition) bool {
	for _, one := range calls(d.Command) {
		at := slices.Index(one.words, "-jar")
		if one.words[0] != "java" || at < 0 || at+1 >= len(one.words) {
			continue
		}
		if file := inApp(d.Supervision.WorkDir, one.words[at+1]); file != "" && isSpringBoot(app, file) {
			return true
		}
	}
	return false
}

// maxLauncherJar limits how much of a jar in an archive is unpacked to inspect it, in bytes.
const maxLauncherJar = 256 << 20

// isSpringBoot reports whether a jar has Spring Boot's layout.
func isSpringBoot(app fs.FS, name string) bool {
	file, err := app.Open(path.Clean(name))
	if err != nil {
		return false
	}
	defer file.Close() // it was only read
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	content, ok := file.(io.ReaderAt)
	size := info.Size()
	if !ok { // it is in an archive
		all, err := io.ReadAll(io.LimitReader(file, maxLauncherJar))
		if err != nil {
			return false
		}
		content, size = bytes.NewReader(all), int64(len(all))
	}
	jar, err := zip.NewReader(content, size)
	return err == nil && slices.ContainsFunc(jar.File, func(f *zip.File) bool {
		return strings.HasPrefix(f.Name, "BOOT-INF/") || strings.HasPrefix(f.Name, "org/springframework/boot/loader/")
	})
}
