package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// download downloads an archive of at most MaxSize.
func download(ctx context.Context, address *url.URL, destination string) (err error) {
	shown := redact.Address(address.String())
	if address.Scheme == "file" {
		return os.Symlink(address.Path, destination)
	}
	if address.Scheme != "http" && address.Scheme != "https" {
		return fmt.Errorf("found the address %s; expected one that starts with https://, http:// or file://", shown)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return fmt.Errorf("failed to download %s: %w", shown, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var wrapped *url.Error // it quotes the address
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fmt.Errorf("failed to download %s: %w", shown, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("failed to download %s: found the status %s; expected 200 OK", shown, response.Status)
	}
	file, err := os.OpenFile(destination, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("failed to download %s: %w", shown, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	written, err := io.Copy(file, io.LimitReader(response.Body, MaxSize+1))
	switch {
	case err != nil:
		return fmt.Errorf("failed to download %s: %w", shown, err)
	case written > MaxSize:
		return &ArchiveError{fmt.Sprintf("more than %d MB at %s; expected at most as much", MaxSize>>20, shown)}
	}
	return nil
}

// clone clones a repository and its submodules with git, at the branch or tag after #, as the
// builder does (buildpackapplifecycle, buildpackrunner/git_buildpack.go). Git prompts for nothing,
// and runs no command that the address or the repository names.
func clone(ctx context.Context, address url.URL, destination string) (string, error) {
	branch := address.Fragment
	address.Fragment = ""
	shown := redact.Address(address.String())
	arguments := []string{"clone", "--quiet", "--depth", "1", "--recurse-submodules", "--shallow-submodules"}
	if branch != "" {
		arguments = append(arguments, "--branch="+branch)
	}
	git := exec.CommandContext(ctx, "git", append(arguments, "--", address.String(), destination)...)
	git.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=https:http:ssh:git:file")
	output, err := git.CombinedOutput()
	switch {
	case context.Cause(ctx) != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("failed to clone %s: found no git on PATH; install it, or name a directory or a zip", shown)
	case err != nil:
		said := strings.ReplaceAll(strings.TrimSpace(string(output)), address.String(), shown)
		return "", fmt.Errorf("failed to clone %s: %s (%w)", shown, redact.Text(said), err)
	}
	// The platform gets the files without the history, so the check reads them without it, too.
	if err := os.RemoveAll(filepath.Join(destination, ".git")); err != nil {
		return "", fmt.Errorf("failed to clone %s: %w", shown, err)
	}
	return rootOf(destination), nil
}
