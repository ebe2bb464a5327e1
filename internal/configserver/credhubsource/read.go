package credhubsource

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"maps"
	"net/url"
	"path"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// reader reads the credentials for one answer.
type reader struct {
	server *server
	ids    hash.Hash // of the versions read
	bytes  int       // of their values
}

// layer returns the values of a layer with flat keys. As in Spring, a credential of type json is an object of
// keys and values; if two have the same key, the later wins. Other types use the last part of their name as key.
func (r *reader) layer(ctx context.Context, layer layer) (map[string]any, error) {
	values := map[string]any{}
	for _, one := range layer.found {
		read, err := r.read(ctx, one.Name)
		if err != nil {
			return nil, fmt.Errorf("failed to read the credential %q: %w", one.Name, err)
		}
		maps.Copy(values, read)
		if r.bytes > environment.MaxBytes {
			return nil, fmt.Errorf("the credentials are larger than %d MB together", environment.MaxBytes>>20)
		}
	}
	return values, nil
}

func (r *reader) read(ctx context.Context, name string) (map[string]any, error) {
	var answer struct {
		Data []struct {
			ID    string `json:"id"`
			Type  string `json:"type"`
			Value any    `json:"value"`
		} `json:"data"`
	}
	_, err := r.server.get(ctx, url.Values{"name": {name}, "current": {"true"}}, &answer)
	var notFound *environment.NotFoundError
	switch {
	case errors.As(err, &notFound): // it was just deleted; the next fetch lists what exists then
		return nil, errors.New(notFound.Message)
	case err != nil:
		return nil, err
	case len(answer.Data) != 1 || answer.Data[0].ID == "":
		return nil, errAnswer
	}
	found := answer.Data[0]
	fmt.Fprintf(r.ids, "%q %q\n", name, found.ID)
	object, ok := found.Value.(map[string]any)
	if !ok || found.Type != "json" {
		object = map[string]any{path.Base(name): found.Value}
	}
	flat, err := environment.Flatten(object)
	if err != nil {
		return nil, fmt.Errorf("found one %w", err)
	}
	for key, value := range flat {
		text, _ := value.(string)
		r.bytes += len(key) + len(text)
	}
	return flat, nil
}
