package environment

// Omission is a key that is left out of an answer because it has no position or no value there.
type Omission struct {
	Key string `json:"key"`
	// Reason says why, without a value.
	Reason string `json:"reason"`
}
