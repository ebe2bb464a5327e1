package springapi

import (
	"fmt"
	"net/http"
)

// Error is an answer without an environment, because the request is wrong, or is an OPTIONS request.
type Error struct {
	Status int
	empty  bool   // the answer has no body
	allow  string // the header Allow, if any
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)) }
