package springapi

import (
	"fmt"
	"net/http"
)

// Error is a request that cannot be answered, with an HTTP status.
type Error struct {
	Status int
	empty  bool // for plain files, Spring's server sends no body
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)) }
