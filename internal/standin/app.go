package standin

import "io/fs"

// An App is what is known of an app before it runs.
type App struct {
	Files fs.FS
	// Getenv is its environment while it is staged.
	Getenv func(name string) string
	// Find is the file of a program of this machine.
	Find func(program string) (path string, found bool)
}
