//go:build ignore

// Archive packs the files of a directory into a .tar.gz that is the same bytes
// wherever it is made, and prints its sha256: tar and gzip differ between machines.
//
//	go run archive.go DIRECTORY FILE
package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: archive DIRECTORY FILE")
		os.Exit(2)
	}
	sum, err := archive(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%x\n", sum)
}

func archive(directory, destination string) (sum []byte, err error) {
	file, err := os.Create(destination)
	if err != nil {
		return nil, fmt.Errorf("failed to create archive: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()

	hash := sha256.New()
	compressed, err := gzip.NewWriterLevel(io.MultiWriter(file, hash), gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("failed to compress: %w", err)
	}
	packed := tar.NewWriter(compressed)
	entries, err := os.ReadDir(directory) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("failed to read directory: %w", err)
	}
	for _, entry := range entries {
		if err := add(packed, filepath.Join(directory, entry.Name())); err != nil {
			return nil, fmt.Errorf("failed to archive %s: %w", entry.Name(), err)
		}
	}
	if err := errors.Join(packed.Close(), compressed.Close()); err != nil {
		return nil, fmt.Errorf("failed to finish archive: %w", err)
	}
	return hash.Sum(nil), nil
}

// add keeps of a file its name, its bytes, and whether it can be executed; owner,
// umask and time are the machine's.
func add(packed *tar.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("found %s; expected a file", info.Mode().Type())
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     info.Name(),
		Size:     info.Size(),
		Mode:     0o644,
		ModTime:  time.Unix(0, 0),
		Format:   tar.FormatUSTAR,
	}
	if info.Mode()&0o100 != 0 {
		header.Mode = 0o755
	}
	if err := packed.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(packed, file)
	return err
}
