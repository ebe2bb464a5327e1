// Package leaving has a test that leaves processes, for the tests of testmain.
package leaving

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	leave, err := time.ParseDuration(os.Getenv("LEAVING_TIME"))
	if err != nil {
		panic(err)
	}
	os.Exit(testmain.RunAllowing(leave, m.Run))
}

// TestLeave starts what LEAVING_SCRIPT says, writes a file that no test owns, says that
// it has, and ends as LEAVING_END says.
func TestLeave(t *testing.T) {
	script := exec.Command("bash", "-c", os.Getenv("LEAVING_SCRIPT"))
	script.Stderr = os.Stderr
	if err := script.Run(); err != nil {
		t.Fatal(err)
	}
	directory, err := os.MkdirTemp("", "left")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(directory, 0o100); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\nready %d\n", os.Getpid())
	switch os.Getenv("LEAVING_END") {
	case "pass":
	case "fail":
		t.Fatal("failed")
	case "panic":
		panic("failed")
	default:
		select {}
	}
}
