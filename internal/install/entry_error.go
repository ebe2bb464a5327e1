package install

import "fmt"

// An EntryError says which entry of an archive is unacceptable.
type EntryError struct {
	Entry string // its name
	Found string
	Want  string
}

func (e *EntryError) Error() string {
	return fmt.Sprintf("entry %q of the archive: found %s; expected %s", clip(e.Entry), e.Found, e.Want)
}

// clip shortens a name from an archive, so it does not fill the screen.
func clip(name string) string {
	const maxQuoted = 200
	if len(name) > maxQuoted {
		return name[:maxQuoted] + "…"
	}
	return name
}
