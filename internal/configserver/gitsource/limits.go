package gitsource

import "fmt"

// Options are for tests; the zero value has the limits that are documented.
type Options struct {
	// Directory is where files without a name are made; empty is the one for temporary files.
	Directory string
	Limits    Limits
}

// Limits bound the size of a repository. A larger one is an error that names the limit, and earlier
// answers stay.
type Limits struct {
	// References are the bytes of the list of branches and tags.
	References int64
	// Pack are the bytes that a server sends for one commit, compressed.
	Pack int64
	// Inflated are the bytes that these objects come to.
	Inflated int64
	// Objects are their number.
	Objects int
	// File are the bytes of one file of configuration, or of one list of a folder.
	File int64
	// Packs are how many fetches are kept before everything is fetched anew.
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

// A storeError is one of this machine, or says that what was sent is damaged. It has no text of the server's.
type storeError struct {
	doing string
	err   error
}

func (e *storeError) Error() string { return "failed to " + e.doing + ": " + e.err.Error() }

func (e *storeError) Unwrap() error { return e.err }
