package source

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// MaxSize is the maximum size of a buildpack, in bytes: it must fit into a staging container
// (staging.minimum_staging_disk_mb of Cloud Controller).
const MaxSize = 4 << 30

// maxEntries is the maximum number of files and directories in an archive.
const maxEntries = 200_000

// An ArchiveError says why an archive cannot be unpacked, if that is due to its content.
type ArchiveError struct{ Found string }

func (e *ArchiveError) Error() string { return "failed to unpack the archive: " + e.Found }

// rootOf returns the directory with bin: this one, or the only one in it, as the builder does.
func rootOf(directory string) string {
	if regularfile.Exists(filepath.Join(directory, "bin")) {
		return directory
	}
	if entries, err := os.ReadDir(directory); err == nil && len(entries) == 1 && entries[0].IsDir() {
		return filepath.Join(directory, entries[0].Name())
	}
	return directory
}

// unusable says which entry the platform cannot unpack as it is meant; empty if it can.
func unusable(entries []*zip.File) string {
	const encrypted = 1 // the bit of Flags
	sums := map[string]uint32{}
	for _, entry := range entries {
		sum, seen := sums[entry.Name]
		switch {
		case entry.Flags&encrypted != 0:
			return fmt.Sprintf("entry %q: it is encrypted", entry.Name)
		case strings.Contains(entry.Name, `\`):
			return fmt.Sprintf("entry %q: it has a backslash in its name; expected / between directories", entry.Name)
		case seen && sum != entry.CRC32:
			return fmt.Sprintf("entry %q: another entry has the same name and other content", entry.Name)
		}
		sums[entry.Name] = entry.CRC32
	}
	return ""
}

func unzip(ctx context.Context, path, destination string) (string, error) {
	archive, err := files.OpenZip(path)
	if err != nil {
		return "", &ArchiveError{strings.TrimPrefix(err.Error(), "it is ")}
	}
	defer archive.Close()
	if found := len(archive.File); found > maxEntries {
		return "", &ArchiveError{fmt.Sprintf("%d entries; expected at most %d", found, maxEntries)}
	}
	if found := unusable(archive.File); found != "" {
		return "", &ArchiveError{found}
	}
	none := func(string) bool { return false }
	if size := files.UnpackedSize(archive, none); size > MaxSize {
		return "", &ArchiveError{fmt.Sprintf("%d MB once it is unpacked; expected at most %d MB", size>>20, MaxSize>>20)}
	}
	if err := files.Unzip(ctx, archive, destination, none); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		var disk *os.SyscallError
		if errors.As(err, &disk) {
			return "", fmt.Errorf("failed to unpack the archive: %w", err)
		}
		return "", &ArchiveError{err.Error()}
	}
	return rootOf(destination), nil
}
