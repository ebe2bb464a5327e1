//go:build ignore

// Normalize makes a buildpack's zip reproducible, the same for everyone who builds
// from the same files: it sets the modes that the platform needs, whatever the umask was,
// and removes the times.
//
//	go run normalize.go ZIP NORMALIZED
package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: normalize ZIP NORMALIZED")
		os.Exit(2)
	}
	if err := normalize(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func normalize(source, destination string) (err error) {
	from, err := zip.OpenReader(source)
	if err != nil {
		return fmt.Errorf("failed to open the zip: %w", err)
	}
	defer from.Close() // it was only read
	file, err := os.Create(destination)
	if err != nil {
		return fmt.Errorf("failed to create the zip: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	to := zip.NewWriter(file)
	for _, entry := range from.File {
		if err := add(to, entry); err != nil {
			return fmt.Errorf("failed to add %s: %w", entry.Name, err)
		}
	}
	return to.Close()
}

func add(to *zip.Writer, entry *zip.File) (err error) {
	// The earliest time that a zip can state.
	header := &zip.FileHeader{Name: entry.Name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o644)
	if strings.HasPrefix(entry.Name, "bin/") {
		header.SetMode(0o755)
	}
	if strings.HasPrefix(entry.Name, "dependencies/") {
		header.Method = zip.Store // it is compressed already
	}
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	w, err := to.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}
