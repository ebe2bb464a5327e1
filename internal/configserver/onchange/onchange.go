// Package onchange notifies the app of a change of its configuration: by a signal to its processes, or by an
// HTTP request.
package onchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// Read returns the action that an environment configures, or nil.
func Read(environ []string) (*Action, error) {
	value := env.Get(environ, Variable)
	if value == "" {
		return nil, nil
	}
	var asked struct{ Signal, Post string }
	decoder := json.NewDecoder(bytes.NewReader([]byte(value)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil || (asked.Signal == "") == (asked.Post == "") || more(decoder) {
		return nil, errors.New(Variable + ` is not an action: expected {"signal": "HUP"} or {"post": "/actuator/refresh"}`)
	}
	if asked.Post != "" {
		return post(asked.Post, env.Get(environ, "PORT"))
	}
	return signal(asked.Signal, env.Get(environ, ProcessesVariable))
}

func more(decoder *json.Decoder) bool {
	_, err := decoder.Token()
	return !errors.Is(err, io.EOF)
}

func signal(name, processes string) (*Action, error) {
	number := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	switch number {
	case syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2:
	default:
		return nil, fmt.Errorf("%s has the signal %q: expected HUP, USR1 or USR2", Variable, redact.Name(name))
	}
	if processes == "" {
		return nil, fmt.Errorf("%s has a signal, and %s is not set: expected the path of a file with the app's process ids", Variable, ProcessesVariable)
	}
	return &Action{signal: number, name: unix.SignalName(number), processes: processes}, nil
}

// Do performs the action, and says what it did.
func (a *Action) Do(ctx context.Context) (done string, err error) {
	if a.address != "" {
		return a.post(ctx)
	}
	return a.kill()
}
