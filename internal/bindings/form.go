package bindings

// A Form is how the platform hands bound services on to an app: it is called as the app
// feature that asks for it.
type Form string

// The forms; without a feature it is the environment.
const (
	InEnvironment Form = ""
	InFile        Form = "file-based-vcap-services"
	InDirectory   Form = "service-binding-k8s"
)
