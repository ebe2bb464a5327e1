package outbound

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Limits of JSON. A decoded value takes a hundred bytes or more, however short it is, and decoders use the stack
// for nested values.
const (
	maxValues = 250_000
	maxDepth  = 100
)

// bounded reads each answer completely, and rejects one that is too large.
type bounded struct {
	next *http.Transport
	max  int64
}

// RoundTrip implements http.RoundTripper. It returns no answer once the request's context has ended: the server, told by
// the closing connection, may then end its answer in good order, so that a part of one looks whole.
func (b *bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() // it was only read
	content, err := b.read(response)
	if ended := request.Context().Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	return response, nil
}

// CloseIdleConnections is called by http.Client.CloseIdleConnections.
func (b *bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }

func (b *bounded) read(response *http.Response) ([]byte, error) {
	tooLarge := &Failure{fmt.Sprintf("found an answer larger than %d bytes; expected no more", b.max)}
	if response.ContentLength > b.max {
		return nil, tooLarge
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, b.max+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > b.max:
		return nil, tooLarge
	default:
		return content, checkJSON(content)
	}
}

// checkJSON limits what a text can cost if it is decoded as JSON, whatever it is: it counts the brackets that
// are open at once, and the values; each but the first follows a comma or a bracket.
func checkJSON(content []byte) error {
	depth, values, inString := 0, 0, false
	for i := 0; i < len(content); i++ {
		char := content[i]
		switch {
		case inString && char == '\\':
			i++
		case char == '"':
			inString = !inString
		case inString:
		case char == '{' || char == '[':
			depth++
			values++
		case char == '}' || char == ']':
			depth--
		case char == ',':
			values++
		}
		if depth > maxDepth {
			return &Failure{fmt.Sprintf("found JSON nested deeper than %d; expected no more", maxDepth)}
		}
		if values > maxValues {
			return &Failure{fmt.Sprintf("found JSON with more than %d values; expected no more", maxValues)}
		}
	}
	return nil
}
