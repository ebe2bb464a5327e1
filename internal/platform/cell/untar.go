package cell

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Untar unpacks an archive of the builder with the same program as the builder. It stops when the
// context ends.
func (c *Cell) Untar(ctx context.Context, archive, directory string) error {
	file, err := regularfile.Open(archive)
	if err != nil {
		return fmt.Errorf("failed to unpack the droplet: %w", err)
	}
	defer file.Close() // it was only read
	var output bytes.Buffer
	tar := exec.CommandContext(ctx, "tar", "-xzf", "-", "-C", directory)
	tar.SysProcAttr = attributes()
	tar.Cancel = func() error { return syscall.Kill(-tar.Process.Pid, syscall.SIGKILL) } // gzip works for it
	tar.Stdin, tar.Stdout, tar.Stderr = file, &output, &output
	err = c.processes.add(tar, tar.Start)
	if err == nil {
		err = tar.Wait()
		c.processes.remove(tar)
	}
	if stopped := context.Cause(ctx); stopped != nil {
		return stopped
	}
	if err != nil {
		return fmt.Errorf("failed to unpack %s: %w: %s", archive, err, output.Bytes())
	}
	return nil
}
