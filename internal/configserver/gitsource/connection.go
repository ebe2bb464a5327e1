package gitsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// connection talks to a git server.
type connection struct {
	endpoint *transport.Endpoint
	client   transport.Transport
	auth     transport.AuthMethod // nil without credentials
}

func connect(settings Settings, limits Limits) (*connection, error) {
	endpoint, err := transport.NewEndpoint(settings.URI)
	if err != nil { // its text contains the address
		return nil, errors.New("the address of the git repository cannot be read; expected https://HOST/PATH")
	}
	roots, _, err := outbound.Roots(settings.Certificates)
	if err != nil {
		return nil, fmt.Errorf("failed to read the authorities that the git server is verified against: %w", err)
	}
	client := &http.Client{Transport: &boundedTransport{outbound.NewTransport(outbound.Options{Roots: roots}), limits}}
	made := &connection{endpoint: endpoint, client: githttp.NewClient(client)}
	if settings.Username != "" || settings.Password != "" {
		made.auth = &githttp.BasicAuth{Username: settings.Username, Password: settings.Password}
	}
	return made, nil
}

func (c *connection) authenticated() bool { return c.auth != nil }

// session returns a session for consecutive requests.
func (c *connection) session() (transport.UploadPackSession, error) {
	endpoint := *c.endpoint // a redirect changes it
	return c.client.NewUploadPackSession(&endpoint, c.auth)
}

// references lists the branches and tags.
func (c *connection) references(ctx context.Context) (*references, error) {
	session, err := c.session()
	if err != nil {
		return nil, failure(ctx, "list the branches of", c.authenticated(), err)
	}
	advertised, err := session.AdvertisedReferencesContext(ctx)
	if ctx.Err() != nil { // once the client gives up, a server may end its answer without an error, but it is incomplete
		return nil, failure(ctx, "list the branches of", c.authenticated(), ctx.Err())
	}
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return &references{capabilities: capability.NewList()}, nil
	}
	if err != nil {
		return nil, failure(ctx, "list the branches of", c.authenticated(), err)
	}
	refs := &references{commits: advertised.References, capabilities: advertised.Capabilities}
	for name, commit := range advertised.Peeled {
		refs.commits[name] = commit
	}
	if advertised.Head != nil {
		refs.head = *advertised.Head
	}
	return refs, nil
}

// download passes the server's answer to a request on to receive.
func (c *connection) download(ctx context.Context, wanted *packp.UploadPackRequest, receive func(io.Reader) error) (err error) {
	session, err := c.session()
	if err != nil {
		return err
	}
	// The request for objects must not be redirected; if the list of branches is, that says where to send it.
	if _, err := session.AdvertisedReferencesContext(ctx); err != nil {
		return err
	}
	response, err := session.UploadPack(ctx, wanted)
	if err != nil {
		return err
	}
	defer func() {
		if closing := response.Close(); err == nil {
			err = closing
		}
	}()
	var content io.Reader = response
	if wanted.Capabilities.Supports(capability.Sideband64k) {
		content = sideband.NewDemuxer(sideband.Sideband64k, response)
	}
	return receive(content)
}
