package environment

// An Omission is a key that an answer leaves out, since it has no place or no value there.
type Omission struct {
	Key string `json:"key"`
	// Reason is why, without a value.
	Reason string `json:"reason"`
}
