//go:build ignore

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// bareKinds are the bare handlers: one writes the answer and nothing else, the other one sets the headers that describe it, too.
var bareKinds = []string{"without headers", "with headers"}

// A server is a process, with what was measured of it.
type server struct {
	name    string
	address string
	process *exec.Cmd
	turns   []measurement
}

// serveBare answers each request with a file, and does not return unless it fails.
func serveBare(kind, path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	handler := func(response http.ResponseWriter, _ *http.Request) { _, _ = response.Write(body) }
	if kind == "with headers" {
		length := strconv.Itoa(len(body))
		handler = func(response http.ResponseWriter, _ *http.Request) {
			response.Header().Set("Content-Type", "application/json")
			response.Header().Set("Content-Length", length)
			_, _ = response.Write(body)
		}
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, http.HandlerFunc(handler))
}

// startBare runs serveBare in a process of its own.
func startBare(kind, path string) (*server, error) {
	command := exec.Command(os.Args[0], "serve", kind, path)
	s, address, err := start(kind, command)
	if err == nil {
		s.address = strings.TrimSpace(address)
	}
	return s, err
}

// startOurs runs config-server with a file as its configuration.
func startOurs(program, path string) (*server, error) {
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	command := exec.Command(program)
	command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_CONFIG=" + path}
	s, _, err := start("config-server", command)
	if err == nil {
		s.address = address
	}
	return s, err
}

// start returns when the process has written its first line: it listens by then.
func start(name string, command *exec.Cmd) (s *server, line string, err error) {
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := command.Start(); err != nil {
		return nil, "", err
	}
	s = &server{name: name, process: command}
	reader := bufio.NewReader(output)
	if line, err = reader.ReadString('\n'); err != nil {
		s.stop()
		return nil, "", fmt.Errorf("%s did not start: %w", name, err)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }() // its log
	return s, line, nil
}

func (s *server) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait() // it was killed
}
