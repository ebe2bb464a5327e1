package install_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testExecutable(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect              = NewWithT(t).Expect
		source, destination string
	)

	it.Before(func() {
		directory := t.TempDir()
		source = filepath.Join(directory, "source")
		destination = filepath.Join(directory, "deps", "0", "bin", "program")
		Expect(os.WriteFile(source, []byte("new"), 0o600)).To(Succeed())
	})

	placed := func() []string {
		t.Helper()
		entries, err := os.ReadDir(filepath.Dir(destination))
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}

	it("makes the directory and an executable copy", func() {
		Expect(install.Executable(source, destination)).To(Succeed())
		Expect(os.ReadFile(destination)).To(Equal([]byte("new")))
		info, err := os.Stat(destination)
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode().String()).To(Equal("-rwxr-xr-x"))
		Expect(placed()).To(Equal([]string{"program"}))
	})

	it("replaces a file without disturbing who has it open", func() {
		Expect(os.MkdirAll(filepath.Dir(destination), 0o755)).To(Succeed())
		Expect(os.WriteFile(destination, []byte("old"), 0o444)).To(Succeed())
		open, err := os.Open(destination)
		Expect(err).NotTo(HaveOccurred())
		defer open.Close()

		Expect(install.Executable(source, destination)).To(Succeed())
		Expect(os.ReadFile(destination)).To(Equal([]byte("new")))
		Expect(io.ReadAll(open)).To(Equal([]byte("old")))
		Expect(placed()).To(Equal([]string{"program"}))
	})

	it("gives an executable a second name, in place of an earlier file", func() {
		Expect(install.Executable(source, destination)).To(Succeed())
		second := filepath.Join(filepath.Dir(destination), "bin", "second")
		for range 2 {
			Expect(install.LinkExecutable(destination, second)).To(Succeed())
			Expect(os.ReadFile(second)).To(Equal([]byte("new")))
			info, err := os.Lstat(second)
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().String()).To(Equal("-rwxr-xr-x"))
		}
	})

	context("failure cases", func() {
		it("does not link a program that is missing, or in place of a directory with files", func() {
			Expect(install.LinkExecutable(source+"-none", destination)).To(MatchError(HavePrefix("failed to link program: ")))
			Expect(placed()).To(BeEmpty())
			Expect(install.LinkExecutable(source, filepath.Dir(source))).To(MatchError(HavePrefix("failed to replace program: ")))
		})

		it("says that the program is missing, and makes nothing", func() {
			Expect(os.Remove(source)).To(Succeed())
			Expect(install.Executable(source, destination)).To(MatchError("failed to open program: " + source + ": there is no such file"))
			Expect(filepath.Dir(destination)).NotTo(BeADirectory())
		})

		it("does not copy a directory, and leaves nothing behind", func() {
			Expect(install.Executable(filepath.Dir(source), destination)).To(MatchError("failed to open program: " + filepath.Dir(source) + ": found a directory; expected a regular file"))
			Expect(filepath.Dir(destination)).NotTo(BeADirectory())
		})

		it("does not wait for the writer of a named pipe", func() {
			Expect(os.Remove(source)).To(Succeed())
			Expect(syscall.Mkfifo(source, 0o700)).To(Succeed())
			Expect(install.Executable(source, destination)).To(MatchError("failed to open program: " + source + ": found a named pipe; expected a regular file"))
		})

		it("does not replace a directory, and leaves nothing behind", func() {
			Expect(os.MkdirAll(destination, 0o755)).To(Succeed())
			Expect(install.Executable(source, destination)).To(MatchError(HavePrefix("failed to place program: ")))
			Expect(placed()).To(Equal([]string{"program"}))
		})

		it("says that a file is in the directory's place", func() {
			Expect(os.MkdirAll(filepath.Dir(filepath.Dir(destination)), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Dir(destination), nil, 0o600)).To(Succeed())
			Expect(install.Executable(source, destination)).To(MatchError(And(HavePrefix("failed to make directory: "), HaveSuffix("not a directory"))))
		})
	})
}
