package springapi

import (
	"fmt"
	"net/http"
)

// An Error is a request that cannot be answered, with an HTTP status.
type Error struct {
	Status int
	empty  bool // of plain files, Spring's server says no more
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)) }
