package gitsource

import "context"

// References asks a git server for its branches and tags, as Fetch does, but within this goroutine.
func References(ctx context.Context, settings Settings) error {
	var limits Limits
	limits.fill()
	server, err := connect(settings, limits)
	if err != nil {
		return err
	}
	_, err = server.references(ctx)
	return err
}
