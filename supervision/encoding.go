package supervision

import (
	"fmt"
	"strconv"
	"strings"
)

// A file of specs has a line for each thing that is stated: a key, a blank, and the
// value in double quotes, as in Go. A spec begins with its name; what is a list has a
// line for each item. (To load a parser for JSON would take a supervisor longer than
// all else that it does before it starts its command.)

// encode is the file of some specs.
func encode(specs []Spec) []byte {
	var file strings.Builder
	for _, s := range specs {
		s.visit(func(key, value string) {
			file.WriteString(key + " " + strconv.Quote(value) + "\n")
		})
	}
	return []byte(file.String())
}

// visit goes through all that the spec states.
func (s Spec) visit(line func(key, value string)) {
	text := func(key, value string) {
		if value != "" {
			line(key, value)
		}
	}
	number := func(key string, value int64) {
		if value != 0 {
			line(key, strconv.FormatInt(value, 10))
		}
	}
	list := func(key string, values []string) {
		for _, value := range values {
			line(key, value)
		}
	}
	line("name", s.Name)
	for _, v := range s.Env {
		line("env", v.Name+"="+v.Value)
	}
	text("env-from", s.EnvFrom)
	text("directory", s.Directory)
	list("wait-for", s.WaitFor)
	for _, p := range []struct {
		key   string
		probe *Probe
	}{{"readiness-", s.Readiness}, {"liveness-", s.Liveness}} {
		if p.probe == nil {
			continue
		}
		line(p.key+"type", p.probe.Type)
		text(p.key+"port", p.probe.Port)
		text(p.key+"path", p.probe.Path)
		number(p.key+"interval", int64(p.probe.Interval))
		number(p.key+"timeout", int64(p.probe.Timeout))
	}
	number("start-timeout", int64(s.StartTimeout))
	text("restart", s.Restart)
	number("restart-limit", int64(s.RestartLimit))
	number("memory", s.Memory)
	if s.StopAfterMain {
		line("stop-after-main", "true")
	}
	number("stop-timeout", int64(s.StopTimeout))
	list("stop-after", s.StopAfter)
}

// decode reads what encode has written.
func decode(file string) ([]Spec, error) {
	var specs []Spec
	at := 0
	for line := range strings.Lines(file) {
		at++
		key, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		value, err := strconv.Unquote(quoted)
		if err == nil && key == "name" {
			specs = append(specs, Spec{})
		}
		if err == nil && len(specs) == 0 {
			err = fmt.Errorf("found the key %q; expected name", key)
		}
		if err == nil {
			err = specs[len(specs)-1].set(key, value)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
	}
	return specs, nil
}

// set takes in one line.
func (s *Spec) set(key, value string) (err error) {
	switch key {
	case "name":
		s.Name = value
	case "env":
		name, value, _ := strings.Cut(value, "=")
		s.Env = append(s.Env, Variable{Name: name, Value: value})
	case "env-from":
		s.EnvFrom = value
	case "directory":
		s.Directory = value
	case "wait-for":
		s.WaitFor = append(s.WaitFor, value)
	case "start-timeout":
		s.StartTimeout, err = strconv.Atoi(value)
	case "restart":
		s.Restart = value
	case "restart-limit":
		s.RestartLimit, err = strconv.Atoi(value)
	case "memory":
		s.Memory, err = strconv.ParseInt(value, 10, 64)
	case "stop-after-main":
		s.StopAfterMain, err = strconv.ParseBool(value)
	case "stop-timeout":
		s.StopTimeout, err = strconv.Atoi(value)
	case "stop-after":
		s.StopAfter = append(s.StopAfter, value)
	default:
		return s.setProbe(key, value)
	}
	return err
}

func (s *Spec) setProbe(key, value string) error {
	probe := &s.Readiness
	field, ok := strings.CutPrefix(key, "readiness-")
	if !ok {
		probe = &s.Liveness
		if field, ok = strings.CutPrefix(key, "liveness-"); !ok {
			return fmt.Errorf("found the key %q, which is none", key)
		}
	}
	if *probe == nil {
		*probe = &Probe{}
	}
	var err error
	switch field {
	case "type":
		(*probe).Type = value
	case "port":
		(*probe).Port = value
	case "path":
		(*probe).Path = value
	case "interval":
		(*probe).Interval, err = strconv.Atoi(value)
	case "timeout":
		(*probe).Timeout, err = strconv.Atoi(value)
	default:
		err = fmt.Errorf("found the key %q, which is none", key)
	}
	return err
}
