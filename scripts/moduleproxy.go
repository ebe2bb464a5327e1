//go:build ignore

// Moduleproxy makes a directory of the Go module proxy protocol that has this module, as it is in
// the checkout, in a version: for those who build a buildpack from it before it is published.
//
//	go run scripts/moduleproxy.go DIRECTORY VERSION
//
// GOPROXY=file://DIRECTORY then has it.
package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

const module = "github.com/cloudfoundry-community/sidecar-buildpack"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run scripts/moduleproxy.go DIRECTORY VERSION")
	}
	directory, version := filepath.Join(os.Args[1], filepath.FromSlash(module), "@v"), os.Args[2]
	if err := os.MkdirAll(directory, 0o755); err != nil {
		log.Fatal(err)
	}
	if err := write(directory, version); err != nil {
		log.Fatal(err)
	}
}

// write writes the four files of the protocol.
func write(directory, version string) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	content, err := moduleZip(version)
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version), version + ".mod": mod, version + ".zip": content,
	} {
		if err := os.WriteFile(filepath.Join(directory, name), text, 0o644); err != nil { //nolint:gosec // others may read it
			return err
		}
	}
	return nil
}

// moduleZip has the files that git knows or would take, but those of other modules.
func moduleZip(version string) ([]byte, error) {
	list, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("failed to list the files: %w", err)
	}
	files := strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00")
	others := map[string]bool{} // directories with a go.mod of their own
	for _, name := range files {
		if path.Base(name) == "go.mod" && name != "go.mod" {
			others[path.Dir(name)] = true
		}
	}
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for _, name := range files {
		if inOther(name, others) {
			continue
		}
		if err := add(archive, name, module+"@"+version+"/"+name); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

func inOther(name string, others map[string]bool) bool {
	for directory := path.Dir(name); directory != "."; directory = path.Dir(directory) {
		if others[directory] {
			return true
		}
	}
	return false
}

// add adds a regular file, if it is there.
func add(archive *zip.Writer, name, as string) error {
	info, err := os.Lstat(name)
	if os.IsNotExist(err) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	entry, err := archive.Create(as)
	if err == nil {
		_, err = io.Copy(entry, file)
	}
	return err
}
