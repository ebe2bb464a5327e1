// Package vaulttest runs a real Vault in tests: version 1.14, the last under an open license, in memory, with
// KV, AppRole and the Cloud Foundry login. Its sources are Go modules, built once for all of a user's tests,
// below testdata/server.
//
// A package that uses it must run its tests through internal/testmain, like all that start processes.
package vaulttest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testbuild"
)

// The only app that the fake Cloud Controller of the login knows.
const (
	AppGUID          = "2d3e834a-3a25-4591-974c-fa5626d5d0a1"
	SpaceGUID        = "3d2eba6b-ef19-44d5-91dd-1975b0db5cc9"
	OrganizationGUID = "34a878d0-c2f9-4521-ba73-a9f664e82c7bf"
)

// Server is a Vault in a process of its own.
type Server struct {
	Address *url.URL
	// Root is a client with the root token.
	Root *api.Client
	// Controller is the address of the fake Cloud Controller.
	Controller string

	key  string // unseals it
	stop func()
	log  *strings.Builder
}

// Start starts a Vault on a port, or on any if port is empty. It stops with the test, or earlier by Stop.
func Start(t testing.TB, port string) *Server {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		t.Fatal("these tests are compiled without the paths of their sources (-trimpath)")
	}
	program := testbuild.Once(t, testbuild.Program{
		Kind: "vault", Sources: filepath.Join(filepath.Dir(file), "testdata", "server"), Needs: []string{"go"}, Build: build, Output: filepath.Join("target", "vault"),
	})
	s := &Server{log: &strings.Builder{}}
	command := exec.Command(program)
	command.Env = append(os.Environ(), "PORT="+port)
	command.Stderr = s.log
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	s.stop = func() {
		if !stopped {
			stopped = true
			_ = input.Close()
			_ = command.Process.Kill() // or it has exited
			_ = command.Wait()
		}
	}
	t.Cleanup(s.stop)
	var said struct{ Address, Token, Key, Controller string }
	if err := json.NewDecoder(output).Decode(&said); err != nil {
		s.stop()
		t.Fatalf("Vault ended instead of listening: %s\n%s", err, s.log)
	}
	s.key, s.Controller = said.Key, said.Controller
	s.connect(t, said.Address, said.Token)
	return s
}

func (s *Server) connect(t testing.TB, address, token string) {
	t.Helper()
	var err error
	if s.Address, err = url.Parse(address); err != nil {
		t.Fatal(err)
	}
	if s.Root, err = api.NewClient(&api.Config{Address: address}); err != nil {
		t.Fatal(err)
	}
	s.Root.SetToken(token)
}

// Stop kills the server, and returns once it has exited.
func (s *Server) Stop() { s.stop() }

// Port returns the port on which the server listens.
func (s *Server) Port() string {
	_, port, _ := net.SplitHostPort(s.Address.Host)
	return port
}

// Seal seals the server: it answers nothing until Unseal.
func (s *Server) Seal(t testing.TB) {
	t.Helper()
	if err := s.Root.Sys().SealWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Unseal returns once the server answers again.
func (s *Server) Unseal(t testing.TB) {
	t.Helper()
	status, err := s.Root.Sys().UnsealWithContext(t.Context(), s.key)
	if err != nil || status.Sealed {
		t.Fatalf("failed to unseal Vault: %v", err)
	}
}

// Write does what vault write does, with the root token, and returns the answer's data.
func (s *Server) Write(t testing.TB, path string, data map[string]any) map[string]any {
	t.Helper()
	answer, err := s.Root.Logical().WriteWithContext(t.Context(), path, data)
	if err != nil {
		t.Fatal(err)
	}
	if answer == nil {
		return nil
	}
	return answer.Data
}

func build(directory string) error {
	command := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join("target", "vault"), ".")
	command.Dir = directory
	command.Env = append(os.Environ(), "GOWORK=off")
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}
