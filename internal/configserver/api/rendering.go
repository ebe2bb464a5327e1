package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// rendering renders /config, once for each answer.
type rendering struct {
	raw   []byte
	forms *formCache // of /config/KEY
	mutex sync.Mutex // held while it is rendered
	last  atomic.Pointer[rendered]
}

type rendered struct {
	answer *keep.Answer
	config *representation
	// tree returns config, decoded on first use: decoding takes several times the memory, and most apps request
	// the whole configuration.
	tree func() any
}

func (r *rendering) of(answer *keep.Answer) *rendered {
	if last := r.last.Load(); last != nil && last.answer == answer {
		return last
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if last := r.last.Load(); last != nil && last.answer == answer {
		return last
	}
	made := r.render(answer)
	r.last.Store(made)
	return made
}

func (r *rendering) render(answer *keep.Answer) *rendered {
	body := answer.Form
	if r.raw != nil {
		body = r.raw
	}
	return &rendered{answer: answer, config: represent(body, jsonType), tree: sync.OnceValue(func() any { return decode(body) })}
}

// config renders /config.
func (r *rendering) config(_ context.Context, answer *keep.Answer) (*representation, error) {
	return r.of(answer).config, nil
}

// key renders /config/KEY: strings as they are, other scalars as in JSON, objects and lists as JSON. A client
// that prefers application/json always gets JSON.
func (r *rendering) key(request *http.Request) renderer {
	path := keyPath(request.URL)
	asJSON := prefersJSON(request.Header)
	return func(ctx context.Context, answer *keep.Answer) (*representation, error) {
		value, found := lookup(r.of(answer).tree(), path)
		if !found {
			return nil, errNoKey
		}
		if text, isScalar := scalar(value); isScalar && !asJSON {
			return represent([]byte(text), textType), nil
		}
		return r.forms.of(ctx, answer, "config/"+path, func() (*representation, error) {
			return represent(Encode(value), jsonType), nil
		})
	}
}

// scalar returns the text of a value that is neither an object nor a list.
func scalar(value any) (text string, isScalar bool) {
	switch value := value.(type) {
	case map[string]any, []any:
		return "", false
	case string:
		return value, true
	default: // including null, which differs from empty text
		return strings.TrimSuffix(string(Encode(value)), "\n"), true
	}
}

// Encode returns value as JSON with a trailing newline. It does not escape HTML characters.
func Encode(value any) []byte {
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return []byte("null\n") // decoded JSON can always be encoded
	}
	return written.Bytes()
}

func decode(content []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil // the caller has decoded it before
	}
	return value
}
