package springtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testbuild"
)

// Repository is a git repository in a directory of the test.
type Repository struct {
	Directory string
	t         testing.TB
}

// NewRepository creates a repository with an empty first commit on the branch main.
func NewRepository(t testing.TB) Repository {
	t.Helper()
	testbuild.Need(t, "git")
	r := Repository{tempDir(t), t}
	r.Git("init", "--quiet", "--initial-branch=main")
	r.Git("commit", "--quiet", "--allow-empty", "--message=first")
	return r
}

// Commit writes files, by their paths in the repository, and commits all changes. It returns the commit's id.
func (r Repository) Commit(files map[string]string) string {
	r.t.Helper()
	for name, content := range files {
		path := filepath.Join(r.Directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.Git("add", "--all")
	r.Git("commit", "--quiet", "--allow-empty", "--message=change")
	return r.Git("rev-parse", "HEAD")
}

// Git runs git in the repository, without the user's settings, and returns what it prints.
func (r Repository) Git(arguments ...string) string {
	r.t.Helper()
	command := exec.Command("git", arguments...)
	command.Dir = r.Directory
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
	output, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %s\n%s", strings.Join(arguments, " "), err, output)
	}
	return strings.TrimSpace(string(output))
}

// tempDir returns a directory of the test whose path does not include the test's name: Spring splits paths at
// commas.
func tempDir(t testing.TB) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "spring")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(directory); err != nil {
			t.Error(err)
		}
	})
	return directory
}
