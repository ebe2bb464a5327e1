package integration_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testRelease runs the part of scripts/release.sh that takes the least: the command line tool.
// docs/releasing.md says how all of it is checked.
func testRelease(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		version string
	)

	it.Before(func() {
		content, err := os.ReadFile(filepath.Join(built.root, "VERSION"))
		Expect(err).NotTo(HaveOccurred())
		version = strings.TrimSpace(string(content))
	})
	release := func(args ...string) (string, error) {
		command := exec.Command(filepath.Join(built.root, "scripts", "release.sh"), args...)
		command.Dir = t.TempDir()
		output, err := command.CombinedOutput()
		return string(output), err
	}

	it("makes the tool for Linux and macOS, its packages, an SBOM of each, and checksums", func() {
		directory := filepath.Join(t.TempDir(), "rölease here")
		output, err := release(version, "--only", "tools", "--output", directory)
		Expect(err).NotTo(HaveOccurred(), output)
		read := func(name string) []byte {
			content, err := os.ReadFile(filepath.Join(directory, name))
			Expect(err).NotTo(HaveOccurred())
			return content
		}
		files, err := filepath.Glob(filepath.Join(directory, "*"))
		Expect(err).NotTo(HaveOccurred())
		sums := map[string]string{}
		for lines := bufio.NewScanner(bytes.NewReader(read("SHA256SUMS"))); lines.Scan(); {
			sum, name, _ := strings.Cut(lines.Text(), "  ")
			sums[name] = sum
		}
		Expect(sums).To(HaveLen(len(files)-1), "all but itself")
		for name, sum := range sums {
			computed := sha256.Sum256(read(name))
			Expect(hex.EncodeToString(computed[:])).To(Equal(sum), name)
		}

		unpacked := t.TempDir()
		for platform, check := range map[string]func(io.ReaderAt) string{
			"linux-amd64": machineOfELF, "linux-arm64": machineOfELF, "darwin-amd64": machineOfMachO, "darwin-arm64": machineOfMachO,
		} {
			archive := "sidecar-" + version + "-" + platform + ".tar.gz"
			output, err := exec.Command("tar", "-xzf", filepath.Join(directory, archive), "-C", unpacked).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			for _, program := range []string{"sidecar", "config-server"} {
				content, err := os.ReadFile(filepath.Join(unpacked, program))
				Expect(err).NotTo(HaveOccurred())
				Expect(check(bytes.NewReader(content))).To(Equal(platform), program)
			}
			var bom struct {
				Components []struct{ Name, Version string }
			}
			Expect(json.Unmarshal(read(archive+".cdx.json"), &bom)).To(Succeed())
			Expect(bom.Components).To(ContainElements(HaveField("Name", "github.com/spf13/cobra"), HaveField("Name", "std"), HaveField("Version", "v"+version)))
			Expect(string(read("sidecar.rb"))).To(ContainSubstring(archive + "\"\n      sha256 \"" + sums[archive] + "\"\n"))
		}
		Expect(files).To(ContainElements(
			filepath.Join(directory, "sidecar_"+version+"_amd64.deb"), filepath.Join(directory, "sidecar_"+version+"_amd64.deb.cdx.json"),
			filepath.Join(directory, "sidecar_"+version+"_arm64.deb"), filepath.Join(directory, "sidecar_"+version+"_arm64.deb.cdx.json"),
		))
	})

	context("failure cases", func() {
		it("says what is wrong before it builds anything", func() {
			full := t.TempDir()
			Expect(os.WriteFile(filepath.Join(full, "file"), nil, 0o644)).To(Succeed())
			for problem, args := range map[string][]string{
				"found the version ''; expected " + version:           {},
				"found the version '9.9.9'; expected " + version:      {"9.9.9"},
				"found the part 'x'; expected catalog, packages or t": {version, "--only", "tools,x"},
				"found no part in --only ''":                          {version, "--only", ""},
				"found no part in --only ','":                         {version, "--only", ","},
				"found files in " + full + "; expected an empty":      {version, "--only", "tools", "--output", full},
				"found --output without a value":                      {version, "--output"},
				"found '--all'":                                       {"--all"},
			} {
				output, err := release(args...)
				Expect(err).To(MatchError("exit status 2"))
				Expect(output).To(And(HavePrefix("usage: scripts/release.sh VERSION"), ContainSubstring(problem)))
			}
		})
	})
}

// machineOfELF is the platform that an executable is for.
func machineOfELF(content io.ReaderAt) string {
	file, err := elf.NewFile(content)
	if err != nil {
		return err.Error()
	}
	return map[elf.Machine]string{elf.EM_X86_64: "linux-amd64", elf.EM_AARCH64: "linux-arm64"}[file.Machine]
}

// machineOfMachO is the platform that an executable is for.
func machineOfMachO(content io.ReaderAt) string {
	file, err := macho.NewFile(content)
	if err != nil {
		return err.Error()
	}
	return map[macho.Cpu]string{macho.CpuAmd64: "darwin-amd64", macho.CpuArm64: "darwin-arm64"}[file.Cpu]
}
