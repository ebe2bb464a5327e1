package standin

import "io/fs"

// An App describes an app before it runs.
type App struct {
	Files fs.FS
	// Getenv reads its staging environment.
	Getenv func(name string) string
	// Find returns the path of a program of this machine.
	Find func(program string) (path string, found bool)
}
