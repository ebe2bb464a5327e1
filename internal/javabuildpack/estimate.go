package javabuildpack

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"strings"
)

// The Java buildpack estimates the loaded classes as this share of all classes: those of the app,
// of its jars and, from Java 9 on, of the JRE (java-buildpack, src/java/jres/memory_calculator.go
// and jre.go).
const (
	loadedShare = 0.35
	jreClasses  = 42215
)

// maxJar is the maximum size of a jar that must be read as a whole, in bytes.
const maxJar = 256 << 20

// Estimate returns the arguments that the Java buildpack will pass to the calculator for an app
// with these files and this environment. An unreadable archive counts as one without classes.
func Estimate(app fs.FS, environ []string) Calculator {
	c := Calculator{Threads: DefaultThreads, Options: options(environ)}
	c.configured(environ)
	if c.Classes == 0 {
		c.Classes = Loaded(countClasses(app), java8(environ))
	}
	return c
}

// Loaded returns how many classes the Java buildpack expects to be loaded.
func Loaded(classes int, java8 bool) int {
	if !java8 {
		classes += jreClasses
	}
	return int(float64(classes) * loadedShare)
}

func countClasses(app fs.FS) int {
	count := 0
	_ = fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && entry != nil && entry.IsDir():
			return fs.SkipDir
		case err != nil || !entry.Type().IsRegular():
		case isClass(name):
			if _, err := fs.Stat(app, name); err == nil { // a push may exclude it
				count++
			}
		case strings.HasSuffix(name, ".jar"):
			count += countInJar(app, name)
		}
		return nil
	})
	return count
}

func isClass(name string) bool {
	return strings.HasSuffix(name, ".class") || strings.HasSuffix(name, ".groovy")
}

func countInJar(app fs.FS, name string) int {
	file, err := app.Open(name)
	if err != nil {
		return 0
	}
	defer file.Close() // it was only read
	content, size, err := readerAt(file)
	if err != nil {
		return 0
	}
	jar, err := zip.NewReader(content, size)
	if err != nil {
		return 0
	}
	count := 0
	for _, entry := range jar.File {
		if isClass(entry.Name) {
			count++
		}
	}
	return count
}

// readerAt reads a file in parts or, if it is in an archive itself, as a whole.
func readerAt(file fs.File) (io.ReaderAt, int64, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	if content, ok := file.(io.ReaderAt); ok {
		return content, info.Size(), nil
	}
	content, err := io.ReadAll(io.LimitReader(file, maxJar))
	return bytes.NewReader(content), int64(len(content)), err
}
