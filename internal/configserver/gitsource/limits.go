package gitsource

import "fmt"

// Options configures a source; the zero value has the documented limits and logs nothing.
type Options struct {
	// Directory is where unnamed files are created; empty means the directory for temporary files.
	Directory string
	Limits    Limits
	// Logf logs a line: files that are ignored. It contains no value of the configuration.
	Logf func(format string, arguments ...any)
}

// Limits limits the size of a repository. For a larger one, Fetch fails with an error that names the limit, and
// earlier answers remain.
type Limits struct {
	// References is the size of the list of branches and tags, in bytes.
	References int64
	// Pack is how many compressed bytes a server may send for one commit.
	Pack int64
	// Inflated is how many bytes these objects may have.
	Inflated int64
	// Objects is how many objects there may be.
	Objects int
	// File is the size of one configuration file, or of the list of one folder, in bytes.
	File int64
	// Packs is how many fetches are kept before everything is fetched anew.
	Packs int
}

func (l *Limits) fill() {
	set := func(limit *int64, value int64) {
		if *limit == 0 {
			*limit = value
		}
	}
	set(&l.References, 8<<20)
	set(&l.Pack, 512<<20)
	set(&l.Inflated, 4<<30)
	set(&l.File, 4<<20)
	if l.Objects == 0 {
		l.Objects = 300_000
	}
	if l.Packs == 0 {
		l.Packs = 10
	}
}

// A limitError says what was too large.
type limitError struct {
	what  string
	limit int64
	unit  string
}

func (e *limitError) Error() string {
	return fmt.Sprintf("found %s of more than %d %s; expected no more", e.what, e.limit, e.unit)
}

// storeError is a failure on this machine, or says that the received data is damaged. It contains none of the
// server's text.
type storeError struct {
	doing string
	err   error
}

func (e *storeError) Error() string { return "failed to " + e.doing + ": " + e.err.Error() }

func (e *storeError) Unwrap() error { return e.err }
