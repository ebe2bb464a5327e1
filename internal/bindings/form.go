package bindings

// Form is how the platform passes bound services to an app. Its name is that of the app feature that selects it.
type Form string

// The forms. Without a feature, the platform uses the environment.
const (
	InEnvironment Form = ""
	InFile        Form = "file-based-vcap-services"
	InDirectory   Form = "service-binding-k8s"
)
