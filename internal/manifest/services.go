package manifest

import "slices"

// A Service is a service instance that an app is bound to.
type Service struct {
	Name        string
	BindingName string // the app's name for it, if that differs
}

// bound reads the services that an app is bound to (cloud_controller_ng,
// app/messages/manifest_service_binding_create_message.rb).
func (r *reader) bound(f fields) []Service {
	value, ok := f.get("services")
	if !ok {
		return nil
	}
	list, isList := value.([]any)
	if !isList || slices.ContainsFunc(list, func(item any) bool { return !isService(item) }) {
		r.refuse(f.path("services"), "Services must be a list of service instances", show(value), "a list of names, or of mappings with the keys name, parameters and binding_name alone")
		return nil
	}
	services := []Service{}
	for _, item := range list {
		services = append(services, service(item))
	}
	return services
}

// service reads an item for which isService is true.
func service(item any) Service {
	if name, ok := item.(string); ok {
		return Service{Name: name}
	}
	var s Service
	for _, m := range item.(object) {
		switch m.key {
		case "name":
			s.Name = text(m.value)
		case "binding_name":
			s.BindingName = text(m.value)
		}
	}
	return s
}

// isService returns true for a name, or a mapping with one.
func isService(item any) bool {
	mapping, isMapping := item.(object)
	if _, isText := item.(string); isText || !isMapping {
		return isText
	}
	named := false
	for _, m := range mapping {
		fits := true
		switch m.key {
		case "name":
			named = true
		case "parameters":
			_, fits = m.value.(object)
		case "binding_name":
			_, fits = m.value.(string)
		default:
			return false
		}
		if !fits {
			return false
		}
	}
	return named
}
