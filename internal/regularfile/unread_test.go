package regularfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testUnread(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("says in a person's words why a file cannot be looked at, and wraps the cause", func() {
		for _, one := range []struct {
			cause   error
			message string
		}{
			{syscall.ENOENT, "a/b: there is no such file"},
			{syscall.ENOTDIR, "a/b: there is no such file"},
			{syscall.EACCES, "a/b: this user may not read it"},
			{syscall.ELOOP, "a/b: too many levels of symbolic links"},
		} {
			err := Unread("a/b", &fs.PathError{Op: "stat", Path: "/elsewhere/b", Err: one.cause})
			Expect(err).To(MatchError(one.message))
			Expect(errors.Is(err, one.cause)).To(BeTrue())
		}
		_, err := os.Stat("none")
		Expect(Unread("none", err)).To(MatchError(fs.ErrNotExist))
	})

	it("is not an error without a file", func() {
		Expect(Unread("a", nil)).To(Succeed())
		other := errors.New("another")
		Expect(Unread("a", other)).To(Equal(other))
	})
}
