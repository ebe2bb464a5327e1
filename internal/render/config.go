package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// Variables that tell config-server, and its clients, where it listens.
const (
	configPortVariable   = "CONFIG_SERVER_PORT"
	configSocketVariable = "CONFIG_SERVER_SOCKET"
)

// ConfigWait is how long config-server may take to become ready, from the first request on.
const ConfigWait = time.Minute

const (
	configPause   = 100 * time.Millisecond // between attempts
	configTimeout = 10 * time.Second       // for one attempt
)

// A configuration reads from the app's own config-server. It sends the first request when a value
// is first needed, and then waits for the server.
type configuration struct {
	environ []string
	wait    time.Duration
	client  *http.Client
	until   time.Time // zero: no request yet
	known   map[string]any
}

// configurationOf returns the configuration of the config-server in an environment.
func configurationOf(environ []string) *configuration {
	return &configuration{environ: environ, wait: ConfigWait, known: map[string]any{}}
}

// value returns the value of a key, such as db.url: a text, or a list or an object, in which
// numbers, true and false are as in JSON. The error is a *missingError if there is no such key or
// its value is null.
func (c *configuration) value(key textArgument) (any, error) {
	if value, ok := c.known[key.text]; ok {
		return value, nil
	}
	if err := c.connect(); err != nil {
		return nil, valueError(err)
	}
	content, found, err := c.ask("/config/" + url.PathEscape(key.text))
	switch {
	case err != nil:
		return nil, valueError(err)
	case !found:
		return nil, c.missing(key)
	}
	value, err := decodeValue(content)
	switch number := value.(type) {
	case json.Number:
		value = number.String()
	case bool:
		value = strconv.FormatBool(number)
	case nil:
		if err == nil {
			return nil, &missingError{fmt.Sprintf("found null at the key %s in the configuration; expected a value, or a default", key.shown)}
		}
	}
	if err != nil {
		return nil, valueError(errors.New("config-server's answer is not JSON; expected the app's config-server at " + configPortVariable))
	}
	c.known[key.text] = value
	return value, nil
}

// connect prepares requests to the address in the environment.
func (c *configuration) connect() error {
	if c.client != nil {
		return nil
	}
	network, address := "tcp", ""
	if port := env.Get(c.environ, configPortVariable); port != "" {
		address = net.JoinHostPort("127.0.0.1", port)
	} else if address = env.Get(c.environ, configSocketVariable); address != "" {
		network = "unix"
	} else {
		return fmt.Errorf("found neither %s nor %s in the environment; expected the app's config-server there: cf set-env APP %[1]s 8082", configPortVariable, configSocketVariable)
	}
	var dialer net.Dialer
	c.client = &http.Client{
		Timeout:       configTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
		}, // without a proxy
	}
	c.until = time.Now().Add(c.wait)
	return nil
}

// ask returns the response to a request, once config-server is ready. found is false if the path is
// unknown to it.
func (c *configuration) ask(path string) (content []byte, found bool, err error) {
	for {
		content, status, err := c.askOnce(path)
		switch {
		case err == nil && status == http.StatusOK:
			return content, true, nil
		case err == nil && status == http.StatusNotFound:
			return nil, false, nil
		case err == nil && status != http.StatusServiceUnavailable:
			return nil, false, fmt.Errorf("config-server has answered with the status %d; expected 200", status)
		case errors.Is(err, errTooLarge):
			return nil, false, err
		}
		if time.Now().After(c.until) {
			if err == nil {
				err = errors.New("it has no answer of its sources yet, which its log and /health explain")
			}
			return nil, false, fmt.Errorf("config-server is not ready after %s: %w", c.wait, withoutAddress(err))
		}
		time.Sleep(configPause)
	}
}

func (c *configuration) askOnce(path string) (content []byte, status int, err error) {
	request, err := http.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close() // it was only read
	content, err = io.ReadAll(io.LimitReader(response.Body, maxFile+1))
	if len(content) > maxFile {
		err = errTooLarge
	}
	return content, response.StatusCode, err
}

// withoutAddress strips the URL from an error, which says nothing useful here.
func withoutAddress(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

// missing says that there is no such key, and suggests one.
func (c *configuration) missing(key textArgument) error {
	text := fmt.Sprintf("found no key %s in the configuration; expected one, or a default", key.shown)
	content, found, err := c.ask("/config")
	if err != nil || !found || !key.isShown() {
		return &missingError{text}
	}
	all, err := decodeValue(content)
	if err != nil {
		return &missingError{text}
	}
	keys := flatKeys(nil, "", all)
	slices.Sort(keys)
	if meant := suggest.Name(key.text, keys); meant != "" {
		text += "; did you mean " + strconv.Quote(meant) + "?"
	}
	return &missingError{text}
}

// maxKeys is how many keys are compared for a suggestion.
const maxKeys = 10_000

// flatKeys appends the keys of decoded JSON. The keys of nested objects and lists are joined by
// dots.
func flatKeys(keys []string, path string, value any) []string {
	if object, ok := value.(map[string]any); ok {
		for key, value := range object {
			if path != "" {
				key = path + "." + key
			}
			if len(keys) < maxKeys {
				keys = flatKeys(append(keys, key), key, value)
			}
		}
	}
	return keys
}

func decodeValue(content []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// config returns a value of the app's configuration.
func (s *scope) config(arguments ...any) (any, error) {
	names, err := textArguments("config", arguments)
	if err != nil {
		return nil, err
	}
	return s.configured(names[0])
}

// configured returns a value of the configuration. There is none before the start.
func (s *scope) configured(key textArgument) (any, error) {
	if s.masked {
		return secret(Mask), nil
	}
	return s.configuration.value(key)
}
