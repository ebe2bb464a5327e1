package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// A program is one of Go, and what the linker has noted in it.
type program struct {
	path   string // below what is described
	sha256 string
	info   *debug.BuildInfo
}

// addFile adds the programs of a file, of an archive or of a directory.
func (d *described) addFile(name string) error {
	entries, err := os.ReadDir(name)
	if err == nil {
		for _, entry := range entries {
			if err := d.addFile(filepath.Join(name, entry.Name())); err != nil {
				return err
			}
		}
		return nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return d.add(filepath.Base(name), content)
}

// add adds what a content is: a program, an archive with programs, or something else, which is not
// described.
func (d *described) add(name string, content []byte) error {
	switch {
	case strings.HasSuffix(name, ".tar.gz"):
		return d.addTar(name, content)
	case strings.HasSuffix(name, ".zip"):
		return d.addZip(content)
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return nil // it is not a program of Go
	}
	sum := sha256.Sum256(content)
	d.programs = append(d.programs, program{path: name, sha256: hex.EncodeToString(sum[:]), info: info})
	return nil
}

// addTar adds the programs of an archive, below its name without version and ending.
func (d *described) addTar(name string, content []byte) error {
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return err
	}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		entry, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		if err := d.add(path.Join(strings.TrimSuffix(name, ".tar.gz"), path.Clean(header.Name)), entry); err != nil {
			return err
		}
	}
}

func (d *described) addZip(content []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			return err
		}
		entry, err := io.ReadAll(opened)
		if err := errors.Join(err, opened.Close()); err != nil {
			return err
		}
		if err := d.add(file.Name, entry); err != nil {
			return err
		}
	}
	return nil
}
