// Command server is a real Vault in memory for tests: its core and its HTTP API, with KV, AppRole and the Cloud
// Foundry login. It starts unsealed and prints one line of JSON: its address, its root token, the key that unseals
// it again, and the address of the fake Cloud Controller from the login's own tests. It exits when its standard
// input is closed.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	cf "github.com/hashicorp/vault-plugin-auth-cf"
	cfapi "github.com/hashicorp/vault-plugin-auth-cf/testing/cf"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	core, made, err := start()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT")))
	if err != nil {
		return err
	}
	server := http.Server{Handler: vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, DisablePrintableCheck: true}), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	controller := cfapi.MockServer(false, nil)
	defer controller.Close()
	said := map[string]string{"address": "http://" + listener.Addr().String(), "token": made.RootToken, "key": hex.EncodeToString(made.SecretShares[0]), "controller": controller.URL}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// start returns an unsealed core, with its root token and its only key.
func start() (*vault.Core, *vault.InitResult, error) {
	logger := hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Warn})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return nil, nil, err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical: storage, Logger: logger, DisableMlock: true, BuiltinRegistry: noPlugins{},
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory, "cf": cf.Factory},
	})
	if err != nil {
		return nil, nil, err
	}
	one := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made, err := core.Initialize(context.Background(), &vault.InitParams{BarrierConfig: one, RecoveryConfig: one})
	if err != nil {
		return nil, nil, err
	}
	if _, err := core.Unseal(made.SecretShares[0]); err != nil {
		return nil, nil, err
	}
	return core, made, nil
}

// noPlugins is an empty registry: the backends above are all there are.
type noPlugins struct{}

func (noPlugins) Contains(string, consts.PluginType) bool { return false }

func (noPlugins) Get(string, consts.PluginType) (func() (interface{}, error), bool) {
	return nil, false
}

func (noPlugins) Keys(consts.PluginType) []string { return nil }

func (noPlugins) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, true
}
