package springtest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// patience allows a server to start on a very busy machine.
const patience = 5 * time.Minute

// Server is Spring Cloud Config Server, in a process of its own.
type Server struct {
	// URL is http://127.0.0.1:PORT, or https, without a trailing slash.
	URL string
	// TokenURL is where Clients get their tokens.
	TokenURL string
	Port     string

	command *exec.Cmd
	exited  chan struct{} // closed once the process has exited
	log     log
}

// Start starts a server, and returns once it listens. It stops with the test, or earlier by Stop. If it does not
// start, the test fails with the server's log.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	jar := Jar(t, serverDir(t))
	port := options.Port
	if port == "" {
		port = testport.Free(t)
	}
	scheme := "http"
	if options.TLS != nil {
		scheme = "https"
	}
	url := scheme + "://127.0.0.1:" + port
	s := &Server{URL: url, TokenURL: url + "/oauth2/token", Port: port, exited: make(chan struct{})}
	s.command = exec.Command("java", jvmOptions(tempDir(t), jar)...)
	s.command.Env = append(withoutSpring(os.Environ()), "SPRING_APPLICATION_JSON="+options.properties(t, port))
	s.command.Stdout, s.command.Stderr = &s.log, &s.log
	if err := s.command.Start(); err != nil {
		t.Fatalf("failed to start java: %s", err)
	}
	go func() {
		defer close(s.exited)
		_ = s.command.Wait() // it was killed, or its log says why it exited
	}()
	t.Cleanup(s.Stop)
	s.awaitListening(t)
	return s
}

// jvmOptions makes for a quick start and a small process.
func jvmOptions(temporary, jar string) []string {
	return []string{"-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData",
		"-Djava.io.tmpdir=" + temporary, "-jar", jar}
}

// withoutSpring removes the variables that would configure Spring.
func withoutSpring(environment []string) (kept []string) {
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "SPRING_") && name != "JAVA_TOOL_OPTIONS" && name != "VCAP_APPLICATION" && name != "VCAP_SERVICES" {
			kept = append(kept, variable)
		}
	}
	return kept
}

func (s *Server) awaitListening(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		connection, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", s.Port))
		if err == nil {
			_ = connection.Close() // it has served its purpose
			return
		}
		select {
		case <-s.exited:
			t.Fatalf("the server ended instead of listening:\n%s", s.Log())
		case <-ctx.Done():
			t.Fatalf("the server does not listen within %s:\n%s", patience, s.Log())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop kills the server, and returns once it has exited. Its clone of the repository stays until the test ends.
func (s *Server) Stop() {
	_ = s.command.Process.Kill() // or it has exited
	<-s.exited
}

// Log returns what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// log collects what a process writes, and can be read meanwhile.
type log struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *log) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
