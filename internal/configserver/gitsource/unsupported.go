package gitsource

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/http"
)

// unsupportedError says that a repository or a server needs what this package lacks. It contains none of the
// server's text.
type unsupportedError struct{ reason string }

func (e *unsupportedError) Error() string { return e.reason }

var (
	errSHA256 = &unsupportedError{"the names of the repository's objects are SHA-256; expected a repository with SHA-1, git's default"}
	errDumb   = &unsupportedError{"its answer is not of git's smart HTTP protocol; expected the address of a repository on a server that runs git, not of a web page or of a directory with its files"}
)

// advertisement is the media type of a list of branches and tags (git's gitprotocol-http).
const advertisement = "application/x-git-upload-pack-advertisement"

// checkAdvertisement rejects a list of branches and tags that go-git cannot read, and whose failure it would not
// explain: by the media type, and by the server's capabilities, which come first.
func checkAdvertisement(response *http.Response) error {
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != advertisement {
		return errDumb
	}
	const head = 4 << 10
	buffered := bufio.NewReaderSize(response.Body, head)
	start, _ := buffered.Peek(head) // the next Read returns the error
	response.Body = &peekedBody{buffered, response.Body}
	if bytes.Contains(start, []byte(" object-format=sha256")) {
		return errSHA256
	}
	return nil
}

// peekedBody is a body whose start has been looked at.
type peekedBody struct {
	io.Reader
	io.Closer
}
